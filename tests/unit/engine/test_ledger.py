"""What is known is written through at once; how a record changes is held where it is made."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.model import Node, ObjectId, RunId
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import Inside, Killed, LeftOpen
from dataworks_deploy.domain.reconcile import Claim, Mark
from dataworks_deploy.domain.record import Record, Unread, Waits, Whose
from dataworks_deploy.engine.ledger import Ledger

from .world import OBJECT, Scripted, run_of

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
OTHER = ObjectId("2")
R = RunId("r")
BEGUN = Record(OBJECT).begun(NOW)
OPEN = BEGUN.opened(R, Whose.OWN, adopted=False, claim=Claim(Mark("A" * 26, 1)))


@pytest.fixture
def script() -> Scripted:
    return Scripted()


@pytest.fixture
def ledger(script: Scripted) -> Ledger:
    return script.ledger(BEGUN, Record(OTHER))


def test_at_first_nothing_was_started_and_nothing_is_written(script: Scripted, ledger: Ledger) -> None:
    assert ledger.records == ledger.left == (BEGUN, Record(OTHER))
    assert [each.outcome for each in ledger.records] == [Outcome.SKIPPED] * 2
    assert (ledger.own, script.notes.written) == ({}, [])
    assert not ledger.noted.is_set()


def test_objects_that_are_chosen_take_the_place_of_what_was_given_and_are_written(
    script: Scripted, ledger: Ledger
) -> None:
    ledger.called(2)
    chosen = (Record(ObjectId("3")), Record(OTHER))

    ledger.open(chosen)

    assert ledger.records == ledger.left == chosen
    assert (script.notes.written, script.notes.calls) == ([chosen], [2])
    assert ledger.noted.is_set()
    assert ledger.written.is_set()
    assert script.notes.over == []


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.opened(R, Whose.FOREIGN, adopted=True),
        lambda record: record.answered("R-1"),
        lambda record: record.noted(Inside(Node("a/b"))),
        lambda record: record.ended(Outcome.FAILED, LeftOpen(), NOW),
    ],
    ids=["run", "RequestId", "note", "outcome"],
)
def test_what_must_not_be_lost_is_written_at_once_and_only_once(
    script: Scripted, ledger: Ledger, change: Callable[[Record], Record]
) -> None:
    ledger.called(3)
    record = change(ledger[OBJECT])

    assert ledger.put(record) is ledger.put(record) is ledger[OBJECT]

    assert (script.notes.written, script.notes.calls) == ([ledger.left], [3])
    assert ledger.noted.is_set()
    assert ledger.written.is_set()


def test_that_production_was_told_to_change_is_written(script: Scripted, ledger: Ledger) -> None:
    ledger.put(ledger.put(OPEN).executing(7.0))

    assert [each.told_at for each, _ in script.notes.written] == [None, 7.0]


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.read(run_of("r", "Running", "Success"), NOW),
        lambda record: record.at_stage("PROD"),
        lambda record: record.waits_for(Waits("PROD")),
        lambda record: record.reading_failed(Unread(3, Fault("no"))),
        lambda record: record.executing(None),
    ],
)
def test_what_can_be_read_again_is_not(
    script: Scripted, ledger: Ledger, change: Callable[[Record], Record]
) -> None:
    ledger.put(OPEN)
    written = len(script.notes.written)

    record = ledger.put(change(ledger[OBJECT]))

    assert ledger[OBJECT] is record
    assert len(script.notes.written) == written


def test_a_reading_that_shows_nothing_new_is_no_news_but_for_when_it_was(ledger: Ledger) -> None:
    run, later = run_of("r", "Running", "Success"), NOW + timedelta(minutes=1)
    ledger.put(OPEN.read(run, NOW))
    ledger.noted.clear()

    ledger.put(ledger[OBJECT].read(run, later))

    assert not ledger.noted.is_set()
    assert ledger[OBJECT].reading.since == later


def test_own_runs_are_those_with_this_jobs_mark(ledger: Ledger) -> None:
    ledger.put(OPEN)
    ledger.put(Record(OTHER).begun(NOW).opened(RunId("s"), Whose.FOREIGN, adopted=True))

    assert ledger.own == {OBJECT: R}


def test_what_would_be_left_by_a_kill_is_what_is_written_until_the_object_has_ended(
    script: Scripted, ledger: Ledger
) -> None:
    ledger.put(OPEN)

    left = script.notes.written[-1][0]
    assert (left.outcome, left.reason) == (Outcome.CANCELLED, Killed(R))
    assert (ledger[OBJECT].outcome, script.notes.over) == (Outcome.CREATED, [])

    done = ledger.put(OPEN.ended(Outcome.CREATED, LeftOpen(), NOW))

    assert script.notes.written[-1][0] is ledger.left[0] is done
    assert script.notes.over == [done]


def test_that_an_object_has_ended_is_said_once(script: Scripted, ledger: Ledger) -> None:
    done = ledger.put(OPEN.ended(Outcome.CREATED, LeftOpen(), NOW))
    ledger.put(done.noted(Inside(Node("a/b"))))

    assert script.notes.over == [done]
