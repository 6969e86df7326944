"""A run that an answer names is taken for this job's own only once its own reading shows that."""

from dataworks_deploy.domain.claim import DAY_MS, Shows, undescribed
from dataworks_deploy.domain.ending import HOPELESS, Ok, Refused
from dataworks_deploy.domain.event import DescriptionsHidden
from dataworks_deploy.domain.model import Run
from dataworks_deploy.domain.operation import ListPipelineRuns
from dataworks_deploy.domain.reason import NotOurs

from .ledger import Entry
from .read import Readings, read_run


async def prove(entry: Entry, run: Run, *, alone: bool) -> Run | None:
    """The run, once it has shown that it is this job's own; None where it is not, and the ledger then holds that.

    `alone` says that it was read by a call of its own: a list may show no descriptions. Raises LostSightError.
    """
    run, shows = await weigh(entry, run, alone=alone)
    return run if accept(entry, run, shows) else None


async def weigh(entry: Entry, run: Run, *, alone: bool) -> tuple[Run, Shows]:
    """The run as it was read last, and what it shows; one that is proven, or was not created, has nothing to show."""
    held = entry.record.run
    claim = held.claim if held else None
    if claim is None or entry.record.proven:
        return run, Shows.OURS
    if claim.weigh(run) is Shows.NOTHING and not alone:
        readings = Readings(entry, run.id)
        run = await read_run(entry.world, run.id, readings.failed)
        readings.over()
    return run, claim.weigh(run)


def accept(entry: Entry, run: Run, shows: Shows) -> bool:
    """Whether the run is to be carried on, by what it shows; else the ledger holds that it is somebody else's."""
    held, known = entry.record.run, entry.world.known
    if shows is Shows.OTHER and held and held.claim:
        entry.put(entry.record.disowned(NotOurs(run, held.claim.mark), entry.world.clock.utc()))
        return False
    if shows is Shows.NOTHING and not known.unmarked:
        known.unmarked = True
        entry.world.journal.warn(None, DescriptionsHidden(run.id))
    entry.put(entry.record.proved())
    return True


async def unmarked(entry: Entry, runs: list[Run]) -> tuple[Run, ...]:
    """Those of the object's runs that an earlier attempt may have created, where runs show no descriptions.

    They count only if no run of the object or of the workspace shows one: people often write none.
    """
    if any(run.description for run in runs):
        return ()
    now_ms = int(entry.world.clock.utc().timestamp() * 1000)
    doubtful, readings = undescribed(runs, now_ms - DAY_MS), Readings(entry)
    while doubtful and not entry.world.known.unmarked:
        ending = await entry.world.calls.make(ListPipelineRuns(None))
        if isinstance(ending, Ok):
            return () if any(run.description for run in ending.value.runs) else doubtful
        if isinstance(ending, Refused) and ending.why in HOPELESS:
            break
        await readings.rest(ending.fault)
    return doubtful
