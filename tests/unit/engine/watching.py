"""Does some work while runs are read."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from dataworks_deploy.domain.ending import Fault, Ok, Refusal
from dataworks_deploy.domain.model import GetPipelineRun, Run, RunId
from dataworks_deploy.engine.watch import Watch

from .world import Scripted, run_of

OPEN = run_of("r")
SURE = [Refusal.DENIED, Refusal.EXPIRED, Refusal.QUOTA_SPENT]
PASSING = [Refusal.THROTTLED, Refusal.UNREACHABLE, Refusal.NOT_RUNNING, Refusal.NONCE_USED, Refusal.OTHER]


def each(operation: GetPipelineRun) -> Ok[Run]:
    """A reading returns the requested run."""
    return Ok(run_of(operation.run_id))


def unheard(_: Fault) -> None:
    """Failed readings are not logged."""


def watching(
    script: Scripted,
    work: Callable[[Watch], Coroutine[Any, Any, Any]],
    every: float | None = 10.0,
    *,
    scarce: bool = False,
) -> Any:
    """Do some work while runs are read."""
    watch = Watch(script.world, every, lambda: scarce)

    async def both() -> Any:
        serving = script.loop.create_task(watch.serve())
        try:
            return await work(watch)
        finally:
            serving.cancel()

    return script.play(both())


async def readings(watch: Watch, number: int, *names: str) -> list[str]:
    """The statuses of all runs, for so many readings."""
    seen = []
    for _ in range(number):
        found = await asyncio.gather(*(watch.next(RunId(name), unheard) for name in names or ("r",)))
        seen += [run.status for run in found]
    return seen
