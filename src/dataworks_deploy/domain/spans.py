"""When the stages of a run were seen to begin and to end: the service itself gives no times for stages."""

from dataclasses import dataclass, replace
from datetime import datetime

from .model import INIT, TERMINAL, Run, Stage

# An answer may claim ten thousand stages; real runs have fewer than ten.
MOST_SPANS = 40


@dataclass(frozen=True, slots=True)
class Span:
    """One stage as the readings showed it. `ended` is None while it was not seen to have ended.

    It is not `timed` where the stage was over when its run was first read: nobody knows when it ran.
    """

    code: str
    status: str
    began: datetime
    ended: datetime | None = None
    timed: bool = True


Spans = tuple[Span, ...]


def seen(spans: Spans, run: Run, now: datetime, last: datetime | None) -> Spans:
    """The spans after one more reading, in the order of the stages; the same value where it shows nothing new.

    `last` is when the run was read before, or asked for; None where nothing is known of that. A stage that began and
    ended since began then, or when the stage before it had ended, for all that is known.
    """
    known = {span.code: span for span in spans}
    stages = [stage for stage in run.ordered if stage.status != INIT or stage.code in known]
    after: list[Span] = []
    for stage in stages[:MOST_SPANS]:
        before = after[-1].ended if after else None
        since = max(last, before) if last and before else last
        after.append(_span(known.get(stage.code), stage, since, now))
    return spans if after == [*spans] or not after else tuple(after)


def _span(known: Span | None, stage: Stage, since: datetime | None, now: datetime) -> Span:
    over = stage.status in TERMINAL
    if known is None:
        began = since if since and over else now
        return Span(stage.code, stage.status, began, now if over else None, timed=bool(since) or not over)
    # Lists lag behind: what was seen to have ended does not run again.
    if known.ended or stage.status in {INIT, known.status}:
        return known
    return replace(known, status=stage.status, ended=now if over else None)
