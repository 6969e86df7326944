"""A dry run: shows with read-only calls what would be done with an object, and whether it may be."""

from dataworks_deploy.domain.ending import HOPELESS, Refused
from dataworks_deploy.domain.model import Creation, ObjectId, Run
from dataworks_deploy.domain.outcome import Outcome

from . import wording
from .ledger import Ledger
from .ports import World
from .scan import scan
from .unread import Unread

TRIES = 3


class Rehearsal:
    """Reads what is there and ends each object as `planned`, or says what stands in the way."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self._world = world
        self._ledger = ledger

    async def of_object(self, creation: Creation) -> None:
        """Show what a creation would do and meet: the object's active runs."""
        object_id = creation.object_id
        self._ledger.begin(object_id)
        tries = 0
        unread = Unread(self._world, self._ledger, object_id, "the list of runs")
        while not isinstance(runs := await scan(self._world.pipelines, object_id), list):
            tries += 1
            if tries == TRIES or (isinstance(runs, Refused) and runs.why in HOPELESS):
                self._ledger.end(object_id, Outcome.REJECTED, wording.no_access(runs.fault), fault=runs.fault)
                return
            await unread.rest(runs.fault)
        unread.over()
        active = [run for run in runs if not run.ended]
        self._ledger.end(object_id, Outcome.PLANNED, wording.planned(creation, active))

    def of_run(self, object_id: ObjectId, run: Run) -> None:
        """Show where an existing run stands."""
        self._ledger.end(object_id, Outcome.PLANNED, wording.planned_run(run))
