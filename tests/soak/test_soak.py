"""The soak with fewer objects than the thousand of `make soak`, and the mistakes that its checks find."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dataworks_emulator import Truth

from ..integration.ended import Ended
from ..witness.verdict import worst
from .soak import Soak, check, soak

OBJECTS = [f"75674822772194{number:05d}" for number in range(1000)]
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


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_many_objects_are_deployed_once_each_under_faults_and_memory_does_not_grow(tmp_path: Path) -> None:
    check(soak(tmp_path, 150))


def deployed(truth: Truth, number: int) -> Result:
    """One object that was deployed in three calls, with its events in the log."""
    object_id, run_id = OBJECTS[number], f"run-{number}"
    params = {"ObjectIds": json.dumps([object_id]), "Description": f"{MARK.format(number)} by a test"}
    fault = "drop" if number % 20 < 3 else None
    truth.record("received", 0.0, action="CreatePipelineRun", params=params, fault=fault)
    truth.record("received", 0.0, action="ExecPipelineRunStage", params=stage(run_id), fault=None)
    truth.record("received", 0.0, action="GetPipelineRun", params={"Id": run_id}, fault=None)
    truth.record("committed", 0.0, run_id=run_id, object=object_id)
    truth.record("stage_executed", 0.0, run_id=run_id, stage="PROD")
    truth.record("stage_finished", 0.0, run_id=run_id, run="Success")
    return {
        "object_id": object_id, "run_id": run_id, "request_id": f"R-{number}", "outcome": "succeeded",
        "stage": "PROD", "message": "",
    }  # fmt: skip


def stage(run_id: str) -> dict[str, str]:
    """The parameters of the execution of a stage."""
    return {"Id": run_id, "Code": "PROD"}


def soaked(spoil: Callable[[Truth, list[Result]], object]) -> Soak:
    """A thousand deployed objects, with a mistake in one place."""
    truth = Truth()
    results = [deployed(truth, number) for number in range(len(OBJECTS))]
    spoil(truth, results)
    outcomes = [result["outcome"] for result in results]
    good, unknown = outcomes.count("succeeded"), outcomes.count("unknown")
    outputs = {
        "outcome": worst(outcomes),
        "results": json.dumps(results),
        "run-ids": json.dumps([result["run_id"] for result in results]),
        "request-ids": json.dumps([result["request_id"] for result in results]),
        "run-id": results[0]["run_id"] or "",
        "request-id": results[0]["request_id"],
        "succeeded-count": str(good),
        "failed-count": str(len(results) - good - unknown),
        "unknown-count": str(unknown),
        "api-calls": "3000",
    }
    ended = Ended(int(good < len(results)), outputs, "", "", summary=CHART)
    return Soak(OBJECTS, ended, truth, [80.0, 90.0, 91.0], 300.0, 400_000, 140_000)


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


SPOILT = [
    a_missing_result,
    a_second_run,
    a_run_of_another_object,
    a_stage_executed_twice,
    calls_that_do_not_fail,
]


@pytest.mark.parametrize("spoil", SPOILT)
def test_the_checks_of_the_soak_find_each_mistake(spoil: Callable[[Truth, list[Result]], object]) -> None:
    done = soaked(spoil)

    with pytest.raises(AssertionError):
        check(done)
