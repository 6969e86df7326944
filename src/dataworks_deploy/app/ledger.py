"""What is known of every object at this moment, such that stopping now would leave the truth behind."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from dataworks_deploy.domain.model import ObjectId, Run, RunId
from dataworks_deploy.domain.outcome import ObjectResult, Outcome
from dataworks_deploy.domain.spans import seen

from .ports import Clock, Journal


class Ledger:
    """One result per object, in the order given; every change that matters is written through at once.

    The outcome of an entry always says how the object would have to be reported if nothing more came:
    `skipped` before a request, `unknown` while one is unanswered, `created` while a run is open.
    """

    def __init__(self, object_ids: Iterable[ObjectId], journal: Journal, clock: Clock) -> None:
        self._entries = {object_id: ObjectResult(object_id) for object_id in object_ids}
        # Nothing is missed of a run that was read before, nor of one that comes of a request.
        self._seen_since = dict[ObjectId, datetime]()
        self._journal = journal
        self._clock = clock
        self.changes = 0  # so often something new was noted

    def __getitem__(self, object_id: ObjectId) -> ObjectResult:
        return self._entries[object_id]

    @property
    def results(self) -> tuple[ObjectResult, ...]:
        """All entries, in the order given."""
        return tuple(self._entries.values())

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
        self.changes += 1
        if entry.outcome is Outcome.UNKNOWN is not before.outcome:
            self._seen_since[object_id] = self._clock.utc()
        if _vital(entry) != _vital(before):
            self._journal.known(self.results)
        return entry

    def remark(self, object_id: ObjectId, text: str) -> None:
        """Add what is to stand with the object's result, however it ends and however soon."""
        entry = self[object_id]
        self.note(
            object_id,
            remark=f"{entry.remark} {text}".strip(),
            message=f"{entry.message} {text}".strip(),
        )

    def see(self, object_id: ObjectId, run: Run) -> ObjectResult:
        """Note what a reading of the object's run shows."""
        reached, now = run.reached, self._clock.utc()
        spans = seen(self[object_id].spans, run, now, self._seen_since.get(object_id))
        self._seen_since[object_id] = now
        return self.note(object_id, status=run.status, stage=reached.code if reached else None, spans=spans)

    def end(self, object_id: ObjectId, outcome: Outcome, message: str, **changes: Any) -> ObjectResult:
        """Note how the object ended."""
        finished = None if outcome is Outcome.SKIPPED else self._clock.utc()
        text = f"{message} {self[object_id].remark}".strip()
        before = self[object_id]
        entry = self.note(object_id, outcome=outcome, message=text, finished_at=finished, **changes)
        if entry is not before:
            self._journal.ended(entry)
        return entry


def _vital(entry: ObjectResult) -> tuple[object, ...]:
    """Stages pass and are read again; an ID or an unanswered request that is lost stays lost."""
    return (entry.outcome, entry.run_id, entry.request_id, entry.own, entry.remark)
