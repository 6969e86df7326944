"""Before a job that is run again creates anything: what its earlier attempts have left of an object."""

from typing import assert_never

from dataworks_deploy.domain.ending import HOPELESS, Refused
from dataworks_deploy.domain.event import EarlierRunActive
from dataworks_deploy.domain.mark import Mark
from dataworks_deploy.domain.model import SUCCESS, Run
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import DeployedBefore, EarlierUnreadable, LostSight
from dataworks_deploy.domain.reconcile import Deployed, Resume, Start, look_back, of_workspace

from .ledger import Entry
from .read import LostSightError, Readings, read_run, scan
from .rivals import Opened, abolish_duplicates, adopt, announce_duplicates


class LookBack:
    """Reads the object's runs until they are known. For one use."""

    def __init__(self, entry: Entry, project_id: int) -> None:
        self._entry = entry
        self._project_id = project_id

    async def find(self, intent: str, *, redeploy: bool) -> Opened | Start | None:
        """A run to carry on, or what to begin with, or None where the ledger already holds how the object ended."""
        match await self._left(intent, redeploy=redeploy):
            case None:
                return None
            case Resume(run, generation, twins):
                self._entry.tell(EarlierRunActive(run.id))
                return adopt(self._entry, run, Mark(intent, generation), twins)
            case Deployed(run, generation, twins):
                return await self._confirm(adopt(self._entry, run, Mark(intent, generation), twins))
            case Start(_, open_runs) as start:
                announce_duplicates(self._entry, None, open_runs)
                await abolish_duplicates(self._entry, open_runs)
                return start
            case _ as never:
                assert_never(never)

    async def _left(self, intent: str, *, redeploy: bool) -> Resume | Deployed | Start | None:
        """What two lists in a row say where an end in them makes room for the next generation."""
        before = 0
        while (runs := await self._runs(intent)) is not None:
            left = look_back(intent, runs, redeploy=redeploy)
            if not isinstance(left, Start) or left.generation in {1, before}:
                return left
            before = left.generation
        return None

    async def _runs(self, intent: str) -> list[Run] | None:
        """The object's runs, however often that takes: without the list nothing may be created."""
        readings = Readings(self._entry)
        while not isinstance(runs := await scan(self._entry.world.calls, self._entry.object_id), list):
            if isinstance(runs, Refused) and runs.why in HOPELESS:
                self._entry.end(Outcome.REJECTED, EarlierUnreadable(intent, runs.fault))
                return None
            await readings.rest(runs.fault)
        readings.over()
        return of_workspace(self._project_id, runs)

    async def _confirm(self, opened: Opened) -> Opened | None:
        """What the list calls deployed is read once more, by a call of its own, before it is reported."""
        readings = Readings(self._entry, opened.run_id)
        try:
            run = await read_run(self._entry.world, opened.run_id, readings.failed)
        except LostSightError as lost:
            self._entry.end(Outcome.TIMED_OUT, LostSight(opened.run_id, lost.fault))
            return None
        readings.over()
        self._entry.read(run)
        if run.status != SUCCESS:
            return opened
        self._entry.end(Outcome.SUCCEEDED, DeployedBefore(run))
        # That may take a while, and be cut off: what is deployed is deployed.
        await abolish_duplicates(self._entry, opened.twins)
        return None
