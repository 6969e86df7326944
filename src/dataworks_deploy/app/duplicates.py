"""Runs that bear the same mark as the one that counts: named with the object, and ended where that harms nobody."""

from collections.abc import Sequence

from dataworks_deploy.domain.ending import Ok
from dataworks_deploy.domain.model import ObjectId, Run
from dataworks_deploy.domain.schedule import backoff

from . import wording_creation as wording
from .ledger import Ledger
from .ports import World

TRIES = 4


def name(world: World, ledger: Ledger, object_id: ObjectId, kept: Run, others: Sequence[Run]) -> None:
    """Say that there are others, before anything is done: a step that is killed then has named them."""
    if others:
        world.journal.warn(object_id, wording.twins(kept, others))
        ledger.remark(object_id, wording.duplicates(others))


async def end(world: World, ledger: Ledger, object_id: ObjectId, others: Sequence[Run]) -> None:
    """Abolish those that are active and that nobody has advanced; what became of each goes with the result."""
    for run in others:
        ledger.remark(object_id, await _end(world, object_id, run))


async def _end(world: World, object_id: ObjectId, run: Run) -> str:
    if run.ended:
        return wording.duplicate_ended(run)
    if run.advanced:
        world.journal.warn(object_id, wording.duplicate_advanced(run))
        return wording.duplicate_advanced(run)
    tries = 0
    while not isinstance(ending := await world.pipelines.abolish(run.id), Ok):
        tries += 1
        seen = await world.pipelines.run(run.id)
        if isinstance(seen, Ok) and seen.value.ended:
            return wording.duplicate_ended(seen.value)
        if tries == TRIES:
            text = wording.duplicate_open(run, ending.fault)
            world.journal.warn(object_id, text)
            return text
        await world.clock.sleep(backoff(tries, world.clock.spread(), ending.fault.retry_after))
    world.journal.tell(object_id, wording.duplicate_abolished(run))
    return wording.duplicate_abolished(run)
