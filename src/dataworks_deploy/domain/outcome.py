"""How one object ended, and what that means for the whole step."""

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
        """0 if the step ended well, 2 if the inputs cannot work, else 1."""
        if self in {Verdict.SUCCEEDED, Verdict.CREATED, Verdict.PLANNED, Verdict.UNCHANGED}:
            return 0
        return 2 if self is Verdict.INVALID else 1


class Outcome(StrEnum):
    """How one object ended. `succeeded` needs a run's status `Success` that was read again at the end."""

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
    """What kind of end an outcome is."""

    GOOD = auto()
    FAILURE = auto()
    LATE = auto()
    UNKNOWN = auto()
    SKIPPED = auto()


class Rerun(Enum):
    """What a re-run of the job does with an object that ended this way, judged by the outcome alone."""

    KEEPS = auto()
    CONTINUES = auto()  # continues the run if it is still open; else it starts a new one
    STARTS = auto()
    LOOKS = auto()  # looks for a run that may exist


@frozen
class Row:
    """All that an outcome means. `verdict` is the step's verdict if this is its worst outcome, `sign` stands in a
    summary.
    """

    kind: Kind
    verdict: Verdict
    rerun: Rerun
    sign: str

    @property
    def good(self) -> bool:
        """Whether the object ended as the user asked."""
        return self.kind is Kind.GOOD

    @property
    def may_be_open(self) -> bool:
        """Whether the object's run, if there is one, may still be active."""
        return self.rerun is Rerun.CONTINUES


# The most urgent first. The worst outcome of a step decides, and a summary shows outcomes in this order. An object that
# was never started is no worse than the failure that stopped it. Emoji keep their colours on a dark page.
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
# An outcome without a row is never good.
_UNFORESEEN = Row(Kind.FAILURE, Verdict.FAILED, Rerun.LOOKS, "❌")
_RANKS = {outcome: place for place, outcome in enumerate(ROWS)}


def row_of(outcome: Outcome) -> Row:
    """What an outcome means. An outcome without a row counts as a failure."""
    return ROWS.get(outcome, _UNFORESEEN)


def rank_of(outcome: Outcome) -> int:
    """How urgent an outcome is: 0 is most urgent. One without a row comes right after `unknown`."""
    return _RANKS.get(outcome, _RANKS[Outcome.FAILED])


def verdict_of(outcomes: Iterable[Outcome]) -> Verdict:
    """The verdict of the worst outcome. A step without outcomes has failed."""
    worst = min(outcomes, key=rank_of, default=None)
    return row_of(worst).verdict if worst is not None else Verdict.FAILED


class End(StrEnum):
    """Why a step ended. The words are those of the input abolish-on."""

    NORMAL = "normal"
    FAILURE = "failure"
    TIMEOUT = "timeout"
    CANCEL = "cancel"


def step_verdict(end: End, outcomes: Iterable[Outcome]) -> Verdict:
    """Return what a step reports. A step that ended normally and found nothing to do reports `unchanged`."""
    seen = frozenset(outcomes)
    if end is End.NORMAL and not seen:
        return Verdict.UNCHANGED
    worst = verdict_of(seen)
    if end is End.CANCEL and worst is not Verdict.UNKNOWN:
        return Verdict.CANCELLED
    # Nobody refused the objects that the deadline kept from starting.
    if end is End.TIMEOUT and worst is Verdict.FAILED and all(_unbroken(each) for each in seen):
        return Verdict.TIMED_OUT
    # A step that ended by an internal error is never good, whatever it had reached before.
    return Verdict.FAILED if end is End.FAILURE and not worst.exit_status else worst


def _unbroken(outcome: Outcome) -> bool:
    return row_of(outcome).kind in {Kind.GOOD, Kind.SKIPPED}


def so_far(outcomes: Iterable[Outcome]) -> Verdict:
    """Return what a step reports if it is killed before its end: never a success."""
    return Verdict.UNKNOWN if Outcome.UNKNOWN in set(outcomes) else Verdict.CANCELLED
