"""Reads one run by a call of its own: what is to be reported or decided on is read so, whatever a list shows."""

from collections.abc import Callable

from dataworks_deploy.domain.ending import CERTAIN, Fault, Ok, Refusal, Refused
from dataworks_deploy.domain.model import Run, RunId
from dataworks_deploy.domain.schedule import backoff

from .ports import World

# A refusal that patience does not mend is believed when it comes so often in a row.
BELIEVE = 3

Missed = Callable[[Fault], object]  # is told of each reading that fails


class LostSightError(Exception):
    """Runs cannot be read any more, and waiting does not help. That says nothing about the runs."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.fault.message)
        self.why = refused.why
        self.fault = refused.fault


async def read_run(world: World, run_id: RunId, missed: Missed, final: frozenset[Refusal] = CERTAIN) -> Run:
    """The run, asked for until it is read. Raises LostSightError for a refusal that is `final`.

    Of a run that is known to be there only those are that hold for every call.
    """
    tries = 0
    while not isinstance(ending := await world.pipelines.run(run_id), Ok):
        tries += 1
        if isinstance(ending, Refused) and ending.why in final and tries >= BELIEVE:
            raise LostSightError(ending)
        missed(ending.fault)
        pause = backoff(tries, world.clock.spread(), ending.fault.retry_after)
        world.journal.debug(f"run {run_id} was not read, trying again in {pause:.1f} s")
        await world.clock.sleep(pause)
    return ending.value
