"""A history for people: what was arranged, what the steps wrote, and what the service did."""

from collections.abc import Iterator
from dataclasses import fields

from .actor import Attempt
from .operations import GET
from .outputs import read_results
from .play import History
from .schedule import Schedule
from .virtual import EPOCH

AN_AGE = 12 * 3600.0


def story(history: History) -> str:
    """The whole history in the order of time."""
    return "\n".join([arranged(history.schedule), "", *_steps(history), "", *_service(history)])


def arranged(schedule: Schedule) -> str:
    """The schedule as the expression that makes it, without default values."""
    return _shown(schedule)


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(_shown(each) for each in value)}{',' if len(value) == 1 else ''})"
    if not hasattr(value, "__dataclass_fields__"):
        return repr(value)
    kind = type(value)
    parts = []
    for each in fields(kind):  # type: ignore[arg-type]
        given = getattr(value, each.name)
        if given != each.default:
            parts.append(f"{each.name}={_shown(given)}")
    return f"{kind.__name__}({', '.join(parts)})"


def _steps(history: History) -> Iterator[str]:
    for attempt in history.attempts:
        how = "killed" if attempt.killed else f"exit status {attempt.status}"
        until = "the end" if attempt.ended is None else f"{attempt.ended:.2f} s"
        yield f"{attempt.caller}: job {attempt.job}, {attempt.began:.2f} s to {until}, {how}"
        yield from (f"    {line}" for line in attempt.runner.lines)
        yield from _results(attempt)


def _results(attempt: Attempt) -> Iterator[str]:
    try:
        for result in read_results(attempt, []):
            yield f"    = {result['object_id']} {result['outcome']} {result['run_id']}"
    except (KeyError, ValueError) as error:
        yield f"    outputs that cannot be read: {error!r}"


def _service(history: History) -> Iterator[str]:
    for event in history.service.truth.events:
        at = event["time"] - EPOCH
        if at < history.schedule.begin - AN_AGE:
            continue  # the runs of one action, which gives their number
        rest = {
            name: value for name, value in event.items() if name not in {"seq", "time", "event", "params"}
        }
        if event["event"] == "received" and event["action"] == GET and not event["fault"]:
            continue  # hundreds of events that change nothing
        if event["event"] == "received":
            yield f"{at:9.2f} {event['who']} {event['action']} {event['call']} {event['fault'] or ''}"
        elif event["event"] != "answered":
            yield f"{at:9.2f} {event['event']} {rest}"
