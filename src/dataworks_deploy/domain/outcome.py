"""How one object ended, and what the step as a whole makes of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .ending import Fault
from .fate import Fate
from .model import ObjectId, RunId
from .spans import Spans


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

    @property
    def words(self) -> str:
        """The outcome as people write it."""
        return self.value.replace("_", " ")


class Verdict(StrEnum):
    """How the whole step ended."""

    SUCCEEDED = "succeeded"
    CREATED = "created"
    PLANNED = "planned"
    FAILED = "failed"
    UNKNOWN = "unknown"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    INVALID = "invalid"

    @property
    def words(self) -> str:
        """The outcome as people write it."""
        return self.value.replace("_", " ")

    @property
    def exit_status(self) -> int:
        """0 for a good end, 2 for inputs that cannot work, 1 for everything else."""
        if self in {Verdict.SUCCEEDED, Verdict.CREATED, Verdict.PLANNED}:
            return 0
        return 2 if self is Verdict.INVALID else 1


GOOD = frozenset({Outcome.SUCCEEDED, Outcome.CREATED, Outcome.PLANNED})
FAILURES = frozenset(
    {Outcome.FAILED, Outcome.TERMINATED, Outcome.CANCELLED, Outcome.REJECTED, Outcome.CONFLICT}
)
LATE = frozenset({Outcome.TIMED_OUT, Outcome.WAITING})
# With these an object's run may still be active.
STILL_OPEN = LATE | {Outcome.CREATED, Outcome.CANCELLED, Outcome.FAILED}


@dataclass(frozen=True, slots=True)
class ObjectResult:
    """What is known of one object; a field that is None is not known (yet).

    `attempts` counts the CreatePipelineRun requests that were sent, `fault` is the last refusal or lost
    answer, `waits_for` the stage that only a person can move, `waits_because` why it is left to one where a call
    might, `own` says that the run bears this job's mark, `remark` goes with the message whatever the end is,
    `fate` is what became of a run that was to be abolished, `spans` are its stages as they were seen. A run may be
    `named` by the user; one that was given `alone`, without its object, stands under its own ID. `unread` counts the
    readings that failed in a row, where they were more than a few, `odd` says what is strange about the last one,
    `undone` which stage is refused its execution for now. `told_at` is when this step has last told the run to change
    production (monotonic seconds), which a reading may not show yet; `why` is the message without what is said of
    a run that was left, and without the remark.
    """

    object_id: ObjectId
    outcome: Outcome = Outcome.SKIPPED
    run_id: RunId | None = None
    request_id: str | None = None
    status: str | None = None
    stage: str | None = None
    message: str = ""
    adopted: bool = False
    attempts: int = 0
    url: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    fault: Fault | None = None
    waits_for: str | None = None
    waits_because: str = ""
    own: bool = False
    remark: str = ""
    named: bool = False
    alone: bool = False
    fate: Fate | None = None
    unread: int = 0
    odd: str = ""
    undone: str = ""
    told_at: float | None = None
    why: str = ""
    spans: Spans = ()

    @property
    def foreign(self) -> bool:
        """Whether the run is somebody else's, found where this step's own was looked for (on-active-run: adopt)."""
        return self.adopted and not self.own and self.attempts > 0

    @property
    def abolished(self) -> bool:
        """Whether the run was ended with the step."""
        return self.fate is Fate.ABOLISHED


def verdict_of(outcomes: Iterable[Outcome]) -> Verdict:
    """The worst of the objects' outcomes. Objects that were never started make no verdict better or worse
    than the failure that kept them from starting."""
    seen = set(outcomes)
    if Outcome.UNKNOWN in seen:
        return Verdict.UNKNOWN
    if seen & FAILURES:
        return Verdict.FAILED
    if seen & LATE:
        return Verdict.TIMED_OUT
    if Outcome.SKIPPED in seen or not seen:
        return Verdict.FAILED
    if Outcome.PLANNED in seen:
        return Verdict.PLANNED
    return Verdict.CREATED if Outcome.CREATED in seen else Verdict.SUCCEEDED


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a step has to say: one result per object ID, in the order given.

    `as_of` is the moment of a report that is not the end: it is read only where the step was killed before it.
    """

    verdict: Verdict
    results: tuple[ObjectResult, ...] = ()
    api_calls: int = 0
    problems: tuple[str, ...] = ()
    as_of: datetime | None = None
