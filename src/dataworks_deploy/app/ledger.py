"""What is known of every object at this moment, such that stopping now would leave the truth behind."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from dataworks_deploy.domain.model import ObjectId, Run
from dataworks_deploy.domain.outcome import ObjectResult, Outcome

from .ports import Clock, Journal


class Ledger:
    """One result per object, in the order given; every change that matters is written through at once.

    The outcome of an entry always says how the object would have to be reported if nothing more came:
    `skipped` before a request, `unknown` while one is unanswered, `created` while a run is open.
    """

    def __init__(self, object_ids: Iterable[ObjectId], journal: Journal, clock: Clock) -> None:
        self._entries = {object_id: ObjectResult(object_id) for object_id in object_ids}
        self._journal = journal
        self._clock = clock

    def __getitem__(self, object_id: ObjectId) -> ObjectResult:
        return self._entries[object_id]

    @property
    def results(self) -> tuple[ObjectResult, ...]:
        """All entries, in the order given."""
        return tuple(self._entries.values())

    def note(self, object_id: ObjectId, **changes: Any) -> ObjectResult:
        """Change fields of an entry and write through."""
        entry = replace(self._entries[object_id], **changes)
        if entry.started_at is None:
            entry = replace(entry, started_at=self._clock.utc())
        if entry != self._entries[object_id]:
            self._entries[object_id] = entry
            self._journal.known(self.results)
        return entry

    def see(self, object_id: ObjectId, run: Run) -> ObjectResult:
        """Note what a reading of the object's run shows."""
        reached = run.reached
        return self.note(object_id, status=run.status, stage=reached.code if reached else None)

    def end(self, object_id: ObjectId, outcome: Outcome, message: str, **changes: Any) -> ObjectResult:
        """Note how the object ended."""
        return self.note(
            object_id, outcome=outcome, message=message, finished_at=self._clock.utc(), **changes
        )
