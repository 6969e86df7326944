"""The process that a step runs in: its clock, its signals, and the authorities that its environment names for TLS."""

import asyncio
import os
import random
import signal
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from dataworks_deploy.domain.problem import NoCertificate, NoFile, NoFolder


class SystemClock:
    """Time from the machine, sleep from the event loop, jitter from the operating system."""

    def __init__(self) -> None:
        self._chance = random.SystemRandom()

    def monotonic(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()

    def utc(self) -> datetime:
        """The time of day."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Let others work for that long."""
        await asyncio.sleep(seconds)

    def spread(self) -> float:
        """A number in [0, 1), new at each call."""
        return self._chance.random()


class Stop:
    """Catches SIGINT and SIGTERM. As process 1 of a container python gets neither without a handler."""

    def __init__(self) -> None:
        self.requested = False
        self._notify: Callable[[], object] | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)

    def on_request(self, notify: Callable[[], object]) -> None:
        """Have `notify` called when the step is asked to stop, at once if it was already."""
        self._notify = notify
        if self.requested:
            notify()

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        # The runner sends two, people send more; what comes after the first must not disturb the end.
        if self.requested:
            return
        self.requested = True
        if self._notify:
            # What was to be told may be over already: an event loop raises once it is closed.
            with suppress(RuntimeError):
                self._notify()


def unusable(environment: Mapping[str, str]) -> Iterator[NoCertificate | NoFile | NoFolder]:
    """What SSL_CERT_FILE and SSL_CERT_DIR name and cannot be used."""
    file, folder = environment.get("SSL_CERT_FILE"), environment.get("SSL_CERT_DIR")
    if file:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
        except ssl.SSLError:
            yield NoCertificate(file)
        except OSError as error:
            yield NoFile(file, str(error.strerror))
    if folder and not any(Path(each).is_dir() for each in folder.split(os.pathsep)):
        yield NoFolder(folder)
