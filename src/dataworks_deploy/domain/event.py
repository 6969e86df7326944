"""What happens, as values for the log. `render/events.py` has the words for each."""

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
    """A creation was refused for now. It is sent again after `seconds`."""

    fault: Fault
    seconds: float


@frozen
class CreationUnanswered:
    """There was no clear answer to the creation, so the step looks for its run."""

    fault: Fault


@frozen
class CreationRepeated:
    """No run was found. The same request is sent once more, under the same nonce."""


@frozen
class RunCreated:
    """The service has answered with the ID of a new run."""

    run_id: RunId
    request_id: str | None


@frozen
class RunFound:
    """The answer to a creation was lost, and its run is in the list: it has the mark."""

    run: Run


@frozen
class OthersUnread:
    """The list of the object's runs cannot be read, so other runs may be open. The step continues."""

    fault: Fault


@frozen
class OtherFollowed:
    """The step follows somebody else's run instead."""

    run: Run


@frozen
class EarlierRunActive:
    """An earlier attempt or a copy of the job has created a run. The step follows it."""

    run_id: RunId


@frozen
class EarlierRunOver:
    """The run of an earlier attempt has ended. A new one comes after it."""

    run: Run


@frozen
class EarlierRunAppeared:
    """A run of an earlier attempt has appeared. The step follows it."""

    run_id: RunId


@frozen
class EarlierRequestMet:
    """An earlier attempt has sent this request. The step looks for its run for so many `seconds`."""

    seconds: float


@frozen
class EarlierRequestGone:
    """The earlier request created nothing, so the request is sent again."""


@frozen
class DescriptionsHidden:
    """A run of this step shows no description, so no run can be recognised by its mark."""

    run_id: RunId


@frozen
class Leftovers:
    """Runs of somebody else are open on the object. The step leaves them alone."""

    runs: tuple[Run, ...]


@frozen
class Twins:
    """Several runs have the same mark. `kept` is None if the run that counts must still be created."""

    kept: RunId | None
    others: tuple[RunId, ...]


@frozen
class MissingFromList:
    """The run that counts is not in the list of runs."""

    run_id: RunId


# ---- following


@frozen
class StageExecuted:
    """A stage is about to be executed."""

    stage: str


@frozen
class StageNotExecuted:
    """An execution was refused, or its end is unclear."""

    stage: str
    ending: Refused | Unclear


@frozen
class RunShows:
    """A reading shows something new. `after` is the time since the work on the object began."""

    run_id: RunId
    status: str
    stage: Stage | None
    after: timedelta


@frozen
class OddSeen:
    """A reading shows something unexpected."""

    odd: Odd


@frozen
class PersonNeeded:
    """A stage waits for a person. `executions` counts its executions if it still waits after them, else 0."""

    run_id: RunId
    stage: Stage
    because: Because
    executions: int = 0


@frozen
class StageStill:
    """A stage that runs by itself has not started for so many seconds, although all stages before it are done."""

    run_id: RunId
    stage: Stage
    seconds: float


@frozen
class ReadingFailed:
    """So many readings in a row have failed: of this run, or of the list of runs if `run_id` is None."""

    run_id: RunId | None
    count: int
    fault: Fault


@frozen
class RunUnread:
    """One reading of a run has failed. The next comes after `seconds`."""

    run_id: RunId
    seconds: float


@frozen
class RunsUnread:
    """Not all runs were read. The next reading comes after `seconds`."""

    seconds: float


@frozen
class StillUnderWay:
    """Nothing has changed for a while. `records` are the objects still running, `calls` the API calls so far."""

    records: tuple[Record, ...]
    calls: int


# ---- runs that the user names


@frozen
class StagesMissing:
    """A new run shows no stages yet, so its type is unknown."""

    run_id: RunId


@frozen
class NotListedYet:
    """A new run is not in the list of the object's runs yet. The step looks for it for so many `seconds`."""

    run_id: RunId
    object_id: ObjectId
    seconds: float


# ---- runs to abolish


@frozen
class RunAbolished:
    """The service has accepted the request to abolish the run."""

    run_id: RunId


@frozen
class RunDeploys:
    """The run already deploys, so it is left alone."""

    run_id: RunId


@frozen
class RunHasEnded:
    """The run to abolish has already ended."""

    run_id: RunId
    status: str


@frozen
class RunIsOthers:
    """The run to abolish belongs to somebody else and is left alone: it does not have this `mark`."""

    run: Run
    mark: Mark


@frozen
class DeployedMeanwhile:
    """The run began to deploy while it was being abolished."""

    run_id: RunId


@frozen
class NotAbolished:
    """The run could not be abolished."""

    run_id: RunId
    fault: Fault | None


# ---- what is read before the first creation


@frozen
class ListIsLong:
    """A list of so many objects takes about so many calls to read."""

    operation: str
    objects: int
    calls: int


@frozen
class ListIsShort:
    """However often it was read, a list has shown fewer objects than the service claims."""

    operation: str
    shown: int
    total: int


@frozen
class ReadingDenied:
    """This call is denied. The step continues without what it would show. `needless`: with other inputs it would not
    make this call.
    """

    operation: str
    fault: Fault
    needless: bool = True


@frozen
class OrderUnknown:
    """The dependencies of so many objects could not be read. So all are deployed in the order given, one at a time."""

    objects: int


@frozen
class ChangesUnread:
    """The runs of so many objects could not be read, so it is unknown whether the objects have changed."""

    objects: int


@frozen
class ContentUnread:
    """So many objects could not be read, so it is unknown whether they have changed."""

    objects: int


@frozen
class UpstreamAdded:
    """These objects are deployed too, because selected ones need them."""

    objects: tuple[StudioObject, ...]


@frozen
class UpstreamMissing:
    """The object needs one that is not selected and not in production."""

    object: StudioObject
    missing: Missing


@frozen
class NothingFits:
    """Lines that match no object, which is allowed."""

    lines: tuple[str, ...]


@frozen
class LeftBehind:
    """An earlier attempt of the job has left a run open, and this attempt does not select its object."""

    object: StudioObject
    run: Run


@frozen
class ObjectsChosen:
    """So many objects in so many levels, at most `at_once` at a time. `unchanged` counts the unchanged ones."""

    objects: int
    levels: int
    at_once: int
    unchanged: int = 0


# ---- calls


@frozen
class CallEnded:
    """One API call and how it ended. `number` counts from 1. `ending` is None if nobody waited for the answer
    any more.
    """

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
    | ListIsShort
    | ReadingDenied
    | OrderUnknown
    | ChangesUnread
    | ContentUnread
    | UpstreamAdded
    | UpstreamMissing
    | NothingFits
    | LeftBehind
    | ObjectsChosen
)
OfCalls = ReadingFailed | RunUnread | RunsUnread | CallEnded
Event = OfCreation | OfRun | OfAbolition | OfChoice | OfCalls | Duplicate | Inside
