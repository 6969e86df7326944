"""Virtual time: event loops that share one clock, which jumps to the next event.

Each step has its own loop, as in reality it has its own process. So one step can stop at any moment while the service
and the other steps go on. Nothing here sleeps, and there is no thread or socket.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any

EPOCH = 1_780_000_000.0
MOST_TURNS = 2_000_000


class StuckError(Exception):
    """Nothing will ever happen again, or too much happens."""


class Time:
    """The clock, and everything that is due."""

    def __init__(self) -> None:
        self.now = 0.0
        self._ready: deque[tuple[VirtualLoop | None, asyncio.Handle | Callable[[], object]]] = deque()
        self._due: list[tuple[float, int, VirtualLoop | None, asyncio.Handle | Callable[[], object]]] = []
        self._count = 0
        self._turns = 0

    def epoch(self) -> float:
        """The time of day for the service."""
        return EPOCH + self.now

    def at(self, when: float, act: Callable[[], object]) -> None:
        """Schedule something outside of all loops."""
        self.push(when, None, act)

    def push(
        self, when: float, loop: "VirtualLoop | None", act: asyncio.Handle | Callable[[], object]
    ) -> None:
        """Schedule something at this time. Events at the same time happen in this order."""
        self._count += 1
        heapq.heappush(self._due, (when, self._count, loop, act))

    def soon(self, loop: "VirtualLoop", handle: asyncio.Handle) -> None:
        """Schedule something before time passes."""
        self._ready.append((loop, handle))

    def run(self) -> None:
        """Run until nothing more is due."""
        self.settle()
        while self._due:
            when, _, loop, act = heapq.heappop(self._due)
            if when > self.now:
                self.now = when
            self._ready.append((loop, act))
            self.settle()

    def settle(self) -> None:
        """Run everything that happens before time passes."""
        try:
            self._settle()
        finally:
            asyncio._set_running_loop(None)

    def _settle(self) -> None:
        ready, running = self._ready, None
        while ready:
            loop, act = ready.popleft()
            self._turns += 1
            if self._turns > MOST_TURNS:
                raise StuckError("something goes on and on")
            if loop is not running:
                running = loop
                asyncio._set_running_loop(loop)
            if loop is None:
                act()  # type: ignore[operator]
            elif loop.dead:
                loop.missed.append(act)
            elif not act._cancelled:  # type: ignore[union-attr]
                act._context.run(act._callback, *act._args)  # type: ignore[union-attr]


class VirtualLoop(asyncio.AbstractEventLoop):
    """The parts of an event loop that coroutines without I/O need."""

    def __init__(self, time: Time) -> None:
        self._time = time
        self.dead = False
        self.missed: list[Any] = []

    def time(self) -> float:
        """See AbstractEventLoop."""
        return self._time.now

    def get_debug(self) -> bool:
        """See AbstractEventLoop."""
        return False

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """See AbstractEventLoop."""
        handle = asyncio.Handle(callback, args, self, context)
        self._time.soon(self, handle)
        return handle

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """See AbstractEventLoop."""
        return self.call_at(self._time.now + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """See AbstractEventLoop."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._time.push(when, self, handle)
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Cancelled timers stay in the heap, and are skipped when they are due."""

    def create_future(self) -> asyncio.Future[Any]:
        """See AbstractEventLoop."""
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        """See AbstractEventLoop."""
        return asyncio.Task(coro, loop=self, **options)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Ignore errors that a dead process has not caught."""

    def is_running(self) -> bool:
        """See AbstractEventLoop."""
        return True

    def is_closed(self) -> bool:
        """See AbstractEventLoop."""
        return False

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a coroutine from outside of all loops."""
        return asyncio.Task(work, loop=self)

    def kill(self) -> None:
        """Stop the loop: nothing that waits in it ever happens."""
        self.dead = True

    def bury(self) -> None:
        """Close the remaining tasks without any effect, for the garbage collector."""
        self.dead = False
        for handle in self.missed:
            if not isinstance(handle, asyncio.TimerHandle):
                self._time.soon(self, handle)
        for task in asyncio.all_tasks(self):
            task.cancel()
        self._time.settle()
        self.dead = True
