"""The deadline passes: what is known is said, and nothing is abolished that nobody asked to abolish."""

import pytest

from dataworks_emulator import Failure

from ..conftest import SiteMaker
from ..job import OBJECT, OBJECTS
from ..step import Site
from .carry import carry, executed

SLOW_CHECK = {"PROD_CHECK": 600}
SLOW_DEPLOY = {"PROD": 600}


def abolished(site: Site) -> list[str]:
    """The runs that were abolished."""
    return [event["run_id"] for event in site.truth.of("abolished")]


def test_a_run_that_takes_too_long_is_left_and_named(site_with: SiteMaker) -> None:
    site = site_with(stage_overrides=SLOW_DEPLOY)

    ended = carry(site, timeout_minutes="0.5")

    assert (ended.status, ended.outcome, ended.only["outcome"]) == (1, "timed_out", "timed_out")
    assert [ended.only["run_id"]] == site.runs()
    assert (ended.only["status"], ended.only["stage"]) == ("Running", "PROD")
    assert ended.only["run_id"] in ended.only["message"]
    assert "timeout-minutes" in ended.only["message"]
    assert abolished(site) == []


def test_objects_that_were_not_started_are_skipped(site_with: SiteMaker) -> None:
    site = site_with(stage_overrides=SLOW_DEPLOY)

    ended = carry(site, *OBJECTS, timeout_minutes="0.5")

    assert ended.outcome == "timed_out"
    assert ended.column("outcome") == ["timed_out", "skipped", "skipped"]


def test_a_creation_without_an_answer_at_the_deadline_is_unknown(site_with: SiteMaker) -> None:
    """Its answer is waited for a moment longer. A stage that comes due in that moment is not executed."""
    site = site_with("CreatePipelineRun:2:commit+delay:30", stage_overrides={"BUILD_PACKAGE": 20})

    ended = carry(site, "1", "2", max_parallel="2", timeout_minutes="0.25")

    assert (ended.status, ended.outcome) == (1, "unknown")
    assert sorted(ended.column("outcome")) == ["timed_out", "unknown"]
    (unknown,) = [result["message"] for result in ended.results if result["outcome"] == "unknown"]
    assert "do not redeploy" in unknown.lower()
    assert site.truth.posts("ExecPipelineRunStage") == []
    assert site.clock.monotonic() == 15 + 1.5, "no answer is waited for any longer"


def test_an_answer_that_comes_soon_after_the_deadline_is_still_heard(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:commit+delay:7")

    ended = carry(site, timeout_minutes="0.1")

    assert ended.outcome == "timed_out"
    assert [ended.only["run_id"]] == site.runs()


def test_a_deadline_while_a_lost_creation_is_looked_for_is_unknown(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:drop")

    ended = carry(site, timeout_minutes="0.2", settle_seconds="600")

    assert (ended.outcome, ended.only["outcome"]) == ("unknown", "unknown")


def test_throttling_up_to_the_deadline_has_created_nothing(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:*:throttle")

    ended = carry(site, timeout_minutes="0.2")

    assert (ended.outcome, ended.only["outcome"]) == ("timed_out", "timed_out")
    assert "Throttling" in ended.only["message"]
    assert ended.only["run_id"] is None


@pytest.mark.parametrize(("action", "seconds"), [("GetPipelineRun", 0), ("ExecPipelineRunStage", 1.5)])
def test_a_call_under_way_does_not_hold_the_end(site_with: SiteMaker, action: str, seconds: float) -> None:
    """An execution may be heard of a moment later; what was only to be read is not waited for."""
    site = site_with(f"{action}:1:commit+delay:30")

    ended = carry(site, timeout_minutes="0.2")

    assert ended.outcome == "timed_out"
    assert site.clock.monotonic() == 12 + seconds


class TestAbolish:
    @pytest.mark.parametrize("choice", ["never", "cancel failure"])
    def test_nothing_is_abolished_at_the_deadline(self, site_with: SiteMaker, choice: str) -> None:
        site = site_with(stage_overrides=SLOW_CHECK)

        ended = carry(site, timeout_minutes="0.2", abolish_on=choice)

        assert ended.outcome == "timed_out"
        assert abolished(site) == []

    def test_a_run_that_does_not_deploy_yet_is_abolished_where_that_is_wanted(
        self, site_with: SiteMaker
    ) -> None:
        site = site_with(stage_overrides=SLOW_CHECK)

        ended = carry(site, timeout_minutes="0.2", abolish_on="cancel,timeout")

        assert (ended.outcome, ended.only["outcome"]) == ("timed_out", "timed_out")
        assert abolished(site) == [ended.only["run_id"]]
        assert "abolished" in ended.only["message"]
        assert "run-ids:" not in ended.only["message"], "there is nothing left to continue"

    def test_a_run_that_waits_for_a_person_is_not_waited_for_any_more(self, site_with: SiteMaker) -> None:
        site = site_with(approval=True)

        ended = carry(site, timeout_minutes="0.3", abolish_on="timeout")

        assert ended.only["outcome"] == "timed_out"
        assert abolished(site) == [ended.only["run_id"]]

    def test_of_a_run_whose_abolition_was_lost_that_is_said(self, site_with: SiteMaker) -> None:
        site = site_with(
            "AbolishPipelineRun:*:commit+drop", "GetPipelineRun:9-99:drop", stage_overrides=SLOW_CHECK
        )

        ended = carry(site, timeout_minutes="0.6", poll_seconds="5", abolish_on="timeout")

        assert abolished(site) == [ended.only["run_id"]]
        assert "and is not known to have been (the connection was reset)." in ended.only["message"]

    def test_why_one_was_refused_is_said(self, site_with: SiteMaker) -> None:
        """It is a permission that is missing, and nobody would learn of it otherwise."""
        site = site_with("AbolishPipelineRun:*:error:Forbidden.RAM", stage_overrides=SLOW_CHECK)

        ended = carry(site, timeout_minutes="0.6", poll_seconds="5", abolish_on="timeout")

        assert abolished(site) == []
        assert "is not known to have been (Forbidden.RAM: " in ended.only["message"]
        assert any("could not be abolished (Forbidden.RAM: " in warning for warning in ended.warnings)

    def test_a_run_that_deploys_is_left_alone(self, site_with: SiteMaker) -> None:
        site = site_with(stage_overrides=SLOW_DEPLOY)

        ended = carry(site, timeout_minutes="0.3", abolish_on="timeout")

        assert ended.only["outcome"] == "timed_out"
        assert site.truth.posts("AbolishPipelineRun") == []
        assert any("deploying already" in line for line in ended.lines)

    def test_of_several_runs_those_that_deploy_are_left(self, site_with: SiteMaker) -> None:
        site = site_with("CreatePipelineRun:2:delay:0.1", stage_seconds=5, stage_overrides=SLOW_DEPLOY)

        ended = carry(site, "1", "2", max_parallel="2", timeout_minutes="0.25", abolish_on="timeout")

        deploying = {event["run_id"] for event in site.truth.of("stage_executed", stage="PROD")}
        assert {*abolished(site)} == {*ended.column("run_id")} - deploying

    def test_after_a_failure_the_open_ones_are_abolished_where_that_is_wanted(
        self, site_with: SiteMaker
    ) -> None:
        site = site_with(failures=(Failure(OBJECTS[1], "PROD_CHECK", "no such table"),))

        ended = carry(site, *OBJECTS, until_stage="PROD_CHECK", abolish_on="failure")

        assert ended.outcome == "failed"
        assert abolished(site) == site.runs(OBJECTS[0])
        assert ended.column("outcome")[1:] == ["failed", "skipped"]
        assert ended.column("outcome")[0] != "created", "a run that was abolished is not there to continue"
        assert "abolished" in ended.results[0]["message"]

    @pytest.mark.parametrize("choice", ["cancel,timeout", "never"])
    def test_after_a_failure_nothing_is_abolished_otherwise(self, site_with: SiteMaker, choice: str) -> None:
        site = site_with(failures=(Failure(OBJECTS[1], "PROD_CHECK", "no such table"),))

        ended = carry(site, *OBJECTS, until_stage="PROD_CHECK", abolish_on=choice)

        assert ended.column("outcome") == ["created", "failed", "skipped"]
        assert abolished(site) == []

    def test_after_success_nothing_is_abolished(self, site: Site) -> None:
        carry(site, *OBJECTS, abolish_on="cancel,timeout,failure")

        assert site.truth.posts("AbolishPipelineRun") == []


class TestRunsOfSomebodyElse:
    def adopted(self, site: Site, **inputs: str) -> dict[str, object]:
        """Lose the answer to a creation that was not carried out, while somebody deploys the same object."""

        def act() -> None:
            site.emulator.deploy_as("alice", OBJECT, "by hand")

        with site.clock.meanwhile(act, lambda: site.posts):
            ended = carry(site, on_active_run="adopt", settle_seconds="4", **inputs)
        assert ended.only["adopted"] is True
        return ended.only

    def test_a_run_that_was_adopted_is_never_executed(self, site_with: SiteMaker) -> None:
        site = site_with("CreatePipelineRun:1:drop")

        result = self.adopted(site, timeout_minutes="0.6")

        assert result["outcome"] == "waiting"
        assert executed(site) == []
        assert site.truth.posts("ExecPipelineRunStage") == []

    def test_a_run_that_was_adopted_is_never_abolished(self, site_with: SiteMaker) -> None:
        site = site_with("CreatePipelineRun:1:drop")

        self.adopted(site, timeout_minutes="0.6", abolish_on="timeout,failure,cancel")

        assert site.truth.posts("AbolishPipelineRun") == []
