"""Before a run is advanced that may not be the only one: all who see the same list pick the same run."""

from dataclasses import replace

from dataworks_deploy.domain.ending import Ok
from dataworks_deploy.domain.model import ObjectId, Run
from dataworks_deploy.domain.reconcile import bearing, elect, of_workspace, outlived
from dataworks_deploy.domain.schedule import looks

from . import duplicates
from .ledger import Ledger
from .opened import Opened
from .ports import World
from .scan import scan
from .unread import Unread


class Election:
    """Keeps one of several runs that bear the same mark, and abolishes the others that nobody has advanced.

    So it does with those of earlier generations that are still active.
    """

    def __init__(self, world: World, ledger: Ledger, project_id: int, settle: float) -> None:
        self._world = world
        self._ledger = ledger
        self._project_id = project_id
        self._settle = settle

    async def hold(self, object_id: ObjectId, opened: Opened) -> Opened:
        """Return the run to carry on, which may be another one than was opened."""
        if opened.sure or opened.mark is None:
            return opened
        found = await self._list(object_id, opened)
        shown = {run.id for run in found}
        found += [run for run in opened.twins if run.id not in shown]
        held = [run for run in found if run.id == opened.run_id] or [await self._held(object_id, opened)]
        rivals = [run for run in bearing(opened.mark, found) if run.id != opened.run_id]
        winner = elect([*held, *rivals])
        losers = [run for run in (*held, *rivals, *outlived(opened.mark, found)) if run.id != winner.id]
        if not losers:
            return opened
        self._announce(object_id, opened, winner, losers)
        if winner.id != opened.run_id:
            # The RequestId and the stages that we hold belong to a run that is not carried on.
            self._ledger.note(
                object_id, run_id=winner.id, request_id=None, adopted=True, status=None, stage=None, spans=()
            )
            self._ledger.see(object_id, winner)
        await duplicates.abolish(self._world, self._ledger, object_id, losers)
        return replace(opened, run_id=winner.id)

    def _announce(self, object_id: ObjectId, opened: Opened, winner: Run, losers: list[Run]) -> None:
        """Name those that were not named when the run was found, or that stand beside another one now."""
        named = {run.id for run in opened.twins} if winner.id == opened.run_id else set()
        new = [run for run in losers if run.id not in named]
        duplicates.announce(self._world, self._ledger, object_id, winner, new)

    async def _list(self, object_id: ObjectId, opened: Opened) -> list[Run]:
        """The object's runs, read until they show the one that we hold: before that they cannot show its rivals."""
        began = self._world.clock.monotonic()
        unread = Unread(self._world, self._ledger, object_id, "the list of runs")
        moments = looks(self._settle)
        while True:
            found = await scan(self._world.pipelines, object_id)
            if not isinstance(found, list):
                await unread.rest(found.fault)
                continue
            unread.over()
            moment = next(moments, None)
            if moment is None or any(run.id == opened.run_id for run in found):
                return of_workspace(self._project_id, found)
            await self._world.clock.sleep(max(0.0, began + moment - self._world.clock.monotonic()))

    async def _held(self, object_id: ObjectId, opened: Opened) -> Run:
        """The run that we hold, from a call of its own."""
        self._world.journal.warn(object_id, f"run {opened.run_id} does not show in the list of runs")
        unread = Unread(self._world, self._ledger, object_id, f"run {opened.run_id}")
        while not isinstance(ending := await self._world.pipelines.run(opened.run_id), Ok):
            await unread.rest(ending.fault)
        unread.over()
        return ending.value
