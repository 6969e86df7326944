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
    for said in ("APPROVAL", "waits for a person", ended.only["run_id"]):
        assert said in ended.only["message"], said
    asked = [post["params"]["Code"] for post in site.truth.posts("ExecPipelineRunStage")]
    assert asked == ["PROD_CHECK", "APPROVAL", "APPROVAL", "APPROVAL"]
    (warning,) = ended.warnings
    assert all(said in warning for said in ("APPROVAL", "waits for a person", ended.only["run_id"])), warning
    assert site.emulator.status(ended.only["run_id"]) == "Running"
    assert not site.truth.of("abolished")
