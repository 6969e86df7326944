"""Why an object is as it is: closed unions of frozen values with the facts in them, never sentences.

`render/reasons.py` has the words, the advice and the stable code of each.
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
    """The step ended before the object's turn."""


@frozen
class AnotherFailed:
    """Another object failed, so this one was not started; `last` has refused its creation for now, if one was sent."""

    last: Fault | None = None


@frozen
class NeedsFailed:
    """This one needs an object that did not succeed, so it was not started; `name` is that object's, if known."""

    because: ObjectId
    name: str = ""


@frozen
class NeedsOpen:
    """This one needs an object whose run was left open for a person, so it was not started; `name` as above."""

    because: ObjectId
    name: str = ""


@frozen
class InFlight:
    """The creation leaves, and its answer is awaited."""

    mark: Mark


@frozen
class AnswerLost:
    """The answer to the creation was lost, and nobody can tell whether a run was created.

    `lost` are the requests without a clear answer, at least one. `since` is None for a re-run of the job, `until` as
    long as the request may still be sent or carried out. `sent_before` says that only an earlier attempt can have sent
    it. `unread` is why the list of runs could not be read at last; `never_read` says that it never could. `unmarked`
    says that runs show no descriptions, so that none could be recognised.
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
    """The creation was refused, provably, and is to be sent again."""

    fault: Fault


@frozen
class CreationRefused:
    """The creation was refused for good."""

    fault: Fault


@frozen
class NotSent:
    """No byte of the creation could be sent."""

    fault: Fault


@frozen
class Conflict:
    """The answer to the creation was `lost`, and somebody else's run is active on the object."""

    run: Run
    mark: Mark
    wanted: DeployType
    lost: Fault


@frozen
class OpenBefore:
    """Somebody else's run was open on the object, so that nothing was created."""

    run: Run
    wanted: DeployType


@frozen
class OthersUnreadable:
    """Nobody can tell whether other runs are open on the object, and by `choice` nothing was created."""

    choice: OnActiveRun
    fault: Fault


@frozen
class NotOurs:
    """The creation was answered with the ID of a run that is somebody else's."""

    run: Run
    mark: Mark


@frozen
class EarlierUnmarked:
    """A re-run of the job cannot tell whether one of these runs is its own, and has created nothing."""

    runs: tuple[Run, ...]


@frozen
class EarlierUnreadable:
    """A re-run of the job may not read what its earlier attempts have left, and has created nothing."""

    intent: str
    fault: Fault


# ---- with a run


@frozen
class Succeeded:
    """The run's status is Success, read twice."""


@frozen
class DeployedBefore:
    """An earlier attempt of the job has deployed the object."""

    run: Run


@frozen
class LeftOpen:
    """The run is open, as asked: nothing was to be followed."""


@frozen
class StageReached:
    """until-stage did its work, or came too late for it. The service goes on by itself `to` a later stage, or not."""

    run: Run
    stage: Stage
    to: Stage | None = None


class Because(Enum):
    """Why a stage is left to a person that a call could execute."""

    NO_CALL_MOVES_IT = auto()
    ADVANCE_FALSE = auto()
    FOREIGN = auto()


@frozen
class LeftToPerson:
    """The stage waits for a person, and the run was left open there, as on-approval asks."""

    run_id: RunId
    stage: str
    because: Because


@frozen
class NoSuchStage:
    """until-stage names a stage that the run does not have; these it has."""

    run_id: RunId
    wanted: str
    codes: tuple[str, ...]


@frozen
class RunEnded:
    """The run ended otherwise than in success."""

    run: Run


def is_withdrawn(run: Run) -> bool:
    """Whether a run looks like one that this action has abolished: it bears a mark, was ended, and changed nothing.

    The service does not say who ended a run.
    """
    return (
        run.status in {TERMINATION, CANCEL} and not run.deploying and parse_mark(run.description) is not None
    )


@frozen
class OtherType:
    """The run that was followed does the opposite of what was asked for."""

    run: Run
    wanted: DeployType


@frozen
class StageRefused:
    """The execution of a stage was refused for good."""

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
    """Nobody can see whether the run is the job's only one, so it was not advanced."""

    run_id: RunId
    fault: Fault


# ---- runs that the user names


@frozen
class NotOfWorkspace:
    """A run of run-ids is not one of this workspace."""

    run_id: RunId
    project_id: int
    fault: Fault | None = None


@frozen
class NamedOfOtherType:
    """A run of run-ids does the opposite of what was asked for."""

    run: Run
    wanted: DeployType


@frozen
class NotListed:
    """A run of run-ids is not among the runs of the object that it was given with."""

    run_id: RunId
    object_id: ObjectId


@frozen
class OfOtherObject:
    """A run of run-ids is one of another object that was given, and not of the one that it was given with."""

    run_id: RunId
    object_id: ObjectId
    owner: ObjectId


@frozen
class ObjectUnreadable:
    """Nobody can tell whether a run of run-ids is of the object that it was given with."""

    run_id: RunId
    object_id: ObjectId
    fault: Fault


@frozen
class NothingChanged:
    """Production holds what the draft holds: this run has put it there, and nothing has happened since."""

    run: Run


# ---- a dry run


@frozen
class Planned:
    """A run would be created; `active` are the object's open ones."""

    creation: Creation
    active: tuple[Run, ...] = ()


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
    """Nothing was planned, because a node inside a workflow is deployed only with it."""

    node: Node


@frozen
class NoSuchObject:
    """Nothing was planned, because nothing in the workspace has the ID, and no run is of it."""

    creation: Creation
    fault: Fault


# ---- a step that ends before its work is done


@frozen
class NotTakenUp:
    """The step ended before it was clear whether a run of run-ids is to be continued."""

    run_id: RunId
    by: End


@frozen
class StepCancelled:
    """The step was cancelled, with a run under way or before there was one.

    `last` is what was said of a creation that did not come about, here and below.
    """

    run_id: RunId | None
    last: Fault | None = None


@frozen
class BrokenOff:
    """An error of our own ended the step."""

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
    """The step was killed while the run was under way. `abolishes`: the post step then ends the run, if it may."""

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
    | RunPlanned
    | NoAccess
    | InnerNode
    | NoSuchObject
    | Interruption
    | Killed
)


def fault_of(reason: Reason | None) -> Fault | None:
    """The error that brought it about, if one did."""
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


# ---- what is worth knowing of an object, however it ends


@frozen
class FoundByMark:
    """No clear answer told of the run: it was found by its mark."""

    run: Run


@frozen
class MayTurnUp:
    """Somebody else's run is followed; this job's own may still turn up."""

    mark: Mark


@frozen
class MayBeSecond:
    """A run is carried on; what became of one of the requests for it is not proven."""

    mark: Mark


@frozen
class SentAnew:
    """An earlier attempt has sent this request, nothing came of it for so many seconds, and it was sent anew."""

    mark: Mark
    seconds: float


@frozen
class Duplicates:
    """Other runs bear the mark of the one that counts."""

    run_ids: tuple[RunId, ...]


@frozen
class Supersedes:
    """Open runs of this repository's that give way to the one to come: the service is asked to end them."""

    run_ids: tuple[RunId, ...]


@frozen
class BegunBefore:
    """Runs of this job that there were before this attempt has done anything for the object."""

    run_ids: tuple[RunId, ...]


@frozen
class Elected:
    """Another run of the mark is carried on than the one that was named first."""

    winner: RunId
    before: RunId


@frozen
class DuplicateEnded:
    """A duplicate has ended by itself."""

    run_id: RunId
    status: str


@frozen
class DuplicateAdvanced:
    """A duplicate is left to people, because somebody has advanced it."""

    run_id: RunId


@frozen
class DuplicateAbolished:
    """A duplicate was abolished."""

    run_id: RunId


@frozen
class DuplicateOpen:
    """A duplicate could not be abolished."""

    run_id: RunId
    fault: Fault


@frozen
class Inside:
    """Where a node is that cannot be deployed alone."""

    node: Node


Duplicate = DuplicateEnded | DuplicateAdvanced | DuplicateAbolished | DuplicateOpen
Note = (
    FoundByMark
    | MayTurnUp
    | MayBeSecond
    | SentAnew
    | Duplicates
    | Supersedes
    | BegunBefore
    | Elected
    | Duplicate
    | Inside
)


# ---- what a reading shows that nobody expects

MOST_PLACES = 5


@frozen
class UnknownStatus:
    """Statuses that nobody knows: of the run where the code is None, else of the stage of this code."""

    places: tuple[tuple[str | None, str], ...]


@frozen
class BrokenStage:
    """A stage has ended badly in a run that goes on as if nothing had happened."""

    stage: Stage
    run_status: str


Odd = UnknownStatus | BrokenStage


def odd_of(run: Run) -> Odd | None:
    """What is strange about a reading, None where nothing is."""
    places = [(None, run.status), *((each.code, each.status) for each in run.ordered)]
    unknown = tuple(place for place in places if place[1] not in STATUSES)
    if unknown:
        return UnknownStatus(unknown[:MOST_PLACES])
    broken = next((each for each in run.ordered if each.status in TERMINAL - {SUCCESS}), None)
    return BrokenStage(broken, run.status) if broken and not run.ended else None
