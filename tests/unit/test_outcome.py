"""The step's verdict comes from the worst outcome, and an unknown outcome is never good."""

import itertools
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dataworks_deploy.domain.outcome import (
    ROWS,
    End,
    Kind,
    Outcome,
    Rerun,
    Verdict,
    rank_of,
    row_of,
    so_far,
    step_verdict,
    verdict_of,
)

VERDICTS = {
    "created": "created",
    "succeeded": "succeeded",
    "planned": "planned",
    "unchanged": "unchanged",
    "failed": "failed",
    "terminated": "failed",
    "cancelled": "failed",
    "rejected": "failed",
    "conflict": "failed",
    "skipped": "failed",
    "timed_out": "timed_out",
    "waiting": "timed_out",
    "unknown": "unknown",
}
KINDS = {
    Kind.GOOD: {"created", "succeeded", "planned", "unchanged"},
    Kind.FAILURE: {"failed", "terminated", "cancelled", "rejected", "conflict"},
    Kind.LATE: {"timed_out", "waiting"},
    Kind.UNKNOWN: {"unknown"},
    Kind.SKIPPED: {"skipped"},
}
RERUNS = {
    Rerun.KEEPS: {"planned", "succeeded", "unchanged"},
    Rerun.CONTINUES: {"created", "failed", "cancelled", "timed_out", "waiting"},
    Rerun.STARTS: {"terminated", "rejected", "skipped"},
    Rerun.LOOKS: {"unknown", "conflict"},
}
# An object that was never started is no worse than the failure that stopped it.
WORST_FIRST = ["unknown", "failed", "timed_out", "skipped", "planned", "created", "succeeded", "unchanged"]
NEW = cast("Outcome", "teleported")
OUTCOMES = st.sampled_from(Outcome)


def severity(outcome: str) -> int:
    return WORST_FIRST.index(outcome if outcome == "skipped" else VERDICTS[outcome])


def test_every_outcome_has_a_row_and_each_row_says_what_it_counts_as() -> None:
    assert {*ROWS} == {*Outcome} == {*VERDICTS}
    assert {kind: {each for each in Outcome if row_of(each).kind is kind} for kind in Kind} == KINDS
    assert {rerun: {each for each in Outcome if row_of(each).rerun is rerun} for rerun in Rerun} == RERUNS
    assert {each for each in Outcome if row_of(each).good} == KINDS[Kind.GOOD]
    assert {each for each in Outcome if row_of(each).may_be_open} == RERUNS[Rerun.CONTINUES]
    assert all(row.sign for row in ROWS.values())


@pytest.mark.parametrize("outcome", Outcome)
def test_the_verdict_of_a_single_object(outcome: Outcome) -> None:
    assert verdict_of([outcome]) == VERDICTS[outcome]


@pytest.mark.parametrize(("one", "other"), [*itertools.combinations(Outcome, 2)])
def test_the_worse_of_two_decides_in_any_order(one: Outcome, other: Outcome) -> None:
    worse = min(one, other, key=severity)

    assert verdict_of([one, other]) == verdict_of([other, one]) == VERDICTS[worse]
    if severity(one) != severity(other):
        assert min(one, other, key=rank_of) is worse


@given(st.lists(OUTCOMES))
def test_exit_status_zero_means_that_every_object_is_good(outcomes: list[Outcome]) -> None:
    well = bool(outcomes) and {*outcomes} <= KINDS[Kind.GOOD]

    assert (verdict_of(outcomes).exit_status == 0) is well


@given(st.lists(OUTCOMES), st.sampled_from(End))
def test_an_outcome_without_a_row_is_never_good(outcomes: list[Outcome], end: End) -> None:
    assert not row_of(NEW).good
    assert row_of(NEW).rerun is Rerun.LOOKS
    assert rank_of(NEW) == rank_of(Outcome.FAILED)
    for verdict in (verdict_of([*outcomes, NEW]), step_verdict(end, [NEW, *outcomes])):
        assert verdict.exit_status == 1
        assert verdict is not Verdict.TIMED_OUT


@pytest.mark.parametrize("verdict", Verdict)
def test_each_verdict_has_its_exit_status(verdict: Verdict) -> None:
    expected = {"succeeded": 0, "created": 0, "planned": 0, "unchanged": 0, "invalid": 2}.get(verdict, 1)

    assert verdict.exit_status == expected


@given(st.lists(OUTCOMES, max_size=4), st.sampled_from(End))
@example([Outcome.SKIPPED, Outcome.SUCCEEDED], End.TIMEOUT)
@example([Outcome.SKIPPED, Outcome.REJECTED], End.TIMEOUT)
@example([Outcome.SUCCEEDED], End.FAILURE)
@example([], End.NORMAL)
def test_the_end_of_the_step_may_change_the_verdict(outcomes: list[Outcome], end: End) -> None:
    verdict, worst = step_verdict(end, outcomes), verdict_of(outcomes)
    harmless = {*outcomes} <= {*KINDS[Kind.GOOD], "skipped"}

    if not outcomes and end is End.NORMAL:
        assert verdict is Verdict.UNCHANGED, "there was nothing to do"
    elif worst is Verdict.UNKNOWN:
        assert verdict is worst, "nothing is more urgent"
    elif end is End.CANCEL:
        assert verdict is Verdict.CANCELLED
    elif end is End.TIMEOUT and worst is Verdict.FAILED and harmless:
        assert verdict is Verdict.TIMED_OUT, "nobody has refused what was not started"
    elif end is End.FAILURE and not worst.exit_status:
        assert verdict is Verdict.FAILED, "of an error of our own nothing is good"
    else:
        assert verdict is worst


@given(st.lists(OUTCOMES))
def test_a_step_that_is_killed_before_its_end_is_no_success(outcomes: list[Outcome]) -> None:
    assert so_far(outcomes) is (Verdict.UNKNOWN if Outcome.UNKNOWN in outcomes else Verdict.CANCELLED)
