"""When to read again, and when to retry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.pace import BACKOFF_MOST, backoff, looks
from dataworks_deploy.domain.repetition import RETRY_WINDOW


@pytest.mark.parametrize(
    ("settle", "moments"),
    [
        (1, [1]),
        (2, [2]),
        (3, [2, 3]),
        (8, [2, 4, 8]),
        (60, [2, 4, 8, 16, 32, 60]),
        (600, [2, 4, 8, 16, 32, 64, 128, 256, 512, 600]),
    ],
)
def test_the_list_is_read_less_and_less_often_and_at_the_end(settle: float, moments: list[float]) -> None:
    assert list(looks(settle)) == moments


@given(st.floats(1, 600))
def test_the_last_reading_is_at_the_end_of_the_settle_time(settle: float) -> None:
    moments = list(looks(settle))

    assert moments[-1] == settle
    assert moments == sorted({*moments})


@pytest.mark.parametrize(
    ("tries", "least", "most"), [(1, 0.5, 1), (2, 1, 2), (3, 2, 4), (5, 8, 16), (6, 15, 30), (10**6, 15, 30)]
)
def test_a_pause_is_between_half_and_all_of_a_doubling_time(tries: int, least: float, most: float) -> None:
    assert backoff(tries, 0.0) == least
    assert backoff(tries, 0.5) == (least + most) / 2
    assert backoff(tries, 1.0) == most


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_pause_grows_and_stays_within_bounds(tries: int, spread: float) -> None:
    pause = backoff(tries, spread)

    assert 0.5 <= pause <= BACKOFF_MOST
    assert backoff(tries + 1, spread) >= pause


@given(st.integers(1, 50), st.floats(0, 1, exclude_max=True), st.floats(0, 600))
def test_a_pause_is_never_shorter_than_the_service_asks(tries: int, spread: float, asked: float) -> None:
    assert backoff(tries, spread, asked) >= asked


def test_a_lost_request_is_not_repeated_after_the_gateway_may_have_forgotten_its_nonce() -> None:
    assert RETRY_WINDOW <= 600
