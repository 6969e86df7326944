"""How an object and a step ended, in a few words: a quota that is used up is not told as a lack of time."""

from collections.abc import Sequence

from dataworks_deploy.domain.errors import Known, row_of, says_spent
from dataworks_deploy.domain.outcome import Kind, Outcome, Verdict
from dataworks_deploy.domain.outcome import row_of as meaning_of
from dataworks_deploy.domain.reason import AwaitsPerson, Because, Interruption, fault_of
from dataworks_deploy.domain.record import Record

from .texts import spaced

_WORDS = {
    Known.DAY_SPENT: "the day's API calls are used up",
    Known.EDITION_SPENT: "the edition's API calls are used up",
    Known.TOO_FREQUENT: "the service takes no more API calls now",
}
AWAITS_APPROVAL = "waiting for approval"
_BAD = frozenset({Kind.FAILURE, Kind.LATE})


def spent(record: Record) -> str:
    """That a quota has ended the work on an object; empty where something else has."""
    fault = fault_of(record.reason)
    if fault is None or not says_spent(fault) or meaning_of(record.outcome).kind not in _BAD:
        return ""
    known = row_of(fault)
    # At the deadline the service may have refused a call or two: then it is the time that was over.
    return _WORDS[known] if known and not isinstance(record.reason, Interruption) else ""


def awaits_approval(record: Record) -> bool:
    """Whether the deadline passed while a stage waited for what no call can do."""
    reason = record.reason
    waits = isinstance(reason, AwaitsPerson) and reason.because is Because.NO_CALL_MOVES_IT
    return waits and record.outcome is Outcome.WAITING


def ended_as(record: Record) -> str:
    """How an object ended, for people."""
    outcome, cause = spaced(record.outcome), _cause(record)
    late = meaning_of(record.outcome).kind is Kind.LATE
    return cause if cause and late else f"{outcome}: {cause}" if cause else outcome


def step_ended_as(verdict: Verdict, records: Sequence[Record]) -> str:
    """How a step ended, for people: the one cause, where nothing else has gone wrong."""
    causes = {_cause(each) for each in records if meaning_of(each.outcome).kind in _BAD}
    cause = causes.pop() if len(causes) == 1 else ""
    if verdict is Verdict.TIMED_OUT and cause:
        return cause
    return f"{spaced(verdict)}: {cause}" if verdict is Verdict.FAILED and cause else spaced(verdict)


def _cause(record: Record) -> str:
    return AWAITS_APPROVAL if awaits_approval(record) else spent(record)
