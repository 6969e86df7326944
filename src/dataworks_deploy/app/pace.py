"""Keeps calls within what the account allows, which nobody tells: it shows only in refusals."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from dataworks_deploy.domain.ending import Ending, Ok, Refusal, Refused
from dataworks_deploy.domain.model import Creation, Node, ObjectId, Page, Run, RunId
from dataworks_deploy.domain.schedule import HELD_BACK, MOST_READS, MOST_WRITES, WINDOW, Rate

from .ports import Clock, Pipelines, Sending, unheeded

T = TypeVar("T")


class Paced:
    """The same calls, each in its turn. `called` is told how many more there are when one leaves."""

    def __init__(
        self, pipelines: Pipelines, clock: Clock, called: Callable[[int], None] = lambda _: None
    ) -> None:
        self._pipelines = pipelines
        self._clock = clock
        self._called = called
        self._reads = _Lane(clock, MOST_READS, HELD_BACK)
        self._writes = _Lane(clock, MOST_WRITES)
        # Some editions count all operations together.
        self._all = _Lane(clock, MOST_READS + MOST_WRITES, HELD_BACK)
        self._unanswered = 0  # creations and executions
        self._closed = False
        self._answered = asyncio.Event()

    @property
    def scarce(self) -> bool:
        """Whether the account has shown to serve few calls."""
        return self._all.scarce

    async def create(
        self, creation: Creation, description: str, nonce: str, sending: Sending
    ) -> Ending[RunId]:
        """See Pipelines. Once closed, a creation that was not sent yet never is."""
        return await self._advance(partial(self._pipelines.create, creation, description, nonce), sending)

    async def close(self) -> None:
        """Create and execute nothing more, and wait for the answers of what is on its way."""
        self._closed = True
        while self._unanswered:
            self._answered.clear()
            await self._answered.wait()

    async def page(
        self, object_id: ObjectId | None, number: int, sending: Sending = unheeded
    ) -> Ending[Page]:
        """See Pipelines. The list of one object is read to find a creation that was lost: that goes first."""
        call = partial(self._pipelines.page, object_id, number)
        return await self._call(self._reads, call, sending, ahead=object_id is not None)

    async def run(self, run_id: RunId, sending: Sending = unheeded) -> Ending[Run]:
        """See Pipelines."""
        return await self._call(self._reads, partial(self._pipelines.run, run_id), sending)

    async def node(self, object_id: ObjectId, sending: Sending = unheeded) -> Ending[Node]:
        """See Pipelines."""
        return await self._call(self._reads, partial(self._pipelines.node, object_id), sending)

    async def execute(self, run_id: RunId, stage: str, sending: Sending) -> Ending[None]:
        """See Pipelines. Once closed, a stage whose execution was not sent yet is not executed."""
        return await self._advance(partial(self._pipelines.execute, run_id, stage), sending)

    async def abolish(self, run_id: RunId, sending: Sending = unheeded) -> Ending[None]:
        """See Pipelines."""
        return await self._call(self._writes, partial(self._pipelines.abolish, run_id), sending)

    async def _advance(self, call: Callable[[Sending], Awaitable[Ending[T]]], sending: Sending) -> Ending[T]:
        """A call that brings something nearer to production: none is sent once closed.

        Not even where it had its turn before, and waited for its key.
        """
        sent = False

        def leaving() -> None:
            nonlocal sent
            if self._closed:
                raise _ClosedError
            sending()
            self._unanswered += 1
            sent = True

        try:
            return await self._call(self._writes, call, leaving)
        except _ClosedError:
            never: asyncio.Future[Ending[T]] = asyncio.get_running_loop().create_future()
            return await never  # the step is over, and who waits is cancelled
        finally:
            if sent:
                self._unanswered -= 1
                if not self._unanswered:
                    self._answered.set()

    async def _turn(self, lane: "_Lane", *, ahead: bool) -> "_Turn":
        """Wait until one more call fits into both lanes, and count it in both at the moment at which it leaves."""
        lanes = (lane, self._all)
        async with lane.queue(ahead=ahead):
            while (pause := max(each.pause(ahead=ahead) for each in lanes)) > 0:
                await self._clock.sleep(pause)
            return [(each, each.send()) for each in lanes]

    async def _call(
        self,
        lane: "_Lane",
        call: Callable[[Sending], Awaitable[Ending[T]]],
        sending: Sending,
        *,
        ahead: bool = False,
    ) -> Ending[T]:
        """A call counts once it leaves: what has had its turn may still find that there is no key."""
        turn = await self._turn(lane, ahead=ahead)

        def leaving() -> None:
            self._called(1)  # before it is written that one is under way
            try:
                sending()
            except BaseException:
                self._called(-1)
                raise

        return self._weighed(turn, await call(leaving))

    def _weighed(self, turn: "_Turn", ending: Ending[T]) -> Ending[T]:
        """The same ending, after the lanes have learnt from it."""
        for lane, sent in turn:
            lane.answered(sent, served=isinstance(ending, Ok))
            if isinstance(ending, Refused) and ending.why is Refusal.THROTTLED:
                lane.slower(sent, ending.fault.retry_after)
        return ending


class _ClosedError(Exception):
    """The call was not sent."""


@dataclass(slots=True)
class _Sent:
    """A call: when it had its turn, and when it has reached the service at the latest, as far as known."""

    turn_at: float
    arrived_at: float
    served: bool = False


class _Lane:
    """Calls that are counted together: so many within any window, first come first served.

    The service counts arrivals, and calls that leave together need not arrive so: the first ones wait for
    their connections. A call that took longer than the quickest one may have arrived that much later.
    """

    def __init__(self, clock: Clock, most: float, held_back: float = 0.0) -> None:
        self._clock = clock
        self._held_back = held_back
        self._rate = Rate(most, most)
        self._sent: list[_Sent] = []
        self._quickest = math.inf
        self._closed_until = 0.0
        self._queue = asyncio.Lock()
        self._queue_ahead = asyncio.Lock()

    def queue(self, *, ahead: bool) -> asyncio.Lock:
        """Where the next call waits for its turn. A part of the calls is held back for those that go `ahead`."""
        return self._queue_ahead if ahead else self._queue

    def send(self) -> _Sent:
        """Count a call that leaves now."""
        now = self._clock.monotonic()
        self._sent.append(_Sent(now, now))
        return self._sent[-1]

    def answered(self, sent: _Sent, *, served: bool) -> None:
        """The call has an answer, or will never have one."""
        now = self._clock.monotonic()
        self._quickest = min(self._quickest, now - sent.turn_at)
        sent.arrived_at, sent.served = now - self._quickest, served
        # Calls that come one by one do not show that more would be served.
        if served and self._rate.growing and len(self._recent(sent.arrived_at)) >= self._allowed(ahead=False):
            self._rate = self._rate.after_success(now)

    @property
    def scarce(self) -> bool:
        """See Rate."""
        return self._rate.scarce

    def slower(self, refused: _Sent, retry_after: float | None) -> None:
        """A call was refused; `retry_after` is in seconds."""
        now = self._clock.monotonic()
        served = sum(sent.served for sent in self._recent(refused.arrived_at))
        self._rate = self._rate.after_refusal(now, served)
        self._closed_until = max(self._closed_until, now + (retry_after or 0.0))

    def _recent(self, moment: float) -> list[_Sent]:
        """The calls that counted at that moment, and those that came after it."""
        return [sent for sent in self._sent if moment - sent.arrived_at < WINDOW]

    def _allowed(self, *, ahead: bool) -> int:
        allowed = int(self._rate.allowed)
        return allowed if ahead else allowed - min(allowed - 1, math.ceil(self._held_back * allowed))

    def pause(self, *, ahead: bool) -> float:
        """Seconds until one more call may fit; 0 where it does now."""
        now = self._clock.monotonic()
        # Answers tell of the service as it was when the calls arrived: so long they are still needed.
        self._sent = self._recent(now - 2 * WINDOW)
        allowed = self._allowed(ahead=ahead)
        wait = 0.0
        if len(self._sent) >= allowed:
            arrivals = sorted(sent.arrived_at for sent in self._recent(now))
            wait = arrivals[-allowed] + WINDOW - now if len(arrivals) >= allowed else 0.0
        return max(wait, self._closed_until - now)


_Turn = list[tuple[_Lane, _Sent]]
