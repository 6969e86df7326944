"""What is known of every object at this moment, such that stopping now would leave the truth behind."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from dataworks_deploy.domain.model import ObjectId, Run, RunId
from dataworks_deploy.domain.outcome import ObjectResult, Outcome
from dataworks_deploy.domain.spans import seen

from . import wording, wording_reading
from .ports import Clock, Journal


class Ledger:
    """One result per object, in the order given; every change that matters is written through at once.

    It begins with what is known before anything was done. The outcome of an entry says what is true of the object
    now: `skipped` before a request, `unknown` while one is unanswered, `created` while a run is open.
    """

    def __init__(self, entries: Iterable[ObjectResult], journal: Journal, clock: Clock) -> None:
        self._entries = {entry.object_id: entry for entry in entries}
        self._left = dict(self._entries)
        # Nothing is missed of a run that was read before, nor of one that comes of a request.
        self._seen_since = dict[ObjectId, datetime]()
        self._journal = journal
        self._clock = clock
        self.noted = asyncio.Event()  # something is new since somebody has looked
        self.calls = 0  # so many API calls were made
        self.written = asyncio.Event()  # and it was written through

    def __getitem__(self, object_id: ObjectId) -> ObjectResult:
        return self._entries[object_id]

    @property
    def results(self) -> tuple[ObjectResult, ...]:
        """All entries, in the order given."""
        return tuple(self._entries.values())

    @property
    def left(self) -> tuple[ObjectResult, ...]:
        """All entries as they would have to be reported if the step were killed now, in the order given."""
        return tuple(self._left.values())

    def called(self, more: int) -> None:
        """So many more calls are made."""
        self.calls += more

    def write(self) -> None:
        """Write through what would be left if the step were killed now."""
        self._journal.known(self.left, self.calls)
        self.written.set()

    @property
    def own(self) -> Mapping[ObjectId, RunId]:
        """This job's own runs."""
        return {entry.object_id: entry.run_id for entry in self.results if entry.own and entry.run_id}

    def begin(self, object_id: ObjectId) -> None:
        """Work on the object starts."""
        self.note(object_id, started_at=self._clock.utc())

    def note(self, object_id: ObjectId, **changes: Any) -> ObjectResult:
        """Change fields of an entry, and write through what must not be lost."""
        before = self._entries[object_id]
        if all(getattr(before, name) == value for name, value in changes.items()):
            return before
        entry = self._entries[object_id] = replace(before, **changes)
        left, self._left[object_id] = self._left[object_id], wording.left_by_a_kill(entry)
        self.noted.set()
        if entry.outcome is Outcome.UNKNOWN is not before.outcome:
            self._seen_since[object_id] = self._clock.utc()
        if _vital(self._left[object_id]) != _vital(left):
            self.write()
        return entry

    def say(self, object_id: ObjectId, why: str, left: str = "", **changes: Any) -> ObjectResult:
        """Change the message, and other fields; what was remarked stays with it.

        `left` is true of the run only as long as it is left as it is.
        """
        message = wording.joined(wording.joined(why, left), self[object_id].remark)
        return self.note(object_id, why=why, message=message, **changes)

    def remark(self, object_id: ObjectId, text: str) -> None:
        """Add what is to stand with the object's result, however it ends and however soon."""
        entry = self[object_id]
        self.note(
            object_id,
            remark=f"{entry.remark} {text}".strip(),
            message=wording.joined(entry.message, text),
        )

    def see(self, object_id: ObjectId, run: Run) -> ObjectResult:
        """Note what a reading of the object's run shows."""
        entry, now = self[object_id], self._clock.utc()
        since = self._seen_since.get(object_id)
        # What is older than the request did not come of it.
        if entry.status is None and since and run.created_ms < since.timestamp() * 1000:
            since = None
        spans = seen(entry.spans, run, now, since)
        self._seen_since[object_id] = now
        return self.note(
            object_id,
            status=run.status,
            stage=run.furthest(entry.stage),
            spans=spans,
            odd=wording_reading.odd(run),
        )

    def end(
        self, object_id: ObjectId, outcome: Outcome, why: str, left: str = "", **changes: Any
    ) -> ObjectResult:
        """Note how the object ended."""
        finished = None if outcome is Outcome.SKIPPED else self._clock.utc()
        before = self[object_id]
        entry = self.say(object_id, why, left, outcome=outcome, finished_at=finished, **changes)
        if entry is not before:
            self._journal.ended(entry)
        return entry


def _vital(entry: ObjectResult) -> tuple[object, ...]:
    """Stages pass and are read again; an ID or an unanswered request that is lost stays lost."""
    return (entry.outcome, entry.run_id, entry.request_id, entry.own, entry.remark, entry.told_at)
