"""The error behind a reason, and unexpected things in a reading."""

from datetime import UTC, datetime

import pytest

from dataworks_deploy.domain.ending import Fault, Symptom
from dataworks_deploy.domain.model import Creation, DeployType, ObjectId, Run, RunId, Stage
from dataworks_deploy.domain.outcome import End
from dataworks_deploy.domain.reason import (
    MOST_PLACES,
    AnotherFailed,
    AnswerLost,
    BrokenOff,
    BrokenStage,
    Conflict,
    CreationRefused,
    DeadlinePassed,
    EarlierUnreadable,
    InFlight,
    LostSight,
    NoAccess,
    NotElected,
    NotOfWorkspace,
    NotSent,
    NotTakenUp,
    ObjectUnreadable,
    Odd,
    Reason,
    RefusedForNow,
    StageRefused,
    StepCancelled,
    Succeeded,
    UnknownStatus,
    fault_of,
    is_withdrawn,
    odd_of,
)
from dataworks_deploy.domain.reconcile import Mark

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MARKED = str(Mark("A" * 26, 1))
OBJECT, R = ObjectId("1"), RunId("r")
MARK = Mark("A" * 26, 1)
NO, LAST = Fault("no", "Throttling"), Fault(symptom=Symptom.CLOSED)
BUILD = Stage("BUILD", "", 1, "Build", "Running")
RUN = Run(R, "Running", stages=(BUILD,))
CREATION = Creation(1, OBJECT, DeployType.ONLINE)


@pytest.mark.parametrize(
    ("reason", "fault"),
    [
        (None, None),
        (Succeeded(), None),
        (InFlight(MARK), None),
        (NotTakenUp(R, End.CANCEL), None),
        (AnotherFailed(NO), None),
        (AnswerLost(CREATION, MARK, (NO, NO, LAST), NOON, unread=NO), LAST),
        (Conflict(RUN, MARK, DeployType.ONLINE, LAST), LAST),
        (StepCancelled(None, NO), NO),
        (BrokenOff(None, NO), NO),
        (DeadlinePassed(None, NO), NO),
        (DeadlinePassed(R), None),
        (RefusedForNow(NO), NO),
        (CreationRefused(NO), NO),
        (NotSent(NO), NO),
        (EarlierUnreadable("A", NO), NO),
        (StageRefused(R, BUILD, NO), NO),
        (LostSight(R, NO), NO),
        (NotElected(R, NO), NO),
        (NotOfWorkspace(R, 1, NO), NO),
        (NotOfWorkspace(R, 1), None),
        (ObjectUnreadable(R, OBJECT, NO), NO),
        (NoAccess(NO), NO),
    ],
)
def test_a_reason_names_the_error_that_caused_it(reason: Reason | None, fault: Fault | None) -> None:
    assert fault_of(reason) == fault


def run_of(status: str, *statuses: str) -> Run:
    """A run with stages of these statuses, named by number, listed in reverse."""
    stages = [Stage(str(step), "", step, "Build", each) for step, each in enumerate(statuses)]
    return Run(R, status, stages=tuple(reversed(stages)))


@pytest.mark.parametrize(
    ("run", "odd"),
    [
        (run_of("Success", "Fail", "Termination", "Cancel"), None),
        (run_of("Running", "Success", "Running", "Init"), None),
        (run_of("Paused", "", "Init"), UnknownStatus(((None, "Paused"), ("0", "")))),
        (run_of("Running", "Fail", "Foo"), UnknownStatus((("1", "Foo"),))),
        (run_of("Fail", *["Foo"] * 9), UnknownStatus(tuple((str(n), "Foo") for n in range(MOST_PLACES)))),
        *[
            (
                run_of("Running", "Success", end, "Fail"),
                BrokenStage(Stage("1", "", 1, "Build", end), "Running"),
            )
            for end in ("Fail", "Termination", "Cancel")
        ],
    ],
)
def test_a_reading_shows_what_is_unexpected(run: Run, odd: Odd | None) -> None:
    assert odd_of(run) == odd


@pytest.mark.parametrize(
    ("status", "prod", "description", "withdrawn"),
    [
        ("Termination", "Init", MARKED, True),
        ("Cancel", "Init", MARKED, True),
        ("Fail", "Init", MARKED, False),
        ("Termination", "Fail", MARKED, False),
        ("Termination", "Init", "by hand", False),
    ],
)
def test_a_run_with_a_mark_that_ended_before_production_was_most_likely_withdrawn(
    status: str, prod: str, description: str, *, withdrawn: bool
) -> None:
    stages = (Stage("PROD", "", 1, "Deploy", prod),)

    assert is_withdrawn(Run(RunId("r"), status, description=description, stages=stages)) is withdrawn
