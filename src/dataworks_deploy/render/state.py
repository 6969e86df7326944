"""What the post step has to know of a main step that was killed, or whose end abolish-on names."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from dataworks_deploy.domain.model import TERMINAL, ObjectId, RunId
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reconcile import Claim, parse_mark
from dataworks_deploy.domain.record import Fate, Record, Whose

STATE = "progress"  # the post step finds it as STATE_progress


@dataclass(frozen=True, slots=True)
class Left:
    """The own runs that may still be active, and the objects of which nobody knows whether they have one.

    Those that were `told` to change production may not show it yet. `claims` are what makes the runs this job's own.
    """

    runs: dict[ObjectId, RunId]
    unclear: tuple[ObjectId, ...] = ()
    told: tuple[ObjectId, ...] = ()
    claims: dict[ObjectId, Claim] = field(default_factory=dict)


def saved(records: Sequence[Record]) -> str:
    """The state as text: what is to be abolished."""
    runs, told, claims = {}, [], {}
    for record in records:
        run = record.run
        if run is None or run.whose is not Whose.OWN or not _may_be_open(record):
            continue
        runs[record.object_id] = run.id
        if run.told_at is not None:
            told.append(record.object_id)
        if run.claim:
            claims[record.object_id] = (str(run.claim.mark), run.claim.since_ms)
    unclear = [record.object_id for record in records if record.outcome is Outcome.UNKNOWN]
    state = {"runs": runs, "unclear": unclear, "told": told, "claims": claims}
    return json.dumps(state, separators=(",", ":"))


def _may_be_open(record: Record) -> bool:
    """Whether no reading shows its end: the answer alone that it was abolished may be wrong."""
    return record.reading.status not in TERMINAL and record.fate in {None, Fate.UNSEEN, Fate.ABOLISHED}


def restored(text: str) -> Left | None:
    """What was left, or None: of nothing, and where there is no state, as under act; then nothing may be touched."""
    try:
        state = json.loads(text)
        runs = {ObjectId(str(key)): RunId(str(value)) for key, value in state["runs"].items()}
        unclear = tuple(ObjectId(str(each)) for each in state["unclear"])
        told = tuple(ObjectId(str(each)) for each in state["told"])
        claims = {each: _claim(*state["claims"][each]) for each in runs}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return Left(runs, unclear, told, claims) if runs or unclear else None


def _claim(mark: object, since_ms: object) -> Claim:
    parsed = parse_mark(str(mark))
    if parsed is None:
        raise ValueError(mark)
    return Claim(parsed, None if since_ms is None else int(str(since_ms)))
