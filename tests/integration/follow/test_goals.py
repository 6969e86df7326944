"""How far a run is taken, and by whom: only watched, up to a stage, by the service itself."""

import pytest

from ..conftest import SiteMaker
from ..job import OBJECT, OBJECTS
from ..step import Site
from .carry import SIMPLE, carry, executed


def test_without_advancing_a_person_executes_and_the_end_is_reported(site: Site) -> None:
    def act() -> None:
        (run_id,) = site.runs()
        site.emulator.execute(run_id, "PROD_CHECK")
        site.clock.forward(1)
        site.emulator.execute(run_id, "PROD")

    with site.clock.meanwhile(act, lambda: site.truth.of("stage_finished", stage="BUILD_PACKAGE")):
        ended = carry(site, advance="false")

    assert (ended.status, ended.outcome) == (0, "succeeded"), ended.stdout
    assert {event["who"] for event in site.truth.of("stage_executed")} == {"console"}
    assert site.truth.posts("ExecPipelineRunStage") == []


def test_without_advancing_and_without_a_person_the_object_is_left_waiting(site: Site) -> None:
    ended = carry(site, advance="false", timeout_minutes="0.5")

    assert (ended.outcome, ended.only["outcome"]) == ("timed_out", "waiting")
    assert "PROD_CHECK" in ended.only["message"]
    assert executed(site) == []
    for said in (ended.only["message"], ended.errors[0], ended.warnings[0]):
        assert "advance: false" in said
        assert "An approval" not in said


def test_a_run_is_taken_up_to_a_stage_and_stays_open(site: Site) -> None:
    ended = carry(site, until_stage="PROD_CHECK")

    assert (ended.status, ended.outcome) == (0, "created"), ended.stdout
    assert executed(site) == ["PROD_CHECK"]
    assert (ended.only["outcome"], ended.only["stage"]) == ("created", "PROD_CHECK")
    assert site.emulator.status(ended.only["run_id"]) == "Running"
    assert "as until-stage asks" in ended.only["message"]
    assert ended.only["run_id"] in ended.summary.partition("run-ids: |")[2]


def test_up_to_the_build_nothing_is_executed(site: Site) -> None:
    ended = carry(site, until_stage="BUILD_PACKAGE")

    assert ended.outcome == "created"
    assert executed(site) == []


def test_each_of_several_objects_is_taken_up_to_the_stage(site_with: SiteMaker) -> None:
    site = site_with(stages="standard")

    ended = carry(site, *OBJECTS, until_stage="DEV", max_parallel="2")

    assert ended.column("outcome") == ["created"] * 3
    assert [executed(site, each) for each in OBJECTS] == [["DEV_CHECK", "DEV"]] * 3


def test_a_stage_that_the_run_does_not_have_fails_and_says_which_it_has(site: Site) -> None:
    ended = carry(site, until_stage="DEV_CHECK")

    assert (ended.status, ended.outcome) == (1, "failed")
    assert executed(site) == []
    for said in ("until-stage", "DEV_CHECK", "BUILD_PACKAGE, PROD_CHECK, PROD"):
        assert said in ended.only["message"], said


class TestByTheServiceItself:
    def test_it_executes_its_stages_and_the_rest_is_executed_after_them(self, site_with: SiteMaker) -> None:
        site = site_with(stages="standard", stage_seconds=3)

        ended = carry(site, run_mode="Auto", auto_run_until_stage="DEV")

        assert ended.outcome == "succeeded", ended.stdout
        assert executed(site) == SIMPLE
        (post,) = site.posts
        assert (post["params"]["RunMode"], post["params"]["AutoRunUntilStage"]) == ("Auto", "DEV")

    def test_it_executes_everything(self, site_with: SiteMaker) -> None:
        site = site_with(stage_seconds=3)

        ended = carry(site, run_mode="Auto", auto_run_until_stage="PROD")

        assert ended.outcome == "succeeded", ended.stdout
        assert executed(site) == []
        assert site.truth.posts("ExecPipelineRunStage") == []

    def test_up_to_a_stage_that_it_executes(self, site_with: SiteMaker) -> None:
        site = site_with(stages="standard", stage_seconds=3)

        ended = carry(site, run_mode="Auto", auto_run_until_stage="DEV", until_stage="PROD_CHECK")

        assert ended.outcome == "created", ended.stdout
        assert executed(site) == ["PROD_CHECK"]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"wait": "false", "until_stage": "PROD"}, "until-stage"),
        ({"auto_run_until_stage": "PROD"}, "auto-run-until-stage"),
        ({"run_mode": "Auto"}, "run-mode"),
        ({"run_ids": "run-1", "wait": "false"}, "run-ids"),
        ({"run_ids": "run-1", "run_mode": "Auto"}, "run-mode"),
        ({"run_ids": "run-1,run-2"}, "run-ids"),
        ({"poll_seconds": "0.5"}, "poll-seconds"),
        ({"poll_seconds": "often"}, "poll-seconds"),
        ({"until_stage": "after lunch"}, "until-stage"),
        ({"abolish_on": "cancel,never"}, "abolish-on"),
        ({"max_parallel": "0"}, "max-parallel"),
    ],
)
def test_inputs_that_contradict_each_other_are_refused_before_any_call(
    site: Site, inputs: dict[str, str], said: str
) -> None:
    ended = carry(site, OBJECT, **inputs)

    assert (ended.status, ended.outcome) == (2, "invalid")
    assert any(error.startswith(f"{said}:") for error in ended.errors), ended.errors
    assert site.truth.of("received") == []
