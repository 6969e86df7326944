"""Runs with the same mark: everybody who sees the same list keeps the same run, and ends the others not yet
advanced.
"""

from collections.abc import Callable, Sequence
from dataclasses import field, replace

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.ending import CERTAIN, Fault, Ok, Refused
from dataworks_deploy.domain.event import MissingFromList, Twins
from dataworks_deploy.domain.model import TERMINAL, AbolishPipelineRun, GetPipelineRun, ObjectId, Run, RunId
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.pace import backoff, looks
from dataworks_deploy.domain.reason import (
    Duplicate,
    DuplicateAdvanced,
    DuplicateOpen,
    Duplicates,
    Elected,
    LostSight,
    NotElected,
    OtherAbolished,
    OtherEnded,
    Overtaken,
)
from dataworks_deploy.domain.reconcile import (
    Claim,
    Mark,
    Shows,
    bearing,
    elect,
    is_of,
    of_workspace,
    outlived,
    overtaken_by,
)
from dataworks_deploy.domain.record import Whose

from .calls import World
from .ledger import Entry, Ledger
from .read import BELIEVE, LostSightError, Readings, accept, read_run, scan, weigh

TRIES = 4


@frozen
class Opened:
    """A run to follow. `mark` is None for somebody else's run, which is only watched, never changed.

    `sure`: the ID came in a clear answer to the only request of a first attempt, so no other run can have the mark.
    `twins` are other runs of the mark, or active runs of earlier generations, that were seen with it. A later list may
    show fewer. `asked_at` is when the request left (monotonic seconds).
    """

    run_id: RunId
    mark: Mark | None
    sure: bool
    twins: tuple[Run, ...] = ()
    asked_at: float = field(default=0.0, compare=False)


def adopt(entry: Entry, run: Run, mark: Mark | None, twins: tuple[Run, ...] = ()) -> Opened:
    """Follow a run that was found in the list, and report at once which others were found with it."""
    whose, claim = (Whose.OWN, Claim(mark)) if mark else (Whose.FOREIGN, None)
    entry.put(entry.record.opened(run.id, whose, adopted=True, claim=claim))
    entry.read(run)
    announce_duplicates(entry, run.id, twins)
    return Opened(run.id, mark, sure=False, twins=twins)


class Rivals:
    """Keeps one of several runs with the same mark, and abolishes the others that nobody has advanced.

    It also abolishes active runs of earlier generations. `settle` is in seconds. `continues` says whether the step
    may take a run into production.
    """

    def __init__(
        self,
        world: World,
        ledger: Ledger,
        project_id: int,
        *,
        settle: float,
        continues: Callable[[Run], bool],
    ) -> None:
        self._world = world
        self._ledger = ledger
        self._project_id = project_id
        self._settle = settle
        self._continues = continues

    async def hold(self, object_id: ObjectId, opened: Opened) -> Opened | None:
        """Return the run to follow. It may be another one than `opened`.

        None if nothing can be read any more, or if the run must not be continued. Then the ledger has the outcome.
        """
        entry = Entry(self._world, self._ledger, object_id)
        try:
            return await self._hold(entry, opened)
        except LostSightError as lost:
            entry.end(Outcome.TIMED_OUT, LostSight(opened.run_id, lost.fault))
        return None

    async def _hold(self, entry: Entry, opened: Opened) -> Opened | None:
        if opened.sure or opened.mark is None:
            return opened
        found = await self._list(entry, opened.mark, opened.run_id)
        if isinstance(found, Refused):
            entry.end(Outcome.TIMED_OUT, NotElected(opened.run_id, found.fault))
            return None
        listed = [run for run in found if run.id == opened.run_id]
        row = (listed or [await self._held(entry, opened)])[0]
        held, shows = await weigh(entry, row, alone=not listed)
        shown = {run.id for run in found}
        found += [run for run in opened.twins if run.id not in shown]
        rivals = [run for run in bearing(opened.mark, found) if run.id != opened.run_id]
        # If an answer named somebody else's run but the list shows this job's own, follow the job's own.
        if not rivals or shows is not Shows.OTHER:
            if not accept(entry, held, shows):
                return None
            # An end counts only if two readings in a row show it.
            if entry.record.reading.status in TERMINAL:
                entry.read(held)
            rivals = [held, *rivals]
        winner = elect(rivals)
        losers = [run for run in (*rivals, *outlived(opened.mark, found)) if run.id != winner.id]
        announce_duplicates(entry, winner.id, losers)
        if winner.id != opened.run_id:
            record = entry.note(Elected(winner.id, opened.run_id))
            entry.put(record.gives_way(winner.id).read(winner, self._world.clock.utc()))
        await abolish_duplicates(entry, losers)
        others = (run for run in found if not is_of(opened.mark.intent, run))
        if self._continues(winner) and (newer := overtaken_by(winner, others)):
            entry.end(Outcome.FAILED, Overtaken(winner, newer))
            return None
        return replace(opened, run_id=winner.id)

    async def _list(self, entry: Entry, mark: Mark, held: RunId) -> list[Run] | Refused:
        """Read the object's runs until they show the run that we hold. Until then they may not show its rivals.

        Returns the refusal if they cannot be read any more.

        Runs found on the way are reported at once, so that even an interrupted step has named them.
        """
        began = self._world.clock.monotonic()
        readings = Readings(entry)
        moments, refusals = looks(self._settle), 0
        while True:
            listed = await scan(self._world.calls, entry.object_id)
            failed = listed.failed
            if failed and not listed.drifts:
                refusals = refusals + 1 if isinstance(failed, Refused) and failed.why in CERTAIN else 0
                if isinstance(failed, Refused) and refusals == BELIEVE:
                    return failed
                await readings.rest(failed.fault)
                continue
            refusals = 0
            readings.over()
            here = of_workspace(self._project_id, listed.runs)
            if any(run.id == held for run in here):
                return here
            announce_duplicates(entry, held, [*bearing(mark, here), *outlived(mark, here)])
            moment = next(moments, None)
            if moment is None:
                return here
            await self._world.clock.sleep(max(0.0, began + moment - self._world.clock.monotonic()))

    async def _held(self, entry: Entry, opened: Opened) -> Run:
        """Read the run that we hold by a call of its own."""
        entry.warn(MissingFromList(opened.run_id))
        readings = Readings(entry, opened.run_id)
        run = await read_run(self._world, opened.run_id, readings.failed)
        readings.over()
        return run


def announce_duplicates(entry: Entry, kept: RunId | None, others: Sequence[Run]) -> None:
    """Report other runs before doing anything: even a step that is killed then has named them. Each is reported once.

    `kept` is None if the run that counts must still be created.
    """
    named = {each for note in entry.record.notes if isinstance(note, Duplicates) for each in note.run_ids}
    if run_ids := tuple(run.id for run in others if run.id not in named):
        entry.warn(Twins(kept, run_ids))
        entry.note(Duplicates(run_ids))


async def abolish_duplicates(entry: Entry, others: Sequence[Run]) -> None:
    """Abolish the runs that are active and that nobody has advanced. The record notes what happened to each."""
    for run in others:
        entry.note(await _abolish(entry, run))


async def _abolish(entry: Entry, run: Run) -> Duplicate:
    tries, clock = 0, entry.world.clock
    while isinstance(found := await _try(entry, run), Fault):
        tries += 1
        if tries == TRIES:
            still_open = DuplicateOpen(run.id, found)
            entry.warn(still_open)
            return still_open
        await clock.sleep(backoff(tries, clock.spread(), found.retry_after))
    return found


async def _try(entry: Entry, run: Run) -> Duplicate | Fault:
    """Read the run and, if possible, abolish it. The list, or the last try, may be too old to rely on."""
    if not (run.ended or run.advanced):
        seen = await entry.world.calls.make(GetPipelineRun(run.id))
        if not isinstance(seen, Ok):
            return seen.fault
        run = seen.value
    if run.ended:
        return OtherEnded(run.id, run.status)
    if run.advanced:
        entry.warn(DuplicateAdvanced(run.id))
        return DuplicateAdvanced(run.id)
    ending = await entry.world.calls.make(AbolishPipelineRun(run.id))
    if not isinstance(ending, Ok):
        return ending.fault
    entry.tell(OtherAbolished(run.id))
    return OtherAbolished(run.id)
