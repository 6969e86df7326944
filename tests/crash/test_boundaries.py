"""The step is killed at every event that the service logs: a re-run finishes the work, and does nothing twice."""

import json
import os
from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ..integration.job import KEY, OBJECTS
from ..witness.verdict import cut_off
from .scene import Attempt, Event, Scene, open_scene

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux: kills by a file descriptor"),
]

AT_ONCE = 8
STAGES = ["PROD_CHECK", "PROD"]
WRITES = {"ExecPipelineRunStage", "AbolishPipelineRun"}
USES = ("GetPipelineRun", *WRITES)
PATHS = [
    pytest.param((), OBJECTS[:2], id="two objects"),
    pytest.param((), OBJECTS[:1], id="one object"),
    pytest.param(("CreatePipelineRun:1:commit+drop",), OBJECTS[:1], id="the answer to the creation is lost"),
    pytest.param(
        ("ExecPipelineRunStage:2:commit+drop",), OBJECTS[:1], id="the answer to the execution is lost"
    ),
]


def boundaries(folder: Path, faults: tuple[str, ...], objects: tuple[str, ...]) -> list[str]:
    """The events of an undisturbed deployment, in order."""
    with open_scene(folder, *faults) as scene:
        undisturbed = scene.attempt(*objects)
        check_deployed(scene, undisturbed, objects)
    return [name_of(event) for event in undisturbed.events]


def name_of(event: Event) -> str:
    """Return a name of the event that is the same each time the same path is run."""
    return " ".join([event["event"], event.get("action") or event.get("stage") or event["object"]])


def at_all(count: int, act: Callable[[int], None], every: int = 1) -> None:
    """Do something for each number from 1 on, or for every second or third, several at a time."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(act, range(1, count + 1, every)))


def kill(scene: Scene, objects: tuple[str, ...], number: int, expected: list[str]) -> None:
    """Run the first attempt, and kill it exactly at this event."""
    killed = scene.attempt(*objects, kill_at=number)
    assert killed.killed
    assert [name_of(event) for event in killed.events] == expected[:number]
    check_left(scene, killed, objects)


def check_left(
    scene: Scene, attempt: Attempt, objects: tuple[str, ...], uses: Collection[str] = USES
) -> None:
    """Check that a killed attempt leaves all that it knew, and `unknown` for what it could not know.

    It knew a run's ID if it made one of the calls in `uses`.
    """
    attempt.ended.check_outputs(list(objects))
    if attempt.killed:
        assert attempt.ended.outcome == cut_off(attempt.ended.column("outcome"))
    written = {result["object_id"]: result for result in attempt.ended.results}
    calls = (event for event in attempt.events if event.get("action") in uses and "params" in event)
    named = {call["params"]["Id"] for call in calls}
    assert named <= {result["run_id"] for result in written.values()}, "it has used an ID, and lost it"
    for run in scene.truth.runs(who=KEY.access_key_id):
        result = written[run["object"]]
        if any(event["event"] == "received" and event["call"] == run["call"] for event in created(attempt)):
            assert result["run_id"] == run["run_id"] or result["outcome"] == "unknown", result


def created(attempt: Attempt) -> list[Event]:
    """The events of the attempt's creations."""
    return [event for event in attempt.events if event.get("action") == "CreatePipelineRun"]


def check_deployed(scene: Scene, attempt: Attempt, objects: tuple[str, ...]) -> None:
    """Check that each object has one run, each stage was executed once, and the outputs name all runs."""
    attempt.ended.check(list(objects))
    assert attempt.ended.outcome == "succeeded", attempt.ended.stdout
    runs = scene.truth.runs()
    assert [run["object"] for run in runs] == list(objects)
    assert json.loads(attempt.ended.outputs["run-ids"]) == [run["run_id"] for run in runs]
    for run in runs:
        assert scene.truth.executed(run["run_id"]) == STAGES
        assert scene.site.emulator.status(run["run_id"]) == "Success"


@pytest.mark.parametrize(("faults", "objects"), [PATHS[0], *PATHS[2:]])
def test_after_a_kill_at_any_event_re_runs_deploy_each_object_once(
    tmp_path: Path, faults: tuple[str, ...], objects: tuple[str, ...]
) -> None:
    """At every second event the re-run is killed too, early or late, and a third attempt finishes."""
    events = boundaries(tmp_path / "undisturbed", faults, objects)

    def killed_at(number: int) -> None:
        with open_scene(tmp_path / str(number), *faults) as scene:
            kill(scene, objects, number, events)
            again = scene.attempt(*objects, kill_at=(number % 2) * number)
            if again.killed:
                check_left(scene, again, objects)
                again = scene.attempt(*objects)
            check_deployed(scene, again, objects)

    at_all(len(events), killed_at)


@pytest.mark.parametrize(("faults", "objects"), PATHS[1:3])
def test_after_a_kill_at_any_event_the_post_step_abolishes_only_own_runs_that_do_not_deploy(
    tmp_path: Path, faults: tuple[str, ...], objects: tuple[str, ...]
) -> None:
    events = boundaries(tmp_path / "undisturbed", faults, objects)

    def killed_at(number: int) -> None:
        with open_scene(tmp_path / str(number), *faults) as scene:
            foreign = {scene.site.emulator.deploy_as("alice", each, "by hand") for each in objects}
            kill(scene, objects, number, events)

            scene.post(*objects)

            check_withdrawn(scene, foreign)

    at_all(len(events), killed_at)


def check_withdrawn(scene: Scene, foreign: set[str]) -> None:
    """Check that every own run either deploys or is abolished, and that no call changed somebody else's run."""
    own = [run["run_id"] for run in scene.truth.runs(who=KEY.access_key_id)]
    deploying = [event["run_id"] for event in scene.truth.of("stage_executed", stage="PROD")]
    abolished = [event["params"]["Id"] for event in scene.truth.posts("AbolishPipelineRun")]
    assert Counter(own) == Counter([*deploying, *abolished])
    touched = {event["params"]["Id"] for action in WRITES for event in scene.truth.posts(action)}
    assert not touched & foreign
