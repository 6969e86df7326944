"""The machine that a step runs on: its clock, and the authorities that its environment names for TLS."""

import asyncio
import os
import random
import ssl
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

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
