"""Readings that fail in a row: told now and then, and left with the object for the end."""

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.schedule import backoff

from . import wording_reading
from .ledger import Ledger
from .ports import World

# Fewer than this in a row happen, and explain no deadline.
FEW = 3


class Unread:
    """One series of readings after the other; `what` is read for the object."""

    def __init__(self, world: World, ledger: Ledger, object_id: ObjectId, what: str) -> None:
        self._world = world
        self._ledger = ledger
        self._object = object_id
        self._what = what
        self._count = 0
        self._last: Fault | None = None
        self._before: Fault | None = None  # what was known of the object before the series

    def failed(self, fault: Fault) -> None:
        """One more has failed. Told when the number has doubled, and when it is another error."""
        self._count += 1
        news = self._last is None or wording_reading.name_of(fault) != wording_reading.name_of(self._last)
        self._last = fault
        if self._count == FEW:
            self._before = self._ledger[self._object].fault
        if self._count >= FEW:
            self._ledger.note(self._object, unread=self._count, fault=fault)
        if news or self._count.bit_count() == 1:
            text = wording_reading.not_read(self._what, self._count, fault)
            self._world.journal.tell(self._object, text)

    async def rest(self, fault: Fault) -> None:
        """One more has failed, and is to be followed by another, no sooner than the service asks for."""
        self.failed(fault)
        clock = self._world.clock
        await clock.sleep(backoff(self._count, clock.spread(), fault.retry_after))

    def over(self) -> None:
        """One has succeeded: what was before it explains nothing any more."""
        self._count, self._last = 0, None
        if self._ledger[self._object].unread:
            self._ledger.note(self._object, unread=0, fault=self._before)
