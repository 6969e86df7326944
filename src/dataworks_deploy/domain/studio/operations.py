"""The calls that read Data Studio, and the union of all calls."""

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import ObjectId, Operation, RunOperation

from .catalog import StudioObject
from .flowspec import Described

# ListWorkflowDefinitions shows one type at a time: scheduled workflows, or manual ones.
CYCLE, MANUAL = "CycleWorkflow", "ManualWorkflow"


@frozen
class Shown:
    """One page of a list. `total` is the number that the service claims. Only the last page may hold fewer objects than
    `size`.
    """

    objects: tuple[StudioObject, ...]
    total: int
    size: int


@frozen
class GetNode(Operation[Described]):
    """Read a node. For a node inside a workflow, the service returns the whole workflow."""

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
    """Read one page of the nodes whose names contain `name`, or of all nodes if it is empty. `number` counts from 1."""

    name: str = ""
    number: int = 1


@frozen
class ListWorkflowDefinitions(Operation[Shown]):
    """The same for the workflows of one type."""

    name: str = ""
    number: int = 1
    type: str = CYCLE


@frozen
class ListResources(Operation[Shown]):
    """The same for resources."""

    name: str = ""
    number: int = 1


@frozen
class ListFunctions(Operation[Shown]):
    """The same for functions."""

    name: str = ""
    number: int = 1


Lookup = GetNode | GetWorkflowDefinition | GetResource | GetFunction
StudioList = ListNodes | ListWorkflowDefinitions | ListResources | ListFunctions
AnyOperation = RunOperation | Lookup | StudioList
