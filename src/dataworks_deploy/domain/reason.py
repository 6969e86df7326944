"""Why an object is in its state: unions of frozen values with the facts, without sentences.

`render/reasons.py` has the words, the advice and the stable code for each.
"""

from datetime import datetime
from enum import Enum, auto

from . import frozen
from .ending import Fault
from .model import (
    CANCEL,
    STATUSES,
    SUCCESS,
    TERMINAL,
    TERMINATION,
    Creation,
    DeployType,
    Node,
    ObjectId,
    OnActiveRun,
    Run,
    RunId,
    Stage,
)
from .outcome import End
from .reconcile import Mark, parse_mark

# ---- before a run is known


@frozen
class NotStarted:
    """The step ended before it started this object."""


@frozen
class AnotherFailed:
    """Another object failed, so this one was not started. `last` is the refusal of its creation, if one was sent."""

    last: Fault | None = None


@frozen
class NeedsFailed:
    """This object needs one that did not succeed, so it was not started. `name` is the other object's, if known."""

    because: ObjectId
    name: str = ""


@frozen
class NeedsOpen:
    """This object needs one whose run was left open for a person, so it was not started. `name` as above."""

    because: ObjectId
    name: str = ""


@frozen
class InFlight:
    """The creation was sent, and its answer is awaited."""

    mark: Mark


@frozen
class AnswerLost:
    """The answer to the creation was lost, so it is unknown whether a run exists.

    `lost` are the faults of the requests without a clear answer, at least one. `since` is None for a re-run of the job.
    `until` is how long the request may still be sent or take effect. `sent_before`: only an earlier attempt can have
    sent it. `unread` is why the last reading of the list of runs failed. `never_read`: no reading of the list
    succeeded. `unmarked`: runs show no descriptions, so none can be recognised.
    """

    creation: Creation
    mark: Mark
    lost: tuple[Fault, ...]
    since: datetime | None
    until: datetime | None = None
    sent_before: bool = False
    unread: Fault | None = None
    never_read: bool = False
    unmarked: bool = False


@frozen
class RefusedForNow:
    """The creation was provably refused. It will be sent again."""

    fault: Fault


@frozen
class CreationRefused:
    """The creation was refused, and will not be sent again."""

    fault: Fault


@frozen
class NotSent:
    """No byte of the creation could be sent."""

    fault: Fault


@frozen
class Conflict:
    """The answer to the creation was lost (`lost`), and somebody else's run is active on the object."""

    run: Run
    mark: Mark
    wanted: DeployType
    lost: Fault

    @property
    def may_be_own(self) -> bool:
        """Whether the lost request may have created the run: it shows no description, and may do what is wanted."""
        return not self.run.description and self.run.may_be(self.wanted)


@frozen
class OpenBefore:
    """Somebody else's run was open on the object, so nothing was created."""

    run: Run
    wanted: DeployType


@frozen
class OthersUnreadable:
    """It is unknown whether other runs are open on the object. So by `choice`, nothing was created."""

    choice: OnActiveRun
    fault: Fault


@frozen
class NotOurs:
    """The service answered the creation with the ID of somebody else's run."""

    run: Run
    mark: Mark


@frozen
class EarlierUnmarked:
    """A re-run of the job cannot know whether one of these runs is its own, so it has created nothing."""

    runs: tuple[Run, ...]


@frozen
class EarlierUnreadable:
    """A re-run of the job is not allowed to read the runs of its earlier attempts, so it has created nothing."""

    intent: str
    fault: Fault


# ---- with a run


@frozen
class Succeeded:
    """The run's status is Success, in two readings."""


@frozen
class DeployedBefore:
    """An earlier attempt of the job has deployed the object."""

    run: Run


@frozen
class LeftOpen:
    """The run is open, and the step does not follow it, as asked."""


@frozen
class StageReached:
    """The stage of until-stage has succeeded, or had succeeded before the step could stop there.

    `to` is the later stage up to which the service continues by itself, or None.
    """

    run: Run
    stage: Stage
    to: Stage | None = None


class Because(Enum):
    """Why a stage waits for a person."""

    NO_CALL_MOVES_IT = auto()
    ADVANCE_FALSE = auto()
    FOREIGN = auto()


@frozen
class LeftToPerson:
    """The stage waits for a person, and the run was left open, as on-approval asks."""

    run_id: RunId
    stage: str
    because: Because


@frozen
class NoSuchStage:
    """until-stage names a stage that the run does not have. `codes` are its stages."""

    run_id: RunId
    wanted: str
    codes: tuple[str, ...]


@frozen
class RunEnded:
    """The run ended without success."""

    run: Run


def is_withdrawn(run: Run) -> bool:
    """Whether a run looks like one that this action has abolished: it has a mark, was ended, and changed nothing.

    The service does not say who ended a run.
    """
    return (
        run.status in {TERMINATION, CANCEL} and not run.deploying and parse_mark(run.description) is not None
    )


@frozen
class OtherType:
    """The followed run does the opposite of what was asked for."""

    run: Run
    wanted: DeployType


@frozen
class Overtaken:
    """The run was not continued, because the newer one has deployed the object since."""

    run: Run
    newer: Run


@frozen
class StageRefused:
    """The execution of a stage was refused, and will not be repeated."""

    run_id: RunId
    stage: Stage
    fault: Fault


@frozen
class LostSight:
    """The run cannot be read any more, and waiting does not help."""

    run_id: RunId
    fault: Fault


@frozen
class NotElected:
    """It is unknown whether this is the job's only run, so it was not advanced."""

    run_id: RunId
    fault: Fault


# ---- runs that the user names


@frozen
class NotOfWorkspace:
    """A run in run-ids does not belong to this workspace."""

    run_id: RunId
    project_id: int
    fault: Fault | None = None


@frozen
class NamedOfOtherType:
    """A run in run-ids does the opposite of what was asked for."""

    run: Run
    wanted: DeployType


@frozen
class NotListed:
    """A run in run-ids is not among the runs of the object given with it."""

    run_id: RunId
    object_id: ObjectId


@frozen
class OfOtherObject:
    """A run in run-ids belongs to another given object, not to the object given with it."""

    run_id: RunId
    object_id: ObjectId
    owner: ObjectId


@frozen
class ObjectUnreadable:
    """It is unknown whether a run in run-ids belongs to the object given with it."""

    run_id: RunId
    object_id: ObjectId
    fault: Fault


@frozen
class NothingChanged:
    """Production holds the same as the draft. This run has deployed it, and nothing has changed since."""

    run: Run


# ---- a dry run


@frozen
class Planned:
    """A run would be created. `active` are the open runs of the object. Those in `superseded` would be abolished
    first.
    """

    creation: Creation
    active: tuple[Run, ...] = ()
    superseded: tuple[Run, ...] = ()


@frozen
class FollowPlanned:
    """Somebody else's run would be followed, and none be created."""

    run: Run


@frozen
class RunPlanned:
    """A run would be continued, or only reported."""

    run: Run


@frozen
class NoAccess:
    """Nothing was planned, because the object's runs cannot be read."""

    fault: Fault


@frozen
class InnerNode:
    """Nothing was planned, because a node inside a workflow is deployed only with the workflow."""

    node: Node


@frozen
class NoSuchObject:
    """Nothing was planned: nothing in the workspace has the ID, and it has no runs."""

    creation: Creation
    fault: Fault


# ---- a step that ends before its work is done


@frozen
class NotTakenUp:
    """The step ended before it was clear whether a run in run-ids must be continued."""

    run_id: RunId
    by: End


@frozen
class StepCancelled:
    """The step was cancelled, before a run existed or while one was running.

    `last` is the error of a creation that failed, here and in the classes below.
    """

    run_id: RunId | None
    last: Fault | None = None


@frozen
class BrokenOff:
    """An internal error ended the step."""

    run_id: RunId | None
    last: Fault | None = None


@frozen
class DeadlinePassed:
    """The deadline passed."""

    run_id: RunId | None
    last: Fault | None = None


@frozen
class AwaitsPerson:
    """The deadline passed while a stage waited for a person."""

    run_id: RunId
    stage: str
    because: Because


@frozen
class Killed:
    """The step was killed while the run was still running. `abolishes`: the post step then ends the run, if it is
    allowed to.
    """

    run_id: RunId
    abolishes: bool = False


Interruption = NotTakenUp | StepCancelled | BrokenOff | DeadlinePassed | AwaitsPerson
Reason = (
    NotStarted
    | AnotherFailed
    | NeedsFailed
    | NeedsOpen
    | InFlight
    | AnswerLost
    | RefusedForNow
    | CreationRefused
    | NotSent
    | Conflict
    | OpenBefore
    | OthersUnreadable
    | NotOurs
    | EarlierUnmarked
    | EarlierUnreadable
    | Succeeded
    | DeployedBefore
    | LeftOpen
    | StageReached
    | LeftToPerson
    | NoSuchStage
    | RunEnded
    | OtherType
    | Overtaken
    | StageRefused
    | LostSight
    | NotElected
    | NotOfWorkspace
    | NamedOfOtherType
    | NotListed
    | OfOtherObject
    | ObjectUnreadable
    | NothingChanged
    | Planned
    | FollowPlanned
    | RunPlanned
    | NoAccess
    | InnerNode
    | NoSuchObject
    | Interruption
    | Killed
)


def fault_of(reason: Reason | None) -> Fault | None:
    """The error that caused the reason, or None."""
    match reason:
        case AnswerLost(lost=lost):
            return lost[-1]
        case Conflict(lost=fault):
            return fault
        case StepCancelled(last=last) | BrokenOff(last=last) | DeadlinePassed(last=last):
            return last
        case (
            RefusedForNow(fault=fault)
            | CreationRefused(fault=fault)
            | NotSent(fault=fault)
            | OthersUnreadable(fault=fault)
            | EarlierUnreadable(fault=fault)
            | StageRefused(fault=fault)
            | LostSight(fault=fault)
            | NotElected(fault=fault)
            | NotOfWorkspace(fault=fault)
            | ObjectUnreadable(fault=fault)
            | NoAccess(fault=fault)
            | NoSuchObject(fault=fault)
        ):
            return fault
    return None


# ---- notes: what people should know about an object, however it ends


@frozen
class FoundByMark:
    """No clear answer named the run. It was found by its mark."""

    run: Run


@frozen
class MayTurnUp:
    """The step follows somebody else's run. This job's own run may still appear."""

    mark: Mark


@frozen
class MayBeSecond:
    """The step follows a run. It is not proven what happened to another request for it, so there may be a
    second run.
    """

    mark: Mark


@frozen
class SentAnew:
    """An earlier attempt has sent this request. No run appeared for so many seconds, so it was sent again."""

    mark: Mark
    seconds: float


@frozen
class Duplicates:
    """Other runs have the same mark as the run that counts."""

    run_ids: tuple[RunId, ...]


@frozen
class Supersedes:
    """Open runs of this repository that make room for the new one. The service is asked to end them."""

    run_ids: tuple[RunId, ...]


@frozen
class NotSuperseded:
    """Those of them that did not end, as far as known. `fault` is the last error on the way, if there was one."""

    run_ids: tuple[RunId, ...]
    fault: Fault | None = None


@frozen
class BegunBefore:
    """Runs of this job that existed before this attempt did anything for the object.

    A re-run continues the run `open`. `deployed`: it keeps what is deployed. Otherwise it starts a new run.
    """

    run_ids: tuple[RunId, ...]
    open: RunId | None = None
    deployed: bool = False


@frozen
class Elected:
    """The step follows another run of the same mark than the one named first."""

    winner: RunId
    before: RunId


@frozen
class OtherEnded:
    """A duplicate, or a run that was to make room, has ended by itself."""

    run_id: RunId
    status: str


@frozen
class DuplicateAdvanced:
    """Somebody has advanced a duplicate, so it is left to people."""

    run_id: RunId


@frozen
class OtherAbolished:
    """A duplicate, or a run that was to make room, was abolished."""

    run_id: RunId


@frozen
class DuplicateOpen:
    """A duplicate could not be abolished."""

    run_id: RunId
    fault: Fault


@frozen
class Inside:
    """The place of a node that cannot be deployed alone."""

    node: Node


Duplicate = OtherEnded | DuplicateAdvanced | OtherAbolished | DuplicateOpen
Note = (
    FoundByMark
    | MayTurnUp
    | MayBeSecond
    | SentAnew
    | Duplicates
    | Supersedes
    | NotSuperseded
    | BegunBefore
    | Elected
    | Duplicate
    | Inside
)


# ---- unexpected things in a reading

MOST_PLACES = 5


@frozen
class UnknownStatus:
    """Unknown statuses. The code is a stage's, or None for the status of the run itself."""

    places: tuple[tuple[str | None, str], ...]


@frozen
class BrokenStage:
    """A stage has failed, but its run continues."""

    stage: Stage
    run_status: str


Odd = UnknownStatus | BrokenStage


def odd_of(run: Run) -> Odd | None:
    """What is unexpected in a reading, or None."""
    places = [(None, run.status), *((each.code, each.status) for each in run.ordered)]
    unknown = tuple(place for place in places if place[1] not in STATUSES)
    if unknown:
        return UnknownStatus(unknown[:MOST_PLACES])
    broken = next((each for each in run.ordered if each.status in TERMINAL - {SUCCESS}), None)
    return BrokenStage(broken, run.status) if broken and not run.ended else None
