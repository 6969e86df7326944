"""The lengths of stages are learnt, and decide when to read one: soon after its expected end, and rarely before."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.lengths import (
    FIRST,
    LOOK,
    MARGIN,
    MARGIN_SHARE,
    MOST_CODES,
    MOST_MISSED,
    NARROW,
    NARROW_SHARE,
    NEAR,
    QUIET,
    SOONER,
    UNHURRIED,
    Length,
    Lengths,
    Track,
    shared,
)
from dataworks_deploy.domain.model import Run, RunId, Stage
from dataworks_deploy.domain.pace import SLOWEST_POLL, SOONEST, poll_pause

times = st.floats(0, 10_000)
brackets = st.tuples(times, times).map(lambda pair: (min(pair), max(pair)))
# What several runs have taught.
lengths = st.lists(brackets, min_size=1, max_size=12).map(lambda seen: learnt(*seen))
A, B = RunId("a"), RunId("b")


def learnt(*seen: tuple[float, float]) -> Length:
    """What these runs teach, one after another."""
    length = Length(*seen[0])
    for low, high in seen[1:]:
        length = length.after(low, high)
    return length


def readings(length: Length, true: float) -> list[float]:
    """The age of a stage at each of its readings, if it really takes this long. The first age is 0."""
    ages = [0.0]
    while ages[-1] < true:
        spare = len(ages) <= MOST_MISSED
        ages.append(length.next_reading(ages[-1], spare=spare, scarce=False) or math.inf)
    return ages


def run_of(*statuses: str, status: str = "Running") -> Run:
    """A run whose stages have these statuses."""
    stages = tuple(Stage(f"S{step}", "", step, "Check", each) for step, each in enumerate(statuses))
    return Run(RunId("r"), status, stages=stages[::-1])


class TestLength:
    @given(lengths)
    def test_a_length_lies_between_the_last_running_and_the_first_ended_reading(self, length: Length) -> None:
        assert 0 <= length.low <= length.high

    @given(lengths, times, st.tuples(st.booleans(), st.booleans()))
    def test_a_reading_comes_at_most_a_small_margin_after_the_length(
        self, length: Length, seen: float, choices: tuple[bool, bool]
    ) -> None:
        spare, scarce = choices
        age = length.next_reading(seen, spare=spare, scarce=scarce)

        if age is None:
            assert seen >= length.high
        else:
            assert age <= max(seen + SOONEST, length.high * (1 + MARGIN_SHARE) + MARGIN)

    @given(lengths, times, st.tuples(st.booleans(), st.booleans()))
    def test_readings_never_come_without_a_pause(
        self, length: Length, seen: float, choices: tuple[bool, bool]
    ) -> None:
        spare, scarce = choices
        age = length.next_reading(seen, spare=spare, scarce=scarce)

        assert age is None or age >= seen + SOONEST

    def test_a_length_of_zero_is_read_at_the_usual_pace(self) -> None:
        assert Length(0.0, 0.0).next_reading(0.0, spare=True, scarce=False) is None
        assert Length(0.0, 0.01).next_reading(0.0, spare=True, scarce=False) == SOONEST

    @given(lengths, times, st.tuples(st.booleans(), st.booleans()))
    def test_a_stage_that_ends_much_sooner_is_not_seen_much_later(
        self, length: Length, seen: float, choices: tuple[bool, bool]
    ) -> None:
        spare, scarce = choices
        age = length.next_reading(seen, spare=spare, scarce=scarce)

        first = LOOK * (2.5 if scarce else 1)
        assert age is None or age <= NEAR * max(first, min(2 * seen, seen + SLOWEST_POLL)) + SOONEST

    def test_a_long_stage_is_also_read_in_between(self) -> None:
        ages, seen = [], 0.0
        while (age := Length(199.0, 200.0).next_reading(seen, spare=True, scarce=False)) is not None:
            ages.append(seen := age)

        assert ages == [10, 20, 40, 70, 100, 130, 160, pytest.approx(202.02)]

    def test_with_few_calls_readings_are_fewer_and_never_early(self) -> None:
        assert Length(10.0, 20.0).next_reading(0.0, spare=True, scarce=False) == 10
        assert Length(10.0, 20.0).next_reading(0.0, spare=False, scarce=True) == pytest.approx(20.22)
        assert Length(10.0, 20.0).next_reading(0.0, spare=True, scarce=True) == pytest.approx(20.22)
        assert Length(10.0, 90.0).next_reading(0.0, spare=True, scarce=True) == 25

    @given(brackets, brackets)
    def test_a_longer_stage_counts_only_once_it_is_repeated(
        self, usual: tuple[float, float], slow: tuple[float, float]
    ) -> None:
        length, slow = Length(*usual), (usual[1] + slow[0], usual[1] + slow[1])
        once = length.after(*slow)

        assert replace(once, longer=None) == length
        assert once.after(slow[0] + 1, slow[1] + 5) == Length(*slow), "the shorter one of both"
        assert once.after(slow[0] / 2, slow[1]).longer is None or slow[0] / 2 >= usual[1]

    def test_a_shorter_stage_counts_at_once_and_the_next_ones_are_read_sooner(self) -> None:
        length = Length(59.0, 60.0).after(0.0, 10.0)

        assert length == Length(0.0, 10.0)
        assert length.next_reading(0.0, spare=True, scarce=False) == 6
        assert Length(59.0, 60.0).after(8.0, 10.0) == Length(8.0, 10.0)

    def test_runs_that_agree_narrow_the_length(self) -> None:
        assert learnt((1.5, 2.3), (0.0, 2.1), (1.9, 2.4)) == Length(1.9, 2.1)

    def test_a_well_known_length_is_read_early_now_and_then(self) -> None:
        length = Length(1.95, 2.0)
        for _ in range(QUIET):
            assert length.next_reading(0.0, spare=True, scarce=False) == pytest.approx(2.04)
            length = length.after(0.0, 2.04)

        assert length.next_reading(0.0, spare=True, scarce=False) == pytest.approx(SOONER * 1.95)
        assert length.next_reading(0.0, spare=False, scarce=False) == pytest.approx(2.04)
        assert length.after(1.46, 2.04).quiet == 0

    @given(st.floats(0.3, 8.0), st.floats(0, 1, exclude_max=True))
    def test_stages_of_equal_length_need_few_readings(self, true: float, spread: float) -> None:
        low = seen = 0.0
        while seen < true:
            low, seen = seen, seen + poll_pause(seen, 1, spread)
        length = Length(low, seen)

        for number in range(20):
            ages = readings(length, true)
            assert len(ages) - 1 <= MOST_MISSED + 1
            late = ages[-1] - true
            least = max(NARROW, NARROW_SHARE * true * 1.1, SOONEST)
            assert late <= (least if number > 3 else 1.2) + 2 * (MARGIN + MARGIN_SHARE * true)
            length = length.after(*ages[-2:])

    def test_stages_that_become_shorter_are_noticed(self) -> None:
        length = Length(7.5, 8.0)
        for _ in range(3 * QUIET):
            ages = readings(length, 3.0)
            length = length.after(*ages[-2:])

        assert 3.0 <= length.high < 3.5

    def test_after_a_long_first_stage_the_readings_come_sooner_again(self) -> None:
        """As if somebody had given the first approval only after five minutes."""
        length, waited = Length(290.0, 300.0), []
        for _ in range(3):
            ages = readings(length, 4.0)
            waited.append(ages[-1])
            length = length.after(*ages[-2:])

        assert waited == [10, 6, pytest.approx(5.04)]


class TestTrack:
    LENGTHS = Lengths({"S0": Length(1.9, 2.0), "S1": Length(4.9, 5.0)})

    def test_without_a_beginning_nothing_is_learnt_or_predicted(self) -> None:
        for track in (Track(), Track().begun("S0", 1.0).lost, Track().begun("other", 1.0)):
            assert track.next_reading(self.LENGTHS, scarce=False) is None
            assert track.read(run_of("Success"), 10.0, self.LENGTHS, aimed=True) == (Track(), self.LENGTHS)

    def test_a_running_stage_is_read_when_it_should_have_ended(self) -> None:
        track = Track().begun("S0", 100.0)

        assert track.next_reading(self.LENGTHS, scarce=False) == pytest.approx(102.04)
        assert track.next_reading(Lengths(), scarce=False) is None

    def test_the_first_stage_begins_with_the_creation_whatever_its_code(self) -> None:
        track = Track().begun(FIRST, 100.0)
        track, known = track.read(Run(RunId("r"), "Init"), 101.0, Lengths(), aimed=True)
        track, known = track.read(run_of("Running", "Init"), 102.0, known, aimed=True)
        assert (track, known) == (Track(FIRST, 100.0, 2.0), Lengths())

        track, known = track.read(run_of("Success", "Init"), 103.0, known, aimed=True)

        assert (track, known) == (Track(), Lengths({FIRST: Length(2.0, 3.0)}))

    @pytest.mark.parametrize("status", ["Fail", "Termination", "Cancel"])
    @pytest.mark.parametrize("stages", [["Fail"], ["Running"], []])
    def test_a_run_that_was_cut_short_teaches_nothing(self, status: str, stages: list[str]) -> None:
        run = run_of(*stages, status=status)

        for code in (FIRST, "S0"):
            assert Track(code, 1.0).read(run, 5.0, Lengths(), aimed=True) == (Track(), Lengths())

    def test_the_last_stage_teaches_even_after_its_run_has_ended(self) -> None:
        track = Track("S1", 1.0, 2.0)

        _, known = track.read(run_of("Success", "Success", status="Success"), 5.0, Lengths(), aimed=True)

        assert known == Lengths({"S1": Length(2.0, 4.0)})

    def test_a_stage_that_starts_by_itself_begins_when_the_one_before_ends(self) -> None:
        track, _ = Track("S0", 1.0).read(run_of("Success", "Running"), 5.0, Lengths(), aimed=True)
        assert track == Track("S1", 5.0)

        track, _ = Track("S0", 1.0).read(run_of("Success", "Success", "Running"), 5.0, Lengths(), aimed=True)
        assert track == Track(), "nobody has seen it begin"

    def test_few_readings_come_too_soon(self) -> None:
        track, wide = Track("S0", 0.0), Lengths({"S0": Length(0.0, 4.0)})
        for missed in range(MOST_MISSED):
            assert track.next_reading(wide, scarce=False) == pytest.approx(2.4)
            track, _ = track.read(run_of("Running"), 0.0, wide, aimed=True)
            assert track.missed == missed + 1

        assert track.next_reading(wide, scarce=False) == pytest.approx(4.06)
        assert track.begun("S0", 10.0).next_reading(wide, scarce=False) == pytest.approx(14.06)
        assert track.lost.missed == MOST_MISSED

    def test_only_early_readings_made_for_this_run_count_as_missed(self) -> None:
        track = Track("S1", 0.0)

        for age, aimed, missed in [(4.0, False, 0), (3.0, True, 0), (4.0, True, 1)]:
            after, _ = track.read(run_of("Success", "Running"), age, self.LENGTHS, aimed=aimed)
            assert (after.seen, after.missed) == (age, missed)
        after, _ = track.read(run_of("Success", "Running"), 4.0, Lengths(), aimed=True)
        assert after.missed == 0

    def test_time_never_goes_back(self) -> None:
        track, known = Track("S0", 5.0, 2.0).read(run_of("Running"), 1.0, Lengths(), aimed=True)
        assert track.seen == 2.0
        assert track.read(run_of("Success"), 1.0, known, aimed=True)[1] == Lengths({"S0": Length(2.0, 2.0)})

    def test_ever_new_stage_codes_do_not_fill_the_memory(self) -> None:
        known = Lengths()
        for number in range(MOST_CODES + 10):
            known = known.after(str(number), 1.0, 2.0)

        assert len(known.by_code) == MOST_CODES
        assert known.after("0", 0.5, 1.5).by_code["0"] == Length(1.0, 1.5)


class TestShared:
    @pytest.mark.parametrize(
        ("aimed", "usual", "moment", "due"),
        [
            ({A: 5.0}, {}, 5.0, {A}),
            ({A: 5.0, B: 5.1}, {}, 5.1, {A, B}),
            ({A: 5.0, B: 5.3}, {}, 5.0, {A}),
            ({A: 5.0}, {B: 5.1}, 5.0, {A}),
            ({A: 5.4}, {B: 5.0}, 5.4, {A, B}),
            ({A: 5.6}, {B: 5.0}, 5.0, {B}),
            ({A: 5.0}, {B: 5.0}, 5.0, {A, B}),
            ({}, {A: 5.0, B: 9.0}, 5.0, {A, B}),
            ({A: 1.0}, {B: 2.5}, 3.0, {A, B}),
            ({A: 1.0, B: 3.1}, {}, 3.1, {A, B}),
        ],
        ids=[
            "one",
            "waited for",
            "too far",
            "usual later",
            "usual waits",
            "usual first",
            "both",
            "usual together",
            "rest",
            "rest, waited for",
        ],
    )
    def test_one_reading_serves_all_runs_that_are_due(
        self, aimed: dict[RunId, float], usual: dict[RunId, float], moment: float, due: set[RunId]
    ) -> None:
        assert shared(aimed, usual, earliest=3.0) == (moment, due)

    @given(*[st.dictionaries(st.sampled_from([A, B]), times, min_size=1)] * 2, times)
    def test_no_run_waits_long_for_another(
        self, aimed: dict[RunId, float], usual: dict[RunId, float], earliest: float
    ) -> None:
        moment, due = shared(aimed, usual, earliest)

        assert due
        assert earliest <= moment <= max(earliest, min((*aimed.values(), *usual.values()))) + UNHURRIED
