"""Abolishes this job's own runs that have not begun to change production; touches nothing else."""

import asyncio
from collections.abc import Callable, Mapping

from dataworks_deploy.domain.ending import Ok
from dataworks_deploy.domain.fate import Fate
from dataworks_deploy.domain.mark import parse_mark
from dataworks_deploy.domain.model import CANCEL, TERMINATION, ObjectId, Run, RunId
from dataworks_deploy.domain.reconcile import of_workspace

from .ports import World
from .scan import scan

TRIES = 3
LOOKS = (0.0, 3.0, 6.0)  # seconds between readings of the list


Settled = Callable[[ObjectId, Fate, Run], object]


async def withdraw(world: World, own: Mapping[ObjectId, RunId], settled: Settled) -> None:
    """Abolish the runs that nothing in production depends on yet.

    Each run is read first: one whose Deploy, Offline or Delete stage has started is left alone, and so is one
    that cannot be read. `settled` is told what became of each, with the last reading; nothing of one of which
    nobody has seen it.
    """

    async def one(object_id: ObjectId, run_id: RunId) -> None:
        found = await _withdraw_one(world, object_id, run_id)
        if found:
            settled(object_id, *found)

    await asyncio.gather(*(one(each, run_id) for each, run_id in own.items()))


async def _withdraw_one(world: World, object_id: ObjectId, run_id: RunId) -> tuple[Fate, Run] | None:
    asked = False
    for _ in range(TRIES):
        run = await _read(world, run_id)
        if run and run.ended:
            # The answer to the request may have been lost, and the request carried out.
            abolished = asked and run.status in {TERMINATION, CANCEL}
            return Fate.ABOLISHED if abolished else Fate.ENDED, run
        if run and run.deploying:
            world.journal.tell(object_id, f"run {run_id} is deploying already, and is left alone")
            return Fate.DEPLOYS, run
        if run:
            asked = True
            if isinstance(await world.pipelines.abolish(run_id), Ok):
                world.journal.tell(object_id, f"abolished run {run_id}")
                return Fate.ABOLISHED, run
        await world.clock.sleep(0.2)
    world.journal.warn(object_id, f"run {run_id} could not be abolished; look at it in DataWorks")
    return None


async def _read(world: World, run_id: RunId) -> Run | None:
    ending = await world.pipelines.run(run_id)
    return ending.value if isinstance(ending, Ok) else None


async def find_own(world: World, project_id: int, object_id: ObjectId, intent: str) -> list[Run] | None:
    """The active runs of an object that bear a mark of this intent, or None where no list could be read.

    They are looked for a few times: lists lag.
    """
    read = False
    for pause in LOOKS:
        await world.clock.sleep(pause)
        runs = await scan(world.pipelines, object_id)
        if isinstance(runs, list):
            read = True
            here = of_workspace(project_id, runs)
            own = [run for run in here if not run.ended and _bears(run, intent)]
            if own:
                return own
    return [] if read else None


def _bears(run: Run, intent: str) -> bool:
    mark = parse_mark(run.description)
    return mark is not None and mark.intent == intent
