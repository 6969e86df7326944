"""Whole steps: the outputs agree with the service."""

import json
from typing import Any

import pytest

from .emulator import Emulator
from .runner import Finished, Runner, action

pytestmark = pytest.mark.docker

OBJECTS = ["7567482277219412494", "7567482277219412495", "6281930475510027431"]
THREE_OBJECTS = "\n".join(OBJECTS)


def results(finished: Finished) -> list[dict[str, Any]]:
    """Return the output `results` as a list."""
    listed: list[dict[str, Any]] = json.loads(finished.outputs["results"])
    return listed


def column(finished: Finished, name: str) -> list[Any]:
    """Return one field of all results, in order."""
    return [result[name] for result in results(finished)]


def only_runs(service: Emulator) -> list[str]:
    """Return the run of each object as the service knows it. Each object must have exactly one."""
    runs = service.runs()
    assert sorted(runs) == sorted(OBJECTS)
    assert all(len(of_object) == 1 for of_object in runs.values()), runs
    return [runs[object_id][0] for object_id in OBJECTS]


def test_three_objects_are_deployed_as_the_outputs_say(
    runner: Runner, service: Emulator, access: dict[str, str]
) -> None:
    finished = runner.run({**access, "object-ids": THREE_OBJECTS})

    assert finished.exit_code == 0, finished.streams
    assert finished.outputs["outcome"] == "succeeded"
    assert column(finished, "object_id") == OBJECTS
    assert column(finished, "outcome") == ["succeeded"] * 3
    assert column(finished, "status") == ["Success"] * 3
    assert column(finished, "adopted") == [False] * 3
    assert column(finished, "run_id") == json.loads(finished.outputs["run-ids"]) == only_runs(service)
    for run_id in only_runs(service):
        assert [e["stage"] for e in service.truth("stage_executed", run_id=run_id)] == ["PROD_CHECK", "PROD"]


def test_the_post_step_changes_nothing_after_a_normal_end(
    runner: Runner, service: Emulator, access: dict[str, str]
) -> None:
    inputs = {**access, "object-ids": OBJECTS[0]}
    main = runner.run(inputs)
    before = service.truth("committed") + service.truth("stage_executed")

    state = {f"STATE_{name}": value for name, value in main.state.items()}
    with runner.step(inputs, action()["runs"]["post-entrypoint"], **state) as step:
        post = step.wait()

    assert post.exit_code == 0, post.streams
    assert service.truth("committed") + service.truth("stage_executed") == before
    assert service.truth("abolished") == []
