"""The real adapter and SDK on a line of their own: every connection is one end of a pair of sockets.

The other end has the answer already, so that nothing waits. All above the socket is real: the SDK, the session with
its limits, urllib3, and the reading of HTTP. Only the clock that would cut off a call stands still.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any

from urllib3.util import connection

from dataworks_deploy.adapters.credentials import GivenKey
from dataworks_deploy.adapters.dataworks import DataWorks
from dataworks_deploy.domain.ending import Ending
from dataworks_deploy.domain.model import Creation, DeployType, ObjectId, RunId
from dataworks_deploy.domain.secrets import Secrets

from .answers import OBJECT, RUN
from .texts import KEY_SECRET, SECRETS, TOKEN

PROJECT = 10001
CREATION = Creation(PROJECT, ObjectId(OBJECT), DeployType.ONLINE)


class _AtOnce(Executor):
    """Does the work where it is given: one call at a time needs no thread."""

    def submit(self, work: Any, /, *args: Any, **options: Any) -> Future[Any]:
        """See Executor."""
        done: Future[Any] = Future()
        done.set_result(work(*args, **options))
        return done


class Seam:
    """A client of a service that gives one answer to everything."""

    def __init__(self, endpoint: str = "127.0.0.1:9") -> None:
        self._adapter = DataWorks(
            project_id=PROJECT,
            region="cn-shanghai",
            host=endpoint,
            protocol="HTTP",
            keys=GivenKey("LTAI-fuzz", KEY_SECRET, TOKEN),
            user_agent="fuzz",
            scrub=Secrets(SECRETS).scrub,
        )
        self._adapter._threads = _AtOnce()  # type: ignore[assignment]
        self._loop = asyncio.new_event_loop()

    def ask(self, operation: str, raw: bytes) -> Ending[Any]:
        """What the adapter makes of that answer."""
        with _answering(raw):
            return self.call(operation)

    def call(self, operation: str) -> Ending[Any]:
        """One call on whatever line there is."""
        adapter, run = self._adapter, RunId(RUN)
        calls: dict[str, Callable[[], Coroutine[Any, Any, Ending[Any]]]] = {
            "create": lambda: adapter.create(CREATION, "by a test", "nonce", lambda: None),
            "run": lambda: adapter.run(run),
            "page": lambda: adapter.page(CREATION.object_id, 1),
            "execute": lambda: adapter.execute(run, "PROD"),
            "abolish": lambda: adapter.abolish(run),
        }
        return self._loop.run_until_complete(calls[operation]())

    def close(self) -> None:
        """Close the loop."""
        self._loop.close()


class _Unwound(threading.Timer):
    """The clock that would cut a call off: nothing waits here, and a thread for each call costs more than the call."""

    def start(self) -> None:
        """See Timer."""


@contextmanager
def _answering(raw: bytes) -> Iterator[None]:
    far_ends: list[socket.socket] = []

    def connect(*_which: Any, **_options: Any) -> socket.socket:
        near, far = socket.socketpair()
        far_ends.append(far)
        far.sendall(raw)
        far.shutdown(socket.SHUT_WR)
        return near

    kept = connection.create_connection, threading.Timer
    connection.create_connection, threading.Timer = connect, _Unwound  # type: ignore[misc]
    try:
        yield
    finally:
        connection.create_connection, threading.Timer = kept  # type: ignore[misc]
        for far in far_ends:
            far.close()
