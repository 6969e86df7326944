"""Runs that bear the same mark as the one that counts: named with the object, and ended where that harms nobody."""

from collections.abc import Sequence

from dataworks_deploy.domain.ending import Fault, Ok
from dataworks_deploy.domain.model import ObjectId, Run, RunId
from dataworks_deploy.domain.schedule import backoff

from . import wording_creation as wording
from .ledger import Ledger
from .ports import World

TRIES = 4


def announce(
    world: World, ledger: Ledger, object_id: ObjectId, kept: RunId | None, others: Sequence[Run]
) -> None:
    """Say that there are others, before anything is done: a step that is killed then has named them.

    `kept` is None where the run that counts is still to be created.
    """
    if others:
        world.journal.warn(object_id, wording.twins(kept, others))
        ledger.remark(object_id, wording.duplicates(others))


async def abolish(world: World, ledger: Ledger, object_id: ObjectId, others: Sequence[Run]) -> None:
    """Abolish those that are active and that nobody has advanced; what became of each goes with the result."""
    for run in others:
        ledger.remark(object_id, await _abolish(world, object_id, run))


async def _abolish(world: World, object_id: ObjectId, run: Run) -> str:
    tries = 0
    while isinstance(found := await _try(world, object_id, run), Fault):
        tries += 1
        if tries == TRIES:
            world.journal.warn(object_id, wording.duplicate_open(run, found))
            return wording.duplicate_open(run, found)
        await world.clock.sleep(backoff(tries, world.clock.spread(), found.retry_after))
    return found


async def _try(world: World, object_id: ObjectId, run: Run) -> str | Fault:
    """What became of it, by a reading of now: the list, or the last try, may be long ago."""
    if not (run.ended or run.advanced):
        seen = await world.pipelines.run(run.id)
        if not isinstance(seen, Ok):
            return seen.fault
        run = seen.value
    if run.ended:
        return wording.duplicate_ended(run)
    if run.advanced:
        world.journal.warn(object_id, wording.duplicate_advanced(run))
        return wording.duplicate_advanced(run)
    ending = await world.pipelines.abolish(run.id)
    if not isinstance(ending, Ok):
        return ending.fault
    world.journal.tell(object_id, wording.duplicate_abolished(run))
    return wording.duplicate_abolished(run)
