"""Draws a workspace, the selection in it, and faults while it is read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .cells import PHASES
from .dice import AT_ONCE, Dice, spec_of
from .operations import CREATE, EXECUTE, GET, LIST, LISTS, LOOKUPS, NODE
from .people import TO_THE_END
from .schedule import ELSEWHERE, Deed, Job, Kill, Pairs, Schedule, Step, object_id

SHARE = 0.25  # of all schedules
LAYERS = ("ods", "dwd", "dws", "ads")
SUBJECTS = ("orders", "users", "pay")
FOLDERS = ("订单", "订单/明细", "etl", "etl/daily/hourly")
KINDS = ("nodes",) * 8 + ("workflows",) * 3 + ("resources", "functions")
PREFIXES = {"nodes": "node", "workflows": "workflow", "resources": "resource", "functions": "function"}
EDITS = ("rename", "rename", "move", "edit", "edit", "rewire", "rewire", "delete", "add", "add")
MOMENTS = (0.0, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0, 30.0, 60.0, 120.0, 600.0)
READING = ("ListNodes",) * 4 + (NODE,) * 6 + LISTS + LOOKUPS
PAGE = 10  # rows, for lists with several pages

Entry = dict[str, Any]
Given = tuple[tuple[str, str], ...]


def selecting(dice: Dice, schedule: Schedule) -> Schedule:
    """In some schedules, select objects that need each other. With its own dice, so the rest stays as drawn."""
    given = dict(schedule.inputs)
    if "preflight" in given or not dice.chance(SHARE):
        return schedule
    objects = dice.number(11, 24) if dice.chance(0.06) else 2 + dice.few(6)
    offline = _takes_out(schedule)
    entries = _entries(dice, objects)
    settings = _settings(dice, entries, objects)
    drawn = replace(
        schedule,
        objects=objects,
        inputs=(*schedule.inputs, *_inputs(dice, entries, offline=offline)),
        settings=(*schedule.settings, *settings),
        jobs=tuple(
            _changing(dice, entries, job, first=not n, offline=offline) for n, job in enumerate(schedule.jobs)
        ),
        faults=(*schedule.faults, *_faults(dice)),
        deeds=(*schedule.deeds, *_deeds(dice, objects)),
    )
    if ("only-changed", "true") in drawn.inputs and dice.chance(0.8):
        later = _later(dice)
        edits = tuple(
            Deed(max(0.0, job.start - dice.seconds((0.1, 3.0, 30.0))), "edit", dice.number(0, objects - 1), n)
            for n, job in enumerate(later, 5)
            if dice.chance(0.7)
        )
        theirs = tuple(
            Deed(
                max(0.0, job.start - dice.seconds((1.0, 30.0, 300.0))),
                str(dice.one(*TO_THE_END)),
                dice.number(0, objects - 1),
            )
            for job in later
            if dice.chance(0.4)
        )
        drawn = replace(drawn, jobs=(*drawn.jobs, *later), deeds=(*drawn.deeds, *edits, *theirs))
    return _killed(dice, drawn) if dice.chance(0.1) else drawn


def _later(dice: Dice) -> tuple[Job, ...]:
    """Other workflow runs that deploy what has changed, mostly after the end of the first one."""
    starts = [dice.seconds((5.0, 120.0, 600.0, 3000.0, 7200.0, 7200.0)) for _ in range(1 + dice.chance(0.4))]
    names = (ELSEWHERE + 2 if dice.chance(0.1) else 2 + place for place in range(len(starts)))
    return tuple(Job(name, (Step(),), start) for name, start in zip(names, starts, strict=True))


def _takes_out(schedule: Schedule) -> bool:
    """Whether any step undeploys objects. Such a step may not have patterns."""
    every = [
        schedule.inputs,
        *(job.inputs for job in schedule.jobs),
        *(step.inputs for step in schedule.steps),
    ]
    return any(("type", "Offline") in inputs for inputs in every)


def _entries(dice: Dice, objects: int) -> dict[str, Entry]:
    """The objects of a workspace file by their IDs, each with its list in the file."""
    entries: dict[str, Entry] = {}
    for number in range(1, objects + 1):
        kind = str(dice.one(*KINDS)) if number > 1 else "nodes"
        name = f"{dice.one(*LAYERS)}_{dice.one(*SUBJECTS)}_{number}"
        if number > 1 and dice.chance(0.03):
            name = str(next(iter(entries.values()))["name"])
        entry: Entry = {
            "list": kind,
            "id": object_id(number),
            "name": name,
            "path": f"{dice.one(*FOLDERS)}/{name}",
        }
        if kind == "workflows":
            entry["nodes"] = [_inner(dice, entries, 100 * number + n) for n in range(dice.few(3))]
            entry |= {"type": "ManualWorkflow"} if dice.chance(0.15) else {}
        elif kind == "nodes":
            entry |= _links(dice, entries)
        if dice.chance(0.3):
            entry["production"] = dice.chance(0.5)
        entries[entry["id"]] = entry
    return entries


def _inner(dice: Dice, entries: Mapping[str, Entry], number: int) -> Entry:
    name = f"{dice.one(*LAYERS)}_inner_{number}"
    return {"id": object_id(number), "name": name, **_links(dice, entries)}


def _links(dice: Dice, entries: Mapping[str, Entry]) -> Entry:
    """What a node needs: objects that were drawn before it, including inner nodes, and of other workspaces."""
    makers = [
        each
        for entry in entries.values()
        if entry["list"] in {"nodes", "workflows"}
        for each in (entry["id"], *(node["id"] for node in entry.get("nodes", ())))
    ]
    after: list[Any] = [each for each in makers[-6:] if dice.chance(0.35)]
    if dice.chance(0.1):
        after.append("elsewhere.dim_date")
    if makers and dice.chance(0.1):
        after.append({"output": dice.one(*makers), "type": "CrossCycleDependsOnOtherNode"})
    used = [entry["name"] for entry in entries.values() if entry["list"] in {"resources", "functions"}]
    return {"after": after, "uses": [each for each in used if dice.chance(0.4)]}


def _settings(dice: Dice, entries: Mapping[str, Entry], objects: int) -> Pairs:
    """The workspace, and how lists show it."""
    workspace: Entry = {"production": dice.chance(0.6)}
    for entry in entries.values():
        workspace.setdefault(entry["list"], []).append(
            {k: value for k, value in entry.items() if k != "list"}
        )
    edits = [_edit(dice, entries) for _ in range(dice.few(3))] if dice.chance(0.4) else []
    if edits:
        workspace["edits"] = edits
    given: dict[str, object] = {"workspace": workspace}
    choices: dict[str, tuple[float, tuple[object, ...]]] = {
        "list_drift": (0.6 if objects > PAGE else 0.1, (1, 2, 3)),
        "page_rows": (0.9 if objects > PAGE else 0.0, (PAGE,)),
        "draft_lag": (0.2, (0.5, 3.0, 20.0)),
        "flowspec": (0.2, ("1.1.0",)),
        "inner_listed": (0.3, (False,)),
    }
    given |= {name: dice.one(*values) for name, (share, values) in choices.items() if dice.chance(share)}
    return tuple(given.items())


def _edit(dice: Dice, entries: Mapping[str, Entry]) -> Entry:
    """An edit right before a call, sometimes of a node inside a workflow."""
    inner = [node | {"path": ""} for entry in entries.values() for node in entry.get("nodes", ())]
    edited: Any = dice.one(*entries.values(), *inner)
    action = str(dice.one("ListNodes", NODE, NODE, CREATE, CREATE, EXECUTE, GET, LIST))
    folder, name = str(edited["path"]).rpartition("/")[0], f"{edited['name']}_{dice.number(2, 9)}"
    nodes = [each for each, entry in entries.items() if entry["list"] == "nodes"]
    changes: Any = dice.one(
        {"name": name} | ({"path": f"{folder}/{name}"} if folder else {}),
        {"path": f"{dice.one(*FOLDERS)}/{edited['name']}"} if folder else {"description": "moved"},
        {"script": f"SELECT {dice.number(2, 9)};"},
        {"after": [dice.one(*nodes)]} if "after" in edited else {"script": "SELECT 1;"},
        {"remove": True},
    )
    return {"before": f"{action}:{1 + dice.few(6)}", "object": edited["id"], **changes}


def _inputs(dice: Dice, entries: Mapping[str, Entry], *, offline: bool) -> Given:
    """The selection, and the inputs order and upstream."""
    some = [each for each in entries if dice.chance(0.3)] if dice.chance(0.25) else []
    given = {
        "object-ids": "\n".join(some),
        "objects": _lines(dice, entries, offline=offline),
        "preflight": "true" if dice.chance(0.9) else "false",
    }
    upstream, order = dice.one("include", "include", "fail"), dice.chance(0.1)
    if order:
        given["order"] = "given"
    elif dice.chance(0.3) and not offline and given["preflight"] == "true":
        given["upstream"] = str(upstream)
    if dice.chance(0.6):
        given["max-parallel"] = "auto"
    if dice.chance(0.25):
        given["allow-empty"] = "true"
    if not offline and dice.chance(0.5):
        given["only-changed"] = "true"
    if dice.chance(0.05):
        given["max-objects"] = str(dice.number(1, 4))
    return tuple(given.items())


def _lines(dice: Dice, entries: Mapping[str, Entry], *, offline: bool) -> str:
    """Names, paths, patterns, kinds and IDs, some excluded again, and sometimes an invalid one."""
    every = [*entries.values()]
    lines = [_line(dice, every, offline=offline) for _ in range(1 + dice.few(3))]
    if dice.chance(0.25):
        lines.append(f"!{_line(dice, every, offline=offline)}")
    if dice.chance(0.06):
        inner = [node["name"] for entry in every for node in entry.get("nodes", ())]
        lines.append(str(dice.one("ods_nothing", object_id(77), *inner)))
    return "\n".join(lines)


def _line(dice: Dice, entries: Sequence[Entry], *, offline: bool) -> str:
    entry: Any = dice.one(*entries)
    folder = entry["path"].rpartition("/")[0]
    layer, subject, _ = f"{entry['name']}__".split("_", 2)
    plain = (entry["name"], entry["name"], entry["path"], f"/{entry['path']}", entry["id"])
    patterns = (
        "**",
        f"{folder}/*",
        f"{folder}/**",
        f"**/{layer}_*",
        f"**/*_{subject}_*",
        f"{folder[:2]}*/**",
    )
    line = str(dice.one(*plain) if offline or dice.chance(0.5) else dice.one(*patterns))
    return f"{PREFIXES[entry['list']]}:{line}" if dice.chance(0.2) else line


def _changing(dice: Dice, entries: Mapping[str, Entry], job: Job, *, first: bool, offline: bool) -> Job:
    """A copy or another job may have another selection, and so may a re-run."""

    def other() -> Given:
        return (("objects", _lines(dice, entries, offline=offline)),)

    steps = tuple(
        replace(step, inputs=(*step.inputs, *other())) if n and dice.chance(0.3) else step
        for n, step in enumerate(job.steps)
    )
    inputs = () if first or dice.chance(0.5) else other()
    return replace(job, steps=steps, inputs=(*job.inputs, *inputs))


def _faults(dice: Dice) -> tuple[str, ...]:
    return tuple(_fault(dice) for _ in range(dice.chance(0.5) + dice.few(4)))


def _fault(dice: Dice) -> str:
    first = 1 + dice.few(4)
    calls = f"{first}-{first + dice.few(6)}" if dice.chance(0.2) else str(first)
    return spec_of(dice, str(dice.one(*READING)), calls, AT_ONCE)


def _deeds(dice: Dice, objects: int) -> tuple[Deed, ...]:
    """Actions of people in Data Studio, during the attempts and between them."""
    return tuple(
        Deed(dice.seconds(MOMENTS), str(dice.one(*EDITS)), dice.number(0, objects - 1), dice.few(5))
        for _ in range(dice.few(4))
    )


def _killed(dice: Dice, schedule: Schedule) -> Schedule:
    """Kill the last attempt of the first job while it reads."""
    job, *others = schedule.jobs
    *before, step = job.steps
    kill = Kill(action=str(dice.one(*READING)), call=1 + dice.few(3), phase=str(dice.one(*PHASES)))
    last: Step = replace(step, kill=kill)
    return replace(schedule, jobs=(replace(job, steps=(*before, last)), *others))
