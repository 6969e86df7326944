"""Facts are saved at once. test_record checks how a record changes."""

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


def test_at_first_nothing_is_started_or_saved(script: Scripted, ledger: Ledger) -> None:
    assert ledger.records == ledger.left == (BEGUN, Record(OTHER))
    assert [each.outcome for each in ledger.records] == [Outcome.SKIPPED] * 2
    assert (ledger.own, script.notes.written) == ({}, [])
    assert not ledger.noted.is_set()


def test_selected_objects_replace_the_given_ones_and_are_saved(script: Scripted, ledger: Ledger) -> None:
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
def test_facts_that_must_not_be_lost_are_saved_at_once_and_once(
    script: Scripted, ledger: Ledger, change: Callable[[Record], Record]
) -> None:
    ledger.called(3)
    record = change(ledger[OBJECT])

    assert ledger.put(record) is ledger.put(record) is ledger[OBJECT]

    assert (script.notes.written, script.notes.calls) == ([ledger.left], [3])
    assert ledger.noted.is_set()
    assert ledger.written.is_set()


def test_telling_production_to_change_is_saved(script: Scripted, ledger: Ledger) -> None:
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
def test_facts_that_can_be_read_again_are_not_saved(
    script: Scripted, ledger: Ledger, change: Callable[[Record], Record]
) -> None:
    ledger.put(OPEN)
    written = len(script.notes.written)

    record = ledger.put(change(ledger[OBJECT]))

    assert ledger[OBJECT] is record
    assert len(script.notes.written) == written


def test_a_reading_without_news_changes_only_its_time(ledger: Ledger) -> None:
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


def test_until_its_end_an_object_is_saved_as_a_kill_would_leave_it(script: Scripted, ledger: Ledger) -> None:
    ledger.put(OPEN)

    left = script.notes.written[-1][0]
    assert (left.outcome, left.reason) == (Outcome.CANCELLED, Killed(R))
    assert (ledger[OBJECT].outcome, script.notes.over) == (Outcome.CREATED, [])

    done = ledger.put(OPEN.ended(Outcome.CREATED, LeftOpen(), NOW))

    assert script.notes.written[-1][0] is ledger.left[0] is done
    assert script.notes.over == [done]


def test_the_end_of_an_object_is_reported_once(script: Scripted, ledger: Ledger) -> None:
    done = ledger.put(OPEN.ended(Outcome.CREATED, LeftOpen(), NOW))
    ledger.put(done.noted(Inside(Node("a/b"))))

    assert script.notes.over == [done]
