"""A dry run: shows with read-only calls what would be done with an object, and whether it may be."""

from dataworks_deploy.domain.ending import HOPELESS, Refused
from dataworks_deploy.domain.model import Creation, ObjectId, Run
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import NoAccess, Planned, RunPlanned

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
        while (listed := await scan(self._world.calls, creation.object_id)).failed and not listed.drifts:
            tries += 1
            if tries == TRIES or (isinstance(listed.failed, Refused) and listed.failed.why in HOPELESS):
                entry.end(Outcome.REJECTED, NoAccess(listed.failed.fault))
                return
            await readings.rest(listed.failed.fault)
        readings.over()
        active = tuple(run for run in listed.runs if not run.ended)
        entry.end(Outcome.PLANNED, Planned(creation, active))

    def of_run(self, object_id: ObjectId, run: Run) -> None:
        """Show where an existing run stands."""
        Entry(self._world, self._ledger, object_id).end(Outcome.PLANNED, RunPlanned(run))
