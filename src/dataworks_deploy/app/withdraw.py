"""Abolishes this job's own runs that have not begun to change production; touches nothing else."""

import asyncio
from collections.abc import Callable, Mapping

from dataworks_deploy.domain.ending import Ok
from dataworks_deploy.domain.fate import Fate
from dataworks_deploy.domain.mark import parse_mark
from dataworks_deploy.domain.model import CANCEL, TERMINATION, ObjectId, Run, RunId

from .ports import World
from .scan import scan

TRIES = 3
LOOKS = (0.0, 3.0, 6.0)  # seconds between readings of the list


async def withdraw(
    world: World, own: Mapping[ObjectId, RunId], settled: Callable[[ObjectId, Fate], object]
) -> None:
    """Abolish the runs that nothing in production depends on yet; `settled` is told of each what became of it.

    Each run is read first: one whose Deploy, Offline or Delete stage has started is left alone, and so is one
    that cannot be read.
    """

    async def one(object_id: ObjectId, run_id: RunId) -> None:
        fate = await _withdraw_one(world, object_id, run_id)
        if fate:
            settled(object_id, fate)

    await asyncio.gather(*(one(each, run_id) for each, run_id in own.items()))


async def _withdraw_one(world: World, object_id: ObjectId, run_id: RunId) -> Fate | None:
    asked = False
    for _ in range(TRIES):
        run = await _read(world, run_id)
        if run and run.ended:
            # The answer to the request may have been lost, and the request carried out.
            return Fate.ABOLISHED if asked and run.status in {TERMINATION, CANCEL} else Fate.ENDED
        if run and run.deploying:
            world.journal.tell(object_id, f"run {run_id} is deploying already, and is left alone")
            return Fate.DEPLOYS
        if run:
            asked = True
            if isinstance(await world.pipelines.abolish(run_id), Ok):
                world.journal.tell(object_id, f"abolished run {run_id}")
                return Fate.ABOLISHED
        await world.clock.sleep(0.2)
    world.journal.warn(object_id, f"run {run_id} could not be abolished; look at it in DataWorks")
    return None


async def _read(world: World, run_id: RunId) -> Run | None:
    ending = await world.pipelines.run(run_id)
    return ending.value if isinstance(ending, Ok) else None


async def find_own(world: World, object_id: ObjectId, intent: str) -> list[Run]:
    """The active runs of an object that bear a mark of this intent; looked for a few times, lists lag."""
    for pause in LOOKS:
        await world.clock.sleep(pause)
        runs = await scan(world.pipelines, object_id)
        own = [run for run in runs if not run.ended and _bears(run, intent)] if isinstance(runs, list) else []
        if own:
            return own
    return []


def _bears(run: Run, intent: str) -> bool:
    mark = parse_mark(run.description)
    return mark is not None and mark.intent == intent
