"""The step is killed at every event of the longer ways: selection, plan, comparison, superseding and election."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ..integration.job import KEY
from ..integration.test_selecting import a_node, nth, of
from .scene import Attempt, Scene, open_scene
from .test_boundaries import STAGES, at_all, check_left

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux: kills by a file descriptor"),
]

WORKSPACE = of(a_node("dwd_orders", production=True), a_node("ads_orders", "dwd_orders"))
DWD, ADS = nth(1, 2)
EVERY = int(os.environ.get("CRASH_EVERY", "5"))  # `make crash` kills at each event
SELECTED = {"preflight": "true", "max-parallel": "auto"}


def nothing_before(_: Scene) -> None:
    """The job is the first that touches the objects."""


def a_run_of_this_repository_is_open(scene: Scene) -> None:
    """An earlier workflow run has left its run open."""
    left = scene.other_job(ADS, wait="false")
    assert left.ended.outcome == "created"


def two_runs_of_this_job_are_open(scene: Scene) -> None:
    """The first attempt was killed after its creation, and the service has created its run twice."""
    while not scene.truth.runs():
        scene.attempt(kill_at=2 * len(scene.attempts) + 8)
    (run,) = scene.truth.runs()
    scene.site.emulator.deploy_as(KEY.access_key_id, ADS, run["description"], project=run["project"])


@dataclass(frozen=True)
class Way:
    """What a job is asked for, what was before it, and how many runs of ADS are abolished."""

    inputs: dict[str, str]
    objects: list[str] = field(default_factory=lambda: [ADS])
    before: Callable[[Scene], None] = nothing_before
    others: int = 0


WAYS = {
    "two objects by name, in order": Way({"objects": "ads_orders\ndwd_orders"}, [ADS, DWD]),
    "an object that has changed": Way({"objects": "ads_*", "only-changed": "true"}),
    "a run that is superseded": Way(
        {"objects": "ads_orders", "on-active-run": "supersede"},
        before=a_run_of_this_repository_is_open,
        others=1,
    ),
    "two runs of one job": Way({"objects": "ads_orders"}, before=two_runs_of_this_job_are_open, others=1),
}


def check_done(scene: Scene, attempt: Attempt, way: Way) -> None:
    """Check that one run of each object has succeeded, that no other has executed a stage, and that outputs name it."""
    attempt.ended.check(way.objects)
    assert attempt.ended.outcome == "succeeded", attempt.ended.stdout
    status = scene.site.emulator.status
    for object_id, named in zip(way.objects, json.loads(attempt.ended.outputs["run-ids"]), strict=True):
        runs = [run["run_id"] for run in scene.truth.runs(object=object_id)]
        assert [run for run in runs if status(run) == "Success"] == [named]
        assert scene.truth.executed(named) == STAGES
        others = [run for run in runs if run != named]
        assert len(others) == way.others * (object_id == ADS)
        assert [(status(run), scene.truth.executed(run)) for run in others] == [("Termination", [])] * len(
            others
        )


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_after_a_kill_at_any_event_of_a_selection_re_runs_deploy_each_object_once(
    tmp_path: Path, way: Way
) -> None:
    """At every second one of these the re-run is killed too, early or late, and a third attempt finishes."""
    inputs = SELECTED | way.inputs
    with open_scene(tmp_path / "undisturbed", workspace=WORKSPACE, **inputs) as scene:
        way.before(scene)
        undisturbed = scene.attempt()
        check_done(scene, undisturbed, way)

    def killed_at(number: int) -> None:
        with open_scene(tmp_path / str(number), workspace=WORKSPACE, **inputs) as scene:
            way.before(scene)
            for kill_at in (number, (number % 2) * number):
                attempt = scene.attempt(kill_at=kill_at)
                # A step that is killed while it reads may not have written any outputs yet.
                if json.loads(attempt.ended.outputs.get("results", "[]")):
                    check_left(scene, attempt, tuple(way.objects), uses=["ExecPipelineRunStage"])
                else:
                    assert not [each for each in attempt.events if each.get("action") == "CreatePipelineRun"]
                if not attempt.killed:
                    break
            else:
                attempt = scene.attempt()
            check_done(scene, attempt, way)

    at_all(len(undisturbed.events), killed_at, EVERY)
