"""Virtual time for the real step over real HTTP: it stands while a thread works, and jumps when all of them wait.

The event loop of the step uses it (see machine.py). A call in a thread counts as work, unless it waits for an answer
that the service delays. Only then can nothing happen before the next event that is due.
"""

import asyncio
import heapq
import math
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

# So far in the future that no package thinks a session has ended. In Shanghai it is the afternoon.
EPOCH = 4_000_000_000.0
TICK = 1 / 64  # exact in seconds of the epoch and with six decimals too


class StuckError(Exception):
    """All threads wait, and nothing is due."""


@dataclass(order=True)
class Due:
    """An event at a point in time."""

    when: float
    number: int
    act: Callable[[], object] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        """Prevent the event."""
        self.cancelled = True


class VirtualClock:
    """One clock for the step, the service and everything that has a time limit between them."""

    def __init__(self) -> None:
        """Begin at zero, which is `EPOCH` in the service's time."""
        self._epoch, self._now = EPOCH, 0.0
        self._lock = threading.RLock()
        self._due: list[Due] = []
        self._count = 0
        self._at_work = 0
        # Clients by their ports: those that wait to receive something, and those that the service keeps waiting.
        self._receiving: dict[int, socket.socket] = {}
        self._held: set[int] = set()
        self._watched: list[tuple[Callable[[], object], Callable[[], object]]] = []
        self.wake: Callable[[], object] = lambda: None

    def set_to_today(self) -> None:
        """Set this clock to the time of the machine, for processes that can only use the machine's clock."""
        if self._epoch == EPOCH:
            self._epoch = math.floor(time.time()) - self._now

    def monotonic(self) -> float:
        """Return seconds since the beginning."""
        return self._now

    def time(self) -> float:
        """Return seconds of the epoch."""
        return self._epoch + self._now

    def utc(self) -> datetime:
        """Return the time of day."""
        return datetime.fromtimestamp(self.time(), UTC)

    async def sleep(self, seconds: float) -> None:
        """Let others work for that long."""
        await asyncio.sleep(seconds)

    def spread(self) -> float:
        """Return the jitter, which tests do not need."""
        return 0.5

    def forward(self, seconds: float) -> None:
        """Let time pass at once."""
        until = self._now + seconds
        while not self._jump(until):
            pass

    def at(self, when: float, act: Callable[[], object]) -> Due:
        """Schedule something at this time."""
        with self._lock:
            self._count += 1
            due = Due(when, self._count, act)
            heapq.heappush(self._due, due)
            return due

    @contextmanager
    def meanwhile(self, act: Callable[[], object], when: Callable[[], object]) -> Iterator[None]:
        """Let somebody else act once, as soon as a condition holds and before any time passes."""
        watch = (when, act)
        self._watched.append(watch)
        try:
            yield
            assert watch not in self._watched, "it never came to this"
        finally:
            with suppress(ValueError):
                self._watched.remove(watch)

    def begin_work(self) -> None:
        """One more thread works."""
        with self._lock:
            self._at_work += 1

    def end_work(self) -> None:
        """One thread has ended its work and handed over the result."""
        with self._lock:
            self._at_work -= 1
        self.wake()

    @contextmanager
    def receiving(self, line: socket.socket, seconds: float, give_up: Callable[[], object]) -> Iterator[None]:
        """Wait for bytes in a working thread, at most this long."""
        port = line.getsockname()[1]

        def over() -> None:
            self.awaken(port)
            give_up()

        limit = self.at(self._now + seconds, over)
        with self._lock:
            self._receiving[port] = line
        self.wake()
        try:
            yield
        finally:
            limit.cancel()
            self.awaken(port)

    def awaken(self, port: int) -> None:
        """Something has arrived for this client, even if it is the end."""
        with self._lock:
            self._receiving.pop(port, None)

    async def hold(self, seconds: float, port: int) -> None:
        """Let the client at this port wait for its answer. The service uses this to delay answers."""
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def over() -> None:
            self._held.discard(port)
            loop.call_soon_threadsafe(done.set)

        end = self.at(self._now + seconds, over)
        with self._lock:
            self._held.add(port)
        self.wake()
        try:
            await done.wait()
        finally:
            end.cancel()
            with self._lock:
                self._held.discard(port)

    def idle(self) -> bool:
        """Whether every working thread waits for an answer that the service delays."""
        with self._lock:
            waiting = [self._receiving[port] for port in self._held & self._receiving.keys()]
            # A dripping answer is delayed while some of its bytes are on their way.
            return self._at_work == len(waiting) and not any(map(_has_bytes, waiting))

    def settle(self, patience: float) -> None:
        """After the end of the step, wait until all its requests have arrived. Abandoned calls still run in threads.

        `patience` is in real seconds. Raises StuckError.
        """
        turned = threading.Event()
        self.wake = turned.set
        while not self.idle():
            if not turned.wait(patience):
                raise StuckError(f"somebody has worked for {patience:.0f} s after the end")
            turned.clear()

    def advance(self, until: float | None) -> bool:
        """Go on to the next event, at most to `until`. Return True if `until` is reached. Only to call when idle."""
        for when, act in self._watched:
            if when():
                self._watched.remove((when, act))
                act()
                return False
        return self._jump(until)

    def _jump(self, until: float | None) -> bool:
        with self._lock:
            while self._due and self._due[0].cancelled:
                heapq.heappop(self._due)
            if self._due and (until is None or self._due[0].when <= until):
                due = heapq.heappop(self._due)
                self._pass(due.when)
                due.act()
                return False
            if until is None:
                raise StuckError("everybody waits, and nothing is due")
            self._pass(until)
            return True

    def _pass(self, when: float) -> None:
        self._now = max(self._now, math.ceil(when / TICK) * TICK)


def _has_bytes(line: socket.socket) -> bool:
    poll = select.poll()
    poll.register(line, select.POLLIN)
    return bool(poll.poll(0))
