"""Looks for the run of a creation whose answer was lost."""

from dataclasses import dataclass
from datetime import datetime

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.mark import Mark
from dataworks_deploy.domain.model import Creation
from dataworks_deploy.domain.reconcile import Absent, Foreign, Found, judge, of_workspace
from dataworks_deploy.domain.schedule import looks

from . import wording_creation
from .ledger import Ledger
from .ports import World
from .scan import scan
from .unread import Unread


@dataclass(frozen=True, slots=True)
class Blind:
    """The list could not be read in the end, for this reason; `always` says that it never could."""

    fault: Fault
    always: bool


async def look_for(
    world: World, ledger: Ledger, creation: Creation, mark: Mark, since: datetime, settle: float
) -> Found | Foreign | Absent | Blind:
    """Read the list until the run with this mark shows or `settle` seconds have passed.

    Only the last reading may say that there is nothing: what is slow to appear is not absent, and a list that
    cannot be read says nothing at all. `since` is when the first request was sent.
    """
    began, since_ms = world.clock.monotonic(), int(since.timestamp() * 1000)
    unread = Unread(world, ledger, creation.object_id, "the list of runs")
    always = True
    seen: Found | Foreign | Absent | Blind = Absent()
    for moment in looks(settle):
        await world.clock.sleep(max(0.0, began + moment - world.clock.monotonic()))
        runs = await scan(world.pipelines, creation.object_id)
        if isinstance(runs, list):
            unread.over()
            always = False
            seen = judge(mark, of_workspace(creation.project_id, runs), since_ms)
            if isinstance(seen, Found):
                return seen
        else:
            seen = Blind(runs.fault, always)
            if moment < settle:
                unread.failed(runs.fault)
    if isinstance(seen, Absent) and seen.leftovers:
        world.journal.warn(creation.object_id, wording_creation.leftovers(seen.leftovers))
    return seen
