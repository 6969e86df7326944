"""Sentences about the step as a whole, and annotations of what failed."""

from collections.abc import Sequence

from dataworks_deploy.domain.record import Record

from .advice import explain
from .reasons import message
from .texts import number
from .verdicts import ended_as

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
