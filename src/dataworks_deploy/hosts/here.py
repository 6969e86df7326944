"""Where this process runs: the host, found from its environment, and the machine's clock and certificates."""

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
    """Time from the machine, sleep from the event loop, randomness from the operating system."""

    def __init__(self) -> None:
        self._chance = random.SystemRandom()

    def monotonic(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()

    def utc(self) -> datetime:
        """The time of day."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait this long while other tasks continue."""
        await asyncio.sleep(seconds)

    def spread(self) -> float:
        """A new random number in [0, 1)."""
        return self._chance.random()


def unusable(environment: Mapping[str, str]) -> Iterator[NoCertificate | NoFile | NoFolder]:
    """What SSL_CERT_FILE and SSL_CERT_DIR name but cannot be used."""
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
    """Shows everything as text. GitHub's variables also work here if somebody sets them.

    Nothing hides masked values here: printing a mask would show the secret.
    """

    def mask(self, values: tuple[str, ...]) -> None:
        """See Host. All texts arrive without secrets."""

    def debug(self, line: str) -> None:
        """See Host."""
        self.info(f"debug: {line}")

    def group(self, title: str) -> None:
        """See Host."""
        self.info(title)

    def endgroup(self) -> None:
        """See Host. A heading needs no end."""

    def annotate(self, level: Level, title: str, text: str) -> None:
        """See Host. It cuts nothing."""
        self.info(f"{level}: {title}: " + text.replace("\n", "\n  "))


def host_of(environment: Mapping[str, str]) -> Host:
    """The host: GitHub's runner, a program that understands its commands, or a terminal."""
    return Runner(environment) if runs_commands(environment) else Terminal(environment)
