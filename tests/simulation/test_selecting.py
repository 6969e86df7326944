"""The judges of selections find mistakes, and accept correct histories."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from .invariants import judge
from .naive import POLICIES
from .operations import CREATE
from .outputs import read_results
from .play import History, play
from .scenes import EDITS, scenes
from .schedule import Deed, Job, Kill, Schedule, Step, object_id
from .shrink import shrink
from .tally import tally_of
from .trial import trial_of

ODS, DWD, ADS, DAILY, FIRST = map(object_id, range(1, 6))
WORKSPACE = {
    "production": True,
    "nodes": [
        {"id": ODS, "name": "ods_orders", "path": "etl/ods_orders", "production": False},
        {"id": DWD, "name": "dwd_orders", "path": "etl/daily/dwd_orders", "after": [FIRST]},
        {"id": ADS, "name": "ads_orders", "path": "etl/ads_orders", "after": [DWD, ODS]},
    ],
    "workflows": [{"id": DAILY, "name": "load", "path": "load", "nodes": [{"id": FIRST, "name": "first"}]}],
}


def select(
    lines: str, *steps: Step, inputs: dict[str, str] | None = None, deeds: tuple[Deed, ...] = ()
) -> Schedule:
    """A schedule in which objects of the workspace are selected."""
    given = {
        "object-ids": "",
        "objects": lines,
        "preflight": "true",
        "max-parallel": "auto",
        **(inputs or {}),
    }
    return Schedule(
        1,
        4,
        jobs=(Job(0, steps or (Step(),)),),
        settings=(("workspace", WORKSPACE),),
        deeds=deeds,
        inputs=tuple(given.items()),
    )


def objects(history: History) -> list[str]:
    """The objects in the results of the last step."""
    return [result["object_id"] for result in read_results(history.attempts[-1], [])]


@pytest.mark.parametrize(
    ("lines", "inputs", "about"),
    [
        ("**", {}, [ADS, DWD, ODS, DAILY]),
        ("etl/*\n!ods_orders", {}, [ADS]),
        ("**", {"max-objects": "4"}, [ADS, DWD, ODS, DAILY]),
        ("**", {"max-objects": "3"}, []),
        ("ads_orders", {"upstream": "include"}, [ADS, ODS]),
        (f"load\n{ADS}", {"object-ids": DWD}, [DWD, DAILY, ADS]),
        ("ods_*", {"allow-empty": "true"}, []),
        ("ads_orders", {"upstream": "fail"}, []),
        ("first", {}, []),
        ("nothing", {}, []),
    ],
)
def test_without_faults_a_step_has_results_for_the_selected_objects(
    lines: str, inputs: dict[str, str], about: list[str]
) -> None:
    history = play(select(lines, inputs=inputs))

    assert judge(history).broken == []
    assert objects(history) == about


def saying(change: Callable[[list[Any]], list[Any]], outcome: str = "") -> Callable[[History], None]:
    """Change the results of the last step."""

    def spoil(history: History) -> None:
        runner = history.attempts[-1].runner
        outputs = dict(runner._outputs)
        outputs |= {"results": json.dumps(change(json.loads(outputs["results"])))}
        runner._outputs = outputs | ({"outcome": outcome} if outcome else {})

    return spoil


def asking(lines: str) -> Callable[[History], None]:
    """Give the last step other lines afterwards."""

    def spoil(history: History) -> None:
        attempt = history.attempts[-1]
        attempt.step = replace(attempt.step, inputs=(*attempt.step.inputs, ("objects", lines)))

    return spoil


def a_creation_of_something_else(history: History) -> None:
    sent = history.attempts[-1].sent
    first = next(call for call in sent if call.action == CREATE)
    sent.append(replace(first, object_id=ODS))


SPOILT: list[tuple[Callable[[History], None], str, str]] = [
    (saying(lambda rows: rows[1:]), "I16", "says nothing of"),
    (saying(lambda rows: [*rows, rows[0]]), "I16", "says twice of one object"),
    (saying(lambda rows: rows[::-1]), "I16", "and was asked for"),
    (saying(lambda rows: [*rows, {**rows[0], "object_id": ODS}]), "I16", "which nobody has asked for"),
    (a_creation_of_something_else, "I16", "of which it says nothing"),
    (asking("etl/**\n!ods*\nnothing"), "I16", "begins, although nothing means nothing"),
    (saying(lambda _: [], outcome="invalid"), "I17", "sends CreatePipelineRun"),
    (saying(lambda _: [], outcome="invalid"), "I17", "without a cause"),
]


@pytest.mark.parametrize(("spoil", "name", "text"), SPOILT)
def test_wrong_objects_in_the_results_of_a_step_are_found(
    spoil: Callable[[History], None], name: str, text: str
) -> None:
    history = play(select("etl/**\n!ods_orders\n!**/ods*"))
    assert judge(history).broken == []
    assert objects(history) == [ADS, DWD]

    spoil(history)

    assert any(each == name and text in said for each, said in judge(history).broken)


def test_the_judges_find_a_run_that_a_re_run_does_not_name() -> None:
    """The pattern has changed, and the object has a new name."""
    steps = (Step(kill=Kill(at=1.0)), Step(inputs=(("objects", "etl/**\n!**/*_v0"),)))
    history = play(select("dwd_orders", *steps, deeds=(Deed(0.9, "rename", 1),)))
    last, run = history.attempts[-1], next(iter(history.service.runs))
    assert judge(history).broken == []
    assert any(run.id in line for line in last.runner.lines)

    last.runner.lines.clear()

    assert judge(history).names == {"I15"}


def test_a_renamed_object_and_a_changed_pattern_mean_the_same_run() -> None:
    steps = (Step(kill=Kill(at=1.0)), Step(inputs=(("objects", "node:**/*_v0"),)))
    history = play(select("dwd_orders", *steps, deeds=(Deed(0.9, "rename", 1),)))

    assert judge(history).broken == []
    (run,) = history.service.runs
    assert [each["run_id"] for each in read_results(history.attempts[-1], [])] == [run.id]


def test_the_judge_of_the_order_finds_a_policy_that_orders_by_name() -> None:
    schedule = select("**")

    assert judge(play(schedule, POLICIES["order by name"])).names == {"I14"}
    assert judge(play(schedule)).names == set()


def test_the_judge_of_unchanged_objects_finds_a_policy_that_uses_the_time_of_an_edit() -> None:
    """Nobody has edited the object, but somebody has undeployed it."""
    schedule = replace(
        select("ads_orders", inputs={"only-changed": "true", "upstream": "include"}),
        jobs=(Job(0, (Step(),)), Job(2, (Step(),), 500.0)),
        deeds=(Deed(400.0, "undeploy to the end", 2),),
    )

    assert judge(play(schedule, POLICIES["changed by ModifyTime alone"])).names == {"I12"}
    assert judge(play(schedule)).names == set()


@pytest.mark.long
def test_a_policy_that_orders_by_name_is_found_in_many_schedules() -> None:
    """The limit is about half of the measured number."""
    assert tally_of(range(400), POLICIES["order by name"]).broken["I14"] > 9


@pytest.mark.parametrize("what", [*EDITS.values()])
def test_each_edit_in_data_studio_is_counted_under_its_name(what: str) -> None:
    """The edit happens when the step begins to read."""
    trial = trial_of(select("**", deeds=(Deed(0.0, what, 1),)))

    assert trial.names == set()
    assert ("edit", f"{what} while it is read") in trial.cells
    assert trial.cells <= {*scenes(), *trial.cells}


def test_a_failing_schedule_is_reduced_to_the_objects_and_lines_that_it_needs_to_fail() -> None:
    naive = POLICIES["order by name"]

    shortest = shrink(select("**\n!ods_orders"), lambda each: "I14" in trial_of(each, naive).names)

    workspace: Any = shortest.setting("workspace")
    assert [node["name"] for node in workspace["nodes"]] == ["ods_orders", "ads_orders"]
    assert "workflows" not in workspace
    assert dict(shortest.inputs)["objects"] == "**"
