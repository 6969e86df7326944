"""How one object ended, and what the step as a whole makes of it."""

from collections.abc import Iterable
from enum import Enum, StrEnum, auto

from . import frozen


class Verdict(StrEnum):
    """How the whole step ended."""

    SUCCEEDED = "succeeded"
    CREATED = "created"
    PLANNED = "planned"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    UNKNOWN = "unknown"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    INVALID = "invalid"

    @property
    def exit_status(self) -> int:
        """0 for a good end, 2 for inputs that cannot work, 1 for everything else."""
        if self in {Verdict.SUCCEEDED, Verdict.CREATED, Verdict.PLANNED, Verdict.UNCHANGED}:
            return 0
        return 2 if self is Verdict.INVALID else 1


class Outcome(StrEnum):
    """How one object ended. Only a pipeline status `Success`, read again at the end, is `succeeded`."""

    CREATED = "created"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TERMINATED = "terminated"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    WAITING = "waiting"
    REJECTED = "rejected"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    PLANNED = "planned"
    UNCHANGED = "unchanged"


class Kind(Enum):
    """What an outcome counts as."""

    GOOD = auto()
    FAILURE = auto()
    LATE = auto()
    UNKNOWN = auto()
    SKIPPED = auto()


class Rerun(Enum):
    """What a re-run of the job does with an object that ended so, as far as the outcome alone tells."""

    KEEPS = auto()
    CONTINUES = auto()  # the run, if it is still open; else it starts a new one
    STARTS = auto()
    LOOKS = auto()  # for a run that may be there


@frozen
class Row:
    """All that an outcome means: the verdict of a step whose worst outcome it is, and its sign in a summary."""

    kind: Kind
    verdict: Verdict
    rerun: Rerun
    sign: str

    @property
    def good(self) -> bool:
        """Whether the object ended as it was asked to."""
        return self.kind is Kind.GOOD

    @property
    def may_be_open(self) -> bool:
        """Whether the object's run, if it has one, may still be active."""
        return self.rerun is Rerun.CONTINUES


# The most urgent first: the worst outcome of a step's objects decides, and a summary shows them in this order. That an
# object was never started is no worse than the failure that kept it from starting. Emoji keep their colours on a dark
# page.
ROWS = {
    Outcome.UNKNOWN: Row(Kind.UNKNOWN, Verdict.UNKNOWN, Rerun.LOOKS, "⚠️"),
    Outcome.FAILED: Row(Kind.FAILURE, Verdict.FAILED, Rerun.CONTINUES, "❌"),
    Outcome.TERMINATED: Row(Kind.FAILURE, Verdict.FAILED, Rerun.STARTS, "❌"),
    Outcome.CANCELLED: Row(Kind.FAILURE, Verdict.FAILED, Rerun.CONTINUES, "❌"),
    Outcome.REJECTED: Row(Kind.FAILURE, Verdict.FAILED, Rerun.STARTS, "❌"),
    Outcome.CONFLICT: Row(Kind.FAILURE, Verdict.FAILED, Rerun.LOOKS, "❌"),
    Outcome.TIMED_OUT: Row(Kind.LATE, Verdict.TIMED_OUT, Rerun.CONTINUES, "⏳"),
    Outcome.WAITING: Row(Kind.LATE, Verdict.TIMED_OUT, Rerun.CONTINUES, "⏳"),
    Outcome.SKIPPED: Row(Kind.SKIPPED, Verdict.FAILED, Rerun.STARTS, "⏭️"),
    Outcome.PLANNED: Row(Kind.GOOD, Verdict.PLANNED, Rerun.KEEPS, "📋"),
    Outcome.CREATED: Row(Kind.GOOD, Verdict.CREATED, Rerun.CONTINUES, "▶️"),
    Outcome.SUCCEEDED: Row(Kind.GOOD, Verdict.SUCCEEDED, Rerun.KEEPS, "✅"),
    Outcome.UNCHANGED: Row(Kind.GOOD, Verdict.UNCHANGED, Rerun.KEEPS, "🟰"),
}
# What nobody has thought of is never good.
_UNFORESEEN = Row(Kind.FAILURE, Verdict.FAILED, Rerun.LOOKS, "❌")
_RANKS = {outcome: place for place, outcome in enumerate(ROWS)}


def row_of(outcome: Outcome) -> Row:
    """What an outcome means. One without a row counts as a failure."""
    return ROWS.get(outcome, _UNFORESEEN)


def rank_of(outcome: Outcome) -> int:
    """How urgent it is: 0 first. One without a row comes right behind `unknown`."""
    return _RANKS.get(outcome, _RANKS[Outcome.FAILED])


def verdict_of(outcomes: Iterable[Outcome]) -> Verdict:
    """The verdict of the worst of the objects' outcomes; a step without any has failed."""
    worst = min(outcomes, key=rank_of, default=None)
    return row_of(worst).verdict if worst is not None else Verdict.FAILED


class End(StrEnum):
    """What brought a step to its end. The words are those of abolish-on."""

    NORMAL = "normal"
    FAILURE = "failure"
    TIMEOUT = "timeout"
    CANCEL = "cancel"


def step_verdict(end: End, outcomes: Iterable[Outcome]) -> Verdict:
    """What a step that ended so reports. One that came to its end and found nothing to do has changed nothing."""
    seen = frozenset(outcomes)
    if end is End.NORMAL and not seen:
        return Verdict.UNCHANGED
    worst = verdict_of(seen)
    if end is End.CANCEL and worst is not Verdict.UNKNOWN:
        return Verdict.CANCELLED
    # What the deadline kept from starting was not refused by anybody.
    if end is End.TIMEOUT and worst is Verdict.FAILED and all(_unbroken(each) for each in seen):
        return Verdict.TIMED_OUT
    # A step that failed by an error of our own is never good, whatever was reached before.
    return Verdict.FAILED if end is End.FAILURE and not worst.exit_status else worst


def _unbroken(outcome: Outcome) -> bool:
    return row_of(outcome).kind in {Kind.GOOD, Kind.SKIPPED}


def so_far(outcomes: Iterable[Outcome]) -> Verdict:
    """What a step reports that is killed before its end: never a success."""
    return Verdict.UNKNOWN if Outcome.UNKNOWN in set(outcomes) else Verdict.CANCELLED
