"""One of several runs with the same mark is followed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.event import MissingFromList, ReadingFailed, Twins
from dataworks_deploy.domain.model import AbolishPipelineRun, GetPipelineRun, ListPipelineRuns, Run, RunId
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import (
    DuplicateAdvanced,
    DuplicateOpen,
    Duplicates,
    Elected,
    InFlight,
    LostSight,
    Note,
    NotElected,
    OtherAbolished,
    OtherEnded,
)
from dataworks_deploy.domain.reconcile import Claim, Mark
from dataworks_deploy.domain.record import HeldRun, Record, Whose
from dataworks_deploy.engine.rivals import TRIES, Opened, Rivals

from .world import LOST, OBJECT, Scripted, page_of, refused, run_of

MARK = Mark("A" * 26, 1)
PROJECT, SETTLE = 10001, 8.0
A, B, C, D = (RunId(each) for each in "abcd")
DOUBTFUL = Opened(B, MARK, sure=False)
OK = Ok(None)


def ours(name: str, at: int = 0, *statuses: str, status: str = "Running") -> Run:
    return run_of(name, status, *statuses, description=f"{MARK} note", at=at)


def still_open(operation: GetPipelineRun) -> Ok[Run]:
    return Ok(ours(operation.run_id))


def service(
    page: Sequence[Any], abolish: Sequence[Any] = (OK,), run: Sequence[Any] = (still_open,)
) -> Scripted:
    return Scripted(page=page, abolish=abolish, run=run)


def tried(script: Scripted, opened: Opened, seen: Run | None = None) -> tuple[Opened | None, Record]:
    """Hold the election. Returns the run to follow, if there is one, and the record."""
    now = script.clock.utc()
    record = Record(OBJECT).begun(now).requested(InFlight(MARK), "nonce", now).answered("R-0")
    whose, claim = (Whose.OWN, Claim(opened.mark)) if opened.mark else (Whose.FOREIGN, None)
    record = record.opened(opened.run_id, whose, adopted=False, claim=claim)
    if opened.twins:
        record = record.noted(Duplicates(tuple(run.id for run in opened.twins)))
    ledger = script.ledger(record.read(seen, now) if seen else record)
    winner = script.play(
        Rivals(script.world, ledger, PROJECT, settle=SETTLE, continues=lambda _: True).hold(OBJECT, opened)
    )
    return winner, ledger[OBJECT]


def held(script: Scripted, opened: Opened = DOUBTFUL, seen: Run | None = None) -> tuple[RunId, Record]:
    """The same, if there is a run to follow."""
    winner, record = tried(script, opened, seen)
    assert winner
    assert winner.run_id == record.run_id
    return winner.run_id, record


def abolished(script: Scripted) -> list[RunId]:
    return [operation.run_id for operation in script.service.of("abolish")]


@pytest.mark.parametrize("opened", [replace(DOUBTFUL, sure=True), replace(DOUBTFUL, mark=None)])
def test_runs_that_are_certain_or_not_ours_are_not_looked_up(opened: Opened) -> None:
    script = Scripted()

    assert tried(script, opened)[0] == opened
    assert script.service.calls == []


@pytest.mark.parametrize(
    "other",
    [run_of("x", description="[dwd1:" + "B" * 26 + ":g1]"), replace(ours("a", 1), project_id=20002)],
    ids=["of another job", "of another workspace"],
)
def test_a_run_without_rivals_is_followed(other: Run) -> None:
    script = Scripted(page=[page_of(ours("b", 2), other)])

    winner, record = held(script)

    assert (winner, record.request.id, record.adopted, record.notes) == (B, "R-0", False, ())
    assert [operation for _, operation in script.service.calls] == [ListPipelineRuns(OBJECT)]
    assert script.notes.warned == []


def test_a_shifting_list_still_shows_existing_rivals() -> None:
    old = [run_of(f"old-{number}", "Success") for number in range(98)]
    pages = [
        page_of(*rows, total=101)
        for number in range(6)
        for rows in ([ours("b", 2), ours("a", 1), *old], [run_of(f"new-{number}", "Success")])
    ]

    script = service(pages)

    assert held(script)[0] == A
    assert abolished(script) == [B]
    assert len(script.service.of("page")) == 12


def test_the_oldest_wins_and_the_other_is_abolished() -> None:
    script = service([page_of(ours("b", 2), ours("a", 1))])

    winner, record = held(script)

    assert (winner, record.run) == (A, HeldRun(A, Whose.OWN, adopted=True))
    assert record.request.id is None, "it was the other's"
    assert record.notes == (Duplicates((B,)), Elected(A, B), OtherAbolished(B))
    assert abolished(script) == [B]
    assert script.notes.warned == [(OBJECT, Twins(A, (B,)))]
    assert script.notes.told == [(OBJECT, OtherAbolished(B))]


def test_our_run_keeps_its_record_if_it_wins() -> None:
    script = service([page_of(ours("b", 1), ours("c", 2), ours("d", 3))])

    winner, record = held(script)

    assert (winner, record.request.id, record.adopted) == (B, "R-0", False)
    assert abolished(script) == [C, D]


@pytest.mark.parametrize(
    ("statuses", "stage", "timed"),
    [([], None, []), (["Running"], "BUILD_PACKAGE", [True]), (["Success"], "BUILD_PACKAGE", [False])],
)
def test_the_winner_does_not_inherit_readings_of_another_run(
    statuses: list[str], stage: str | None, timed: list[bool]
) -> None:
    ended = ours("b", 1, "Success", status="Cancel")
    script = Scripted(page=[page_of(ended, ours("c", 2, *statuses))])

    winner, record = held(script, seen=ended)

    assert winner == C
    assert (record.reading.status, record.reading.stage) == ("Running", stage)
    assert [(span.code, span.status) for span in record.reading.spans] == [(stage, each) for each in statuses]
    assert [span.timed for span in record.reading.spans] == timed, "when it ran that was over is not known"


class TestNames:
    """Duplicates are named before anything is done. Each is named once."""

    @pytest.mark.parametrize(
        ("listed", "twins", "named"),
        [
            ([ours("b", 1), ours("c", 2), ours("d", 3)], (), (C, D)),
            ([ours("b", 1), ours("c", 2), ours("d", 3)], (C,), (D,)),
            ([ours("b", 1)], (C, D), ()),
            ([ours("b", 1), ours("c", 2), ours("a", 0)], (C,), (B,)),
        ],
    )
    def test_duplicates_are_named_unless_they_were_before(
        self, listed: list[Run], twins: tuple[RunId, ...], named: tuple[RunId, ...]
    ) -> None:
        script = service([page_of(*listed)])

        _, record = held(script, replace(DOUBTFUL, twins=tuple(ours(each, 2) for each in twins)))

        said = [note.run_ids for note in record.notes if isinstance(note, Duplicates)]
        assert said == [each for each in (twins, named) if each]
        assert sorted(abolished(script)) == sorted({*named, *twins})

    def test_a_duplicate_that_appears_before_our_run_is_named_at_once(self) -> None:
        rival = page_of(ours("c", 2))
        script = service([page_of(), rival, rival, page_of(ours("b", 1), ours("c", 2))])

        _, record = held(script)

        assert record.notes == (Duplicates((C,)), OtherAbolished(C))
        assert script.notes.written[0][0].notes == (Duplicates((C,)),)


@pytest.mark.parametrize(
    ("rival", "note"),
    [
        (ours("c", 2, "Success", "Success"), DuplicateAdvanced(C)),
        (ours("c", 0, status="Fail"), OtherEnded(C, "Fail")),
        (ours("c", 0, "Success", "Fail", status="Fail"), OtherEnded(C, "Fail")),
    ],
    ids=["advanced", "ended", "failed although it was advanced"],
)
def test_duplicates_that_have_ended_or_were_advanced_are_left(rival: Run, note: Note) -> None:
    script = Scripted(page=[page_of(ours("b", 1, "Success", "Running"), rival)])

    winner, record = held(script)

    assert (winner, record.notes[1:]) == (B, (note,))
    warned = [event for _, event in script.notes.warned]
    assert warned == [Twins(B, (C,)), *([note] if isinstance(note, DuplicateAdvanced) else [])]


def test_of_two_readings_of_a_rival_the_later_one_counts() -> None:
    script = Scripted(page=[page_of(ours("b", 1), ours("c", 0, status="Cancel"))])

    winner, record = held(script, replace(DOUBTFUL, twins=(ours("c", 0),)))

    assert (winner, record.notes[1:]) == (B, (OtherEnded(C, "Cancel"),))


def test_an_active_run_of_an_earlier_generation_is_abolished_and_never_followed() -> None:
    second = replace(DOUBTFUL, mark=Mark(MARK.intent, 2))
    page = page_of(
        run_of("b", "Running", description=f"{second.mark} note", at=3),
        ours("a", 1),
        ours("c", 2, status="Fail"),
        run_of("d", "Running", description=f"[dwd1:{MARK.intent}:g3]"),
    )
    script = service([page])

    winner, record = held(script, second)

    assert (winner, abolished(script)) == (B, [A])
    assert record.notes == (Duplicates((A,)), OtherAbolished(A))


class TestTheList:
    SHOWS = page_of(ours("b"))

    @pytest.mark.parametrize(
        ("page", "delay", "times"),
        [
            ([page_of(), page_of(), SHOWS], 0.0, [0, 2, 4]),
            ([page_of(), page_of(), SHOWS], 3.0, [0, 3, 6]),
            ([LOST, LOST, refused(Refusal.UNREACHABLE, 9.0), SHOWS], 0.0, [0, 0.75, 2.25, 11.25]),
        ],
        ids=["lags", "comes late", "fails"],
    )
    def test_the_list_is_read_until_it_shows_our_run(
        self, page: list[Any], delay: float, times: list[float]
    ) -> None:
        script = Scripted(page=page)
        script.service.delay = delay

        assert held(script)[0] == B
        assert script.service.times("page") == times

    def test_failed_readings_are_logged(self) -> None:
        script = Scripted(page=[LOST, self.SHOWS])

        held(script)

        assert script.notes.told == [(OBJECT, ReadingFailed(None, 1, LOST.fault))]

    @pytest.mark.parametrize("why", [Refusal.DENIED, Refusal.EXPIRED, Refusal.QUOTA_SPENT])
    @pytest.mark.parametrize("listed", [False, True])
    def test_a_list_that_cannot_be_read_any_more_is_not_waited_for(
        self, why: Refusal, *, listed: bool
    ) -> None:
        """Nothing is advanced without a reading, and the step does not wait for the deadline: the run may still
        proceed.
        """
        no = refused(why)
        script = Scripted(page=[page_of()] if listed else [LOST, no, LOST, no], run=[no])

        winner, record = tried(script, DOUBTFUL)

        assert (winner, record.outcome, record.fault) == (None, Outcome.TIMED_OUT, no.fault)
        assert record.reason == (LostSight(B, no.fault) if listed else NotElected(B, no.fault))
        assert len(script.service.calls) == (4 + 3 if listed else 6)

    def test_a_refusal_now_and_then_is_retried(self) -> None:
        no = refused(Refusal.DENIED)
        script = Scripted(page=[no, no, page_of(), no, no, self.SHOWS])

        assert held(script)[0] == B

    def test_a_run_that_the_list_never_shows_is_read_by_itself_and_still_has_rivals(self) -> None:
        script = service([page_of(ours("a", 1))], run=[LOST, LOST, Ok(ours("b", 2))])

        assert held(script)[0] == A
        assert script.service.times("page") == [0, 2, 4, SETTLE]
        assert script.service.of("run") == [GetPipelineRun(B)] * 4
        assert [event for _, event in script.notes.warned][:2] == [Twins(B, (A,)), MissingFromList(B)]
        assert script.notes.told[0] == (OBJECT, ReadingFailed(B, 1, LOST.fault))
        assert abolished(script) == [B]


class TestAbolition:
    PAGE = page_of(ours("b", 1), ours("c", 2))
    ADVANCED, GONE = ours("c", 2, "Success", "Running"), ours("c", 2, status="Termination")

    @pytest.mark.parametrize(
        ("run", "abolish", "calls", "note"),
        [
            ([LOST, still_open], [LOST, OK], ["run", *["run", "abolish"] * 2], OtherAbolished(C)),
            ([still_open, Ok(GONE)], [LOST], ["run", "abolish", "run"], OtherEnded(C, "Termination")),
            ([still_open, Ok(ADVANCED)], [LOST], ["run", "abolish", "run"], DuplicateAdvanced(C)),
        ],
        ids=["is tried again", "has happened after all", "is not tried on one that was advanced meanwhile"],
    )
    def test_a_lost_abolition(self, run: list[Any], abolish: list[Any], calls: list[str], note: Note) -> None:
        script = service([self.PAGE], abolish, run)

        _, record = held(script)

        assert script.service.names[1:] == calls
        assert record.notes[1:] == (note,)
        assert {*script.service.of("run")} == {GetPipelineRun(C)}

    def test_an_abolition_refused_for_now_is_repeated_when_the_service_says(self) -> None:
        script = service([self.PAGE], [refused(Refusal.THROTTLED, 9.0), OK])

        held(script)

        assert script.service.times("abolish") == pytest.approx([0, 9])

    def test_an_abolition_refused_for_good_is_reported_and_the_next_one_tried(self) -> None:
        no = refused(Refusal.DENIED)
        listed = page_of(ours("b", 1), ours("c", 2), ours("d", 3))
        script = service([listed], [*[no] * TRIES, OK])

        _, record = held(script)

        assert script.service.of("abolish") == [*[AbolishPipelineRun(C)] * TRIES, AbolishPipelineRun(D)]
        assert record.notes[1:] == (DuplicateOpen(C, no.fault), OtherAbolished(D))
        assert script.notes.warned[1] == (OBJECT, DuplicateOpen(C, no.fault))
        assert script.notes.told == [(OBJECT, OtherAbolished(D))]
