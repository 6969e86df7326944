"""One value for each call of the DataWorks API, version 2024-05-18. A new operation is a new value here."""

from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from .model import Creation, Node, ObjectId, Page, Run, RunId

T_co = TypeVar("T_co", covariant=True)
PAGE_SIZE = 100  # the most that ListPipelineRuns gives


@dataclass(frozen=True, slots=True)
class Operation(Generic[T_co]):
    """A call to make; its type says what the answer holds.

    `reads` says that it changes nothing, `advances` that it brings an object nearer to production.
    """

    reads: ClassVar[bool] = True
    advances: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class CreatePipelineRun(Operation[RunId]):
    """Create one run for one object. `nonce` is the signature nonce: the gateway takes each once."""

    reads: ClassVar[bool] = False
    advances: ClassVar[bool] = True
    creation: Creation
    description: str
    nonce: str


@dataclass(frozen=True, slots=True)
class ListPipelineRuns(Operation[Page]):
    """Read one page (`number` is from 1) of the runs of an object, or of the whole workspace where it is None."""

    object_id: ObjectId | None
    number: int = 1


@dataclass(frozen=True, slots=True)
class GetPipelineRun(Operation[Run]):
    """Read one run."""

    run_id: RunId


@dataclass(frozen=True, slots=True)
class GetNode(Operation[Node]):
    """Read where a node is in Data Studio."""

    object_id: ObjectId


@dataclass(frozen=True, slots=True)
class GetWorkflowDefinition(Operation[None]):
    """Read whether there is a workflow of this ID in Data Studio."""

    object_id: ObjectId


@dataclass(frozen=True, slots=True)
class ExecPipelineRunStage(Operation[None]):
    """Trigger the stage of this code. It runs afterwards, by itself."""

    reads: ClassVar[bool] = False
    advances: ClassVar[bool] = True
    run_id: RunId
    stage: str


@dataclass(frozen=True, slots=True)
class AbolishPipelineRun(Operation[None]):
    """Ask the service to end a run."""

    reads: ClassVar[bool] = False
    run_id: RunId


AnyOperation = (
    CreatePipelineRun
    | ListPipelineRuns
    | GetPipelineRun
    | GetNode
    | GetWorkflowDefinition
    | ExecPipelineRunStage
    | AbolishPipelineRun
)
