"""The report as step outputs: names and values as action.yml declares them."""

import json
from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from itertools import accumulate

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.outcome import Kind, Outcome, row_of
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.studio.plan import Plan

from .reasons import code, message
from .report import Report

OUTPUTS = (
    "outcome",
    "results",
    "run-ids",
    "request-ids",
    "run-id",
    "request-id",
    "plan",
    "succeeded-count",
    "failed-count",
    "unknown-count",
    "unchanged-count",
    "api-calls",
)


# GitHub takes 1,048,576 bytes of a job's outputs, and counts two for a UTF-16 code unit: docs, "Passing information
# between jobs". These are units; the rest is for the outputs' names. Of an object that may have a run so much of the
# message is left, if anything is, that the mark to look for is in it.
MOST, LEAST = 520_000, 140


@frozen
class Cut:
    """How much each text of an object takes, with its quotes: all of it where that is None, nothing where it is 0."""

    word: int | None = None
    name: int | None = None
    path: int | None = None
    link: bool = True
    times: bool = True


# Where no message has so much room the link is left out, which is the same for all objects. Names, paths and words of
# the service are cut, then the times go. The last cut is made only where not even empty messages have room.
CUTS = (
    Cut(),
    Cut(26, 80, 160, link=False),
    Cut(26, 40, 0, link=False),
    Cut(26, 40, 0, link=False, times=False),
    Cut(0, 0, 0, link=False, times=False),
)
NO_MESSAGE = 2
# The plan takes what all results leave, and so much in any case.
MOST_PLAN = 40_000


def outputs(report: Report) -> Mapping[str, str]:
    """All outputs; JSON is ASCII, so that no character of a foreign text has a meaning in a file."""
    texts = _texts_of(report.records, report.url, CUTS[0])
    kinds = [text.kind for text in texts]
    unchanged = sum(record.outcome is Outcome.UNCHANGED for record in report.records)
    first = report.records[0] if texts else None
    run_ids = _list([text.run_id for text in texts])
    request_ids = _list([text.request_id for text in texts])
    ends = ((first and first.run_id) or "", (first and first.request.id) or "")
    room = MOST - sum(map(len, (run_ids, request_ids, *ends)))
    plan = _plan(report.plan, room - sum(len(text.whole) for text in texts) - len(texts) - 2)
    values = (
        report.verdict.value,
        _results(report, texts, room - len(plan)),
        run_ids,
        request_ids,
        *ends,
        plan,
        str(kinds.count(Kind.GOOD) - unchanged),
        str(kinds.count(Kind.FAILURE) + kinds.count(Kind.LATE)),
        str(kinds.count(Kind.UNKNOWN)),
        str(unchanged),
        str(report.api_calls),
    )
    return dict(zip(OUTPUTS, values, strict=True))


def plan_forms(plan: Plan) -> tuple[str, ...]:
    """The plan as JSON: whole, without paths, without names too, and without objects."""
    whole = plan.document()
    objects = [dict(each) for each in plan.rows()]
    forms = [_json(whole)]
    for key in ("path", "name"):
        objects = [{**each, key: None} for each in objects]
        forms.append(_json({**whole, "objects": objects}))
    return (*forms, _json({**whole, "objects": None}))


def _plan(forms: Sequence[str], room: int) -> str:
    """The longest form that has room: results give way to so much of it."""
    return next((form for form in forms if len(form) <= max(room, MOST_PLAN)), "")


def _results(report: Report, texts: "Sequence[_Text]", room: int) -> str:
    """The objects within so many characters. Messages are shortened first, then names and paths, IDs never."""
    room -= len(texts) + 2
    if sum([len(text.whole) for text in texts]) <= room:
        return _list([text.whole for text in texts])
    level = _level(texts, room)
    for cut in CUTS[1:]:
        enough = NO_MESSAGE if cut is CUTS[-1] else LEAST
        if level >= enough or all(text.message_size <= level for text in texts):
            break
        texts = _texts_of(report.records, report.url, cut)
        level = _level(texts, room)
    return _list([text.within(max(level, LEAST) if text.vital else level) for text in texts])


def _list(values: Sequence[str]) -> str:
    """Values that are JSON by themselves."""
    return f"[{','.join(values)}]"


def _level(texts: "Sequence[_Text]", room: int) -> int:
    """The most that a message may take so that all have room; that of a vital one always takes LEAST."""
    room -= sum(len(text.whole) - text.message_size for text in texts)
    level = _share([text.message_size for text in texts], room)
    if level >= LEAST:
        return level
    vital = sum(min(LEAST, text.message_size) for text in texts if text.vital)
    return min(level, _share([text.message_size for text in texts if not text.vital], room - vital))


def _share(sizes: Sequence[int], room: int) -> int:
    """So much for each: what the short ones leave of the room goes to the longer ones."""
    for left, size in zip(range(len(sizes), 0, -1), sorted(sizes), strict=True):
        if size * left > room:
            return room // left
        room -= size
    return max(sizes, default=0)


@dataclass
class _Text:
    """An object in JSON, its message from `start` on in so many characters with its quotes, and two of its IDs."""

    kind: Kind
    run_id: str
    request_id: str
    whole: str
    message: str
    start: int
    message_size: int

    @property
    def vital(self) -> bool:
        """Whether the message names a mark to look for."""
        return self.kind is Kind.UNKNOWN

    @cached_property
    def _ends(self) -> "array[int]":
        return _ends(self.message)

    def within(self, room: int) -> str:
        """With as much of the message as takes so many characters."""
        if self.message_size <= room:
            return self.whole
        before, after = self.whole[: self.start], self.whole[self.start + self.message_size :]
        return f"{before}{_json(_cut(self.message, self._ends, room))}{after}"


def _ends(text: str) -> "array[int]":
    """Where each character ends in JSON, in which a Chinese one takes six."""
    return array("L", accumulate(map(_size, text)))


@cache
def _size(char: str) -> int:
    return len(_json(char)) - 2


def _cut(text: str, ends: Sequence[int], room: int) -> str:
    """The beginning of a text that takes more characters in JSON."""
    fits = bisect_right(ends, room - len(_json("…")))
    return f"{text[:fits]}…" if fits else ""


def _word(text: str | None, most: int | None) -> str | None:
    """A name, or a word of the service; None where there is none, or no room for it."""
    if most is None or not text:
        return text
    return (text if len(_json(text)) <= most else _cut(text, _ends(text[:most]), most)) or None


# Outputs are written each time that a run becomes known, and most results have not changed. So the last text of each
# object is kept, with what it was made of.
_texts: Mapping[Cut, dict[ObjectId, tuple[Record, str | None, _Text]]] = {cut: {} for cut in CUTS}


def _texts_of(records: Sequence[Record], url: str | None, cut: Cut) -> list[_Text]:
    known, found = _texts[cut], []
    for record in records:
        last = known.get(record.object_id)
        if not last or last[0] is not record or last[1] != url:
            last = known[record.object_id] = (record, url, _fresh(record, url if cut.link else None, cut))
        found.append(last[2])
    return found


def _fresh(record: Record, url: str | None, cut: Cut) -> _Text:
    studio = record.studio
    before = {
        "object_id": None if record.alone else record.object_id,
        "name": _word(record.name or None, cut.name),
        "path": _word(record.path or None, cut.path),
        "kind": studio.kind.value if studio and studio.kind else None,
        "because": record.because,
        "reason": code(record),
        "run_id": record.run_id,
        "request_id": record.request.id,
        "outcome": record.outcome.value,
        "status": _word(record.reading.status, cut.word),
        "stage": _word(record.reading.stage, cut.word),
    }
    after = {
        "adopted": record.adopted,
        "attempts": record.request.attempts,
        "url": url,
        "started_at": _iso(record.started_at) if cut.times else None,
        "finished_at": _iso(record.finished_at) if cut.times else None,
    }
    text = message(record)
    parts = f'{_json(before)[:-1]},"message":', _json(text), f",{_json(after)[1:]}"
    kind = row_of(record.outcome).kind
    ids = _json(record.run_id), _json(record.request.id)
    return _Text(kind, *ids, "".join(parts), text, len(parts[0]), len(parts[1]))


def _iso(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


_json = json.JSONEncoder(separators=(",", ":")).encode
