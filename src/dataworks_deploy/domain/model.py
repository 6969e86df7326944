"""Objects, runs and stages as the service has them, the choices of the inputs, and the operations of the service."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import ClassVar, Generic, NewType, TypeVar

from . import frozen

ObjectId = NewType("ObjectId", str)
RunId = NewType("RunId", str)

# The service's words for runs and stages alike. A status is kept as the word that came, because words
# that nobody has seen before must survive until the report.
INIT = "Init"
RUNNING = "Running"
SUCCESS = "Success"
FAIL = "Fail"
TERMINATION = "Termination"
CANCEL = "Cancel"
TERMINAL = frozenset({SUCCESS, FAIL, TERMINATION, CANCEL})
STATUSES = TERMINAL | {INIT, RUNNING}

# Stage types that wait for ExecPipelineRunStage; of these, the last three change an environment.
CHECK = "Check"
DEPLOYING = frozenset({"Deploy", "Offline", "Delete"})
EXECUTABLE = DEPLOYING | {CHECK}


class DeployType(StrEnum):
    """What a pipeline run does with its object."""

    ONLINE = "Online"
    OFFLINE = "Offline"


# Stages that only runs of one type have; to take a deleted object out may be part of either.
_SHOWS = {"Deploy": DeployType.ONLINE, "Offline": DeployType.OFFLINE}


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a pipeline run. Stages run in the order of `step`, whatever their place in a list."""

    code: str
    name: str
    step: int
    type: str
    status: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A pipeline run as one answer of the service showed it.

    `created_ms` and `modified_ms` are in milliseconds UTC, 0 where they are not known.
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
        """Whether the status is one that never changes again."""
        return self.status in TERMINAL

    @property
    def ordered(self) -> tuple[Stage, ...]:
        """The stages by step, lowest first."""
        return tuple(sorted(self.stages, key=attrgetter("step")))

    @property
    def advanced(self) -> bool:
        """Whether somebody has executed a stage: one that waits to be executed has left `Init`.

        A check that comes first may run by itself, as that of an undeployment does.
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
        """The codes of the stages that change production: of each type that changes an environment the last one.

        In standard mode an earlier stage of type Deploy changes development.
        """
        return frozenset({each.type: each.code for each in self.ordered if each.type in DEPLOYING}.values())

    @property
    def deploying(self) -> bool:
        """Whether a stage that changes production has started."""
        return any(stage.code in self.production and stage.status != INIT for stage in self.stages)

    @property
    def develops(self) -> bool:
        """Whether a stage that changes development has started."""
        earlier = (
            each for each in self.stages if each.type in DEPLOYING and each.code not in self.production
        )
        return any(stage.status != INIT for stage in earlier)

    @property
    def types(self) -> frozenset[DeployType]:
        """What the run may be by its stages, empty where they do not show it: no answer holds the type itself."""
        return frozenset(_SHOWS[stage.type] for stage in self.stages if stage.type in _SHOWS)

    def may_be(self, wanted: DeployType) -> bool:
        """Whether the stages leave it possible that the run does this; as long as there are none they do."""
        return not self.types or wanted in self.types

    @property
    def reached(self) -> Stage | None:
        """The last stage that has started, or None where none has."""
        started = [stage for stage in self.ordered if stage.status != INIT]
        return started[-1] if started else None

    def stage(self, code: str | None) -> Stage | None:
        """The stage of this code, or None where the run has none."""
        return next((stage for stage in self.stages if stage.code == code), None)

    def furthest(self, code: str | None) -> str | None:
        """The code of the stage that comes later: the last one that has started, or this one.

        A run that has ended went no further than it shows.
        """
        known = None if self.ended else self.stage(code)
        stages = [stage for stage in (self.reached, known) if stage]
        return max(stages, key=attrgetter("step")).code if stages else None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of ListPipelineRuns. `total` is what the service claims, which may be less than it shows.

    `size` is how many runs a page has that is not the last one, as the answer itself says.
    """

    runs: tuple[Run, ...]
    total: int
    size: int


@frozen
class Node:
    """Where a node stands in Data Studio, and the workflow that it lies in; empty where the answer does not say."""

    path: str = ""
    workflow: str = ""


@dataclass(frozen=True, slots=True)
class Creation:
    """What is asked of CreatePipelineRun, but for the mark: one object, never a list.

    `content` is the fingerprint of the draft as it was read, for the mark; empty where it was not read.
    """

    project_id: int
    object_id: ObjectId
    type: DeployType
    note: str = ""
    run_mode: str = "Normal"
    auto_run_until_stage: str = ""
    content: str = ""

    def of(self, object_id: ObjectId, content: str = "") -> "Creation":
        """The same of another object."""
        return replace(self, object_id=object_id, content=content)


class Order(StrEnum):
    """In which order objects are deployed."""

    DEPENDENCIES = "dependencies"
    GIVEN = "given"


class Upstream(StrEnum):
    """What it means that an upstream object is neither selected nor in production."""

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
    """What is done about a run that only a person can move."""

    WAIT = "wait"
    LEAVE = "leave"


class OnRerun(StrEnum):
    """What a later attempt of the job does with what an earlier one has deployed."""

    RESUME = "resume"
    REDEPLOY = "redeploy"


class AbolishOn(StrEnum):
    """An end of the step with which its own runs are abolished, as long as they do not deploy yet."""

    CANCEL = "cancel"
    TIMEOUT = "timeout"
    FAILURE = "failure"


class RunMode(StrEnum):
    """Who executes the stages of a run: whoever asks for it, or the service up to a stage."""

    NORMAL = "Normal"
    AUTO = "Auto"


# An answer may claim ten thousand stages; real runs have fewer than ten.
MOST_SPANS = 40


@frozen
class Span:
    """One stage as the readings showed it. `ended` is None while it was not seen to have ended.

    It is not `timed` where the stage was over when its run was first read: nobody knows when it ran.
    """

    code: str
    status: str
    began: datetime
    ended: datetime | None = None
    timed: bool = True


Spans = tuple[Span, ...]


def seen(spans: Spans, run: Run, now: datetime, last: datetime | None) -> Spans:
    """The spans after one more reading, in the order of the stages; the same value where it shows nothing new.

    `last` is when the run was read before, or asked for; None where nothing is known of that. A stage that began and
    ended since began then, or when the stage before it had ended, for all that is known.
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
    # Lists lag behind: what was seen to have ended does not run again.
    if known.ended or stage.status in {INIT, known.status}:
        return known
    return replace(known, status=stage.status, ended=now if over else None)


T_co = TypeVar("T_co", covariant=True)
PAGE_SIZE = 100  # the most that ListPipelineRuns gives; lists refuse fewer than 10 (InvalidPageSize)


@frozen
class Operation(Generic[T_co]):
    """A call to make; its type says what the answer holds.

    `reads` says that it changes nothing, `advances` that it brings an object nearer to production.
    """

    reads: ClassVar[bool] = True
    advances: ClassVar[bool] = False


@frozen
class CreatePipelineRun(Operation[RunId]):
    """Create one run for one object. `nonce` is the signature nonce: the gateway takes each once."""

    reads: ClassVar[bool] = False
    advances: ClassVar[bool] = True
    creation: Creation
    description: str
    nonce: str


@frozen
class ListPipelineRuns(Operation[Page]):
    """Read one page (`number` is from 1) of the runs of an object, or of the whole workspace where it is None."""

    object_id: ObjectId | None
    number: int = 1


@frozen
class GetPipelineRun(Operation[Run]):
    """Read one run."""

    run_id: RunId


@frozen
class ExecPipelineRunStage(Operation[None]):
    """Trigger the stage of this code. It runs afterwards, by itself."""

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
