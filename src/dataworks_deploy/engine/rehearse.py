"""A dry run: shows with read-only calls what would be done with an object, and whether it may be."""

from dataworks_deploy.domain.ending import HOPELESS, Ok, Refused
from dataworks_deploy.domain.errors import is_absent
from dataworks_deploy.domain.model import Creation, ObjectId, Run
from dataworks_deploy.domain.operation import GetNode, GetWorkflowDefinition
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import InnerNode, NoAccess, NoSuchObject, Planned, Reason, RunPlanned

from .calls import World
from .ledger import Entry, Ledger
from .read import Readings, scan

TRIES = 3


class Rehearsal:
    """Reads what is there and ends each object as `planned`, or says what stands in the way."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self._world = world
        self._ledger = ledger

    async def of_object(self, creation: Creation) -> None:
        """Show what a creation would do and meet: the object's active runs."""
        entry, tries = Entry(self._world, self._ledger, creation.object_id), 0
        entry.begin()
        readings = Readings(entry)
        while not isinstance(runs := await scan(self._world.calls, creation.object_id), list):
            tries += 1
            if tries == TRIES or (isinstance(runs, Refused) and runs.why in HOPELESS):
                entry.end(Outcome.REJECTED, NoAccess(runs.fault))
                return
            await readings.rest(runs.fault)
        readings.over()
        if wrong := await self._wrong(creation, known=bool(runs)):
            entry.end(Outcome.REJECTED, wrong)
            return
        active = tuple(run for run in runs if not run.ended)
        entry.end(Outcome.PLANNED, Planned(creation, active))

    async def _wrong(self, creation: Creation, *, known: bool) -> Reason | None:
        """Why a creation would be refused, as far as Data Studio shows it. What cannot be read is no fault.

        An object that is `known` has runs. One that is no node may be a workflow.
        """
        match await self._world.calls.make(GetNode(creation.object_id)):
            case Ok(node) if node.workflow:
                return InnerNode(node)
            case Refused(_, no_node) if is_absent(no_node) and not known:
                workflow = await self._world.calls.make(GetWorkflowDefinition(creation.object_id))
                if isinstance(workflow, Refused) and is_absent(workflow.fault):
                    return NoSuchObject(creation, no_node)
        return None

    def of_run(self, object_id: ObjectId, run: Run) -> None:
        """Show where an existing run stands."""
        Entry(self._world, self._ledger, object_id).end(Outcome.PLANNED, RunPlanned(run))
