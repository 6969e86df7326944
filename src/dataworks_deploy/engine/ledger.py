"""What is known about every object. It stays true even if the step is killed now. Also measures how long nothing was
said.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from dataworks_deploy.domain.event import Event
from dataworks_deploy.domain.model import SUCCESS, Creation, ObjectId, Run, RunId
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import BegunBefore, Note, Reason
from dataworks_deploy.domain.reconcile import (
    Deployed,
    Origin,
    Resume,
    intent_of,
    is_of,
    look_back,
    of_workspace,
)
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.studio.plan import Plan

from .calls import Clock, Journal, World

HEARTBEAT = 55.0  # people and log viewers think that a step hangs after a minute of silence


class Ledger:
    """One record for each object, in the order given. Every change that matters is saved at once."""

    def __init__(self, records: Iterable[Record], journal: Journal, *, abolishes: bool = False) -> None:
        """`abolishes`: if the step is killed, a post step ends the runs that do not deploy yet."""
        self._abolishes = abolishes
        self._records = {record.object_id: record for record in records}
        self._left = dict(self._records)
        self._journal = journal
        self.noted = asyncio.Event()  # something is new since somebody last looked
        self.written = asyncio.Event()  # something new was saved
        self.calls = 0  # the number of API calls made

    def __getitem__(self, object_id: ObjectId) -> Record:
        return self._records[object_id]

    def __contains__(self, object_id: ObjectId) -> bool:
        return object_id in self._records

    def open(self, records: Iterable[Record]) -> None:
        """These objects are selected, and nothing was done yet."""
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
        """All records as a kill at this moment would leave them, in the order given."""
        return tuple(self._left.values())

    @property
    def own(self) -> Mapping[ObjectId, RunId]:
        """The IDs of this job's own runs."""
        return {each.object_id: each.run_id for each in self.records if each.own and each.run_id}

    def called(self, more: int) -> None:
        """So many more calls were made."""
        self.calls += more

    def write(self) -> None:
        """Save what a kill at this moment would leave."""
        self._journal.known(self.left, self.calls)
        self.written.set()

    def put(self, record: Record) -> Record:
        """Store a changed record, and save it if it holds something that must not be lost."""
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
    """One object for everything that works on it: its record in the ledger, and its lines in the log."""

    def __init__(self, world: World, ledger: Ledger, object_id: ObjectId) -> None:
        self.world = world
        self.object_id = object_id
        self._ledger = ledger

    @property
    def record(self) -> Record:
        """What is known about it now."""
        return self._ledger[self.object_id]

    def put(self, record: Record) -> Record:
        """See Ledger."""
        return self._ledger.put(record)

    def begin(self) -> Record:
        """The work on it starts now."""
        return self.put(self.record.begun(self.world.clock.utc()))

    def read(self, run: Run) -> Record:
        """A new reading shows its run."""
        return self.put(self.record.read(run, self.world.clock.utc()))

    def note(self, note: Note) -> Record:
        """People should know this about it, however it ends."""
        return self.put(self.record.noted(note))

    def end(self, outcome: Outcome, reason: Reason) -> None:
        """The work on it ends now."""
        self.put(self.record.ended(outcome, reason, self.world.clock.utc()))

    def tell(self, event: Event) -> None:
        """Write something to the log."""
        self.world.journal.tell(self.object_id, event)

    def warn(self, event: Event) -> None:
        """Show something that people should see, although the step continues."""
        self.world.journal.warn(self.object_id, event)


class Begun:
    """The runs of this job that were there before the step did anything. They come from earlier attempts, or from a
    copy of the job. Each is named as soon as it was read, whatever happens to its object.

    `creation` is the request for any object. `redeploy`: see `look_back`.
    """

    def __init__(self, ledger: Ledger, origin: Origin, creation: Creation, *, redeploy: bool) -> None:
        self._ledger = ledger
        self._origin = origin
        self._creation = creation
        self._redeploy = redeploy
        self._runs = dict[ObjectId, tuple[Run, ...]]()

    def __getitem__(self, object_id: ObjectId) -> tuple[Run, ...]:
        return self._runs.get(object_id, ())

    def meet(self, object_id: ObjectId, runs: Iterable[Run]) -> tuple[Run, ...]:
        """These runs of the object were read. Returns those of this job."""
        intent = self._intent(object_id)
        own = tuple(run for run in of_workspace(self._creation.project_id, runs) if is_of(intent, run))
        if own:
            self._runs[object_id] = own
            # While the lines are not understood, the ledger may lack the object.
            if object_id in self._ledger:
                self._ledger.put(self.named(self._ledger[object_id]))
        return own

    def named(self, record: Record) -> Record:
        """The record of an object, with its runs as they were read last. A run that has ended badly does not count,
        unless the record already names it.
        """
        runs, before = self[record.object_id], record.begun_before
        kept = tuple(run.id for run in runs if not run.ended or run.status == SUCCESS)
        kept = tuple(dict.fromkeys((*(before.run_ids if before else ()), *kept)))
        if not kept:
            return record
        found = look_back(self._intent(record.object_id), runs, redeploy=self._redeploy)
        to_continue = found.run.id if isinstance(found, Resume) else None
        return record.noted_begun(BegunBefore(kept, to_continue, isinstance(found, Deployed)))

    def _intent(self, object_id: ObjectId) -> str:
        return intent_of(self._origin, self._creation.of(object_id))


class Progress:
    """Passes everything on to a journal, and knows when it last said something."""

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

    def previewed(self, plan: Plan) -> None:
        """See Journal."""
        self._journal.previewed(plan)

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
        """See Journal. Details do not count as a sign of life, because nobody may read them."""
        self._journal.debug(event)

    def ended(self, record: Record) -> None:
        """See Journal. The log of a dry run names what is well only at the end."""
        if record.outcome is not Outcome.PLANNED:
            self._spoke_at = self._clock.monotonic()
        self._journal.ended(record)

    async def until_silent(self) -> None:
        """Return when nothing was said for `HEARTBEAT` seconds."""
        while (left := self._spoke_at + HEARTBEAT - self._clock.monotonic()) > 0:
            await self._clock.sleep(left)
