"""What is known is written through at once, and nothing that was said is lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from dataworks_deploy.app.ledger import Ledger

from dataworks_deploy.domain.model import ObjectId, RunId, Stage
from dataworks_deploy.domain.outcome import ObjectResult, Outcome

from ...simulation.virtual import EPOCH
from .world import OBJECT, Scripted, run_of

NOW = datetime.fromtimestamp(EPOCH, UTC)


@pytest.fixture
def script() -> Scripted:
    return Scripted()


@pytest.fixture
def ledger(script: Scripted) -> Ledger:
    return Ledger([ObjectResult(OBJECT), ObjectResult(ObjectId("2"))], script.notes, script.clock)


def test_at_first_nothing_was_started(ledger: Ledger) -> None:
    assert [(entry.object_id, entry.outcome) for entry in ledger.results] == [
        (OBJECT, Outcome.SKIPPED),
        ("2", Outcome.SKIPPED),
    ]
    assert ledger.own == {}


def test_the_beginning_has_a_time(ledger: Ledger) -> None:
    ledger.begin(OBJECT)

    assert ledger[OBJECT].started_at == NOW


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": Outcome.UNKNOWN},
        {"run_id": RunId("r")},
        {"request_id": "R"},
        {"own": True},
        {"remark": "look"},
    ],
)
def test_what_must_not_be_lost_is_written_at_once_and_only_once(
    script: Scripted, ledger: Ledger, change: dict[str, object]
) -> None:
    for _ in range(2):
        ledger.note(OBJECT, **change)

    assert script.notes.written == [ledger.left]


@pytest.mark.parametrize(
    "change", [{"status": "Running"}, {"stage": "PROD"}, {"message": "text"}, {"attempts": 2}]
)
def test_what_can_be_read_again_is_not(script: Scripted, ledger: Ledger, change: dict[str, object]) -> None:
    ledger.note(OBJECT, **change)

    assert script.notes.written == []
    assert vars_of(ledger) >= change.items()


def vars_of(ledger: Ledger) -> set[tuple[str, object]]:
    entry = ledger[OBJECT]
    return {(name, getattr(entry, name)) for name in ("status", "stage", "message", "attempts")}


def test_own_runs_are_those_with_our_mark(ledger: Ledger) -> None:
    ledger.note(OBJECT, run_id=RunId("r"), own=True)
    ledger.note(ObjectId("2"), run_id=RunId("s"))

    assert ledger.own == {OBJECT: "r"}


def test_a_run_that_is_not_known_is_not_ours(ledger: Ledger) -> None:
    ledger.note(OBJECT, own=True)

    assert ledger.own == {}


def test_remarks_add_up_and_stay_to_the_end(ledger: Ledger) -> None:
    ledger.note(OBJECT, message="So far.")
    ledger.remark(OBJECT, "First.")
    ledger.remark(OBJECT, "Second.")

    assert ledger[OBJECT].remark == "First. Second."
    assert ledger[OBJECT].message == "So far. First. Second."

    ledger.end(OBJECT, Outcome.FAILED, "Over.", status="Fail")

    entry = ledger[OBJECT]
    assert (entry.outcome, entry.message, entry.status) == (Outcome.FAILED, "Over. First. Second.", "Fail")
    assert entry.finished_at == NOW


def test_without_a_remark_a_message_stands_alone(ledger: Ledger) -> None:
    ledger.remark(OBJECT, "Only.")
    ledger.end(ObjectId("2"), Outcome.SUCCEEDED, "")

    assert (ledger[OBJECT].message, ledger[OBJECT].remark) == ("Only.", "Only.")
    assert ledger[ObjectId("2")].message == ""


def test_what_was_never_started_has_no_end(ledger: Ledger) -> None:
    ledger.end(OBJECT, Outcome.SKIPPED, "Not started.")

    assert ledger[OBJECT].finished_at is None


def test_a_reading_leaves_status_and_stage(ledger: Ledger) -> None:
    ledger.see(OBJECT, run_of("r", "Running", "Success", "Running"))
    assert (ledger[OBJECT].status, ledger[OBJECT].stage) == ("Running", "PROD_CHECK")


def test_a_reading_that_lags_takes_no_stage_back(ledger: Ledger) -> None:
    ledger.note(OBJECT, stage="PROD_CHECK")

    ledger.see(OBJECT, run_of("r", "Running", "Success"))
    assert (ledger[OBJECT].status, ledger[OBJECT].stage) == ("Running", "PROD_CHECK")

    ledger.see(OBJECT, run_of("r", "Fail", "Fail"))
    assert (ledger[OBJECT].status, ledger[OBJECT].stage) == ("Fail", "BUILD_PACKAGE")


def test_a_kill_leaves_no_success_behind_that_was_not_asked_for(script: Scripted, ledger: Ledger) -> None:
    ledger.called(1)
    ledger.note(OBJECT, outcome=Outcome.CREATED, run_id=RunId("r"))

    left = script.notes.written[-1][0]
    assert (ledger[OBJECT].outcome, left.outcome, left.run_id) == (Outcome.CREATED, Outcome.CANCELLED, "r")
    assert "run-ids: r" in left.message
    assert script.notes.calls == [1]

    ledger.remark(OBJECT, "Look twice.")
    assert script.notes.written[-1][0].message.endswith("Look twice.")

    ledger.end(OBJECT, Outcome.CREATED, "")
    assert script.notes.written[-1][0] is ledger.left[0] is ledger[OBJECT]


def test_a_stage_that_is_over_at_a_later_reading_ran_between_the_two(
    script: Scripted, ledger: Ledger
) -> None:
    ledger.see(OBJECT, run_of("r", "Running", "Success"))
    script.time.now = 60.0
    span = ledger.see(OBJECT, run_of("r", "Running", "Success", "Success")).spans[1]

    assert (span.began, span.ended, span.timed) == (NOW, NOW + timedelta(minutes=1), True)


@pytest.mark.parametrize(
    ("asked_for", "seconds", "timed"), [(True, 0, True), (True, -1, False), (False, 0, False)]
)
def test_a_stage_that_is_over_at_the_first_reading_has_times_only_if_this_step_asked_for_its_run(
    script: Scripted, ledger: Ledger, asked_for: bool, seconds: int, timed: bool
) -> None:
    if asked_for:
        ledger.note(OBJECT, outcome=Outcome.UNKNOWN, attempts=1)
    stages = (Stage("BUILD", "", 1, "Build", "Success"),)
    run = run_of("r", at=int((EPOCH + seconds) * 1000))
    (span,) = ledger.see(OBJECT, replace(run, stages=stages)).spans

    assert span.timed == timed
