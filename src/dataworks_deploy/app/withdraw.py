"""Abolishes this job's own runs that have not begun to change production; touches nothing else."""

import asyncio
from collections.abc import Callable, Mapping

from dataworks_deploy.domain.ending import Ok
from dataworks_deploy.domain.mark import parse_mark
from dataworks_deploy.domain.model import CANCEL, TERMINATION, ObjectId, Run, RunId

from .ports import World
from .scan import scan

TRIES = 3
LOOKS = (0.0, 3.0, 6.0)  # seconds between readings of the list


async def withdraw(
    world: World, own: Mapping[ObjectId, RunId], gone: Callable[[ObjectId], object] = lambda _: None
) -> None:
    """Abolish the runs that nothing in production depends on yet; `gone` is told of each when it is done.

    Each run is read first: one whose Deploy, Offline or Delete stage has started is left alone, and so is one
    that cannot be read.
    """

    async def one(object_id: ObjectId, run_id: RunId) -> None:
        if await _withdraw_one(world, object_id, run_id):
            gone(object_id)

    await asyncio.gather(*(one(each, run_id) for each, run_id in own.items()))


async def _withdraw_one(world: World, object_id: ObjectId, run_id: RunId) -> bool:
    asked = False
    for _ in range(TRIES):
        run = await _read(world, run_id)
        if run and run.ended:
            # The answer to the request may have been lost, and the request carried out.
            return asked and run.status in {TERMINATION, CANCEL}
        if run and run.deploying:
            world.journal.tell(object_id, f"run {run_id} is deploying already, and is left alone")
            return False
        if run:
            asked = True
            if isinstance(await world.pipelines.abolish(run_id), Ok):
                world.journal.tell(object_id, f"abolished run {run_id}")
                return True
        await world.clock.sleep(0.2)
    world.journal.warn(object_id, f"run {run_id} could not be abolished; look at it in DataWorks")
    return False


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
