"""Takes the objects of a step through creation and election, in the order given."""

import asyncio
from dataclasses import dataclass

from dataworks_deploy.domain.mark import Origin
from dataworks_deploy.domain.model import Creation
from dataworks_deploy.domain.outcome import GOOD, Outcome

from .create import Creator, Policy
from .elect import Election
from .ledger import Ledger
from .ports import World


@dataclass(frozen=True, slots=True)
class Plan:
    """What a step is to do. `timeout` is in seconds, for the whole step."""

    creations: tuple[Creation, ...]
    origin: Origin
    policy: Policy
    timeout: float


class Deployment:
    """Carries a plan out and leaves the truth in the ledger, however it ends."""

    def __init__(self, world: World, ledger: Ledger, plan: Plan) -> None:
        self._world = world
        self._ledger = ledger
        self._plan = plan
        self._election = Election(world, ledger, plan.policy.settle)

    async def run(self) -> None:
        """Deploy until everything has ended or the deadline has passed."""
        try:
            async with asyncio.timeout(self._plan.timeout):
                await self._in_order()
        except TimeoutError:
            self._close_late()

    async def _in_order(self) -> None:
        for creation in self._plan.creations:
            await self._deploy(creation)
            if self._ledger[creation.object_id].outcome not in GOOD:
                return

    async def _deploy(self, creation: Creation) -> None:
        creator = Creator(
            self._world,
            self._ledger,
            policy=self._plan.policy,
            origin=self._plan.origin,
            creation=creation,
        )
        opened = await creator.create()
        if opened is None:
            return
        held = await self._election.hold(creation.object_id, opened)
        self._ledger.end(creation.object_id, Outcome.CREATED, "", run_id=held.run_id)

    def _close_late(self) -> None:
        """The deadline has passed: what was begun and not ended is late, not failed."""
        for entry in self._ledger.results:
            begun = entry.started_at is not None and entry.finished_at is None
            if begun and entry.outcome is not Outcome.UNKNOWN:
                self._ledger.end(entry.object_id, Outcome.TIMED_OUT, entry.message or "The deadline passed.")
