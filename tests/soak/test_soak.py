"""The soak with fewer objects than the thousand of `make soak`, and the mistakes that its checks find."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dataworks_emulator import Truth

from ..integration.ended import Ended
from ..integration.job import action
from ..witness.verdict import worst
from .graph import Graph
from .soak import Soak, check, soak

OBJECTS = [f"75674822772194{number:05d}" for number in range(1000)]
# Each object needs the one before it, except for the first of each four. Two of those fail.
FAILING = (400, 404)
NEEDS = {each: (OBJECTS[number - 1],) if number % 4 else () for number, each in enumerate(OBJECTS)}
GRAPH = Graph(NEEDS, frozenset(OBJECTS[number] for number in FAILING))
EVENTS = 6  # of an object that was deployed
MARK = "[dwd1:{}:g1]"
CHART = """```mermaid
%%{init: {"gantt": {"leftPadding": 80}}}%%
gantt
    dateFormat YYYY-MM-DD HH:mm:ss.SSS
    axisFormat %X
    section 1
    1 :done, 2026-11-23 10:00:00.000, 2026-11-23 10:00:09.000
```
"""
Result = dict[str, Any]
Spoil = Callable[[Truth, list[Result]], object]


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_many_objects_are_deployed_once_each_under_faults_and_memory_does_not_grow(tmp_path: Path) -> None:
    check(soak(tmp_path, 100, seed=1))


def deployed(truth: Truth, number: int, outcome: str = "succeeded") -> Result:
    """One object that was deployed in three calls, with its events in the log."""
    object_id, run_id = OBJECTS[number], f"run-{number}"
    params = {"ObjectIds": json.dumps([object_id]), "Description": f"{MARK.format(number)} by a test"}
    fault = "drop" if number % 20 < 3 else None
    truth.record("received", 0.0, action="CreatePipelineRun", params=params, fault=fault)
    truth.record("received", 0.0, action="ExecPipelineRunStage", params=stage(run_id), fault=None)
    truth.record("received", 0.0, action="GetPipelineRun", params={"Id": run_id}, fault=None)
    truth.record("committed", 0.0, run_id=run_id, object=object_id)
    truth.record("stage_executed", 0.0, run_id=run_id, stage="PROD")
    end = "Success" if outcome == "succeeded" else "Fail"
    truth.record("stage_finished", 0.0, run_id=run_id, run=end)
    return skipped(number, because=number) | {
        "run_id": run_id, "request_id": f"R-{number}", "outcome": outcome, "stage": "PROD", "because": None,
        "reason": "succeeded" if outcome == "succeeded" else "run_ended",
    }  # fmt: skip


def skipped(number: int, because: int) -> Result:
    """One object that was not started, because another one did not succeed."""
    return {
        "object_id": OBJECTS[number], "run_id": None, "request_id": None, "outcome": "skipped",
        "stage": None, "message": "", "because": OBJECTS[because], "reason": "upstream_failed",
    }  # fmt: skip


def ended(truth: Truth, number: int) -> Result:
    """What becomes of an object if nothing is wrong."""
    first = number - number % 4
    if number in FAILING:
        return deployed(truth, number, "failed")
    return skipped(number, because=first) if first in FAILING else deployed(truth, number)


def stage(run_id: str) -> dict[str, str]:
    """The parameters of the execution of a stage."""
    return {"Id": run_id, "Code": "PROD"}


def nothing(truth: Truth, results: list[Result]) -> None:
    """No mistake."""


def soaked(spoil: Spoil) -> Soak:
    """A thousand objects, with a mistake in one place."""
    truth = Truth()
    results = [ended(truth, number) for number in range(len(OBJECTS))]
    spoil(truth, results)
    outcomes = [result["outcome"] for result in results]
    outputs = dict.fromkeys(action()["outputs"], "") | {
        "outcome": worst(outcomes),
        "results": json.dumps(results),
        "run-ids": json.dumps([result["run_id"] for result in results]),
        "request-ids": json.dumps([result["request_id"] for result in results]),
        "run-id": results[0]["run_id"] or "",
        "request-id": results[0]["request_id"],
        "succeeded-count": str(outcomes.count("succeeded")),
        "failed-count": str(outcomes.count("failed")),
        "unknown-count": "0",
        "unchanged-count": "0",
    }
    read = Ended(1, outputs, "", "", summary=CHART)
    return Soak(GRAPH, read, truth, [80.0, 90.0, 91.0], 300.0, 400_000, 140_000)


def a_missing_result(truth: Truth, results: list[Result]) -> None:
    results.pop()


def a_second_run(truth: Truth, results: list[Result]) -> None:
    truth.record("committed", 0.0, run_id="twin", object=OBJECTS[3])
    results[3]["run_id"] = "twin"
    truth.record("stage_finished", 0.0, run_id="twin", run="Success")


def a_run_of_another_object(truth: Truth, results: list[Result]) -> None:
    results[3]["run_id"], results[4]["run_id"] = results[4]["run_id"], results[3]["run_id"]


def a_stage_executed_twice(truth: Truth, results: list[Result]) -> None:
    truth.record("stage_executed", 0.0, run_id="run-5", stage="PROD")


def calls_that_do_not_fail(truth: Truth, results: list[Result]) -> None:
    for event in truth._events:
        event["fault"] = None


def a_failure_that_is_called_a_success(truth: Truth, results: list[Result]) -> None:
    results[FAILING[0]]["outcome"] = "succeeded"


def a_failure_without_a_cause(truth: Truth, results: list[Result]) -> None:
    del truth._events[3 * EVENTS : 4 * EVENTS]
    results[3] = deployed(truth, 3, "failed")


def an_object_that_is_skipped_after_a_success(truth: Truth, results: list[Result]) -> None:
    del truth._events[3 * EVENTS : 4 * EVENTS]
    results[3] = skipped(3, because=2)


def an_object_that_is_skipped_because_of_one_that_it_does_not_need(
    truth: Truth, results: list[Result]
) -> None:
    results[401] = skipped(401, because=404)


def an_object_that_is_skipped_because_of_a_skipped_one(truth: Truth, results: list[Result]) -> None:
    results[403] = skipped(403, because=402)


SPOILT = [
    a_missing_result,
    a_second_run,
    a_run_of_another_object,
    a_stage_executed_twice,
    calls_that_do_not_fail,
    a_failure_that_is_called_a_success,
    a_failure_without_a_cause,
    an_object_that_is_skipped_after_a_success,
    an_object_that_is_skipped_because_of_one_that_it_does_not_need,
    an_object_that_is_skipped_because_of_a_skipped_one,
]


def test_the_checks_of_the_soak_accept_what_is_right() -> None:
    check(soaked(nothing))


@pytest.mark.parametrize("spoil", SPOILT)
def test_the_checks_of_the_soak_find_each_mistake(spoil: Spoil) -> None:
    done = soaked(spoil)

    with pytest.raises(AssertionError):
        check(done)


def a_creation_before_what_it_needs_has_ended(truth: Truth, results: list[Result]) -> None:
    truth._events.append(truth._events.pop(3 * EVENTS - 1))


def a_creation_after_a_failure(truth: Truth, results: list[Result]) -> None:
    results[401] = deployed(truth, 401)


def a_creation_after_a_failure_that_is_called_skipped(truth: Truth, results: list[Result]) -> None:
    deployed(truth, 401)


@pytest.mark.parametrize(
    "spoil",
    [
        a_creation_before_what_it_needs_has_ended,
        a_creation_after_a_failure,
        a_creation_after_a_failure_that_is_called_skipped,
    ],
)
def test_the_checks_of_the_soak_find_each_creation_that_comes_too_early(spoil: Spoil) -> None:
    done = soaked(spoil)

    with pytest.raises(AssertionError, match="was created before"):
        check(done)


def test_a_step_that_does_not_know_the_order_is_found() -> None:
    done = soaked(nothing)
    said = "1 object was not looked up. So all objects come in the order given."

    with pytest.raises(AssertionError, match="try another --seed"):
        check(replace(done, ended=replace(done.ended, stdout=said)))
