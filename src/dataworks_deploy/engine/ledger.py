"""What is known of every object, such that stopping now would leave the truth behind; and how long nothing was said."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from dataworks_deploy.domain.event import Event
from dataworks_deploy.domain.model import ObjectId, Run, RunId
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import Note, Reason
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.studio.plan import Plan

from .calls import Clock, Journal, World

HEARTBEAT = 55.0  # people and log viewers take a minute of silence for a hang


class Ledger:
    """One record per object, in the order given; every change that matters is written through at once."""

    def __init__(self, records: Iterable[Record], journal: Journal, *, abolishes: bool = False) -> None:
        """`abolishes`: where the step is killed, a post step ends the runs that do not deploy yet."""
        self._abolishes = abolishes
        self._records = {record.object_id: record for record in records}
        self._left = dict(self._records)
        self._journal = journal
        self.noted = asyncio.Event()  # something is new since somebody has looked
        self.written = asyncio.Event()  # and it was written through
        self.calls = 0  # so many API calls were made

    def __getitem__(self, object_id: ObjectId) -> Record:
        return self._records[object_id]

    def open(self, records: Iterable[Record]) -> None:
        """These are the objects, now that they are chosen, and nothing was done yet."""
        self._records = {record.object_id: record for record in records}
        self._left = dict(self._records)
        self.noted.set()
        self.write()

    @property
    def records(self) -> tuple[Record, ...]:
        """All records, in the order given."""
        return tuple(self._records.values())

    @property
    def left(self) -> tuple[Record, ...]:
        """All records as they would have to be reported if the step were killed now, in the order given."""
        return tuple(self._left.values())

    @property
    def own(self) -> Mapping[ObjectId, RunId]:
        """This job's own runs."""
        return {each.object_id: each.run_id for each in self.records if each.own and each.run_id}

    def called(self, more: int) -> None:
        """So many more calls are made."""
        self.calls += more

    def write(self) -> None:
        """Write through what would be left if the step were killed now."""
        self._journal.known(self.left, self.calls)
        self.written.set()

    def put(self, record: Record) -> Record:
        """Take what a transition has made of a record, and write through what must not be lost."""
        before, self._records[record.object_id] = self._records[record.object_id], record
        if record == before:
            return record
        left, self._left[record.object_id] = (
            self._left[record.object_id],
            record.left_by_a_kill(abolishes=self._abolishes),
        )
        self.noted.set()
        if self._left[record.object_id].vital != left.vital:
            self.write()
        if record.done and not before.done:
            self._journal.ended(record)
        return record


class Entry:
    """One object as everything that works on it takes it: its record in the ledger, and its place in the log."""

    def __init__(self, world: World, ledger: Ledger, object_id: ObjectId) -> None:
        self.world = world
        self.object_id = object_id
        self._ledger = ledger

    @property
    def record(self) -> Record:
        """What is known of it by now."""
        return self._ledger[self.object_id]

    def put(self, record: Record) -> Record:
        """See Ledger."""
        return self._ledger.put(record)

    def begin(self) -> Record:
        """Work on it starts now."""
        return self.put(self.record.begun(self.world.clock.utc()))

    def read(self, run: Run) -> Record:
        """A reading of now shows its run."""
        return self.put(self.record.read(run, self.world.clock.utc()))

    def note(self, note: Note) -> Record:
        """Something is worth knowing of it, however it ends."""
        return self.put(self.record.noted(note))

    def end(self, outcome: Outcome, reason: Reason) -> None:
        """The work on it is over now."""
        self.put(self.record.ended(outcome, reason, self.world.clock.utc()))

    def tell(self, event: Event) -> None:
        """Write something to the log."""
        self.world.journal.tell(self.object_id, event)

    def warn(self, event: Event) -> None:
        """Show something that a person should see although the step goes on."""
        self.world.journal.warn(self.object_id, event)


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

    def chosen(self, plan: Plan, at_once: int) -> None:
        """See Journal."""
        self._spoke_at = self._clock.monotonic()
        self._journal.chosen(plan, at_once)

    def rehearsed(self, plan: Plan) -> None:
        """See Journal."""
        self._journal.rehearsed(plan)

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
