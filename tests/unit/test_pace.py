"""Pauses between readings, and the rate learnt from refusals."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.pace import PATIENCE, SCARCE_RATE, SLOWEST_POLL, WINDOW, Rate, poll_pause

spreads = st.floats(0, 1, exclude_max=True)
times = st.floats(0, 1e6)


class TestPollPause:
    @pytest.mark.parametrize(
        ("since_change", "pause"), [(0, 0.75), (5, 0.75), (10, 1.3), (60, 7.8), (200, 26), (86400, 30)]
    )
    def test_one_run_is_read_often_at_first_and_less_often_later(
        self, since_change: float, pause: float
    ) -> None:
        assert poll_pause(since_change, 1, 0.5) == pytest.approx(pause, rel=0.02)

    def test_many_runs_on_one_page_are_read_sooner(self) -> None:
        assert poll_pause(1, 100, 0.5) == pytest.approx(0.36)
        assert poll_pause(1, 20, 0.5) == pytest.approx(0.5)

    def test_right_after_a_change_no_news_are_expected(self) -> None:
        assert poll_pause(0, 100, 0.5) == pytest.approx(0.6)
        assert poll_pause(0.1, 100, 0.5) == pytest.approx(0.5)
        assert poll_pause(0.3, 100, 0.5) == pytest.approx(0.36)

    @pytest.mark.parametrize(("since_change", "pause"), [(0, 1.875), (60, 19.5), (86400, 30)])
    def test_with_scarce_calls_runs_are_read_less_often(self, since_change: float, pause: float) -> None:
        assert poll_pause(since_change, 1, 0.5, scarce=True) == pytest.approx(pause, rel=0.02)

    @given(times, st.integers(0, 1000), spreads)
    def test_a_pause_is_never_zero_and_never_much_longer_than_the_longest(
        self, since_change: float, watched: int, spread: float
    ) -> None:
        assert 0.36 * 0.95 <= poll_pause(since_change, watched, spread) <= SLOWEST_POLL * 1.05

    @given(times, st.integers(1, 100), spreads)
    def test_the_end_of_a_long_stage_is_found_after_a_small_part_of_its_length(
        self, since_change: float, watched: int, spread: float
    ) -> None:
        assert poll_pause(since_change, watched, spread) <= max(1.0, PATIENCE * since_change) * 1.05

    @given(times, times, st.integers(1, 100), spreads)
    def test_the_next_reading_never_comes_sooner_if_the_last_one_came_later(
        self, one: float, two: float, watched: int, spread: float
    ) -> None:
        earlier, later = sorted((one, two))
        first, second = (since + poll_pause(since, watched, spread) for since in (earlier, later))
        assert first <= second + 0.05


class TestRate:
    RATE = Rate(most=50, allowed=50)

    def test_a_refusal_halves_the_rate(self) -> None:
        assert self.RATE.after_refusal(10).allowed == 25

    def test_refusals_of_calls_that_were_sent_together_count_once(self) -> None:
        assert self.RATE.after_refusal(10).after_refusal(10 + WINDOW / 2).allowed == 25
        assert self.RATE.after_refusal(10).after_refusal(10 + WINDOW * 1.01).allowed == 12.5

    def test_a_refusal_shows_what_the_service_serves(self) -> None:
        assert self.RATE.after_refusal(10, served=5).allowed == 5
        assert self.RATE.after_refusal(10, served=40).allowed == 25
        assert self.RATE.after_refusal(10, served=0).allowed == 1

    def test_a_refusal_right_after_growth_counts(self) -> None:
        rate = self.RATE.after_refusal(10).after_success(12)

        assert rate.after_refusal(12.1).allowed == 13

    def test_the_rate_grows_by_one_with_each_window_without_a_refusal(self) -> None:
        rate = self.RATE.after_refusal(10)

        assert rate.after_success(10 + WINDOW / 2).allowed == 25
        assert rate.after_success(12).allowed == 26
        assert rate.after_success(12).after_success(12.5).allowed == 26
        assert rate.after_success(12).after_success(14).allowed == 27

    def test_a_window_ends_after_its_time(self) -> None:
        assert Rate(50, 50, refused_at=0.0).after_refusal(WINDOW).allowed == 25
        assert Rate(50, 20, changed_at=0.0).after_success(WINDOW).allowed == 21

    def test_growth_keeps_the_last_refusal_and_stops_at_the_limit(self) -> None:
        assert Rate(50, 20, refused_at=3.0).after_success(12) == Rate(50, 21, 12, 3.0)
        assert self.RATE.after_success(12) == self.RATE

    @given(st.lists(st.tuples(st.booleans(), st.floats(0, 5)), max_size=60))
    def test_the_rate_stays_between_one_and_the_limit(self, events: list[tuple[bool, float]]) -> None:
        rate, now = self.RATE, 100.0
        for refused, pause in events:
            now += pause
            rate = rate.after_refusal(now) if refused else rate.after_success(now)
            assert 1 <= rate.allowed <= rate.most


@pytest.mark.parametrize(
    ("served", "sure"),
    [
        ([4], False),
        ([4, 4], True),
        ([4, 4, 4], True),
        ([4, SCARCE_RATE - 1], True),
        ([SCARCE_RATE, 4], False),
        ([SCARCE_RATE, 4, 4], True),
    ],
)
def test_an_account_is_surely_scarce_after_the_second_refusal_that_shows_it(
    served: list[float], *, sure: bool
) -> None:
    rate = Rate(100.0, 100.0)
    for place, each in enumerate(served):
        # It has grown again since.
        rate = replace(rate, allowed=100.0).after_refusal(10.0 * (place + 1), each)

    assert rate.surely_scarce is sure


def test_refusals_at_one_time_count_once_and_scarcity_lasts_until_more_is_served() -> None:
    first = Rate(100.0, 100.0).after_refusal(10.0, 4)
    again = first.after_refusal(10.0 + WINDOW / 2, 4)
    assert not again.surely_scarce

    sure = again.after_refusal(20.0, 4)
    assert sure.surely_scarce
    assert not replace(sure, allowed=SCARCE_RATE).surely_scarce
    assert (
        not replace(sure, allowed=100.0).after_refusal(30.0, SCARCE_RATE).after_refusal(40.0, 4).surely_scarce
    )
    assert sure.after_success(30.0) == replace(sure, allowed=3.0, changed_at=30.0)
