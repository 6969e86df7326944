"""What is known of every object at this moment, such that stopping now would leave the truth behind."""

import asyncio
from collections.abc import Iterable, Mapping

from dataworks_deploy.domain.model import ObjectId, RunId
from dataworks_deploy.domain.record import Record

from .ports import Journal


class Ledger:
    """One record per object, in the order given; every change that matters is written through at once."""

    def __init__(self, records: Iterable[Record], journal: Journal) -> None:
        self._records = {record.object_id: record for record in records}
        self._left = dict(self._records)
        self._journal = journal
        self.noted = asyncio.Event()  # something is new since somebody has looked
        self.written = asyncio.Event()  # and it was written through
        self.calls = 0  # so many API calls were made

    def __getitem__(self, object_id: ObjectId) -> Record:
        return self._records[object_id]

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
        left, self._left[record.object_id] = self._left[record.object_id], record.left_by_a_kill()
        self.noted.set()
        if self._left[record.object_id].vital != left.vital:
            self.write()
        if record.done and not before.done:
            self._journal.ended(record)
        return record
