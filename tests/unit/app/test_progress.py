"""A silence that lasts is noticed, and everything is passed on."""

from collections.abc import Callable

import pytest
from dataworks_deploy.app.progress import HEARTBEAT, Progress

from dataworks_deploy.domain.outcome import ObjectResult

from .world import OBJECT, Scripted


def test_everything_is_passed_on() -> None:
    script = Scripted()
    progress, result, now = Progress(script.notes, script.clock), ObjectResult(OBJECT), script.clock.utc()

    progress.known([result], 7)
    progress.draw([result], 7, now)
    progress.tell(OBJECT, "told")
    progress.warn(OBJECT, "warned")
    progress.debug("debugged")
    progress.ended(result)

    assert (script.notes.written, script.notes.calls) == ([(result,)], [7])
    assert script.notes.drawn == [((result,), 7, now)]
    assert script.notes.over == [(OBJECT, "")]
    assert script.notes.told == [(OBJECT, "told")]
    assert script.notes.warned == [(OBJECT, "warned")]
    assert script.notes.debugged == ["debugged"]


@pytest.mark.parametrize(
    ("say", "breaks"),
    [
        (lambda progress: progress.tell(None, "a word"), True),
        (lambda progress: progress.warn(None, "a warning"), True),
        (lambda progress: progress.ended(ObjectResult(OBJECT)), True),
        (lambda progress: progress.debug("for nobody"), False),
    ],
)
@pytest.mark.parametrize("when", [0.5, 20.0])
def test_the_silence_begins_with_the_last_word(
    say: Callable[[Progress], None], breaks: bool, when: float
) -> None:
    script = Scripted()
    progress = Progress(script.notes, script.clock)
    script.time.at(when, lambda: say(progress))

    script.play(progress.until_silent())

    assert script.ended_at == HEARTBEAT + (when if breaks else 0)
