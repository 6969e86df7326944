"""A stage that only a person can move."""

import pytest

from ..conftest import SiteMaker
from .carry import SIMPLE, calls, carry, executed


@pytest.mark.parametrize("shown", ["Init", "Running"])
@pytest.mark.parametrize("answer", ["refuse", "stay"])
def test_a_run_that_is_approved_after_a_while_succeeds(site_with: SiteMaker, shown: str, answer: str) -> None:
    site = site_with(approval=True, approval_status=shown, approval_exec=answer, approve_after=30)

    ended = carry(site)

    assert (ended.status, ended.outcome) == (0, "succeeded"), ended.stdout
    assert executed(site) == SIMPLE


def test_an_approval_that_can_be_executed_is(site_with: SiteMaker) -> None:
    site = site_with(approval=True, approval_exec="run", approve_after=2)

    ended = carry(site)

    assert ended.outcome == "succeeded", ended.stdout
    assert executed(site) == ["PROD_CHECK", "APPROVAL", "PROD"]


def test_a_person_who_approves_is_noticed(site_with: SiteMaker) -> None:
    site = site_with(approval=True)

    def asked_in_vain() -> bool:
        return calls(site, "ExecPipelineRunStage") >= 4

    with site.clock.meanwhile(lambda: site.emulator.approve(site.runs()[0]), asked_in_vain):
        ended = carry(site)

    assert ended.outcome == "succeeded", ended.stdout
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


def test_an_approval_that_was_refused_is_waiting_already(site_with: SiteMaker) -> None:
    site = site_with(approval=True)

    ended = carry(site, timeout_minutes="0.1")

    asked = [post["params"]["Code"] for post in site.truth.posts("ExecPipelineRunStage")]
    assert asked.count("APPROVAL") in {1, 2}, "it was to end before the third refusal"
    assert (ended.only["outcome"], ended.only["stage"]) == ("waiting", "APPROVAL")


def test_what_waits_in_one_run_does_not_hold_another(site_with: SiteMaker) -> None:
    site = site_with(approval=True)

    def act() -> None:
        site.emulator.approve(site.runs("2")[0])

    def both_wait() -> bool:
        return len(site.truth.of("stage_finished", stage="PROD_CHECK")) == 2

    with site.clock.meanwhile(act, both_wait):
        ended = carry(site, "1", "2", max_parallel="2", timeout_minutes="0.5")

    assert ended.column("outcome") == ["waiting", "succeeded"]
    assert ended.outcome == "timed_out"
