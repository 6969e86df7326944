"""How far a run is carried, and by whom: only watched, up to a stage, or by the service itself."""

from ..conftest import SiteMaker
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


def test_a_run_is_carried_up_to_a_stage_and_stays_open(site: Site) -> None:
    ended = carry(site, until_stage="PROD_CHECK")

    assert (ended.status, ended.outcome) == (0, "created"), ended.stdout
    assert executed(site) == ["PROD_CHECK"]
    assert (ended.only["outcome"], ended.only["stage"]) == ("created", "PROD_CHECK")
    assert site.emulator.status(ended.only["run_id"]) == "Running"
    assert "as until-stage asks" in ended.only["message"]
    assert ended.only["run_id"] in ended.summary.partition("run-ids: |")[2]


def test_an_until_stage_that_the_run_does_not_have_fails_and_the_stages_of_the_run_are_named(
    site: Site,
) -> None:
    ended = carry(site, until_stage="DEV_CHECK")

    assert (ended.status, ended.outcome) == (1, "failed")
    assert executed(site) == []
    for said in ("until-stage", "DEV_CHECK", "BUILD_PACKAGE, PROD_CHECK, PROD"):
        assert said in ended.only["message"], said


class TestByTheServiceItself:
    def test_the_service_executes_its_stages_and_then_the_step_executes_the_rest(
        self, site_with: SiteMaker
    ) -> None:
        site = site_with(stages="standard", stage_seconds=3)

        ended = carry(site, run_mode="Auto", auto_run_until_stage="DEV")

        assert ended.outcome == "succeeded", ended.stdout
        assert executed(site) == SIMPLE
        (post,) = site.posts
        assert (post["params"]["RunMode"], post["params"]["AutoRunUntilStage"]) == ("Auto", "DEV")

    def test_a_run_that_does_not_stop_at_until_stage_is_reported_as_going_on(
        self, site_with: SiteMaker
    ) -> None:
        site = site_with(stages="standard", stage_seconds=3)

        ended = carry(site, run_mode="Auto", auto_run_until_stage="PROD", until_stage="DEV")

        assert (ended.status, ended.outcome) == (0, "created")
        assert "with run-mode: Auto the service continues to PROD" in ended.only["message"]
        assert executed(site) == []
