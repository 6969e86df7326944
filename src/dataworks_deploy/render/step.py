"""Sentences about the step as a whole, lines that sum it up, and annotations of what failed."""

import re
from collections.abc import Sequence

from dataworks_deploy.domain.outcome import Kind, Outcome, Verdict, row_of
from dataworks_deploy.domain.record import Record

from .advice import explain
from .reasons import message
from .report import Report
from .texts import ended_as, number, step_ended_as

LEFT_OPEN = "left open"
MOST_SENTENCE = 200
_SENTENCE = re.compile(r"(?<=[.!?。])\s")


def words(result: Record) -> str:
    """How an object ended, in a word or two: what was only continued was not created."""
    return (
        LEFT_OPEN if result.outcome is Outcome.CREATED and not result.request.attempts else ended_as(result)
    )


def verdict(report: Report) -> str:
    """How the step ended, the same way."""
    opened = {words(result) for result in report.records if result.outcome is Outcome.CREATED}
    return (
        LEFT_OPEN
        if report.verdict is Verdict.CREATED and opened == {LEFT_OPEN}
        else step_ended_as(report.verdict, report.records)
    )


def counted(report: Report) -> str:
    """How the step ended, in numbers."""
    outcomes = [result.outcome for result in report.records]
    good = [words(result) for result in report.records if row_of(result.outcome).good]
    # What was left open or only planned, as asked, has not succeeded yet.
    did = good[0] if len({*good}) == 1 else "ended as asked" if good else "succeeded"
    skipped = outcomes.count(Outcome.SKIPPED)
    rest = f", {skipped:,} not started" if skipped else ""
    return (
        f"{verdict(report)}: {len(good):,} of {number(len(outcomes), 'object')} {did}{rest}, "
        f"{number(report.api_calls, 'API call')}"
    )


def ended(result: Record) -> str:
    """How an object ended: the outcome, how long it took, the run, and what there is to say."""
    times = (result.started_at, result.finished_at)
    took = f" after {(times[1] - times[0]).total_seconds():.0f} s" if times[0] and times[1] else ""
    run = f", run {result.run_id}" if result.run_id else ""
    # An annotation will say all of what went wrong, with its cause.
    whole = row_of(result.outcome).kind in {Kind.GOOD, Kind.SKIPPED}
    said = message(result) if whole else _first_sentence(message(result))
    return f"{words(result)}{took}{run}" + (f": {said}" if said else "")


def _first_sentence(text: str) -> str:
    first = _SENTENCE.split(text, maxsplit=1)[0]
    return first if len(first) <= MOST_SENTENCE else f"{first[: MOST_SENTENCE - 1]}…"


ACTION = "DataWorks Deploy"
INVALID = "Invalid input"
INTERNAL = "Internal error"
LATE_TITLE = "Takes effect a day later"
OUTPUTS = "Outputs"
NOT_WRITABLE = (
    "The step's outputs or its state cannot be written, so nothing was started. Mend the runner's disk or "
    "permissions."
)
NOTHING_STARTED = "nothing was started"
STEP_FAILS = "the step fails; the log says which runs there are"


def started(of_type: str, objects: int, host: str, *, dry_run: bool) -> str:
    """What the step sets out to do."""
    what = "Dry run of " if dry_run else ""
    return f"{what}{of_type} of {number(objects, 'object')} at {host}"


def more_mistakes(count: int) -> str:
    """So many more faults in the inputs than annotations are shown."""
    return f"{number(count, 'more mistake')}, listed in the log"


def unwritten(why: str, consequence: str) -> str:
    """A report that could not be written at the step's end, with what follows from that."""
    return f"{why} So {consequence}."


def outdated(what: str, why: str) -> str:
    """The same for people, where later steps do not get theirs."""
    return f"{what}: {why} So the step fails, and what later steps read is older than this page."


def title(record: Record) -> str:
    """The title of the annotation of an object that failed."""
    return f"{'Run' if record.alone else 'Object'} {record.object_id}: {ended_as(record)}"


def lines(record: Record) -> list[str]:
    """What an annotation says of an object that failed: what happened, the likely cause and the fix."""
    found = explain(record)
    said = [f"{found.what} {message(record)}".strip()]
    said += [f"Likely cause: {found.cause}"] if found.cause else []
    said += [f"Fix: {found.fix}"] if found.fix else []
    return said + ([f"See also: {record.fault.recommend}"] if record.fault and record.fault.recommend else [])


def more_failed(rest: Sequence[Record]) -> tuple[str, str]:
    """Title and text of the annotation that counts those that have none of their own."""
    names = ", ".join(f"{each.object_id} ({ended_as(each)})" for each in rest)
    return f"{number(len(rest), 'more object')} failed", f"They are in the log: {names}"
