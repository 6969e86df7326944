"""Executing a stage: after an unclear answer the step reads the run, and no stage is ever executed twice."""

import pytest

from ..conftest import SiteMaker
from .carry import SIMPLE, calls, carry, executed

LOST = ["drop", "reset", "refuse", "truncate", "status:500", "json:{}", "html", "status:408"]
COMMITTED = ["commit+drop", "commit+reset", "commit+truncate", "commit+status:500", "commit+json:{}"]


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        *((1, each) for each in [*LOST, *COMMITTED]),
        *((2, each) for each in ["drop", "commit+reset", "late:3", "duplicate"]),
    ],
)
def test_an_execution_without_a_clear_answer_is_carried_out_once(
    site_with: SiteMaker, call: int, fault: str
) -> None:
    site = site_with(f"ExecPipelineRunStage:{call}:{fault}", stage_seconds=1)

    ended = carry(site)

    assert (ended.status, ended.outcome) == (0, "succeeded"), ended.stdout
    assert executed(site) == SIMPLE


@pytest.mark.parametrize(
    ("end", "outcome"), [("terminate", "terminated"), ("cancel", "cancelled")], ids=["terminate", "cancel"]
)
def test_a_run_that_is_no_longer_running_is_read_again_and_reported(
    site_with: SiteMaker, end: str, outcome: str
) -> None:
    """Somebody ends the run between the reading and the execution."""
    site = site_with("ExecPipelineRunStage:1:error:not-running")

    def act() -> None:
        getattr(site.emulator, end)(site.runs()[0], "not today")

    with site.clock.meanwhile(act, lambda: site.truth.posts("ExecPipelineRunStage")):
        ended = carry(site)

    assert ended.only["outcome"] == outcome
    assert "not today" in ended.only["message"]
    assert calls(site, "ExecPipelineRunStage") == 1
