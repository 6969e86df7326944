"""Before a run is advanced that may not be the only one: all who see the same list pick the same run."""

from dataclasses import replace

from dataworks_deploy.domain.ending import CERTAIN, Refused
from dataworks_deploy.domain.mark import Mark
from dataworks_deploy.domain.model import ObjectId, Run, RunId
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reconcile import bearing, elect, of_workspace, outlived
from dataworks_deploy.domain.schedule import looks

from . import duplicates, wording, wording_creation
from .ledger import Ledger
from .opened import Opened
from .ports import World
from .read import BELIEVE, LostSightError, read_run
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

    async def hold(self, object_id: ObjectId, opened: Opened) -> Opened | None:
        """Return the run to carry on, which may be another one than was opened.

        None where nothing can be read any more, and the ledger already holds that.
        """
        try:
            return await self._hold(object_id, opened)
        except LostSightError as lost:
            texts = wording.lost_sight(opened.run_id, lost.fault)
            self._ledger.end(object_id, Outcome.TIMED_OUT, *texts, fault=lost.fault)
            return None

    async def _hold(self, object_id: ObjectId, opened: Opened) -> Opened | None:
        if opened.sure or opened.mark is None:
            return opened
        named = {opened.run_id, *(run.id for run in opened.twins)}
        found = await self._list(object_id, opened.mark, opened.run_id, named)
        if isinstance(found, Refused):
            texts = wording_creation.unelected(opened.run_id, found.fault)
            self._ledger.end(object_id, Outcome.TIMED_OUT, *texts, fault=found.fault)
            return None
        held = [run for run in found if run.id == opened.run_id] or [await self._held(object_id, opened)]
        shown = {run.id for run in found}
        found += [run for run in opened.twins if run.id not in shown]
        rivals = [run for run in bearing(opened.mark, found) if run.id != opened.run_id]
        winner = elect([*held, *rivals])
        losers = [run for run in (*held, *rivals, *outlived(opened.mark, found)) if run.id != winner.id]
        if winner.id == opened.run_id:
            self._name(object_id, winner.id, losers, named)
        else:
            self._name(object_id, winner.id, losers, {winner.id})
            self._ledger.remark(object_id, wording_creation.elected(winner.id, opened.run_id))
            # The RequestId and the stages that we hold belong to a run that is not carried on.
            self._ledger.note(
                object_id, run_id=winner.id, request_id=None, adopted=True, status=None, stage=None, spans=()
            )
            self._ledger.see(object_id, winner)
        await duplicates.abolish(self._world, self._ledger, object_id, losers)
        return replace(opened, run_id=winner.id)

    async def _list(
        self, object_id: ObjectId, mark: Mark, held: RunId, named: set[RunId]
    ) -> list[Run] | Refused:
        """The object's runs, read until they show the one that we hold: before that they may not show its rivals.

        Or why they cannot be read any more.

        Those that they show until then are named at once, so that a step which is cut off has named them.
        """
        began = self._world.clock.monotonic()
        unread = Unread(self._world, self._ledger, object_id, "the list of runs")
        moments, refusals = looks(self._settle), 0
        while True:
            found = await scan(self._world.pipelines, object_id)
            if not isinstance(found, list):
                refusals = refusals + 1 if isinstance(found, Refused) and found.why in CERTAIN else 0
                if isinstance(found, Refused) and refusals == BELIEVE:
                    return found
                await unread.rest(found.fault)
                continue
            refusals = 0
            unread.over()
            here = of_workspace(self._project_id, found)
            if any(run.id == held for run in here):
                return here
            self._name(object_id, held, [*bearing(mark, here), *outlived(mark, here)], named)
            moment = next(moments, None)
            if moment is None:
                return here
            await self._world.clock.sleep(max(0.0, began + moment - self._world.clock.monotonic()))

    def _name(self, object_id: ObjectId, kept: RunId, others: list[Run], named: set[RunId]) -> None:
        """Name those that were not named before."""
        new = [run for run in others if run.id not in named]
        duplicates.announce(self._world, self._ledger, object_id, kept, new)
        named.update(run.id for run in new)

    async def _held(self, object_id: ObjectId, opened: Opened) -> Run:
        """The run that we hold, from a call of its own."""
        self._world.journal.warn(object_id, f"run {opened.run_id} does not show in the list of runs")
        unread = Unread(self._world, self._ledger, object_id, f"run {opened.run_id}")
        run = await read_run(self._world, opened.run_id, unread.failed)
        unread.over()
        return run
