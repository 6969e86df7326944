"""Abolishes this job's own runs that have not begun to change production. It changes nothing else."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.active import Ownership
from dataworks_deploy.domain.ending import HOPELESS, Ending, Fault, Ok, Refused, Unclear, did_nothing
from dataworks_deploy.domain.event import (
    DeployedMeanwhile,
    Event,
    NotAbolished,
    RunAbolished,
    RunDeploys,
    RunHasEnded,
    RunIsOthers,
)
from dataworks_deploy.domain.model import (
    CANCEL,
    SUCCESS,
    TERMINATION,
    AbolishPipelineRun,
    GetPipelineRun,
    ObjectId,
    Run,
    RunId,
)
from dataworks_deploy.domain.pace import EXECUTION_REST
from dataworks_deploy.domain.reconcile import Claim, Shows, is_of, of_workspace
from dataworks_deploy.domain.record import Fate

from .calls import Withheld, World
from .read import BELIEVE, scan

# Seconds before each try to abolish a run, as long as the caller has time.
PAUSES = (0.0, 0.2, 0.4, 0.8, 1.6, 3.0, 4.0, 5.0, 8.0, 10.0)
READ_BACK = (0.0, 0.5)  # seconds before each reading of an abolished run, until it shows its end
OUTDATED = 15.0  # seconds after which a reading no longer shows that a run may be abolished
LOOKS = (0.0, 4.0, 11.0, 25.0)  # seconds before each reading of the list


@frozen
class Own:
    """A run that belongs to this job or this repository, by its `claim`.

    `told_at` is when it was told to change production (monotonic seconds).
    """

    run_id: RunId
    claim: Claim | Ownership
    told_at: float | None = None


Settled = Callable[[ObjectId, Fate, Run], object]
Failed = Callable[[ObjectId, Fault], object]


async def withdraw(
    world: World, own: Mapping[ObjectId, Own], settled: Settled, failed: Failed = lambda *_: None
) -> None:
    """Abolish the runs that have not changed production yet.

    Each run is read first. A run is left alone if it already changes production, cannot be read, or shows that it is
    somebody else's. A run that was told to change production may not show that yet, so it is read again until it would.
    `settled` receives what happened to each run, as far as known, and the last reading, which may not show the end of
    an abolished run yet. `failed` receives the fault of each failed call.
    """

    async def one(object_id: ObjectId, run: Own) -> None:
        withdrawal = _Withdrawal(world, object_id, run, failed)
        try:
            await withdrawal.carry_out()
        finally:
            if found := withdrawal.found:
                settled(object_id, *found)

    await asyncio.gather(*(one(each, run) for each, run in own.items()))


@dataclass
class _Withdrawal:
    """Abolishes one run. `found` is what happened to it and its last reading, as far as known."""

    world: World
    object_id: ObjectId
    own: Own
    failed: Failed
    found: tuple[Fate, Run] | None = None
    _asked: bool = False  # whether a request may have abolished it
    _end: str = ""  # the end that the last reading showed

    @property
    def run_id(self) -> RunId:
        """The run's ID."""
        return self.own.run_id

    def _shows(self) -> bool:
        """Whether a reading would by now show that the run was told to change production."""
        told_at = self.own.told_at
        return told_at is None or self.world.clock.monotonic() >= told_at + EXECUTION_REST

    async def carry_out(self) -> None:
        """Abolish the run, if that is allowed."""
        refusals, last = 0, cast("Fault | None", None)
        for pause in PAUSES:
            await self.world.clock.sleep(pause)
            ending: Ending[object] | Withheld = await self.world.calls.make(GetPipelineRun(self.run_id))
            match ending:
                case Ok(Run() as run) if self.own.claim.weigh(run) is Shows.OTHER:
                    self._warn(RunIsOthers(run, self.own.claim.mark))
                    self.found = Fate.FOREIGN, run
                    return
                case Ok(Run(ended=True, status=self._end) as run):
                    self._see_the_end(run)
                    return
                case Ok(Run(ended=True, status=end)):
                    self._end = end
                    continue
                case Ok(Run(deploying=True) as run):
                    self._tell(RunDeploys(self.run_id))
                    self.found = Fate.DEPLOYS, run
                    return
                case Ok(Run() as run) if self._shows():
                    ending = await self._ask()
                    if isinstance(ending, Ok):
                        await self._read_back(run)
                        return
            if isinstance(ending, Refused | Unclear):
                self.failed(self.object_id, ending.fault)
                last = ending.fault
            refusals += isinstance(ending, Refused) and ending.why in HOPELESS
            if refusals == BELIEVE:
                break
        self._warn(NotAbolished(self.run_id, last))

    async def _ask(self) -> Ending[None] | Withheld:
        """Request the abolition, unless it had to wait so long that the run may deploy by now."""
        until = self.world.clock.monotonic() + OUTDATED
        request = AbolishPipelineRun(self.run_id)
        ending = await self.world.calls.send(request, lambda: self.world.clock.monotonic() < until)
        self._asked |= not (isinstance(ending, Withheld) or did_nothing(ending))
        return ending

    async def _read_back(self, before: Run) -> None:
        """The answer does not say whether the run began to deploy after the last reading, so read it again."""
        self.found = Fate.ABOLISHED, before
        self._tell(RunAbolished(self.run_id))
        for pause in READ_BACK:
            await self.world.clock.sleep(pause)
            match await self.world.calls.make(GetPipelineRun(self.run_id)):
                case Ok(Run(ended=True) as run):
                    self._see_the_end(run, confirmed=True)
                    return
                case Ok(Run(deploying=True)):
                    self.found = None
                    self._warn(DeployedMeanwhile(self.run_id))
                    return

    def _see_the_end(self, run: Run, *, confirmed: bool = False) -> None:
        # The answer to the request may be lost although the request worked. After a `confirmed` request, every bad end
        # is its work.
        ours = run.status != SUCCESS if confirmed else self._asked and run.status in {TERMINATION, CANCEL}
        abolished = ours and not run.deploying
        self.found = Fate.ABOLISHED if abolished else Fate.ENDED, run
        self._tell(RunHasEnded(run.id, run.status))

    def _tell(self, event: Event) -> None:
        self.world.journal.tell(self.object_id, event)

    def _warn(self, event: Event) -> None:
        self.world.journal.warn(self.object_id, event)


async def find_own(world: World, project_id: int, object_id: ObjectId, intent: str) -> list[Run] | None:
    """The active runs of an object with a mark of this intent. None if no list could be read.

    It looks several times, because lists lag.
    """
    read = False
    for pause in LOOKS:
        await world.clock.sleep(pause)
        listed = await scan(world.calls, object_id)
        read = read or listed.failed is None
        here = of_workspace(project_id, listed.runs)
        if own := [run for run in here if not run.ended and is_of(intent, run)]:
            return own
    return [] if read else None
