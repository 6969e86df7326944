"""The real clock."""

import asyncio
import random
import time
from datetime import UTC, datetime


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
