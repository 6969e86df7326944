"""What is known about one object: a record in phases. Only the named transitions below change it.

Each transition checks its rules, also in production. A step that would break a rule ends with an internal error, and
its outputs hold everything that it knew.
"""

from collections.abc import Iterable
from dataclasses import field, replace
from datetime import datetime
from enum import Enum, auto

from . import frozen
from .advance import OUTCOME_OF
from .ending import Fault, Source
from .model import RUNNING, SUCCESS, TERMINAL, ObjectId, Run, RunId, Spans, seen
from .outcome import End, Outcome, Verdict, step_verdict
from .reason import (
    AnswerLost,
    AwaitsPerson,
    Because,
    BegunBefore,
    BrokenOff,
    DeadlinePassed,
    InFlight,
    Interruption,
    Killed,
    LeftToPerson,
    LostSight,
    NeedsFailed,
    NeedsOpen,
    Note,
    NotStarted,
    NotTakenUp,
    Odd,
    Reason,
    RefusedForNow,
    RunEnded,
    StepCancelled,
    fault_of,
    odd_of,
)
from .reconcile import Claim
from .studio.catalog import StudioObject


class Rule(Enum):
    """What holds for every record, whatever the order of events."""

    ITS_OWN_NAME = "the name of another object says nothing of this one"
    BEGUN_ONCE = "an object is begun once"
    ONE_RUN = "an object that has a run gets no second one"
    ONE_REQUEST = "as long as an answer is awaited nothing is sent again"
    SAME_NONCE = "after a lost answer the nonce stays"
    LOST_IS_UNCLEAR = "after a lost answer nobody can tell that nothing was created"
    AWAITED_IS_LOST = "only an answer that is awaited can be lost"
    SEEN_TO_ITS_END = "what may have been created is seen to its end"
    SAME_RUN = "a run ID never changes"
    NAMED_IS_TAKEN_UP = "only a run that is named is taken up, and once"
    OWN_IS_ELECTED = "only this job's own runs are elected"
    TOLD_STAYS = "a run that was told to change production gives way to none"
    READ_IS_HELD = "a reading of another run says nothing of this one"
    FOREIGN_IS_LEFT = "nothing is executed on a run of somebody else"
    OWN_IS_CLAIMED = "a run is this job's own by what it has to show for it"
    PROVEN_IS_EXECUTED = "nothing is executed on a run before its own reading has shown whose it is"
    OWN_IS_DISOWNED = "only a run that was taken for this job's own can turn out to be none"
    OPEN_IS_EXECUTED = "nothing is executed before there is a run, or after its end"
    ENDS_ONCE = "an object ends once"
    SUCCESS_IS_READ = "success is a status that was read"
    KNOWN_IS_SAID = "nothing is said that nobody knows"
    OWN_IS_ABOLISHED = "only this job's own runs are abolished, at the step's end"


class BrokenRuleError(AssertionError):
    """A transition would break this rule. That is a bug of ours, stopped before it does harm."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule.value)
        self.rule = rule


def _hold(rule: Rule, holds: bool) -> None:  # noqa: FBT001 - a condition, as in `assert`, which -O removes
    if not holds:
        raise BrokenRuleError(rule)


class Phase(Enum):
    """How far the work on an object has come."""

    NOT_STARTED = auto()  # no request that could create a run is open
    REQUESTED = auto()  # a creation was sent, and its end is unknown
    OPEN = auto()  # there is a run to follow
    DONE = auto()


_NOW = {Phase.NOT_STARTED: Outcome.SKIPPED, Phase.REQUESTED: Outcome.UNKNOWN, Phase.OPEN: Outcome.CREATED}
# The outcomes that each phase allows. After a request, an object must not end as if no run existed. Without a run, it
# must not end as if one existed.
_ENDS = {
    Phase.NOT_STARTED: frozenset(
        {
            Outcome.SKIPPED,
            Outcome.REJECTED,
            Outcome.CONFLICT,
            Outcome.PLANNED,
            Outcome.UNCHANGED,
            Outcome.FAILED,
            Outcome.CANCELLED,
            Outcome.TIMED_OUT,
        }
    ),
    Phase.REQUESTED: frozenset({Outcome.UNKNOWN, Outcome.REJECTED}),
    Phase.OPEN: frozenset(Outcome) - {Outcome.SKIPPED, Outcome.REJECTED, Outcome.UNKNOWN, Outcome.UNCHANGED},
}


class Whose(Enum):
    """Whose run it is. That decides what the step may do with it."""

    OWN = auto()  # has this job's mark
    NAMED = auto()  # the user names it in run-ids
    FOREIGN = auto()  # somebody else's: only watched, never changed


@frozen
class Request:
    """The creation. `attempts` counts the requests sent. `id` is the RequestId of the last answer that had one.

    `lost`: an answer was lost, so the `nonce` stays the same from then on.
    """

    attempts: int = 0
    id: str | None = None
    nonce: str = ""
    lost: bool = False


@frozen
class HeldRun:
    """The run that counts. `adopted`: this step found the run, and no clear answer named it.

    `told_at` is when this step last told the run to change production (monotonic seconds). A reading may not show that
    yet. `claim` is the evidence that the run belongs to this job. Comparisons ignore it, because proving it changes
    nothing else.
    """

    id: RunId
    whose: Whose
    adopted: bool = False
    told_at: float | None = None
    claim: Claim | None = field(default=None, compare=False)


@frozen
class Reading:
    """What the last reading of the run showed. `spans` are the times of its stages.

    `running` is the type of `stage` while that stage runs.

    `since` is when the run was last read, or requested. Comparisons ignore it, because a new time alone changes
    nothing.
    """

    status: str | None = None
    stage: str | None = None
    running: str = ""
    spans: Spans = ()
    odd: Odd | None = None
    since: datetime | None = field(default=None, compare=False)


@frozen
class Unread:
    """So many readings in a row have failed, the last one with this fault."""

    count: int
    fault: Fault


@frozen
class Waits:
    """A stage that waits for a person, and why no call continues it."""

    stage: str
    because: Because = Because.NO_CALL_MOVES_IT


@frozen
class Undone:
    """An execution of a stage that did nothing for now (`refused`), or that had no clear answer."""

    stage: str
    fault: Fault
    refused: bool


class Fate(Enum):
    """What happened to a run that the step tried to abolish, as far as the readings show."""

    ABOLISHED = auto()
    DEPLOYS = auto()
    ENDED = auto()
    FOREIGN = auto()
    UNSEEN = auto()


@frozen
class Withdrawal:
    """The result of abolishing the run at the end of the step. `run` is its last reading, `fault` the last error."""

    fate: Fate
    by: End
    run: Run | None = None
    fault: Fault | None = None


@frozen
class Record:
    """What is known about one object. A run that is given `alone`, without its object, uses its own ID here.

    `studio` is what Data Studio shows of the object. None if it was not read.
    """

    object_id: ObjectId
    alone: bool = False
    phase: Phase = Phase.NOT_STARTED
    ended_as: Outcome | None = None  # only in the phase DONE
    reason: Reason | None = None
    notes: tuple[Note, ...] = ()
    request: Request = Request()
    run: HeldRun | None = None
    reading: Reading = Reading()
    unread: Unread | None = None
    waits: Waits | None = None
    undone: Undone | None = None
    withdrawal: Withdrawal | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    studio: StudioObject | None = None

    # ---- views

    @property
    def outcome(self) -> Outcome:
        """What is true of the object now. Before the object is done, this is its outcome if the step learns nothing
        more.
        """
        return self.ended_as or _NOW[self.phase]

    @property
    def name(self) -> str:
        """The name of the object, empty if nobody has read it."""
        return self.studio.name if self.studio else ""

    @property
    def path(self) -> str:
        """Its path in Data Studio, empty if nobody has read it."""
        return self.studio.path if self.studio else ""

    @property
    def because(self) -> ObjectId | None:
        """The object that this one needs and that kept it from starting, or None."""
        return self.reason.because if isinstance(self.reason, NeedsFailed | NeedsOpen) else None

    @property
    def begun_before(self) -> BegunBefore | None:
        """The runs of this job that were there before this attempt, as it has read them.

        None once the object has a run or a request: then they were looked at again.
        """
        if self.run or self.request.attempts:
            return None
        return next((each for each in self.notes if isinstance(each, BegunBefore)), None)

    @property
    def left_to_person(self) -> bool:
        """Whether its run was left open for a person. That is no failure, but production has not changed either."""
        return isinstance(self.reason, LeftToPerson)

    @property
    def done(self) -> bool:
        """Whether the work on it has ended."""
        return self.phase is Phase.DONE

    @property
    def run_id(self) -> RunId | None:
        """The run that counts, or None."""
        return self.run.id if self.run else None

    @property
    def own(self) -> bool:
        """Whether its run belongs to this job."""
        return self.run is not None and self.run.whose is Whose.OWN

    @property
    def proven(self) -> bool:
        """Whether it is certain whose run it is."""
        claim = self.run.claim if self.run else None
        return claim is None or claim.since_ms is None

    @property
    def named(self) -> bool:
        """Whether the user named the run in run-ids."""
        return self.run is not None and self.run.whose is Whose.NAMED

    @property
    def foreign(self) -> bool:
        """Whether the run is somebody else's, found while the step looked for its own."""
        return self.run is not None and self.run.whose is Whose.FOREIGN

    @property
    def adopted(self) -> bool:
        """Whether this step found the run, and no clear answer named it."""
        return self.run is not None and self.run.adopted

    @property
    def told_at(self) -> float | None:
        """When this step last told the run to change production (monotonic seconds)."""
        return self.run.told_at if self.run else None

    @property
    def fate(self) -> Fate | None:
        """What happened to the run if the step tried to abolish it."""
        return self.withdrawal.fate if self.withdrawal else None

    @property
    def abolished(self) -> bool:
        """Whether the step abolished the run at its end."""
        return self.fate is Fate.ABOLISHED

    @property
    def fault(self) -> Fault | None:
        """The error that matters now: the failing readings', else the reason's, else an execution's."""
        if self.unread:
            return self.unread.fault
        return fault_of(self.reason) or (self.undone.fault if self.undone else None)

    @property
    def seen_once(self) -> bool:
        """Whether one reading has shown the run's end, and no second one has confirmed it."""
        unconfirmed = isinstance(self.reason, Interruption | Killed | LostSight)
        # Who abolishes a run reads it once more.
        return unconfirmed and self.fate in {None, Fate.UNSEEN} and self.reading.status in TERMINAL

    @property
    def _lacks_run(self) -> bool:
        """Whether a run may still be created or found."""
        return self.run is None and self.phase in {Phase.NOT_STARTED, Phase.REQUESTED}

    @property
    def _ends(self) -> frozenset[Outcome]:
        """The outcomes that agree with what is known."""
        if self.phase is Phase.REQUESTED and self.request.lost:
            return frozenset({Outcome.UNKNOWN, Outcome.CONFLICT})
        return _ENDS.get(self.phase, frozenset())

    @property
    def vital(self) -> tuple[object, ...]:
        """What a kill at any moment must not lose. Stages can be read again, but a lost ID stays lost."""
        return (self.outcome, self.run, self.request.id, self.notes)

    def left_by_a_kill(self, *, abolishes: bool = False) -> "Record":
        """What is true of the object if the step is killed now: a running run is no success.

        `abolishes`: a post step then ends the job's own runs that do not deploy yet.
        """
        if self.phase is not Phase.OPEN or self.run is None:
            return self
        abolishes = abolishes and self.reading.status not in TERMINAL
        reason = Killed(self.run.id, abolishes and self.own and self.told_at is None)
        return replace(self, phase=Phase.DONE, ended_as=Outcome.CANCELLED, reason=reason)

    # ---- transitions: what it is

    def shown(self, studio: StudioObject) -> "Record":
        """Data Studio shows the object. Its name stands in every message, so it must be the name of this object."""
        _hold(Rule.ITS_OWN_NAME, studio.id == self.object_id and not self.alone)
        return replace(self, studio=studio)

    # ---- transitions: the creation

    def begun(self, now: datetime) -> "Record":
        """The work on it starts."""
        _hold(Rule.BEGUN_ONCE, self.phase is Phase.NOT_STARTED and self.started_at is None)
        return replace(self, started_at=now)

    def requested(self, reason: InFlight | AnswerLost, nonce: str, now: datetime) -> "Record":
        """A creation is about to leave with this nonce. Earlier failed readings do not matter any more."""
        _hold(Rule.ONE_RUN, self._lacks_run)
        awaited = self.phase is Phase.REQUESTED and not self.request.lost
        _hold(Rule.ONE_REQUEST, not awaited)
        _hold(Rule.SAME_NONCE, not self.request.lost or nonce == self.request.nonce)
        request = replace(self.request, attempts=self.request.attempts + 1, nonce=nonce)
        first = self.phase is Phase.NOT_STARTED
        reading = replace(self.reading, since=now) if first else self.reading
        phase = Phase.REQUESTED
        return replace(self, phase=phase, reason=reason, request=request, reading=reading, unread=None)

    def answered(self, request_id: str | None) -> "Record":
        """The creation was answered. The answer may say anything."""
        return replace(self, request=replace(self.request, id=request_id or self.request.id))

    def refused_for_now(self, fault: Fault) -> "Record":
        """The creation provably created nothing, and will be sent again."""
        _hold(Rule.ONE_RUN, self._lacks_run)
        _hold(Rule.LOST_IS_UNCLEAR, not self.request.lost)
        return replace(self, phase=Phase.NOT_STARTED, reason=RefusedForNow(fault))

    def answer_lost(self, reason: AnswerLost) -> "Record":
        """The answer was lost, so it is unknown whether a run was created."""
        _hold(Rule.AWAITED_IS_LOST, self.phase is Phase.REQUESTED)
        return replace(self, reason=reason, request=replace(self.request, lost=True))

    def met_earlier(self, reason: AnswerLost) -> "Record":
        """The request did nothing: a request of an earlier attempt has used its nonce, and nobody knows how that one
        ended.
        """
        _hold(Rule.AWAITED_IS_LOST, self.phase is Phase.REQUESTED)
        return replace(self, reason=reason)

    def held_back(self, reason: Reason) -> "Record":
        """The object will not be started. A creation that was refused for now has created nothing."""
        _hold(Rule.SEEN_TO_ITS_END, self.phase is Phase.NOT_STARTED)
        done = replace(self, phase=Phase.DONE, ended_as=Outcome.SKIPPED, reason=reason)
        return replace(done, started_at=None, unread=None)

    def kept_back(self, needed: "Record") -> "Record":
        """The object will not be started: it needs the other one, which is not in production or was itself not
        started.
        """
        if isinstance(needed.reason, NeedsFailed | NeedsOpen):
            return self.held_back(needed.reason)
        why = NeedsOpen if needed.left_to_person else NeedsFailed
        return self.held_back(why(needed.object_id, needed.name))

    # ---- transitions: the run

    def opened(self, run_id: RunId, whose: Whose, *, adopted: bool, claim: Claim | None = None) -> "Record":
        """There is a run to follow. A run of this job needs a claim."""
        _hold(Rule.SAME_RUN, self._lacks_run)
        _hold(Rule.OWN_IS_CLAIMED, (whose is Whose.OWN) is (claim is not None))
        run = HeldRun(run_id, whose, adopted, claim=claim)
        return replace(self, phase=Phase.OPEN, reason=None, run=run, unread=None)

    def proved(self) -> "Record":
        """A reading has shown that the run is this job's own."""
        if self.run is None or self.run.claim is None:
            return self
        return replace(self, run=replace(self.run, claim=replace(self.run.claim, since_ms=None)))

    def disowned(self, reason: Reason, now: datetime) -> "Record":
        """A reading has shown that the run is somebody else's, so nobody may change it for this job."""
        _hold(Rule.OWN_IS_DISOWNED, self.own and self.ended_as is not Outcome.SUCCEEDED)
        done = replace(self, phase=Phase.DONE, ended_as=Outcome.CONFLICT, reason=reason, finished_at=now)
        return replace(done, run=None, reading=Reading(), unread=None, waits=None, undone=None)

    def taken_up(self) -> "Record":
        """The step begins to follow the run that the user names."""
        _hold(Rule.NAMED_IS_TAKEN_UP, self.named and self.phase is Phase.NOT_STARTED)
        return replace(self, phase=Phase.OPEN)

    def gives_way(self, winner: RunId) -> "Record":
        """Another run of the same mark replaces this one. RequestId and stages belong to the old run, so they are
        dropped.
        """
        _hold(Rule.OWN_IS_ELECTED, self.own and self.phase is Phase.OPEN)
        _hold(Rule.TOLD_STAYS, self.told_at is None)
        before = self.proved().run
        run = HeldRun(winner, Whose.OWN, adopted=True, claim=before.claim if before else None)
        request = replace(self.request, id=None)
        return replace(self, run=run, request=request, reading=Reading(since=self.reading.since))

    def read(self, run: Run, now: datetime) -> "Record":
        """A reading shows the run."""
        _hold(Rule.READ_IS_HELD, run.id == self.run_id)
        before = self.reading
        since = before.since
        # A run that is older than the request does not come from it.
        if before.status is None and since and run.created_ms < since.timestamp() * 1000:
            since = None
        spans = seen(before.spans, run, now, since)
        code = run.furthest(before.stage)
        stage = run.stage(code)
        running = stage.type if stage and stage.status == RUNNING else ""
        reading = Reading(run.status, code, running, spans, odd_of(run), now)
        return replace(self, reading=reading)

    def reading_failed(self, unread: Unread | None) -> "Record":
        """So many readings have failed in a row. None after one has succeeded."""
        return replace(self, unread=unread)

    def at_stage(self, stage: str) -> "Record":
        """The run is at this stage, which is about to be executed."""
        return replace(self, reading=replace(self.reading, stage=stage, running=""))

    def executing(self, told_at: float | None) -> "Record":
        """The execution of a stage is about to leave. `told_at` is when production was last told to change."""
        _hold(Rule.FOREIGN_IS_LEFT, self.run is not None and not self.foreign)
        _hold(Rule.PROVEN_IS_EXECUTED, self.proven)
        _hold(Rule.OPEN_IS_EXECUTED, self.phase is Phase.OPEN)
        return replace(self, run=replace(self.run, told_at=told_at) if self.run else None)

    def not_executed(self, told_at: float | None) -> "Record":
        """The execution provably did nothing, so `told_at` is again what it was before."""
        return replace(self, run=replace(self.run, told_at=told_at) if self.run else None)

    def execution_failed(self, undone: Undone | None) -> "Record":
        """Why a stage was not executed for now. None when that no longer matters."""
        return replace(self, undone=undone)

    def waits_for(self, waits: Waits | None) -> "Record":
        """A stage waits for a person. None if no stage waits any more."""
        reading = self.reading
        if waits and waits.stage != reading.stage:
            reading = replace(reading, stage=waits.stage, running="")
        return replace(self, waits=waits, reading=reading)

    # ---- transitions: the end

    def noted(self, note: Note) -> "Record":
        """People should know this about the object, however it ends."""
        return replace(self, notes=(*self.notes, note))

    def noted_begun(self, note: BegunBefore) -> "Record":
        """The runs of earlier attempts were read. The last reading counts."""
        others = tuple(each for each in self.notes if not isinstance(each, BegunBefore))
        return replace(self, notes=(*others, note))

    def ended(self, outcome: Outcome, reason: Reason, now: datetime) -> "Record":
        """The work on the object ends."""
        _hold(Rule.ENDS_ONCE, self.phase is not Phase.DONE)
        _hold(Rule.SUCCESS_IS_READ, outcome is not Outcome.SUCCEEDED or self.reading.status == SUCCESS)
        _hold(Rule.KNOWN_IS_SAID, outcome in self._ends)
        finished = None if outcome is Outcome.SKIPPED else now
        done = replace(self, phase=Phase.DONE, ended_as=outcome, reason=reason, finished_at=finished)
        return replace(done, unread=None, waits=None, undone=None)

    def interrupted(self, by: End, now: datetime) -> "Record":
        """The step ends before the work on the object does. The record then says what is true now."""
        outcome, reason = _cut_off(self, by)
        ended = self.ended(outcome, reason, now)
        return replace(ended, unread=self.unread, waits=self.waits, undone=self.undone)

    def withdrawn(self, withdrawal: Withdrawal) -> "Record":
        """What happened to its run when the step tried to abolish it. A run that failed or was abolished ends badly."""
        _hold(Rule.OWN_IS_ABOLISHED, self.own and self.phase is Phase.DONE)
        outcome, reason, run = self.outcome, self.reason, withdrawal.run
        if outcome in {Outcome.CREATED, Outcome.WAITING}:
            if withdrawal.fate is Fate.ABOLISHED:
                outcome = Outcome.TIMED_OUT if withdrawal.by is End.TIMEOUT else Outcome.CANCELLED
            elif withdrawal.fate is Fate.ENDED and run and run.status != SUCCESS:
                # Somebody else was quicker.
                outcome, reason = OUTCOME_OF[run.status], RunEnded(run)
        return replace(self, withdrawal=withdrawal, ended_as=outcome, reason=reason)


_BY_THE_RUNNER = {End.CANCEL: Outcome.CANCELLED, End.TIMEOUT: Outcome.TIMED_OUT}


def _cut_off(record: Record, by: End) -> tuple[Outcome, Reason]:
    """The outcome and the reason of an object whose work was interrupted."""
    if record.phase is Phase.REQUESTED and record.reason is not None:
        return Outcome.UNKNOWN, record.reason
    if record.phase is Phase.NOT_STARTED and record.started_at is None:
        return Outcome.SKIPPED, NotStarted()
    if record.run and record.named and record.reading.status is None and by in _BY_THE_RUNNER:
        return _BY_THE_RUNNER[by], NotTakenUp(record.run.id, by)
    last = fault_of(record.reason) if record.run is None and not record.unread else None
    if by is End.CANCEL:
        return Outcome.CANCELLED, StepCancelled(record.run_id, last)
    if by is not End.TIMEOUT:
        return Outcome.FAILED, BrokenOff(record.run_id, last)
    if record.run and record.waits:
        return Outcome.WAITING, AwaitsPerson(record.run.id, record.waits.stage, record.waits.because)
    return Outcome.TIMED_OUT, DeadlinePassed(record.run_id, last)


def concluded(end: End, records: Iterable[Record]) -> Verdict:
    """Return what the step reports. An object that waits for one left open, as asked, makes the verdict no worse."""
    return step_verdict(end, (each.outcome for each in records if not isinstance(each.reason, NeedsOpen)))


def was_refused(record: Record) -> bool:
    """Whether the service has refused a creation of the object, and the answer to no later one was lost."""
    settled = record.run is None and record.outcome not in {Outcome.UNKNOWN, Outcome.CONFLICT}
    return settled and record.request.attempts > 0 and _is_answered(record)


def is_unsent(record: Record) -> bool:
    """Whether no creation was sent, because the connection or the key was missing."""
    return record.outcome is Outcome.REJECTED and record.fault is not None and not _is_answered(record)


def _is_answered(record: Record) -> bool:
    """Whether DataWorks, or STS before it, has answered the creation."""
    fault = record.fault
    said = fault is not None and fault.source is not Source.GITHUB and bool(fault.code or fault.http_status)
    return said or bool(record.request.id)
