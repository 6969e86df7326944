"""All calls to the service go through here: each call waits for its turn, is counted, and is recorded before it leaves.

The service does not say how many calls an account may make. Only its refusals show it.
"""

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeVar, cast

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.ending import Ending, Ok, Refusal, Refused
from dataworks_deploy.domain.error import may_be_spent
from dataworks_deploy.domain.event import CallEnded, Event
from dataworks_deploy.domain.model import ListPipelineRuns, ObjectId, Operation
from dataworks_deploy.domain.pace import (
    HELD_BACK,
    MOST_READS,
    MOST_WRITES,
    SPENT_PATIENCE,
    SPENT_TRIES,
    TURN,
    WINDOW,
    Rate,
)
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.studio.plan import Plan

if TYPE_CHECKING:
    from dataworks_deploy.domain.studio.operations import AnyOperation

T = TypeVar("T")


class Service(Protocol):
    """The DataWorks API. It never repeats a call, and never raises an exception for a network error."""

    async def ready(self) -> Refused | None:
        """Wait until there is a key to sign with. A refusal says why there is none; then nothing can be sent."""

    async def call(self, operation: Operation[T]) -> Ending[T]:
        """Send the operation once, now, and wait for the answer."""


class Clock(Protocol):
    """Time and randomness."""

    def monotonic(self) -> float:
        """Seconds that never jump, for deadlines."""

    def utc(self) -> datetime:
        """The time of day, for people and for comparing with the service's times."""

    async def sleep(self, seconds: float) -> None:
        """Wait this long while other tasks continue."""

    def spread(self) -> float:
        """A new random number in [0, 1), for jitter."""


class Journal(Protocol):
    """Records events as they happen."""

    @property
    def debugs(self) -> bool:
        """Whether debug logging is on."""

    def known(self, records: Sequence[Record], calls: int) -> None:
        """Save what is known, so that it survives if this process ends at any moment. `calls` is the number of calls
        made.
        """

    def chosen(self, plan: Plan, at_once: int) -> None:
        """Report the objects of the step and their order. At most `at_once` run at a time."""

    def previewed(self, plan: Plan) -> None:
        """Report the result of a dry run: the same plan, with the objects that would fail."""

    def draw(self, records: Sequence[Record], calls: int, now: datetime) -> None:
        """Draw the summary for people, as of `now`. It replaces the previous one."""

    def tell(self, object_id: ObjectId | None, event: Event) -> None:
        """Write a line to the log."""

    def warn(self, object_id: ObjectId | None, event: Event) -> None:
        """Show something that people should see, although the step continues."""

    def debug(self, event: Event) -> None:
        """Write a detail for people who look for an error."""

    def ended(self, record: Record) -> None:
        """Report how an object has ended. Later news about it only adds to that."""


@frozen
class Withheld:
    """The call was not sent, because `leaves` no longer allowed it."""


class Calls:
    """Makes calls, each in its turn. `count` receives how many more calls were made."""

    def __init__(
        self,
        service: Service,
        clock: Clock,
        journal: Journal,
        count: Callable[[int], object] = lambda _: None,
    ) -> None:
        self._service = service
        self._clock = clock
        self._journal = journal
        self._count = count
        self._reads = _Lane(clock, MOST_READS, HELD_BACK)
        self._writes = _Lane(clock, MOST_WRITES)
        # Some editions count all operations together.
        self._all = _Lane(clock, MOST_READS + MOST_WRITES, HELD_BACK)
        self._doubts = _Doubts(clock)
        self._calls = 0
        self._unanswered = 0  # creations and executions
        self._begun = False  # whether a creation or execution was made
        self._closed = False
        self._answered = asyncio.Event()

    @property
    def scarce(self) -> bool:
        """Whether refusals have shown that the account serves only few calls."""
        return self._all.rate.scarce

    @property
    def surely_scarce(self) -> bool:
        """Whether that has happened in two windows in a row. After only one, others may have made too many calls just
        then.
        """
        return self._all.rate.surely_scarce

    async def close(self) -> None:
        """Send no more creations and executions, and wait for the answers to those already sent."""
        self._closed = True
        while self._unanswered:
            self._answered.clear()
            await self._answered.wait()

    async def make(self, operation: Operation[T]) -> Ending[T]:
        """Make a call that is always allowed."""
        ending = await self.send(operation, lambda: True)
        return cast("Ending[T]", ending)

    async def send(self, operation: Operation[T], leaves: Callable[[], bool]) -> Ending[T] | Withheld:
        """Make a call. Just before it is sent, `leaves` records that, or returns False: then it must not be sent any
        more.
        """
        turn, ending = await self._turn_with_key(operation)
        began, self._calls = self._clock.monotonic(), self._calls + 1
        number = self._calls
        try:
            if ending is None and not (self._closed and operation.advances):
                # The promise of this module in three lines: count it, record it, send it.
                self._count(1)
                if not leaves():
                    self._count(-1)
                    return Withheld()
                ending = await self._sent(operation)
        finally:
            self._trace(number, operation, ending, began)
        if ending is None:
            await _for_ever()  # send nothing more: the step has ended, and this task is cancelled
        return self._weighed(turn, ending)

    async def _sent(self, operation: Operation[T]) -> Ending[T]:
        self._unanswered += operation.advances
        try:
            return await self._service.call(operation)
        finally:
            self._unanswered -= operation.advances
            if not self._unanswered:
                self._answered.set()

    def _trace(self, number: int, operation: Operation[T], ending: Ending[T] | None, began: float) -> None:
        if self._journal.debugs:
            took = (self._clock.monotonic() - began) * 1000
            self._journal.debug(CallEnded(number, cast("AnyOperation", operation), ending, took))

    async def _turn_with_key(self, operation: Operation[T]) -> "tuple[_Turn, Ending[T] | None]":
        """Wait until the call may leave now: it has its turn, and there is a key. If there is none, return the refusal.

        A new session may take seconds. All calls that waited for it would leave at once if they kept their turns.
        """
        turn, refused = _Turn([], -math.inf), await self._service.ready()
        while refused is None and self._clock.monotonic() - turn.at > TURN:
            turn = await self._turn(operation)
            refused = await self._service.ready()
        return turn, refused

    async def _turn(self, operation: Operation[T]) -> "_Turn":
        """Wait until both lanes allow one more call. Count it in both at the moment when it leaves."""
        lanes = (self._reads if operation.reads else self._writes, self._all)
        self._begun |= operation.advances
        # Looking for a lost creation reads the list of one object, and goes first. Before the first creation there is
        # nothing to look for, so no calls are reserved.
        is_search = isinstance(operation, ListPipelineRuns) and operation.object_id is not None
        ahead = is_search or not self._begun
        async with lanes[0].queue(ahead=ahead):
            while (pause := max(each.pause(ahead=ahead) for each in lanes)) > 0:
                await self._clock.sleep(pause)
            return _Turn([(each, each.send()) for each in lanes], self._clock.monotonic())

    def _weighed(self, turn: "_Turn", ending: Ending[T]) -> Ending[T]:
        """Return the ending after the lanes have learnt from it. If the quota is spent, the refusal says so."""
        if self._doubts.settled(ending):
            return Refused(Refusal.QUOTA_SPENT, cast("Refused", ending).fault)
        for lane, sent in turn.counted:
            lane.answered(sent, served=isinstance(ending, Ok))
            if isinstance(ending, Refused) and ending.why is Refusal.THROTTLED:
                lane.slower(sent, ending.fault.retry_after)
        return ending


class _Doubts:
    """Refusals that may mean "too fast" or "quota spent". A pause helps only against the first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._count = 0
        self._since = 0.0

    def settled(self, ending: Ending[object]) -> bool:
        """Whether this is such a refusal and means the quota: for a long time no call was served, whatever the rate."""
        if isinstance(ending, Ok):
            self._count = 0
        if not (isinstance(ending, Refused) and may_be_spent(ending.fault)):
            return False
        now = self._clock.monotonic()
        self._count, self._since = self._count + 1, self._since if self._count else now
        return self._count >= SPENT_TRIES and now - self._since >= SPENT_PATIENCE


async def _for_ever() -> NoReturn:
    while True:
        await asyncio.get_running_loop().create_future()


@dataclass(slots=True)
class _Sent:
    """One call: when its turn came, and the latest time at which it may have reached the service, as far as known."""

    turn_at: float
    arrived_at: float
    served: bool = False


class _Lane:
    """Calls that are counted together: so many within any window, in the order of their requests.

    The service counts calls when they arrive. Calls that leave together may arrive at different times, because the
    first ones wait for their connections. A call that took longer than the quickest one may have arrived that much
    later.
    """

    def __init__(self, clock: Clock, most: float, held_back: float = 0.0) -> None:
        self._clock = clock
        self._held_back = held_back
        self.rate = Rate(most, most)
        self._sent: list[_Sent] = []
        self._quickest = math.inf
        self._closed_until = 0.0
        self._queue = asyncio.Lock()
        self._queue_ahead = asyncio.Lock()

    def queue(self, *, ahead: bool) -> asyncio.Lock:
        """The queue for the next call. Some of the calls are reserved for those that go `ahead`."""
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
        # Calls one at a time do not show that the service would serve more.
        if served and self.rate.growing and len(self._recent(sent.arrived_at)) >= self._allowed(ahead=False):
            self.rate = self.rate.after_success(now)

    def slower(self, refused: _Sent, retry_after: float | None) -> None:
        """A call was refused. `retry_after` is in seconds."""
        now = self._clock.monotonic()
        served = sum(sent.served for sent in self._recent(refused.arrived_at))
        self.rate = self.rate.after_refusal(now, served)
        self._closed_until = max(self._closed_until, now + (retry_after or 0.0))

    def _recent(self, moment: float) -> list[_Sent]:
        """The calls that the service still counted at this time, and all later ones."""
        return [sent for sent in self._sent if moment - sent.arrived_at < WINDOW]

    def _allowed(self, *, ahead: bool) -> int:
        allowed = int(self.rate.allowed)
        return allowed if ahead else allowed - min(allowed - 1, math.ceil(self._held_back * allowed))

    def pause(self, *, ahead: bool) -> float:
        """Seconds until one more call may fit, 0 if it fits now."""
        now = self._clock.monotonic()
        # An answer shows how busy the service was when the call arrived. So calls are kept for two windows.
        self._sent = self._recent(now - 2 * WINDOW)
        allowed = self._allowed(ahead=ahead)
        wait = 0.0
        if len(self._sent) >= allowed:
            arrivals = sorted(sent.arrived_at for sent in self._recent(now))
            wait = arrivals[-allowed] + WINDOW - now if len(arrivals) >= allowed else 0.0
        return max(wait, self._closed_until - now)


@frozen
class _Turn:
    """The turn of a call: how each lane has counted it, and the time when it came."""

    counted: list[tuple[_Lane, _Sent]]
    at: float


@dataclass(slots=True)
class Known:
    """What the runs of the service have shown. `unmarked`: runs show no descriptions, so no mark can be read."""

    unmarked: bool = False


@frozen
class World:
    """The calls to the service, the ports, and what all have learnt: everything in the engine uses these."""

    calls: Calls
    clock: Clock
    journal: Journal
    known: Known = field(default_factory=Known)
