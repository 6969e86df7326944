"""Keeps calls within what the account allows, which nobody tells: it shows only in refusals."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from dataworks_deploy.domain.ending import Ending, Ok, Refusal, Refused
from dataworks_deploy.domain.model import Creation, ObjectId, Page, Run, RunId
from dataworks_deploy.domain.schedule import MOST_READS, MOST_WRITES, WINDOW, Rate

from .ports import Clock, Pipelines

T = TypeVar("T")


class Paced:
    """The same calls, each in its turn. Counts them."""

    def __init__(self, pipelines: Pipelines, clock: Clock) -> None:
        self._pipelines = pipelines
        self._reads = _Lane(clock, MOST_READS)
        self._writes = _Lane(clock, MOST_WRITES)
        self._unanswered = 0  # creations and executions
        self._closed = False
        self._answered = asyncio.Event()
        self.calls = 0

    async def create(
        self, creation: Creation, description: str, nonce: str, sending: Callable[[], None]
    ) -> Ending[RunId]:
        """See Pipelines. Once closed, a creation that was not sent yet never is."""
        return await self._advance(lambda: self._pipelines.create(creation, description, nonce, sending))

    async def close(self) -> None:
        """Create and execute nothing more, and wait for the answers of what is on its way."""
        self._closed = True
        while self._unanswered:
            self._answered.clear()
            await self._answered.wait()

    async def page(self, object_id: ObjectId | None, number: int) -> Ending[Page]:
        """See Pipelines."""
        sent = await self._reads.turn()
        return await self._call(self._reads, sent, lambda: self._pipelines.page(object_id, number))

    async def run(self, run_id: RunId) -> Ending[Run]:
        """See Pipelines."""
        sent = await self._reads.turn()
        return await self._call(self._reads, sent, lambda: self._pipelines.run(run_id))

    async def execute(self, run_id: RunId, stage: str) -> Ending[None]:
        """See Pipelines. Once closed, a stage whose execution was not sent yet is not executed."""
        return await self._advance(lambda: self._pipelines.execute(run_id, stage))

    async def abolish(self, run_id: RunId) -> Ending[None]:
        """See Pipelines."""
        sent = await self._writes.turn()
        return await self._call(self._writes, sent, lambda: self._pipelines.abolish(run_id))

    async def _advance(self, call: Callable[[], Awaitable[Ending[T]]]) -> Ending[T]:
        """A call that brings something nearer to production: none is sent once closed."""
        sent = await self._writes.turn()
        if self._closed:
            await asyncio.Event().wait()
        self._unanswered += 1
        try:
            return await self._call(self._writes, sent, call)
        finally:
            self._unanswered -= 1
            if not self._unanswered:
                self._answered.set()

    async def _call(
        self, lane: "_Lane", sent: "_Sent", call: Callable[[], Awaitable[Ending[T]]]
    ) -> Ending[T]:
        self.calls += 1
        ending = await call()
        lane.answered(sent)
        if isinstance(ending, Refused) and ending.why is Refusal.THROTTLED:
            # Some editions count all operations together, and a refusal does not say what was counted.
            for each in (self._reads, self._writes):
                each.slower(ending.fault.retry_after)
        elif isinstance(ending, Ok):
            lane.faster()
        return ending


@dataclass(slots=True)
class _Sent:
    """A call: when it had its turn, and when it has reached the service at the latest, as far as known."""

    turn_at: float
    arrived_at: float


class _Lane:
    """Calls that are counted together: so many within any window, first come first served.

    The service counts arrivals, and calls that leave together need not arrive so: the first ones wait for
    their connections. A call that took longer than the quickest one may have arrived that much later.
    """

    def __init__(self, clock: Clock, most: float) -> None:
        self._clock = clock
        self._rate = Rate(most, most)
        self._sent: list[_Sent] = []
        self._quickest = math.inf
        self._closed_until = 0.0
        self._queue = asyncio.Lock()

    async def turn(self) -> _Sent:
        """Wait until one more call fits."""
        async with self._queue:
            while (pause := self._pause()) > 0:
                await self._clock.sleep(pause)
            now = self._clock.monotonic()
            self._sent.append(_Sent(now, now))
            return self._sent[-1]

    def answered(self, sent: _Sent) -> None:
        """The call has an answer, or will never have one."""
        now = self._clock.monotonic()
        self._quickest = min(self._quickest, now - sent.turn_at)
        sent.arrived_at = now - self._quickest

    def slower(self, retry_after: float | None) -> None:
        """A call was refused; `retry_after` is in seconds."""
        now = self._clock.monotonic()
        self._rate = self._rate.after_refusal(now)
        self._closed_until = max(self._closed_until, now + (retry_after or 0.0))

    def faster(self) -> None:
        """A call was served."""
        self._rate = self._rate.after_success(self._clock.monotonic())

    def _pause(self) -> float:
        now = self._clock.monotonic()
        self._sent = [sent for sent in self._sent if now - sent.arrived_at < WINDOW]
        allowed = int(self._rate.allowed)
        full = len(self._sent) >= allowed
        arrivals = sorted(sent.arrived_at for sent in self._sent)
        wait = arrivals[-allowed] + WINDOW - now if full else 0.0
        return max(wait, self._closed_until - now)
