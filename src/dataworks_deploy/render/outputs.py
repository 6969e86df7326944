"""The report as step outputs: names and values as action.yml declares them."""

import json
from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime
from itertools import accumulate

from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.outcome import Kind, row_of
from dataworks_deploy.domain.record import Record

from .reasons import code, message
from .report import Report

OUTPUTS = (
    "outcome",
    "results",
    "run-ids",
    "request-ids",
    "run-id",
    "request-id",
    "succeeded-count",
    "failed-count",
    "unknown-count",
    "api-calls",
)


# GitHub takes 1,048,576 bytes of a job's outputs, and counts two for a character: docs, "Passing information between
# jobs". Beside its message an object takes so many characters: as many as the inputs take fit if they end well. Of
# what did not end well there is so much of a message that the mark to look for is in it; a failed job may exceed it.
MOST, EACH, LEAST = 520_000, 510, 140


def outputs(report: Report) -> Mapping[str, str]:
    """All outputs; JSON is ASCII, so that no character of a foreign text has a meaning in a file."""
    results = report.records
    room = MOST // max(1, len(results)) - EACH
    kinds = [row_of(result.outcome).kind for result in results]
    first = results[0] if results else None
    values = (
        report.verdict.value,
        f"[{','.join(_result(result, report.url, room) for result in results)}]",
        _json([result.run_id for result in results]),
        _json([result.request.id for result in results]),
        (first and first.run_id) or "",
        (first and first.request.id) or "",
        str(kinds.count(Kind.GOOD)),
        str(kinds.count(Kind.FAILURE) + kinds.count(Kind.LATE)),
        str(kinds.count(Kind.UNKNOWN)),
        str(report.api_calls),
    )
    return dict(zip(OUTPUTS, values, strict=True))


# Outputs are written with every run that becomes known, and most results are the same as the time before: of
# each object the last text is kept, and what it was made of.
_texts: dict[ObjectId, tuple[Record, int, str]] = {}


def _result(result: Record, url: str | None, room: int) -> str:
    last = _texts.get(result.object_id)
    if not last or last[0] is not result or last[1] != room:
        last = _texts[result.object_id] = (result, room, _fresh(result, url, room))
    return last[2]


def _fresh(result: Record, url: str | None, room: int) -> str:
    fields = {
        "object_id": None if result.alone else result.object_id,
        "run_id": result.run_id,
        "request_id": result.request.id,
        "outcome": result.outcome.value,
        "status": result.reading.status,
        "stage": result.reading.stage,
        "message": _within(room if row_of(result.outcome).good else max(LEAST, room), message(result)),
        "reason": code(result),
        "adopted": result.adopted,
        "attempts": result.request.attempts,
        "url": url,
        "started_at": _iso(result.started_at),
        "finished_at": _iso(result.finished_at),
    }
    return _json(fields)


def _within(room: int, text: str) -> str:
    """As much of the text as takes so many bytes in JSON, where a Chinese character has six."""
    if len(_json(text)) <= room:
        return text
    ends = accumulate(len(_json(char)) - 2 for char in text)
    return text[: bisect_right([*ends], room - 8)] + "…"


def _iso(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


_json = json.JSONEncoder(separators=(",", ":")).encode
