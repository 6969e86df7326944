"""A silence that lasts is noticed, and everything is passed on."""

from dataworks_deploy.app.progress import HEARTBEAT, Progress
from dataworks_deploy.domain.outcome import ObjectResult

from .world import OBJECT, Scripted


def test_everything_is_passed_on() -> None:
    script = Scripted()
    progress, result = Progress(script.notes, script.clock), ObjectResult(OBJECT)

    progress.known([result], 7)
    progress.draw([result], 7, script.clock.utc())
    progress.tell(OBJECT, "told")
    progress.warn(OBJECT, "warned")
    progress.debug("debugged")
    progress.ended(result)

    assert script.notes.written == [(result,)]
    assert script.notes.drawn == [((result,), 7)]
    assert script.notes.over == [(OBJECT, "")]
    assert script.notes.told == [(OBJECT, "told")]
    assert script.notes.warned == [(OBJECT, "warned")]
    assert script.notes.debugged == ["debugged"]


def test_the_silence_begins_with_the_last_word() -> None:
    script = Scripted()
    progress = Progress(script.notes, script.clock)
    script.time.at(10, lambda: progress.tell(None, "a word"))
    script.time.at(20, lambda: progress.warn(None, "a warning"))
    script.time.at(30, lambda: progress.debug("for nobody"))

    async def work() -> float:
        await progress.until_silent()
        return script.time.now

    assert script.play(work()) == 20 + HEARTBEAT
