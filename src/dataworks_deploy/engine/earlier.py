"""Before a job that is run again creates anything: what its earlier attempts have left of an object."""

from typing import assert_never

from dataworks_deploy.domain.ending import HOPELESS, Refused
from dataworks_deploy.domain.event import EarlierRunActive
from dataworks_deploy.domain.mark import Mark
from dataworks_deploy.domain.model import SUCCESS, ObjectId, Run
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import DeployedBefore, EarlierUnreadable, LostSight, Reason
from dataworks_deploy.domain.reconcile import Deployed, Resume, Start, look_back, of_workspace

from .calls import World
from .ledger import Ledger
from .read import LostSightError, Readings, read_run, scan
from .rivals import Opened, abolish_duplicates, adopt, announce_duplicates


class LookBack:
    """Reads the object's runs until they are known. For one use."""

    def __init__(self, world: World, ledger: Ledger, project_id: int, object_id: ObjectId) -> None:
        self._world = world
        self._ledger = ledger
        self._project_id = project_id
        self._object = object_id

    async def find(self, intent: str, *, redeploy: bool) -> Opened | Start | None:
        """A run to carry on, or what to begin with, or None where the ledger already holds how the object ended."""
        runs = await self._runs(intent)
        if runs is None:
            return None
        match look_back(intent, runs, redeploy=redeploy):
            case Resume(run, generation, twins):
                self._world.journal.tell(self._object, EarlierRunActive(run.id))
                return self._adopt(run, Mark(intent, generation), twins)
            case Deployed(run, generation, twins):
                return await self._confirm(self._adopt(run, Mark(intent, generation), twins))
            case Start(_, open_runs) as start:
                announce_duplicates(self._world, self._ledger, self._object, None, open_runs)
                await abolish_duplicates(self._world, self._ledger, self._object, open_runs)
                return start
            case _ as never:
                assert_never(never)

    async def _runs(self, intent: str) -> list[Run] | None:
        """The object's runs, however often that takes: without the list nothing may be created."""
        readings = Readings(self._world, self._ledger, self._object)
        while not isinstance(runs := await scan(self._world.calls, self._object), list):
            if isinstance(runs, Refused) and runs.why in HOPELESS:
                self._end(Outcome.REJECTED, EarlierUnreadable(intent, runs.fault))
                return None
            await readings.rest(runs.fault)
        readings.over()
        return of_workspace(self._project_id, runs)

    def _adopt(self, run: Run, mark: Mark, twins: tuple[Run, ...]) -> Opened:
        return adopt(self._world, self._ledger, self._object, run, mark, twins)

    async def _confirm(self, opened: Opened) -> Opened | None:
        """What the list calls deployed is read once more, by a call of its own, before it is reported."""
        readings = Readings(self._world, self._ledger, self._object, opened.run_id)
        try:
            run = await read_run(self._world, opened.run_id, readings.failed)
        except LostSightError as lost:
            self._end(Outcome.TIMED_OUT, LostSight(opened.run_id, lost.fault))
            return None
        readings.over()
        self._ledger.put(self._ledger[self._object].read(run, self._world.clock.utc()))
        if run.status != SUCCESS:
            return opened
        self._end(Outcome.SUCCEEDED, DeployedBefore(run))
        # That may take a while, and be cut off: what is deployed is deployed.
        await abolish_duplicates(self._world, self._ledger, self._object, opened.twins)
        return None

    def _end(self, outcome: Outcome, reason: Reason) -> None:
        self._ledger.put(self._ledger[self._object].ended(outcome, reason, self._world.clock.utc()))
