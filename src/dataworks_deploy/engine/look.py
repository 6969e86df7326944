"""Looks for the run of a creation whose answer was lost, by this attempt of the job or by one before."""

from dataclasses import dataclass
from datetime import datetime

from dataworks_deploy.domain.ending import HOPELESS, Fault, Ok, Refused
from dataworks_deploy.domain.mark import Mark
from dataworks_deploy.domain.model import Creation, Run
from dataworks_deploy.domain.operation import GetPipelineRun
from dataworks_deploy.domain.reconcile import (
    Absent,
    Foreign,
    Found,
    bearing,
    elect,
    judge,
    of_workspace,
    twins_of,
)
from dataworks_deploy.domain.schedule import RETRY_WINDOW, looks

from .ledger import Entry
from .read import Readings, scan


@dataclass(frozen=True, slots=True)
class Blind:
    """The list could not be read in the end, for this reason.

    `always` says that it never could, `hopeless` that it is refused for good.
    """

    fault: Fault
    always: bool
    hopeless: bool


Sight = Found | Foreign | Absent | Blind


class Look:
    """Reads the list for one creation. `since` is when the first request was sent. For one use."""

    def __init__(self, entry: Entry, creation: Creation, mark: Mark, since: datetime) -> None:
        self._world = entry.world
        self._creation = creation
        self._mark = mark
        self._since_ms = int(since.timestamp() * 1000)
        self._readings = Readings(entry)
        self._always = True
        self.shown: list[Run] = []  # by the last list that was whole

    async def once(self) -> Sight:
        """Read once."""
        return await self._read()

    async def find(self, settle: float) -> Sight:
        """Read until the run with this mark shows or `settle` seconds have passed.

        Only the last reading may say that there is nothing: what is slow to appear is not absent. If that one fails,
        which says nothing at all, the list is read for as long as it is of use.
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
        if listed.failed is None:
            self._readings.over()
            self._always, self.shown = False, here
            return judge(self._mark, here, self._since_ms)
        # That a run is not there only a whole list shows. That it is there any page does.
        if own := bearing(self._mark, here):
            return await self._found(elect(own), here)
        hopeless = isinstance(listed.failed, Refused) and listed.failed.why in HOPELESS
        return Blind(listed.failed.fault, self._always, hopeless)

    async def _found(self, run: Run, here: list[Run]) -> Found:
        """The run that a page has shown, as it is now where it can be read."""
        ending = await self._world.calls.make(GetPipelineRun(run.id))
        now = ending.value if isinstance(ending, Ok) else run
        return Found(now, twins_of(self._mark, run, here))
