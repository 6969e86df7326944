"""Cells that belong to no single call: how objects are selected, and how Data Studio changes meanwhile."""

import json
from collections.abc import Iterator

from ..witness.command_files import parse
from ..witness.lines import ID, is_pattern
from .actor import Attempt
from .cells import all_cells
from .facts import Facts
from .operations import LISTS, LOOKUPS
from .outputs import read_results
from .play import History
from .seen import succeeded

Cell = tuple[str, str]
# The changes of edits, and their names.
EDITS = {
    "name": "rename",
    "path": "move",
    "script": "edit",
    "depends": "rewire",
    "removed": "delete",
    "added": "add",
}
MOMENTS = ("while it is read", "during the rest of a step", "between attempts")
WAYS = ("name", "path", "pattern", "kind", "ID", "taken away", "beside object-ids")
CHANGED = ("changed for a re-run", "other in a copy")
SHOWN = ("several pages", "drift", "lag", "inner nodes hidden")
# What a step can say about an object with only-changed.
COMPARED = (
    "unchanged",
    "never_deployed",
    "edited",
    "taken_out",
    "deployed_by_others",
    "description_not_shown",
    "cannot_tell",
)
ORDERS = ("order: given", "upstream: include", "upstream: fail", "allow-empty", "preflight: false")


def every_cell() -> list[Cell]:
    """The cells of calls, and these."""
    return [*all_cells(), *scenes()]


def scenes() -> list[Cell]:
    """All of these cells."""
    edits = [("edit", f"{what} {moment}") for what in EDITS.values() for moment in MOMENTS]
    selected = [("objects", each) for each in (*WAYS, *CHANGED, *ORDERS)]
    shown = [("lists", each) for each in SHOWN]
    return [*edits, *selected, *shown, *(("compared", each) for each in COMPARED)]


def played(facts: Facts) -> Iterator[Cell]:
    """The cells that a history has hit."""
    history = facts.history
    if not history.schedule.setting("workspace"):
        return
    for attempt in history.attempts:
        yield from (("objects", each) for each in _selected(facts, attempt))
        yield from (("compared", each) for each in _compared(attempt))
    yield from (("objects", each) for each in _changed(facts))
    yield from (("edit", each) for each in _edited(facts))
    yield from (("lists", each) for each in _shown(history))


def _selected(facts: Facts, attempt: Attempt) -> Iterator[str]:
    """How a step has selected its objects, if it has selected any."""
    given = facts.given(attempt)
    if given.named or not given.lines or not read_results(attempt, []):
        return
    for line in given.lines:
        sought = line.removeprefix("!").rpartition(":")[2]
        is_id = ID.fullmatch(sought) is not None
        yield "pattern" if is_pattern(line) else "ID" if is_id else "path" if "/" in sought else "name"
        if ":" in line:
            yield "kind"
        if line.startswith("!"):
            yield "taken away"
    if given.object_ids:
        yield "beside object-ids"
    said = {
        "order: given": given.order == "given",
        "upstream: include": given.upstream == "include",
        "upstream: fail": given.upstream == "fail",
        "allow-empty": given.allow_empty,
        "preflight: false": not given.preflight,
    }
    yield from (name for name, holds in said.items() if holds)


def _compared(attempt: Attempt) -> Iterator[str]:
    plan = parse(attempt.runner.output_file).get("plan", "")
    objects = json.loads(plan)["objects"] if plan else None
    yield from {each["why"] for each in objects or ()}.intersection(COMPARED)


def _changed(facts: Facts) -> Iterator[str]:
    """Whether two attempts of a job, or two copies of it, have used different lines."""
    lines = {
        (each.job, each.copy, each.number): facts.given(each).lines
        for each in facts.history.attempts
        if each.sent
    }
    for (job, copy, _), own in lines.items():
        others = {key[1] for key, other in lines.items() if key[0] == job and other not in {own, ()}}
        yield from ["changed for a re-run"] if copy in others else []
        yield from ["other in a copy"] if others - {copy} else []


def _edited(facts: Facts) -> Iterator[str]:
    for event in facts.of("edited"):
        at = facts.when(event)
        for change in event["changed"]:
            if change in EDITS:
                yield f"{EDITS[change]} {_moment(facts.history, at)}"


def _moment(history: History, at: float) -> str:
    under_way = [each for each in history.attempts if each.began <= at <= (each.ended or each.began)]
    if any(at <= _last_read(each) for each in under_way):
        return MOMENTS[0]
    return MOMENTS[1] if under_way else MOMENTS[2]


def _last_read(attempt: Attempt) -> float:
    return max(
        (each.answered or 0.0 for each in attempt.sent if each.action in {*LISTS, *LOOKUPS}), default=0.0
    )


def _shown(history: History) -> Iterator[str]:
    setting = history.schedule.setting
    pages = [
        call.ending.value
        for attempt in history.attempts
        for call in attempt.sent
        if call.action in LISTS and succeeded(call)
    ]
    yield from ["several pages"] if any(page.total > page.size for page in pages) else []
    yield from ["drift"] if pages and setting("list_drift") else []
    yield from ["lag"] if pages and setting("draft_lag") else []
    yield from ["inner nodes hidden"] if pages and setting("inner_listed") is False else []
