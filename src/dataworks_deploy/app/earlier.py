"""Before a job that is run again creates anything: what its earlier attempts have left of an object."""

from typing import assert_never

from dataworks_deploy.domain.ending import HOPELESS, Refused
from dataworks_deploy.domain.mark import Mark
from dataworks_deploy.domain.model import SUCCESS, ObjectId, Run
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reconcile import Deployed, Resume, Start, look_back, of_workspace

from . import duplicates, wording, wording_creation
from .ledger import Ledger
from .opened import Opened, adopt
from .ports import World
from .read import LostSightError, read_run
from .scan import scan
from .unread import Unread


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
                self._tell(f"run {run.id} of an earlier attempt is still active, and is followed")
                return self._adopt(run, Mark(intent, generation), twins)
            case Deployed(run, generation, twins):
                return await self._confirm(self._adopt(run, Mark(intent, generation), twins))
            case Start(_, open_runs) as start:
                duplicates.announce(self._world, self._ledger, self._object, None, open_runs)
                await duplicates.abolish(self._world, self._ledger, self._object, open_runs)
                return start
            case _ as never:
                assert_never(never)

    async def _runs(self, intent: str) -> list[Run] | None:
        """The object's runs, however often that takes: without the list nothing may be created."""
        unread = Unread(self._world, self._ledger, self._object, "the list of runs")
        while not isinstance(runs := await scan(self._world.pipelines, self._object), list):
            if isinstance(runs, Refused) and runs.why in HOPELESS:
                text = wording_creation.no_look_back(intent, runs.fault)
                self._ledger.end(self._object, Outcome.REJECTED, text, fault=runs.fault)
                return None
            await unread.rest(runs.fault)
        unread.over()
        return of_workspace(self._project_id, runs)

    def _adopt(self, run: Run, mark: Mark, twins: tuple[Run, ...]) -> Opened:
        return adopt(self._world, self._ledger, self._object, run, mark, twins)

    async def _confirm(self, opened: Opened) -> Opened | None:
        """What the list calls deployed is read once more, by a call of its own, before it is reported."""
        unread = Unread(self._world, self._ledger, self._object, f"run {opened.run_id}")
        try:
            run = await read_run(self._world, opened.run_id, unread.failed)
        except LostSightError as lost:
            texts = wording.lost_sight(opened.run_id, lost.fault)
            self._ledger.end(self._object, Outcome.TIMED_OUT, *texts, fault=lost.fault)
            return None
        unread.over()
        self._ledger.see(self._object, run)
        if run.status != SUCCESS:
            return opened
        self._ledger.end(self._object, Outcome.SUCCEEDED, wording_creation.deployed_before(run))
        # That may take a while, and be cut off: what is deployed is deployed.
        await duplicates.abolish(self._world, self._ledger, self._object, opened.twins)
        return None

    def _tell(self, text: str) -> None:
        self._world.journal.tell(self._object, text)
