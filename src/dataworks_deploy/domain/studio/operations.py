"""The calls that read Data Studio, and the union of all calls that there are."""

from dataclasses import dataclass

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import ObjectId, Operation, RunOperation

from .catalog import StudioObject
from .flowspec import Described

# ListWorkflowDefinitions shows one type at a time: those that run by a schedule, or by hand.
CYCLE, MANUAL = "CycleWorkflow", "ManualWorkflow"


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of a list. `total` is what the service claims; a page that is not the last one has `size` objects."""

    objects: tuple[StudioObject, ...]
    total: int
    size: int


@frozen
class GetNode(Operation[Described]):
    """Read a node. Of one inside a workflow the service shows the whole workflow."""

    object_id: ObjectId


@frozen
class GetWorkflowDefinition(Operation[Described]):
    """Read a workflow with its nodes."""

    object_id: ObjectId


@frozen
class GetResource(Operation[Described]):
    """Read a resource."""

    object_id: ObjectId


@frozen
class GetFunction(Operation[Described]):
    """Read a function."""

    object_id: ObjectId


@frozen
class ListNodes(Operation[Shown]):
    """Read one page (`number` is from 1) of the nodes whose names contain `name`; of all where that is empty."""

    name: str = ""
    number: int = 1


@frozen
class ListWorkflowDefinitions(Operation[Shown]):
    """The same of the workflows of one type."""

    name: str = ""
    number: int = 1
    type: str = CYCLE


@frozen
class ListResources(Operation[Shown]):
    """The same of the resources."""

    name: str = ""
    number: int = 1


@frozen
class ListFunctions(Operation[Shown]):
    """The same of the functions."""

    name: str = ""
    number: int = 1


Lookup = GetNode | GetWorkflowDefinition | GetResource | GetFunction
StudioList = ListNodes | ListWorkflowDefinitions | ListResources | ListFunctions
AnyOperation = RunOperation | Lookup | StudioList
