"""Objects, runs and stages as the service shows them, the choices of the inputs, and the service's operations."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import ClassVar, Generic, NewType, TypeVar

from . import frozen

ObjectId = NewType("ObjectId", str)
RunId = NewType("RunId", str)

# The service's words, for runs and stages alike. A status stays the word that the service sent, because even an unknown
# word must reach the report.
INIT = "Init"
RUNNING = "Running"
SUCCESS = "Success"
FAIL = "Fail"
TERMINATION = "Termination"
CANCEL = "Cancel"
TERMINAL = frozenset({SUCCESS, FAIL, TERMINATION, CANCEL})
STATUSES = TERMINAL | {INIT, RUNNING}

# Types of stages that wait for ExecPipelineRunStage. `DEPLOYING` stages change an environment.
CHECK = "Check"
DEPLOYING = frozenset({"Deploy", "Offline", "Delete"})
EXECUTABLE = DEPLOYING | {CHECK}
BUILD = "Build"  # stages of this type run by themselves
KNOWN_TYPES = EXECUTABLE | {BUILD}  # stages of other types are never executed


class DeployType(StrEnum):
    """What a pipeline run does with its object."""

    ONLINE = "Online"
    OFFLINE = "Offline"


# Stages that only runs of one type have. A Delete stage says nothing: runs of both types may remove a deleted object.
_SHOWS = {"Deploy": DeployType.ONLINE, "Offline": DeployType.OFFLINE}


@frozen
class Stage:
    """One stage of a pipeline run. Stages run in the order of `step`, not in the order of a list."""

    code: str
    name: str
    step: int
    type: str
    status: str
    message: str = ""


@frozen
class Run:
    """A pipeline run as one answer of the service shows it.

    `created_ms` and `modified_ms` are UTC, in milliseconds since 1970. 0 means unknown.
    """

    id: RunId
    status: str
    message: str = ""
    description: str = ""
    creator: str = ""
    created_ms: int = 0
    modified_ms: int = 0
    project_id: int | None = None
    stages: tuple[Stage, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether the status is final."""
        return self.status in TERMINAL

    @property
    def ordered(self) -> tuple[Stage, ...]:
        """The stages by step, lowest first."""
        return tuple(sorted(self.stages, key=attrgetter("step")))

    @property
    def advanced(self) -> bool:
        """Whether somebody has executed a stage. A stage that waits for execution stays in `Init` until then.

        A check that comes first does not count. It may run by itself, as it does when an object is undeployed.
        """
        first = next((stage for stage in self.ordered if stage.type == CHECK), None)
        by_itself = first if first in self.ordered[:1] else None
        return any(
            stage.type in EXECUTABLE and stage.status != INIT
            for stage in self.stages
            if stage is not by_itself
        )

    @property
    def production(self) -> frozenset[str]:
        """The codes of the stages that change production: the last stage of each type that changes an environment.

        In standard mode, an earlier stage of type Deploy changes development.
        """
        return frozenset({each.type: each.code for each in self.ordered if each.type in DEPLOYING}.values())

    @property
    def deploying(self) -> bool:
        """Whether a stage that changes production has started."""
        return any(stage.code in self.production and stage.status != INIT for stage in self.stages)

    @property
    def may_have_deployed(self) -> bool:
        """Whether a stage has started that changes production, or may: what a stage of an unknown type does is not
        known.
        """
        return self.deploying or any(
            stage.status != INIT and stage.type not in KNOWN_TYPES for stage in self.stages
        )

    @property
    def develops(self) -> bool:
        """Whether a stage that changes development has started."""
        earlier = (
            each for each in self.stages if each.type in DEPLOYING and each.code not in self.production
        )
        return any(stage.status != INIT for stage in earlier)

    @property
    def types(self) -> frozenset[DeployType]:
        """The types that the stages allow. Empty if the stages do not show it: no answer holds the type itself."""
        return frozenset(_SHOWS[stage.type] for stage in self.stages if stage.type in _SHOWS)

    def may_be(self, wanted: DeployType) -> bool:
        """Whether the stages allow this type. A run without stages allows every type."""
        return not self.types or wanted in self.types

    @property
    def reached(self) -> Stage | None:
        """The last stage that has started, or None."""
        started = [stage for stage in self.ordered if stage.status != INIT]
        return started[-1] if started else None

    def stage(self, code: str | None) -> Stage | None:
        """The stage with this code, or None."""
        return next((stage for stage in self.stages if stage.code == code), None)

    def furthest(self, code: str | None) -> str | None:
        """The later of two stages: the last one that has started, or the one with this code. Returns its code.

        A run that has ended went no further than it shows.
        """
        known = None if self.ended else self.stage(code)
        stages = [stage for stage in (self.reached, known) if stage]
        return max(stages, key=attrgetter("step")).code if stages else None


@frozen
class Page:
    """One page of ListPipelineRuns.

    `total` is the number of runs that the service claims. It may be less than the number that it shows. `size` is the
    page size that the answer gives; only the last page may hold fewer runs.
    """

    runs: tuple[Run, ...]
    total: int
    size: int


@frozen
class Node:
    """Where a node is in Data Studio, and the workflow that contains it. Empty if the answer does not say."""

    path: str = ""
    workflow: str = ""


@frozen
class Creation:
    """The request for one creation, without the mark: one object, never a list."""

    project_id: int
    object_id: ObjectId
    type: DeployType
    note: str = ""
    run_mode: str = "Normal"
    auto_run_until_stage: str = ""

    def of(self, object_id: ObjectId) -> "Creation":
        """The same request for another object."""
        return replace(self, object_id=object_id)


class Order(StrEnum):
    """The order in which objects are deployed."""

    DEPENDENCIES = "dependencies"
    GIVEN = "given"


class Upstream(StrEnum):
    """What happens if an upstream object is not selected and not in production."""

    WARN = "warn"
    FAIL = "fail"
    INCLUDE = "include"


class OnActiveRun(StrEnum):
    """What an open run of somebody else means for an object."""

    WARN = "warn"
    IGNORE = "ignore"
    FAIL = "fail"
    ADOPT = "adopt"
    SUPERSEDE = "supersede"


class Language(StrEnum):
    """What people read: of the log, annotations, summary and the outputs' `message`."""

    ENGLISH = "en"
    CHINESE = "zh"


class OnApproval(StrEnum):
    """What to do with a run that only a person can continue."""

    WAIT = "wait"
    LEAVE = "leave"


class OnRerun(StrEnum):
    """What a later attempt of the job does with an object that an earlier attempt has deployed."""

    RESUME = "resume"
    REDEPLOY = "redeploy"


class AbolishOn(StrEnum):
    """The ends of a step at which it abolishes its own runs, unless these already deploy."""

    CANCEL = "cancel"
    TIMEOUT = "timeout"
    FAILURE = "failure"


class RunMode(StrEnum):
    """Who executes the stages of a run: the caller (Normal), or the service up to a given stage (Auto)."""

    NORMAL = "Normal"
    AUTO = "Auto"


# A limit: an answer may claim ten thousand stages. Real runs have fewer than ten.
MOST_SPANS = 40


@frozen
class Span:
    """When one stage ran, as the readings showed it. `ended` is None until a reading shows the end.

    `timed` is False if the stage had already ended at the first reading of the run: its times are unknown.
    """

    code: str
    status: str
    began: datetime
    ended: datetime | None = None
    timed: bool = True


Spans = tuple[Span, ...]


def seen(spans: Spans, run: Run, now: datetime, last: datetime | None) -> Spans:
    """Return the spans after one more reading, in the order of the stages. Unchanged spans are the same value.

    `last` is the time of the previous reading, or of the request for the run. None if both are unknown. A stage may
    begin and end between two readings. Then its span begins at `last`, or at the end of the stage before it, whichever
    is later.
    """
    known = {span.code: span for span in spans}
    stages = [stage for stage in run.ordered if stage.status != INIT or stage.code in known]
    after: list[Span] = []
    for stage in stages[:MOST_SPANS]:
        before = after[-1].ended if after else None
        since = max(last, before) if last and before else last
        after.append(_span(known.get(stage.code), stage, since, now))
    return spans if after == [*spans] or not after else tuple(after)


def _span(known: Span | None, stage: Stage, since: datetime | None, now: datetime) -> Span:
    over = stage.status in TERMINAL
    if known is None:
        began = since if since and over else now
        return Span(stage.code, stage.status, began, now if over else None, timed=bool(since) or not over)
    # Lists lag behind: a stage that a reading has shown as ended does not run again.
    if known.ended or stage.status in {INIT, known.status}:
        return known
    return replace(known, status=stage.status, ended=now if over else None)


T_co = TypeVar("T_co", covariant=True)
PAGE_SIZE = 100  # the most that ListPipelineRuns returns; it refuses fewer than 10 (InvalidPageSize)


@frozen
class Operation(Generic[T_co]):
    """One call to make. Its type parameter says what the answer holds.

    `reads`: the call changes nothing. `advances`: the call brings an object closer to production.
    """

    reads: ClassVar[bool] = True
    advances: ClassVar[bool] = False


@frozen
class CreatePipelineRun(Operation[RunId]):
    """Create one run for one object. `nonce` is the signature nonce: the gateway accepts each nonce once."""

    reads: ClassVar[bool] = False
    advances: ClassVar[bool] = True
    creation: Creation
    description: str
    nonce: str


@frozen
class ListPipelineRuns(Operation[Page]):
    """Read one page of the runs of an object, or of all runs of the workspace if `object_id` is None. `number` counts
    from 1.
    """

    object_id: ObjectId | None
    number: int = 1


@frozen
class GetPipelineRun(Operation[Run]):
    """Read one run."""

    run_id: RunId


@frozen
class ExecPipelineRunStage(Operation[None]):
    """Start the stage with this code. The call returns before the stage ends."""

    reads: ClassVar[bool] = False
    advances: ClassVar[bool] = True
    run_id: RunId
    stage: str


@frozen
class AbolishPipelineRun(Operation[None]):
    """Ask the service to end a run."""

    reads: ClassVar[bool] = False
    run_id: RunId


RunOperation = (
    CreatePipelineRun | ListPipelineRuns | GetPipelineRun | ExecPipelineRunStage | AbolishPipelineRun
)
