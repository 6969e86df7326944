"""A long silence is noticed, and everything is passed on."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from dataworks_deploy.domain.event import CreationRepeated, RunAbolished, RunsUnread
from dataworks_deploy.domain.model import Creation, DeployType, RunId
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import Planned
from dataworks_deploy.domain.record import Record
from dataworks_deploy.engine.ledger import HEARTBEAT, Progress

from .world import OBJECT, Scripted

WORD, RECORD = CreationRepeated(), Record(OBJECT)
PLANNED = RECORD.ended(
    Outcome.PLANNED, Planned(Creation(1, OBJECT, DeployType.ONLINE)), datetime(2026, 5, 1, tzinfo=UTC)
)


@pytest.mark.parametrize("debugs", [True, False])
def test_everything_is_passed_on(*, debugs: bool) -> None:
    script = Scripted()
    script.notes.debugs = debugs
    progress, now = Progress(script.notes, script.clock), script.clock.utc()

    progress.known([RECORD], 7)
    progress.draw([RECORD], 7, now)
    progress.tell(OBJECT, WORD)
    progress.warn(OBJECT, RunAbolished(RunId("r")))
    progress.debug(RunsUnread(1.0))
    progress.ended(RECORD)

    assert progress.debugs is debugs
    assert (script.notes.written, script.notes.calls) == ([(RECORD,)], [7])
    assert script.notes.drawn == [((RECORD,), 7, now)]
    assert script.notes.over == [RECORD]
    assert script.notes.told == [(OBJECT, WORD)]
    assert script.notes.warned == [(OBJECT, RunAbolished(RunId("r")))]
    assert script.notes.debugged == [RunsUnread(1.0)]


@pytest.mark.parametrize(
    ("say", "breaks"),
    [
        (lambda progress: progress.tell(None, WORD), True),
        (lambda progress: progress.warn(None, WORD), True),
        (lambda progress: progress.ended(RECORD), True),
        (lambda progress: progress.ended(PLANNED), False),
        (lambda progress: progress.debug(WORD), False),
    ],
)
@pytest.mark.parametrize("when", [0.5, 20.0])
def test_the_silence_begins_with_the_last_message(
    say: Callable[[Progress], None], when: float, *, breaks: bool
) -> None:
    script = Scripted()
    progress = Progress(script.notes, script.clock)
    script.time.at(when, lambda: say(progress))

    script.play(progress.until_silent())

    assert script.ended_at == HEARTBEAT + (when if breaks else 0)
