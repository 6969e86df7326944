"""What the post step has to know of a main step that was killed, or whose end abolish-on names."""

import json
from collections.abc import Callable, Sequence
from dataclasses import field
from itertools import count, takewhile

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import TERMINAL, ObjectId, RunId
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reconcile import Claim, parse_mark
from dataworks_deploy.domain.record import Fate, Record, Whose

from .markup import MOST_CALLED

STATE = "progress"  # the post step finds it as STATE_progress
# Linux starts no process with a variable of more than 128 KiB. So a longer state goes on in STATE_progress2, and so on.
_MOST_BYTES = 100_000
# All variables together have a limit too. With more objects the state holds no names: what must be done comes first.
MOST_NAMED = 50


@frozen
class Left:
    """The own runs that may still be active, and the objects that may have one.

    Those that were `told` to change production may not show it yet. `claims` are what makes the runs this job's own,
    `names` what the objects are called, where that is known.
    """

    runs: dict[ObjectId, RunId]
    unclear: tuple[ObjectId, ...] = ()
    told: tuple[ObjectId, ...] = ()
    claims: dict[ObjectId, Claim] = field(default_factory=dict)
    names: dict[ObjectId, str] = field(default_factory=dict)


def saved(records: Sequence[Record]) -> dict[str, str]:
    """The state by name: what the post step must abolish."""
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
    names = {}
    if len(runs) + len(unclear) <= MOST_NAMED:
        left = {*runs, *unclear}
        named = (record for record in records if record.object_id in left and record.name)
        # One more than is shown: so it is seen that it was cut.
        names = {record.object_id: record.name[: MOST_CALLED + 1] for record in named}
    state = {"runs": runs, "unclear": unclear, "told": told, "claims": claims, "names": names}
    text = json.dumps(state, separators=(",", ":"))  # ASCII: each character is one byte
    starts = range(0, len(text), _MOST_BYTES)
    return {_name(number): text[start : start + _MOST_BYTES] for number, start in enumerate(starts, 1)}


def _name(number: int) -> str:
    """The name of this part of the state, from 1."""
    return STATE if number == 1 else f"{STATE}{number}"


def _may_be_open(record: Record) -> bool:
    """Whether no reading shows its end: the answer alone that it was abolished may be wrong."""
    return record.reading.status not in TERMINAL and record.fate in {None, Fate.UNSEEN, Fate.ABOLISHED}


def restored(kept: Callable[[str], str]) -> Left | None:
    """What was left, or None: of nothing, and where there is no state, as under act; then nothing may be touched.

    `kept` returns the value that was saved under a name. It is empty if there is none.
    """
    parts = takewhile(bool, (kept(_name(number)) for number in count(1)))
    try:
        state = json.loads("".join(parts))
        runs = {ObjectId(str(key)): RunId(str(value)) for key, value in state["runs"].items()}
        unclear = tuple(ObjectId(str(each)) for each in state["unclear"])
        told = tuple(ObjectId(str(each)) for each in state["told"])
        claims = {each: _claim(*state["claims"][each]) for each in runs}
        names = {ObjectId(str(key)): str(value) for key, value in state.get("names", {}).items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return Left(runs, unclear, told, claims, names) if runs or unclear else None


def _claim(mark: object, since_ms: object) -> Claim:
    parsed = parse_mark(str(mark))
    if parsed is None:
        raise ValueError(mark)
    return Claim(parsed, None if since_ms is None else int(str(since_ms)))
