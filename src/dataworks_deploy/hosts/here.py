"""Where this process runs: the host, by its environment, and the machine's clock and authorities."""

import asyncio
import os
import random
import ssl
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from dataworks_deploy.domain.problem import NoCertificate, NoFile, NoFolder
from dataworks_deploy.hosts import Host, Level

from .github import runs_commands
from .github.commands import Runner


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


class Terminal(Runner):
    """Shows everything as text. What variables of GitHub's say, if somebody has set them, holds here as well.

    Nobody takes masks here: to print them would show what they are to hide.
    """

    def mask(self, values: tuple[str, ...]) -> None:
        """See Host. Texts come scrubbed."""

    def debug(self, line: str) -> None:
        """See Host."""
        self.info(f"debug: {line}")

    def group(self, title: str) -> None:
        """See Host."""
        self.info(title)

    def endgroup(self) -> None:
        """See Host. A heading has no end."""

    def annotate(self, level: Level, title: str, text: str) -> None:
        """See Host. Nothing is cut."""
        self.info(f"{level}: {title}: " + text.replace("\n", "\n  "))


def host_of(environment: Mapping[str, str]) -> Host:
    """GitHub's runner, or what understands its commands, or a terminal."""
    return Runner(environment) if runs_commands(environment) else Terminal(environment)
