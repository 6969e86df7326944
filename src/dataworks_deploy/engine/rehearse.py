"""A dry run: shows with read-only calls what would be done with an object, and whether it may be."""

from dataworks_deploy.domain.ending import HOPELESS, Refused
from dataworks_deploy.domain.model import Creation, ObjectId, Run
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import NoAccess, Planned, Reason, RunPlanned

from .calls import World
from .ledger import Ledger
from .read import Readings, scan

TRIES = 3


class Rehearsal:
    """Reads what is there and ends each object as `planned`, or says what stands in the way."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self._world = world
        self._ledger = ledger

    async def of_object(self, creation: Creation) -> None:
        """Show what a creation would do and meet: the object's active runs."""
        object_id = creation.object_id
        self._ledger.put(self._ledger[object_id].begun(self._world.clock.utc()))
        tries = 0
        readings = Readings(self._world, self._ledger, object_id)
        while not isinstance(runs := await scan(self._world.calls, object_id), list):
            tries += 1
            if tries == TRIES or (isinstance(runs, Refused) and runs.why in HOPELESS):
                self._end(object_id, Outcome.REJECTED, NoAccess(runs.fault))
                return
            await readings.rest(runs.fault)
        readings.over()
        active = tuple(run for run in runs if not run.ended)
        self._end(object_id, Outcome.PLANNED, Planned(creation, active))

    def of_run(self, object_id: ObjectId, run: Run) -> None:
        """Show where an existing run stands."""
        self._end(object_id, Outcome.PLANNED, RunPlanned(run))

    def _end(self, object_id: ObjectId, outcome: Outcome, reason: Reason) -> None:
        self._ledger.put(self._ledger[object_id].ended(outcome, reason, self._world.clock.utc()))
