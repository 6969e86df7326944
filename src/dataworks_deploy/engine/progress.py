"""A journal that knows how long it has been silent."""

from collections.abc import Sequence
from datetime import datetime

from dataworks_deploy.domain.event import Event
from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.record import Record

from .ports import Clock, Journal

HEARTBEAT = 55.0  # people and log viewers take a minute of silence for a hang


class Progress:
    """Passes everything on to a journal."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._spoke_at = clock.monotonic()

    @property
    def debugs(self) -> bool:
        """See Journal."""
        return self._journal.debugs

    def known(self, records: Sequence[Record], calls: int) -> None:
        """See Journal."""
        self._journal.known(records, calls)

    def draw(self, records: Sequence[Record], calls: int, now: datetime) -> None:
        """See Journal."""
        self._journal.draw(records, calls, now)

    def tell(self, object_id: ObjectId | None, event: Event) -> None:
        """See Journal."""
        self._spoke_at = self._clock.monotonic()
        self._journal.tell(object_id, event)

    def warn(self, object_id: ObjectId | None, event: Event) -> None:
        """See Journal."""
        self._spoke_at = self._clock.monotonic()
        self._journal.warn(object_id, event)

    def debug(self, event: Event) -> None:
        """See Journal. Nobody may be there to read it, so that it breaks no silence."""
        self._journal.debug(event)

    def ended(self, record: Record) -> None:
        """See Journal."""
        self._spoke_at = self._clock.monotonic()
        self._journal.ended(record)

    async def until_silent(self) -> None:
        """Return once nothing has been said for `HEARTBEAT` seconds."""
        while (left := self._spoke_at + HEARTBEAT - self._clock.monotonic()) > 0:
            await self._clock.sleep(left)
