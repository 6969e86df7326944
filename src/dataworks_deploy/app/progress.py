"""A journal that knows how long it has been silent."""

from collections.abc import Sequence
from datetime import datetime

from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.outcome import ObjectResult

from .ports import Clock, Journal

HEARTBEAT = 55.0  # people and log viewers take a minute of silence for a hang


class Progress:
    """Passes everything on to a journal."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._spoke_at = clock.monotonic()

    def known(self, results: Sequence[ObjectResult], calls: int) -> None:
        """See Journal."""
        self._journal.known(results, calls)

    def draw(self, results: Sequence[ObjectResult], calls: int, now: datetime) -> None:
        """See Journal."""
        self._journal.draw(results, calls, now)

    def tell(self, object_id: ObjectId | None, text: str) -> None:
        """See Journal."""
        self._spoke_at = self._clock.monotonic()
        self._journal.tell(object_id, text)

    def ended(self, result: ObjectResult) -> None:
        """See Journal."""
        self._spoke_at = self._clock.monotonic()
        self._journal.ended(result)

    def debug(self, text: str) -> None:
        """See Journal. Nobody may be there to read it, so that it breaks no silence."""
        self._journal.debug(text)

    def warn(self, object_id: ObjectId | None, text: str) -> None:
        """See Journal."""
        self._spoke_at = self._clock.monotonic()
        self._journal.warn(object_id, text)

    async def until_silent(self) -> None:
        """Return once nothing has been said for `HEARTBEAT` seconds."""
        while (left := self._spoke_at + HEARTBEAT - self._clock.monotonic()) > 0:
            await self._clock.sleep(left)
