"""The nonce of the next request, and whether it may leave, after any earlier requests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.ending import Fault, Refusal, Source, Symptom
from dataworks_deploy.domain.reconcile import Mark, nonce_of
from dataworks_deploy.domain.repetition import RETRY_WINDOW, UNREACHABLE_TRIES, Requests

MARK = Mark("A" * 26, 1)
SETTLE = 60.0
LASTING = (Symptom.NAME_UNKNOWN, Symptom.NOT_TRUSTED, Symptom.PROXY_ADDRESS)
NO, BUSY = Fault("no"), Fault(code="Throttling.User")
LOST = Requests().tried().left(50.0).lose(NO, answered=False)
# How a request ends: with a refusal, with an answer that proves nothing (True), or without one (False).
_ENDS = st.one_of(st.sampled_from(Refusal), st.booleans())


@given(st.lists(_ENDS, max_size=12))
def test_a_nonce_changes_only_after_a_throttled_request_and_never_after_a_lost_one(
    ends: list[Refusal | bool],
) -> None:
    requests, now = Requests(), 0.0
    for end in ends:
        now += 1.0
        before = requests
        requests = requests.tried().left(now)
        requests = requests.refused(end, now) if isinstance(end, Refusal) else requests.lose(NO, answered=end)
        same = requests.nonce(MARK) == before.nonce(MARK)
        assert same is not (end is Refusal.THROTTLED and not before.lost)
        assert requests.began == (before.began if before.lost else now)
    lost = [end for end in ends if isinstance(end, bool)]
    assert (requests.tries, len(requests.lost), requests.unanswered) == (
        len(ends),
        len(lost),
        lost.count(False),
    )


def test_the_first_nonce_is_derived_from_the_mark() -> None:
    assert Requests().nonce(MARK) == nonce_of(MARK, 0)
    assert Requests().refused(Refusal.THROTTLED, 0.0).nonce(MARK) == nonce_of(MARK, 1)


@pytest.mark.parametrize(
    ("requests", "now", "may"),
    [
        (LOST, 50.0 + RETRY_WINDOW, True),
        (LOST, 50.1 + RETRY_WINDOW, False),
        (Requests().left(50.0), 1e9, True),
    ],
)
def test_only_a_repeated_lost_request_must_leave_in_time(
    requests: Requests, now: float, *, may: bool
) -> None:
    assert requests.in_time(now) is may


@pytest.mark.parametrize("why", [why for why in Refusal if why is not Refusal.UNREACHABLE])
def test_of_the_answered_refusals_only_throttling_may_be_repeated(why: Refusal) -> None:
    assert Requests().refused(why, 0.0).may_follow(why, NO, 0.0, SETTLE) is (why is Refusal.THROTTLED)


@pytest.mark.parametrize("symptom", [each for each in Symptom if each not in LASTING])
def test_a_request_that_never_left_is_retried_for_the_settle_time(symptom: Symptom) -> None:
    fault, requests = Fault(symptom=symptom), Requests()
    for now in (0.0, 1.0, SETTLE - 1.0):
        requests = requests.refused(Refusal.UNREACHABLE, now)
        assert requests.may_follow(Refusal.UNREACHABLE, fault, now, SETTLE)

    over = requests.refused(Refusal.UNREACHABLE, SETTLE)
    assert not over.may_follow(Refusal.UNREACHABLE, fault, SETTLE, SETTLE)
    assert over.may_follow(Refusal.UNREACHABLE, BUSY, SETTLE, SETTLE), "a key may be throttled, too"
    # An answer came in between, so the time starts again.
    again = over.refused(Refusal.THROTTLED, SETTLE).refused(Refusal.UNREACHABLE, 2 * SETTLE)
    assert again.may_follow(Refusal.UNREACHABLE, fault, 2 * SETTLE, SETTLE)


@pytest.mark.parametrize("symptom", LASTING)
@pytest.mark.parametrize("times", range(1, UNREACHABLE_TRIES + 2))
def test_a_failure_that_waiting_does_not_fix_is_retried_a_few_times(symptom: Symptom, times: int) -> None:
    fault, requests = Fault(symptom=symptom), Requests()
    for _ in range(times):
        requests = requests.refused(Refusal.UNREACHABLE, 0.0)

    assert requests.may_follow(Refusal.UNREACHABLE, fault, 0.0, SETTLE) is (times < UNREACHABLE_TRIES)
    behind = Fault(symptom=symptom, source=Source.STS)
    assert requests.may_follow(Refusal.UNREACHABLE, behind, 0.0, SETTLE), "STS, or GitHub, may come back"
