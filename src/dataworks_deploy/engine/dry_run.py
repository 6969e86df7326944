"""A dry run: reads what exists, and says what would happen. It creates nothing."""

from typing import assert_never

from dataworks_deploy.domain.active import Follow, GoOn, Stop, Supersede, meet
from dataworks_deploy.domain.advance import OUTCOME_OF, next_move
from dataworks_deploy.domain.advance import NoSuchStage as LacksStage
from dataworks_deploy.domain.ending import Ok, Refused
from dataworks_deploy.domain.error import is_absent
from dataworks_deploy.domain.model import SUCCESS, Creation, GetPipelineRun, Node, ObjectId, Run
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import (
    FollowPlanned,
    InnerNode,
    NoAccess,
    NoSuchObject,
    NoSuchStage,
    OpenBefore,
    Planned,
    Reason,
    RunEnded,
    RunPlanned,
)
from dataworks_deploy.domain.reconcile import mark_of, of_workspace
from dataworks_deploy.domain.studio.flowspec import Described
from dataworks_deploy.domain.studio.operations import (
    GetFunction,
    GetNode,
    GetResource,
    GetWorkflowDefinition,
)

from .assignment import Assignment
from .calls import World
from .ledger import Entry, Ledger
from .read import TRIES, read_list


class DryRun:
    """Reads what exists and ends each object as `planned`, or says what would fail."""

    def __init__(self, world: World, ledger: Ledger, assignment: Assignment) -> None:
        self._world = world
        self._ledger = ledger
        self._assignment = assignment
        # Whether the objects were already looked up.
        self._looked_up = assignment.wanted is not None and assignment.wanted.checks

    async def of_object(self, creation: Creation) -> None:
        """Show what a creation would do, and which active runs the object has."""
        entry = Entry(self._world, self._ledger, creation.object_id)
        entry.begin()
        listed, fault = await read_list(entry, TRIES)
        if fault:
            entry.end(Outcome.REJECTED, NoAccess(fault))
            return
        wrong = None if self._looked_up else await self._wrong(creation, known=bool(listed.runs))
        if wrong:
            entry.end(Outcome.REJECTED, wrong)
            return
        assignment, here = self._assignment, of_workspace(creation.project_id, listed.runs)
        met = meet(mark_of(assignment.origin, creation), creation, here, assignment.policy.on_active_run)
        active = tuple(run for run in here if not run.ended)
        match met:
            case Stop(run):
                entry.end(Outcome.CONFLICT, OpenBefore(run, creation.type))
            case Follow(run):
                entry.end(Outcome.PLANNED, FollowPlanned(run))
            case Supersede(runs):
                entry.end(Outcome.PLANNED, Planned(creation, active, runs))
            case GoOn():
                entry.end(Outcome.PLANNED, Planned(creation, active))
            case _ as never:
                assert_never(never)

    async def _wrong(self, creation: Creation, *, known: bool) -> Reason | None:
        """Why a creation would be refused, as far as Data Studio shows it. What cannot be read is no problem.

        An object that is `known` has runs. If it is not a node, it may be of another kind.
        """
        match await self._world.calls.make(GetNode(creation.object_id)):
            case Ok(Described(found)) if found.workflow:
                return InnerNode(Node(found.path, found.workflow))
            case Refused(_, no_node) if is_absent(no_node) and not known:
                for other in (GetWorkflowDefinition, GetResource, GetFunction):
                    ending = await self._world.calls.make(other(creation.object_id))
                    if not (isinstance(ending, Refused) and is_absent(ending.fault)):
                        return None
                return NoSuchObject(creation, no_node)
        return None

    async def of_run(self, object_id: ObjectId, run: Run) -> None:
        """Show the state of an existing run, or why it cannot be continued. That it has ended without success, two
        readings must show.
        """
        entry, goal = Entry(self._world, self._ledger, object_id), self._assignment.goal
        match next_move(run, goal, {}, self._world.clock.monotonic()):
            case LacksStage(codes):
                entry.end(Outcome.FAILED, NoSuchStage(run.id, goal.until_stage, codes))
                return
        if run.ended and run.status != SUCCESS:
            match await self._world.calls.make(GetPipelineRun(run.id)):
                case Ok(Run(status=run.status) as again):
                    entry.end(OUTCOME_OF[run.status], RunEnded(again))
                    return
        entry.end(Outcome.PLANNED, RunPlanned(run))
