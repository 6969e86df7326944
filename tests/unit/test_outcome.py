"""The step's outcome is the worst of its objects'."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.outcome import GOOD, Outcome, Verdict, verdict_of

TABLE = {
    "created": "created",
    "succeeded": "succeeded",
    "planned": "planned",
    "failed": "failed",
    "terminated": "failed",
    "cancelled": "failed",
    "rejected": "failed",
    "conflict": "failed",
    "timed_out": "timed_out",
    "waiting": "timed_out",
    "unknown": "unknown",
}
WORST_FIRST = ["unknown", "failed", "timed_out", "planned", "created", "succeeded"]


def test_every_outcome_has_a_verdict() -> None:
    assert {*TABLE} | {"skipped"} == {outcome.value for outcome in Outcome}


@pytest.mark.parametrize(("outcome", "verdict"), [*TABLE.items()])
def test_one_object_alone(outcome: str, verdict: str) -> None:
    assert verdict_of([Outcome(outcome)]) == verdict


@pytest.mark.parametrize(("one", "other"), [*itertools.combinations(TABLE, 2)])
def test_the_worse_of_two_decides_in_any_order(one: str, other: str) -> None:
    worse = min((TABLE[one], TABLE[other]), key=WORST_FIRST.index)

    assert verdict_of([Outcome(one), Outcome(other)]) == worse
    assert verdict_of([Outcome(other), Outcome(one)]) == worse


@given(st.lists(st.sampled_from(Outcome)))
def test_an_exit_status_of_zero_means_that_every_object_is_well(outcomes: list[Outcome]) -> None:
    well = bool(outcomes) and all(outcome in GOOD for outcome in outcomes)

    assert (verdict_of(outcomes).exit_status == 0) is well


@pytest.mark.parametrize("verdict", Verdict)
def test_the_exit_status(verdict: Verdict) -> None:
    expected = {"succeeded": 0, "created": 0, "planned": 0, "invalid": 2}.get(verdict, 1)

    assert verdict.exit_status == expected
