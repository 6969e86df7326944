"""A stage that only a person can move."""

import pytest

from ..conftest import SiteMaker
from .carry import SIMPLE, carry, executed


@pytest.mark.parametrize(("shown", "answer"), [("Init", "refuse"), ("Running", "stay")])
def test_a_run_that_is_approved_after_a_while_succeeds(site_with: SiteMaker, shown: str, answer: str) -> None:
    site = site_with(approval=True, approval_status=shown, approval_exec=answer, approve_after=30)

    ended = carry(site)

    assert (ended.status, ended.outcome) == (0, "succeeded"), ended.stdout
    assert executed(site) == SIMPLE


@pytest.mark.parametrize(("answer", "minutes"), [("refuse", "1"), ("stay", "2")])
def test_a_run_that_nobody_approves_is_asked_for_three_times_and_left_waiting(
    site_with: SiteMaker, answer: str, minutes: str
) -> None:
    site = site_with(approval=True, approval_exec=answer)

    ended = carry(site, timeout_minutes=minutes)

    assert (ended.status, ended.outcome, ended.only["outcome"]) == (1, "timed_out", "waiting")
    told = f"Stage APPROVAL of run {ended.only['run_id']} waits for approval in DataWorks"
    assert ended.only["message"].startswith(told)
    (error,) = ended.stream.of("error")
    assert error.properties["title"].endswith(": waiting for approval")
    assert "Approve it in DataWorks" in error.data
    assert ended.summary.startswith("## ⚠️ DataWorks Deploy: waiting for approval\n")
    assert "before it" not in ended.stdout + ended.summary
    asked = [post["params"]["Code"] for post in site.truth.posts("ExecPipelineRunStage")]
    assert asked == ["PROD_CHECK", "APPROVAL", "APPROVAL", "APPROVAL"]
    (warning,) = ended.warnings
    assert all(said in warning for said in ("APPROVAL", "waits for approval", ended.only["run_id"])), warning
    assert site.emulator.status(ended.only["run_id"]) == "Running"
    assert not site.truth.of("abolished")


def test_an_approval_that_is_shown_as_running_is_told_as_one(site_with: SiteMaker) -> None:
    """A reading does not tell it from a stage that takes long."""
    site = site_with(approval=True, approval_status="Running")

    ended = carry(site, timeout_minutes="1")

    assert (ended.status, ended.outcome) == (1, "timed_out")
    assert "Stage APPROVAL is still Running and may wait for approval in DataWorks." in ended.only["message"]
    assert all("approve it in DataWorks" in text for text in (*ended.errors, ended.summary))
