"""The deadline passes: what is known is said, and nothing is abolished that nobody asked to abolish."""

import pytest

from ..conftest import SiteMaker
from ..step import Site
from .carry import carry

SLOW_CHECK = {"PROD_CHECK": 600}


def abolished(site: Site) -> list[str]:
    """The runs that were abolished."""
    return [event["run_id"] for event in site.truth.of("abolished")]


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


@pytest.mark.parametrize(("action", "seconds"), [("GetPipelineRun", 0), ("ExecPipelineRunStage", 1.5)])
def test_a_call_under_way_does_not_hold_the_end(site_with: SiteMaker, action: str, seconds: float) -> None:
    """An execution may be heard of a moment later; what was only to be read is not waited for."""
    site = site_with(f"{action}:1:commit+delay:30")

    ended = carry(site, timeout_minutes="0.2")

    assert ended.outcome == "timed_out"
    assert site.clock.monotonic() == 12 + seconds


class TestAbolish:
    def test_a_run_that_does_not_deploy_yet_is_abolished_where_that_is_wanted(
        self, site_with: SiteMaker
    ) -> None:
        site = site_with(stage_overrides=SLOW_CHECK)

        ended = carry(site, timeout_minutes="0.2", abolish_on="cancel,timeout")

        assert (ended.outcome, ended.only["outcome"]) == ("timed_out", "timed_out")
        assert abolished(site) == [ended.only["run_id"]]
        assert "abolished" in ended.only["message"]
        assert "run-ids:" not in ended.only["message"], "there is nothing left to continue"

    def test_why_one_was_refused_is_said(self, site_with: SiteMaker) -> None:
        """It is a permission that is missing, and nobody would learn of it otherwise."""
        site = site_with("AbolishPipelineRun:*:error:Forbidden.RAM", stage_overrides=SLOW_CHECK)

        ended = carry(site, timeout_minutes="0.6", poll_seconds="5", abolish_on="timeout")

        assert abolished(site) == []
        assert "is not known to have been (Forbidden.RAM: " in ended.only["message"]
        assert any("could not be abolished (Forbidden.RAM: " in warning for warning in ended.warnings)
