"""The deadline passes: the step reports what it knows, and abolishes nothing unless the inputs ask for it."""

import pytest

from ..conftest import SiteMaker
from ..step import Site
from .carry import carry


def abolished(site: Site) -> list[str]:
    """The runs that were abolished."""
    return [event["run_id"] for event in site.truth.of("abolished")]


def test_a_creation_without_an_answer_at_the_deadline_is_unknown(site_with: SiteMaker) -> None:
    """The step waits for its answer a moment longer. A stage that becomes due in that moment is not executed."""
    site = site_with("CreatePipelineRun:2:commit+delay:30", stage_overrides={"BUILD_PACKAGE": 20})

    ended = carry(site, "1", "2", max_parallel="2", timeout_minutes="0.25")

    assert (ended.status, ended.outcome) == (1, "unknown")
    assert sorted(ended.column("outcome")) == ["timed_out", "unknown"]
    (unknown,) = [result["message"] for result in ended.results if result["outcome"] == "unknown"]
    assert "at the start of its description" in unknown.lower()
    assert site.truth.posts("ExecPipelineRunStage") == []
    assert site.clock.monotonic() == 15 + 1.5, "no answer is waited for any longer"


def test_an_answer_that_comes_soon_after_the_deadline_is_still_used(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:commit+delay:7")

    ended = carry(site, timeout_minutes="0.1")

    assert ended.outcome == "timed_out"
    assert [ended.only["run_id"]] == site.runs()


@pytest.mark.parametrize(("action", "seconds"), [("GetPipelineRun", 0), ("ExecPipelineRunStage", 1.5)])
def test_a_call_without_an_answer_does_not_delay_the_end(
    site_with: SiteMaker, action: str, seconds: float
) -> None:
    """The step waits a moment for the answer to an execution. It does not wait for a reading."""
    site = site_with(f"{action}:1:commit+delay:30")

    ended = carry(site, timeout_minutes="0.2")

    assert ended.outcome == "timed_out"
    assert site.clock.monotonic() == 12 + seconds
