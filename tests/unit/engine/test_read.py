"""Readings that are repeated until they succeed: one run, a complete list of an object's runs, and failures in
a row.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from dataworks_deploy.domain.ending import CERTAIN, Fault, Ok, Refusal, Symptom, Unclear
from dataworks_deploy.domain.event import OddSeen, ReadingFailed, RunUnread, StillUnderWay
from dataworks_deploy.domain.model import GetPipelineRun, ListPipelineRuns, Run, RunId
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import DeadlinePassed, UnknownStatus
from dataworks_deploy.domain.record import Record, Unread
from dataworks_deploy.engine import pages as module
from dataworks_deploy.engine.pages import MOST_PASSES
from dataworks_deploy.engine.read import Listed, LostSightError, listed_with, read_run, scan

from .assigned import ONE, carried_out, create, creation, run
from .watching import OPEN, PASSING, SURE, unheard
from .world import LOST, OBJECT, Scripted, page_of, refused, run_of

R, A = RunId("r"), RunId("a")
FIRST, SECOND = ListPipelineRuns(OBJECT, 1), ListPipelineRuns(OBJECT, 2)


class TestARun:
    def test_a_reading_is_one_call(self) -> None:
        script = Scripted(run=[Ok(OPEN)])

        assert script.play(read_run(script.world, R, unheard)) == OPEN
        assert script.service.of("run") == [GetPipelineRun(R)]

    @pytest.mark.parametrize("ending", [LOST, *map(refused, PASSING)])
    def test_a_reading_is_repeated_with_growing_pauses_until_it_succeeds(self, ending: Any) -> None:
        script, missed = Scripted(run=[ending] * 5 + [Ok(OPEN)]), list[Fault]()

        assert script.play(read_run(script.world, R, missed.append)) == OPEN
        assert missed == [ending.fault] * 5
        assert script.service.times("run")[-3:] == pytest.approx([5.25, 11.25, 23.25], abs=0.5)
        assert script.notes.debugged[:2] == [RunUnread(R, 0.75), RunUnread(R, 1.5)]

    def test_the_service_says_how_long_to_wait(self) -> None:
        script = Scripted(run=[refused(Refusal.THROTTLED, 20.0), Ok(OPEN)])

        script.play(read_run(script.world, R, unheard))

        assert script.service.times("run") == [0, 20]

    @pytest.mark.parametrize(
        ("why", "final"), [*((why, CERTAIN) for why in SURE), (Refusal.OTHER, frozenset({Refusal.OTHER}))]
    )
    def test_a_refusal_that_waiting_does_not_fix_counts_the_third_time(
        self, why: Refusal, final: frozenset[Refusal]
    ) -> None:
        script = Scripted(run=[refused(why)])

        with pytest.raises(LostSightError) as lost:
            script.play(read_run(script.world, R, unheard, final))

        assert (lost.value.why, lost.value.fault) == (why, refused(why).fault)
        assert script.service.times("run") == [0, 0.75, 2.25]


def runs(first: int, last: int) -> list[Run]:
    """Runs by number."""
    return [run_of(str(number)) for number in range(first, last + 1)]


def scanned(pages: Sequence[Any]) -> tuple[Listed, list[ListPipelineRuns]]:
    """What a scan of the object's runs returns, and the pages that it read."""
    script = Scripted(page=pages)
    return script.play(scan(script.calls, OBJECT)), script.service.of("page")


FULL = page_of(*runs(1, 100), total=101)


class TestAList:
    @pytest.mark.parametrize(
        ("pages", "shown", "read"),
        [
            ([page_of(*runs(1, 3))], runs(1, 3), [FIRST]),
            (
                [page_of(*runs(1, 100), total=0), page_of(*runs(101, 102), total=0)] * 2,
                runs(1, 102),
                [FIRST, SECOND] * 2,
            ),
            ([page_of(*runs(1, 100)), page_of(total=100)] * 2, runs(1, 100), [FIRST, SECOND] * 2),
            (
                [page_of(*runs(1, 10), total=15), page_of(*runs(11, 15), total=15)] * 2,
                runs(1, 15),
                [FIRST, SECOND] * 2,
            ),
            (
                [
                    *[FULL, page_of(*runs(100, 101), total=101)],
                    *[page_of(*runs(0, 99), total=102), page_of(*runs(100, 101), total=102)] * 2,
                ],
                runs(0, 101),
                [FIRST, SECOND] * 3,
            ),
            (
                [page_of(*runs(n, min(n + 9, 25)), total=0, size=10) for n in (1, 11, 21)] * 2,
                runs(1, 25),
                [ListPipelineRuns(OBJECT, n) for n in (1, 2, 3)] * 2,
            ),
            ([page_of(*runs(1, 9), total=0, size=10)], runs(1, 9), [FIRST]),
        ],
        ids=[
            *["one page", "counts lie", "a full page alone", "smaller pages", "a run is created meanwhile"],
            *["smaller pages that say so", "one of them alone"],
        ],
    )
    def test_a_list_is_read_completely_until_two_passes_agree(
        self, pages: list[Any], shown: list[Run], read: list[ListPipelineRuns]
    ) -> None:
        assert scanned(pages) == (Listed(tuple(shown)), read)

    @pytest.mark.parametrize(
        ("pages", "fault", "shown", "calls"),
        [
            (
                [page_of(*runs(1, 10), total=15), page_of(total=15)],
                Fault(symptom=Symptom.LIST_SHORT, detail="10 of 15"),
                runs(1, 10),
                2,
            ),
            (
                [page for n in range(MOST_PASSES) for page in (FULL, page_of(run_of(f"new-{n}"), total=101))],
                Fault(symptom=Symptom.LIST_UNSTABLE),
                [*runs(1, 100), *(run_of(f"new-{n}") for n in range(MOST_PASSES))],
                2 * MOST_PASSES,
            ),
            ([page_of(*runs(1, 100))], Fault(symptom=Symptom.LIST_ENDLESS, detail="12"), runs(1, 100), 12),
        ],
    )
    def test_an_incomplete_list_says_so_and_returns_what_it_has_shown(
        self,
        pages: list[Any],
        fault: Fault,
        shown: list[Run],
        calls: int,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(module, "MOST_PAGES", 12)

        listed, read = scanned(pages)

        assert (listed, len(read)) == (Listed(tuple(shown), Unclear(fault)), calls)
        assert listed.drifts is (fault.symptom is Symptom.LIST_UNSTABLE)

    @pytest.mark.parametrize("ending", [LOST, refused(Refusal.DENIED)])
    @pytest.mark.parametrize(("before", "shown"), [([], []), ([FULL], runs(1, 100))])
    def test_a_failed_page_fails_the_list(self, before: list[Any], shown: list[Run], ending: Any) -> None:
        assert scanned([*before, ending])[0] == Listed(tuple(shown), ending)

    @pytest.mark.parametrize(
        ("pages", "name", "shown", "calls"),
        [
            ([page_of(*runs(1, 3))], "2", runs(1, 3), 1),
            ([page_of(*runs(1, 3))], "9", [], 2),
            ([page_of(*runs(1, 3)), LOST], "9", LOST, 2),
            ([page_of(*runs(1, 10), total=15), page_of(*runs(9, 12), total=15), LOST], "12", runs(9, 12), 3),
            ([LOST], "9", LOST, 1),
        ],
    )
    def test_a_list_is_searched_for_a_run(self, pages: list[Any], name: str, shown: Any, calls: int) -> None:
        script = Scripted(page=pages)

        found = script.play(listed_with(script.calls, OBJECT, RunId(name)))

        assert (list(found) if isinstance(found, tuple) else found) == shown
        assert len(script.service.of("page")) == calls


class TestFailuresInARow:
    OTHER = Unclear(Fault("no", "InternalError", "R-1", 500))
    BUILDING = Ok(run_of("a", "Running", "Running"))

    def deployed(self, readings: list[Any], timeout: float = 60.0) -> tuple[Scripted, Record]:
        script = Scripted(create=[create("a")], run=readings)
        _, (record,) = carried_out(script, creation(ONE), timeout=timeout)
        return script, record

    def test_failures_are_logged_at_each_doubling_until_a_success(self) -> None:
        script, record = self.deployed([self.BUILDING, *[LOST] * 9, self.BUILDING], timeout=200.0)

        assert script.notes.of(ReadingFailed) == [ReadingFailed(A, n, LOST.fault) for n in (1, 2, 4, 8)]
        assert (record.unread, record.fault) == (None, None)
        assert record.reason == DeadlinePassed(A)

    def test_a_new_error_is_logged_and_a_new_series_starts_at_one(self) -> None:
        other, good = self.OTHER, self.BUILDING
        script, _ = self.deployed([LOST, LOST, other, other, good, other, good])

        faults = [(1, LOST.fault), (2, LOST.fault), (3, other.fault), (4, other.fault), (1, other.fault)]
        assert script.notes.of(ReadingFailed) == [ReadingFailed(A, *each) for each in faults]

    @pytest.mark.parametrize(("timeout", "explains"), [(3.5, False), (60.0, True)])
    def test_more_than_a_few_failures_explain_a_missed_deadline(
        self, timeout: float, *, explains: bool
    ) -> None:
        _, record = self.deployed([self.BUILDING, LOST, LOST, self.OTHER], timeout)

        assert (record.outcome, record.reason) == (Outcome.TIMED_OUT, DeadlinePassed(A))
        assert bool(record.unread) is explains
        assert record.fault == (self.OTHER.fault if explains else None)

    def test_failed_readings_of_a_named_run_are_logged(self) -> None:
        script = Scripted(run=[*[LOST] * 4, Ok(run_of("a", "Success", "Success"))])

        _, (record,) = carried_out(script, run("a"))

        assert len(script.notes.of(ReadingFailed)) == 3
        assert (record.outcome, record.unread, record.fault) == (Outcome.SUCCEEDED, None, None)

    def test_a_sign_of_life_says_that_nothing_is_read(self) -> None:
        script, _ = self.deployed([self.BUILDING, LOST], timeout=300.0)

        signs = script.notes.of(StillUnderWay)
        assert Unread(10, LOST.fault) in [each.unread for sign in signs for each in sign.records]

    def test_an_unknown_status_is_logged_once_and_recorded(self) -> None:
        script, record = self.deployed([Ok(run_of("a", "Running", "Foo"))])

        odd = UnknownStatus((("BUILD_PACKAGE", "Foo"),))
        assert script.notes.of(OddSeen) == [OddSeen(odd)]
        assert (record.outcome, record.reading.odd) == (Outcome.TIMED_OUT, odd)
