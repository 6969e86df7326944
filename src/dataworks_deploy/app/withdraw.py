"""Abolishes this job's own runs that have not begun to change production; touches nothing else."""

import asyncio
from collections.abc import Callable, Mapping

from dataworks_deploy.domain.ending import HOPELESS, Ending, Fault, Ok, Refused
from dataworks_deploy.domain.fate import Fate
from dataworks_deploy.domain.mark import parse_mark
from dataworks_deploy.domain.model import CANCEL, TERMINATION, ObjectId, Run, RunId
from dataworks_deploy.domain.reconcile import of_workspace
from dataworks_deploy.domain.schedule import EXECUTION_REST

from . import wording
from .ports import World
from .read import BELIEVE
from .scan import scan

# Seconds before each try to abolish a run, while the caller has time.
PAUSES = (0.0, 0.2, 0.4, 0.8, 1.6, 3.0, 4.0, 5.0, 8.0, 10.0)
LOOKS = (0.0, 4.0, 11.0, 25.0)  # seconds before each reading of the list


Settled = Callable[[ObjectId, Fate, Run], object]
Failed = Callable[[ObjectId, Fault], object]


async def withdraw(
    world: World,
    own: Mapping[ObjectId, RunId],
    settled: Settled,
    told: Mapping[ObjectId, float],
    failed: Failed = lambda *_: None,
) -> None:
    """Abolish the runs that nothing in production depends on yet.

    Each run is read first: one whose Deploy, Offline or Delete stage has started is left alone, and so is one
    that cannot be read. Those that were `told` to start one (monotonic seconds) may not show it yet: they are read
    again until they would. `settled` is told what became of each, with the last reading; nothing of one of which
    nobody has seen it. `failed` is told what was said of each call that did not succeed.
    """

    async def one(object_id: ObjectId, run_id: RunId) -> None:
        shows_at = told[object_id] + EXECUTION_REST if object_id in told else 0.0
        found = await _withdraw_one(world, object_id, run_id, shows_at, failed)
        if found:
            settled(object_id, *found)

    await asyncio.gather(*(one(each, run_id) for each, run_id in own.items()))


async def _withdraw_one(
    world: World, object_id: ObjectId, run_id: RunId, shows_at: float, failed: Failed
) -> tuple[Fate, Run] | None:
    asked, refusals, said = False, 0, ""
    for pause in PAUSES:
        await world.clock.sleep(pause)
        ending: Ending[object] = await world.pipelines.run(run_id)
        match ending:
            case Ok(Run(ended=True) as run):
                # The answer to the request may have been lost, and the request carried out.
                world.journal.tell(object_id, f"run {run_id} has ended, as {run.status}")
                abolished = asked and run.status in {TERMINATION, CANCEL}
                return Fate.ABOLISHED if abolished else Fate.ENDED, run
            case Ok(Run(deploying=True) as run):
                world.journal.tell(object_id, f"run {run_id} is deploying already, and is left alone")
                return Fate.DEPLOYS, run
            case Ok(Run() as run) if world.clock.monotonic() >= shows_at:
                asked = True
                ending = await world.pipelines.abolish(run_id)
                if isinstance(ending, Ok):
                    world.journal.tell(object_id, f"abolished run {run_id}")
                    return Fate.ABOLISHED, run
        if not isinstance(ending, Ok):
            failed(object_id, ending.fault)
            said = f" ({wording.quoted(ending.fault)})"
        refusals += isinstance(ending, Refused) and ending.why in HOPELESS
        if refusals == BELIEVE:
            break
    world.journal.warn(object_id, f"run {run_id} could not be abolished{said}; look at it in DataWorks")
    return None


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
