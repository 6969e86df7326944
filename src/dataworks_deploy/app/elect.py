"""Before a run is advanced that may not be the only one: all who see the same list pick the same run."""

from dataclasses import replace

from dataworks_deploy.domain.ending import Ok
from dataworks_deploy.domain.mark import Mark
from dataworks_deploy.domain.model import ObjectId, Run
from dataworks_deploy.domain.reconcile import bearing, elect
from dataworks_deploy.domain.schedule import looks

from . import duplicates
from .ledger import Ledger
from .opened import Opened
from .ports import World
from .scan import scan
from .unread import Unread


class Election:
    """Keeps one of several runs that bear the same mark, and abolishes those that nobody has advanced."""

    def __init__(self, world: World, ledger: Ledger, settle: float) -> None:
        self._world = world
        self._ledger = ledger
        self._settle = settle

    async def hold(self, object_id: ObjectId, opened: Opened) -> Opened:
        """Return the run to carry on, which may be another one than was opened."""
        if opened.sure or opened.mark is None:
            return opened
        bearers = await self._bearers(object_id, opened, opened.mark)
        if len(bearers) <= 1:
            return opened
        winner = elect(bearers)
        losers = [run for run in bearers if run.id != winner.id]
        duplicates.announce(self._world, self._ledger, object_id, winner, losers)
        if winner.id != opened.run_id:
            # The RequestId that we hold belongs to a run that is not carried on.
            self._ledger.note(object_id, run_id=winner.id, request_id=None, adopted=True)
        await duplicates.abolish(self._world, self._ledger, object_id, losers)
        return replace(opened, run_id=winner.id)

    async def _bearers(self, object_id: ObjectId, opened: Opened, mark: Mark) -> list[Run]:
        """The run that we hold, and all others that bear its mark.

        The list is read until it shows the run that we hold: before that it cannot show its rivals either.
        """
        began = self._world.clock.monotonic()
        unread = Unread(self._world, self._ledger, object_id, "the list of runs")
        moments = looks(self._settle)
        while True:
            found = await scan(self._world.pipelines, object_id)
            if not isinstance(found, list):
                await unread.rest(found.fault)
                continue
            unread.over()
            held = [run for run in found if run.id == opened.run_id]
            moment = next(moments, None)
            if held or moment is None:
                rivals = [run for run in bearing(mark, found) if run.id != opened.run_id]
                return [*(held or [await self._held(object_id, opened)]), *rivals]
            await self._world.clock.sleep(max(0.0, began + moment - self._world.clock.monotonic()))

    async def _held(self, object_id: ObjectId, opened: Opened) -> Run:
        """The run that we hold, from a call of its own."""
        self._world.journal.warn(object_id, f"run {opened.run_id} does not show in the list of runs")
        unread = Unread(self._world, self._ledger, object_id, f"run {opened.run_id}")
        while not isinstance(ending := await self._world.pipelines.run(opened.run_id), Ok):
            await unread.rest(ending.fault)
        unread.over()
        return ending.value
