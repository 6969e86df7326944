"""Looks for runs of this job: after a lost answer, and on a re-run before anything is created."""

from datetime import datetime
from typing import assert_never

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.ending import Fault, Ok
from dataworks_deploy.domain.event import EarlierRunActive, EarlierRunOver
from dataworks_deploy.domain.model import SUCCESS, Creation, GetPipelineRun, Run, RunId
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.pace import looks
from dataworks_deploy.domain.reason import DeployedBefore, EarlierUnmarked, EarlierUnreadable, LostSight
from dataworks_deploy.domain.reconcile import (
    Absent,
    Deployed,
    Foreign,
    Found,
    Mark,
    Resume,
    Start,
    bearing,
    elect,
    judge,
    look_back,
    of_workspace,
    outlived,
    parse_mark,
    twins_of,
)
from dataworks_deploy.domain.repetition import RETRY_WINDOW

from .ledger import Entry
from .read import LostSightError, Readings, read_run, scan, unmarked
from .rivals import Opened, abolish_duplicates, adopt, announce_duplicates


@frozen
class Blind:
    """The last reading of the list failed, for this reason.

    `always`: no reading succeeded. `hopeless`: the list is refused for good.
    """

    fault: Fault
    always: bool
    hopeless: bool


Sight = Found | Foreign | Absent | Blind


class Look:
    """Reads the list for one creation. `since` is when the first request was sent. Use an instance once."""

    def __init__(self, entry: Entry, creation: Creation, mark: Mark, since: datetime) -> None:
        self._world = entry.world
        self._entry = entry
        self._creation = creation
        self._mark = mark
        self._since_ms = int(since.timestamp() * 1000)
        self._readings = Readings(entry)
        self._always = True
        self._shown = dict[RunId, Run]()

    @property
    def shown(self) -> list[Run]:
        """All runs that the readings have shown, each in its latest state: a list may go back in time."""
        return list(self._shown.values())

    async def once(self) -> Sight:
        """Read once."""
        return await self._read()

    async def find(self, settle: float) -> Sight:
        """Read until the run with this mark appears, or `settle` seconds have passed.

        Only the last reading may prove that there is no run: a run may be slow to appear. If the last reading fails,
        the list is read again until the nonce may be forgotten.
        """
        clock = self._world.clock
        began = clock.monotonic()
        seen: Sight = Absent()
        for moment in looks(settle):
            await clock.sleep(max(0.0, began + moment - clock.monotonic()))
            seen = await self._read()
            if isinstance(seen, Found):
                return seen
            if isinstance(seen, Blind) and moment < settle:
                self._readings.failed(seen.fault)
        while isinstance(seen, Blind) and not seen.hopeless and clock.monotonic() < began + RETRY_WINDOW:
            await self._readings.rest(seen.fault)
            seen = await self._read()
        return seen

    async def _read(self) -> Sight:
        listed = await scan(self._world.calls, self._creation.object_id)
        here = of_workspace(self._creation.project_id, listed.runs)
        self._shown |= {run.id: run for run in here}
        # A copy of an earlier attempt may have created it since. It is named even if nothing else is found.
        announce_duplicates(self._entry, None, outlived(self._mark, here))
        if listed.failed is None:
            self._readings.over()
            self._always = False
            return judge(self._mark, here, self._since_ms)
        # Only a complete list proves that a run does not exist. Any page proves that it does.
        if own := bearing(self._mark, here):
            return await self._found(elect(own), here)
        return Blind(listed.failed.fault, self._always, listed.hopeless)

    async def _found(self, run: Run, here: list[Run]) -> Found:
        """The run that a page has shown, in its present state if that can be read."""
        ending = await self._world.calls.make(GetPipelineRun(run.id))
        now = ending.value if isinstance(ending, Ok) else run
        return Found(now, twins_of(self._mark, run, here))


class LookBack:
    """Reads the object's runs until they are known. Use an instance once.

    `runs` are all runs of the object in the last reading.
    """

    def __init__(self, entry: Entry, project_id: int) -> None:
        self._entry = entry
        self._project_id = project_id
        self.runs = list[Run]()

    async def find(self, intent: str, *, redeploy: bool) -> Opened | Start | None:
        """A run to follow, or the generation to start. None if the object has ended; then the ledger has the
        outcome.
        """
        match await self._left(intent, redeploy=redeploy):
            case None:
                return None
            case Resume(run, _, twins):
                self._entry.tell(EarlierRunActive(run.id))
                return adopt(self._entry, run, parse_mark(run.description), twins)
            case Deployed(run, _, twins):
                return await self._confirm(adopt(self._entry, run, parse_mark(run.description), twins))
            case Start(_, open_runs, after) as start:
                if after:
                    self._entry.tell(EarlierRunOver(after))
                await abolish_duplicates(self._entry, open_runs)
                return start
            case _ as never:
                assert_never(never)

    async def _left(self, intent: str, *, redeploy: bool) -> Resume | Deployed | Start | None:
        """Return what the object's runs show, after as many readings as it takes: without the list nothing may be
        created.

        Every run exists that a shifting list shows. Only a complete list proves that there is none. An ended run allows
        the next generation only if the list right after it shows the same.
        """
        readings, before = Readings(self._entry), 0
        while True:
            listed = await scan(self._entry.world.calls, self._entry.object_id)
            self.runs = here = of_workspace(self._project_id, listed.runs)
            left, failed = look_back(intent, here, redeploy=redeploy), listed.failed
            if isinstance(left, Start):
                # It takes another reading until they are replaced, and the step may be killed before.
                announce_duplicates(self._entry, None, left.open_runs)
            if failed is None or (listed.drifts and not isinstance(left, Start)):
                readings.over()
                if left == Start(1) and (doubtful := await unmarked(self._entry, here)):
                    self._entry.end(Outcome.REJECTED, EarlierUnmarked(doubtful))
                    return None
                if not isinstance(left, Start) or left.generation in {1, before}:
                    return left
                before = left.generation
            elif listed.hopeless:
                self._entry.end(Outcome.REJECTED, EarlierUnreadable(intent, failed.fault))
                return None
            else:
                before = 0
                await readings.rest(failed.fault)

    async def _confirm(self, opened: Opened) -> Opened | None:
        """Read a run once more that the list shows as deployed, by a call of its own, before reporting it."""
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
        # This may take a while and be interrupted. The deployment is already recorded.
        await abolish_duplicates(self._entry, opened.twins)
        return None
