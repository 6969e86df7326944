"""What happens, as values for the log. `render/events.py` has the words of each."""

from datetime import timedelta

from . import frozen
from .ending import Ending, Fault, Refused, Unclear
from .model import ObjectId, Run, RunId, Stage
from .reason import Because, Duplicate, Inside, Odd
from .reconcile import Mark
from .record import Record
from .studio.catalog import StudioObject
from .studio.dependencies import Missing
from .studio.operations import AnyOperation

# ---- the creation


@frozen
class CreationPutOff:
    """A creation was refused for now; it is sent again in so many seconds."""

    fault: Fault
    seconds: float


@frozen
class CreationUnanswered:
    """There was no clear answer to the creation: its run is looked for."""

    fault: Fault


@frozen
class CreationRepeated:
    """No run was found: the same request is sent once more, under the same nonce."""


@frozen
class RunCreated:
    """The service has answered with the ID of a new run."""

    run_id: RunId
    request_id: str | None


@frozen
class RunFound:
    """The run of a creation whose answer was lost shows in the list, by its mark."""

    run: Run


@frozen
class OthersUnread:
    """Whether other runs are open on the object cannot be read; the step goes on."""

    fault: Fault


@frozen
class OtherFollowed:
    """Somebody else's run is followed instead."""

    run: Run


@frozen
class EarlierRunActive:
    """A run of this job was created before, by an earlier attempt or by a copy of the job, and is followed."""

    run_id: RunId


@frozen
class EarlierRunOver:
    """The run of an earlier attempt has ended, and a new one follows it."""

    run: Run


@frozen
class EarlierRunAppeared:
    """A run of an earlier attempt has come into sight, and is followed."""

    run_id: RunId


@frozen
class EarlierRequestMet:
    """An earlier attempt has sent this request: its run is looked for so many seconds."""

    seconds: float


@frozen
class EarlierRequestGone:
    """Nothing came of it: the request is sent anew."""


@frozen
class DescriptionsHidden:
    """A run of this step's shows no description, so that no run can be recognised by its mark."""

    run_id: RunId


@frozen
class Leftovers:
    """Runs of somebody else are open on the object, and are left alone."""

    runs: tuple[Run, ...]


@frozen
class Twins:
    """Several runs bear the same mark; `kept` is None where the one that counts is still to be created."""

    kept: RunId | None
    others: tuple[RunId, ...]


@frozen
class MissingFromList:
    """The run that counts does not show in the list of runs."""

    run_id: RunId


# ---- following


@frozen
class StageExecuted:
    """A stage is about to be executed."""

    stage: str


@frozen
class StageNotExecuted:
    """An execution did not succeed, or nobody can tell."""

    stage: str
    ending: Refused | Unclear


@frozen
class RunShows:
    """A reading shows something new; so long after the work on the object began."""

    run_id: RunId
    status: str
    stage: Stage | None
    after: timedelta


@frozen
class OddSeen:
    """A reading shows what nobody expects."""

    odd: Odd


@frozen
class PersonNeeded:
    """A stage waits for a person; `executions` is how often it was executed, where it still waits after that."""

    run_id: RunId
    stage: Stage
    because: Because
    executions: int = 0


@frozen
class StageStill:
    """A stage that runs by itself has not started for so many seconds, and all before it are done."""

    run_id: RunId
    stage: Stage
    seconds: float


@frozen
class ReadingFailed:
    """So many readings in a row have failed: of this run, or of the list of runs where it is None."""

    run_id: RunId | None
    count: int
    fault: Fault


@frozen
class RunUnread:
    """One reading of a run has failed: the next comes in so many seconds."""

    run_id: RunId
    seconds: float


@frozen
class RunsUnread:
    """Not all runs were read: the next reading comes in so many seconds."""

    seconds: float


@frozen
class StillUnderWay:
    """Nothing has changed for a while; these objects are under way, after so many API calls."""

    records: tuple[Record, ...]
    calls: int


# ---- runs that the user names


@frozen
class StagesMissing:
    """A young run shows no stages yet, and so not its type."""

    run_id: RunId


@frozen
class NotListedYet:
    """A young run is not among the object's runs yet: it is looked for so many seconds."""

    run_id: RunId
    object_id: ObjectId
    seconds: float


# ---- runs that are to be abolished


@frozen
class RunAbolished:
    """The service was asked to end the run, and has agreed."""

    run_id: RunId


@frozen
class RunDeploys:
    """The run is deploying already, and is left alone."""

    run_id: RunId


@frozen
class RunHasEnded:
    """The run that was to be abolished has ended."""

    run_id: RunId
    status: str


@frozen
class RunIsOthers:
    """The run that was to be abolished is somebody else's, and is left alone; this `mark` it does not bear."""

    run: Run
    mark: Mark


@frozen
class DeployedMeanwhile:
    """The run began to deploy while it was abolished."""

    run_id: RunId


@frozen
class NotAbolished:
    """The run could not be abolished."""

    run_id: RunId
    fault: Fault | None


# ---- what is read before anything is created


@frozen
class ListIsLong:
    """So many objects are listed, which takes about so many calls."""

    operation: str
    objects: int
    calls: int


@frozen
class ReadingDenied:
    """This call may not be made; the step goes on without what it would show."""

    operation: str
    fault: Fault


@frozen
class OrderUnknown:
    """What these objects need could not be read, so all are taken in the order given, one at a time."""

    objects: int


@frozen
class ChangesUnread:
    """Of so many objects the runs could not be read, so that nobody can tell whether they have changed."""

    objects: int


@frozen
class UpstreamMissing:
    """The object needs one that is neither selected nor in production."""

    object: StudioObject
    missing: Missing


@frozen
class NothingFits:
    """Lines that found nothing, which is allowed."""

    lines: tuple[str, ...]


@frozen
class LeftBehind:
    """An earlier attempt of the job has left a run of an object open that is not selected any more."""

    object: StudioObject
    run: Run


@frozen
class ObjectsChosen:
    """So many objects in so many levels, at most so many at once; of them so many are unchanged."""

    objects: int
    levels: int
    at_once: int
    unchanged: int = 0


# ---- calls


@frozen
class CallEnded:
    """A call of the API, its number from 1, and how it ended: None where nobody waited for it any more."""

    number: int
    operation: AnyOperation
    ending: Ending[object] | None
    milliseconds: float


OfCreation = (
    CreationPutOff
    | CreationUnanswered
    | CreationRepeated
    | RunCreated
    | RunFound
    | OthersUnread
    | OtherFollowed
    | EarlierRunActive
    | EarlierRunOver
    | EarlierRunAppeared
    | EarlierRequestMet
    | EarlierRequestGone
    | DescriptionsHidden
    | Leftovers
    | Twins
    | MissingFromList
)
OfRun = (
    StageExecuted
    | StageNotExecuted
    | RunShows
    | OddSeen
    | PersonNeeded
    | StageStill
    | StillUnderWay
    | StagesMissing
    | NotListedYet
)
OfAbolition = RunAbolished | RunDeploys | RunHasEnded | RunIsOthers | DeployedMeanwhile | NotAbolished
OfChoice = (
    ListIsLong
    | ReadingDenied
    | OrderUnknown
    | ChangesUnread
    | UpstreamMissing
    | NothingFits
    | LeftBehind
    | ObjectsChosen
)
OfCalls = ReadingFailed | RunUnread | RunsUnread | CallEnded
Event = OfCreation | OfRun | OfAbolition | OfChoice | OfCalls | Duplicate | Inside
