"""Before a job that is run again creates anything: what its earlier attempts have left of an object."""

from typing import assert_never

from dataworks_deploy.domain.ending import HOPELESS, Refused
from dataworks_deploy.domain.event import EarlierRunActive, EarlierRunOver
from dataworks_deploy.domain.mark import Mark
from dataworks_deploy.domain.model import SUCCESS
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import DeployedBefore, EarlierUnmarked, EarlierUnreadable, LostSight
from dataworks_deploy.domain.reconcile import Deployed, Resume, Start, look_back, of_workspace

from .ledger import Entry
from .own import unmarked
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
            case Start(_, open_runs, after) as start:
                if after:
                    self._entry.tell(EarlierRunOver(after))
                announce_duplicates(self._entry, None, open_runs)
                await abolish_duplicates(self._entry, open_runs)
                return start
            case _ as never:
                assert_never(never)

    async def _left(self, intent: str, *, redeploy: bool) -> Resume | Deployed | Start | None:
        """What the object's runs say, however often that takes: without the list nothing may be created.

        What a list that drifts shows is there. That nothing is there only a whole list says, and an end in it makes
        room for the next generation if the list right behind shows it as well.
        """
        readings, before = Readings(self._entry), 0
        while True:
            listed = await scan(self._entry.world.calls, self._entry.object_id)
            here = of_workspace(self._project_id, listed.runs)
            left, failed = look_back(intent, here, redeploy=redeploy), listed.failed
            if failed is None or (listed.drifts and not isinstance(left, Start)):
                readings.over()
                if left == Start(1) and (doubtful := await unmarked(self._entry, here)):
                    self._entry.end(Outcome.REJECTED, EarlierUnmarked(doubtful))
                    return None
                if not isinstance(left, Start) or left.generation in {1, before}:
                    return left
                before = left.generation
            elif isinstance(failed, Refused) and failed.why in HOPELESS:
                self._entry.end(Outcome.REJECTED, EarlierUnreadable(intent, failed.fault))
                return None
            else:
                before = 0
                await readings.rest(failed.fault)

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
