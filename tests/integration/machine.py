"""What a step gets from the machine, on a virtual clock: an event loop, sockets and timers. The bytes are real."""

import asyncio
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from alibabacloud_tea_openapi.utils import Utils
from urllib3.util import connection

from dataworks_deploy.dataworks import connections, keys, transport

from .clock import StuckError, VirtualClock

HUNG = 60.0  # real seconds


class _Selector(selectors.DefaultSelector):
    """Where an event loop waits: for a socket while a thread works, and otherwise until time has passed."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        until = None if timeout is None else self._clock.monotonic() + max(timeout, 0.0)
        while True:
            # In this order, because a thread hands over its result before it ends its work.
            idle = self._clock.idle()
            ready = super().select(0)
            if ready or until == self._clock.monotonic():
                return ready
            if not idle:
                ready = super().select(HUNG)
                if not ready:
                    raise StuckError(f"somebody has worked for {HUNG:.0f} s")
                return ready
            if self._clock.advance(until):
                return []


class _Loop(asyncio.SelectorEventLoop):
    """An event loop whose timers use the virtual clock."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(_Selector(clock))
        self._clock = clock
        clock.wake = self._turn

    def _turn(self) -> None:
        with suppress(RuntimeError):  # the step is over
            self.call_soon_threadsafe(lambda: None)

    def time(self) -> float:
        """See AbstractEventLoop."""
        return self._clock.monotonic()

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor, work: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """See AbstractEventLoop."""
        self._clock.begin_work()
        call = executor.submit(work, *args)
        future = asyncio.wrap_future(call, loop=self)
        call.add_done_callback(lambda _: self._clock.end_work())
        return future


class _Thread(threading.Thread):
    """A thread that counts as working until it ends."""

    clock: VirtualClock

    def start(self) -> None:
        self.clock.begin_work()
        super().start()

    def run(self) -> None:
        try:
            super().run()
        finally:
            self.clock.end_work()


class _Timer:
    """Takes the place of Alarm."""

    ready = staticmethod(lambda: None)

    clock: VirtualClock

    def __init__(self, seconds: float, act: Callable[[], object]) -> None:
        self._seconds, self._act = seconds, act

    def start(self) -> None:
        self._due = self.clock.at(self.clock.monotonic() + self._seconds, self._act)

    def cancel(self) -> None:
        self._due.cancel()


class _Socket(socket.socket):
    """A socket whose time limit uses the virtual clock."""

    clock: VirtualClock
    patience: float | None = None

    def settimeout(self, seconds: float | None) -> None:
        self.patience = seconds
        super().settimeout(2 * HUNG)

    def dup(self) -> "_Socket":
        made = super().dup()
        made.clock = self.clock
        return made

    def shutdown(self, how: int) -> None:
        self.clock.awaken(self.getsockname()[1])
        super().shutdown(how)

    def recv_into(self, *where: Any) -> int:
        over = threading.Event()

        def give_up() -> None:
            over.set()
            self.shutdown(socket.SHUT_RDWR)

        patience = float("inf") if self.patience is None else self.patience
        with self.clock.receiving(self, patience, give_up):
            size = super().recv_into(*where)
        if over.is_set():
            raise TimeoutError("timed out")
        return size


def _connect(clock: VirtualClock, really: Callable[..., socket.socket], *where: Any, **how: Any) -> _Socket:
    made = really(*where, **how)
    patience = made.gettimeout()
    wrapped = _Socket(fileno=made.detach())
    wrapped.clock = clock
    wrapped.settimeout(patience)
    return wrapped


@contextmanager
def on(clock: VirtualClock) -> Iterator[None]:
    """Let everything that a step gets from its machine use this clock."""
    timer, thread = (type(each.__name__, (each,), {"clock": clock}) for each in (_Timer, _Thread))
    with pytest.MonkeyPatch.context() as machine:
        machine.setattr(asyncio.events, "new_event_loop", lambda: _Loop(clock))
        machine.setattr(
            connection, "create_connection", partial(_connect, clock, connection.create_connection)
        )
        machine.setattr(connections, "Alarm", timer)
        machine.setattr(keys, "threading", SimpleNamespace(Thread=thread))
        machine.setattr(transport, "time", SimpleNamespace(monotonic=clock.monotonic))
        machine.setattr(Utils, "get_timestamp", staticmethod(lambda: time.strftime(ISO, _parts(clock))))
        yield


ISO = "%Y-%m-%dT%H:%M:%SZ"


def _parts(clock: VirtualClock) -> time.struct_time:
    return time.gmtime(clock.time())
