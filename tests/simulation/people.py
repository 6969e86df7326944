"""What people do in the console meanwhile. Where it is not possible, they see that and do nothing."""

from contextlib import suppress
from dataclasses import replace

from dataworks_emulator.drafts import NODE, Depends
from dataworks_emulator.runs import Order
from dataworks_emulator.service import Service
from dataworks_emulator.workspace import Edit, made_up

from .schedule import Deed
from .virtual import Time

ALICE = "alice"
ELSEWHERE = "20002"  # another workspace
DAY = 24 * 3600.0
EDITS = ("rename", "move", "edit", "rewire", "delete", "add")
# A run that its owner carries through all stages at once.
TO_THE_END = ("deploy to the end", "undeploy to the end")
ALL_STAGES = 99
ENDS = ("Success", "Fail", "Termination", "Cancel")


def carry_out(service: Service, deed: Deed, objects: list[str], time: Time) -> None:
    """Do it."""
    service.settle()
    object_id = objects[deed.object % len(objects)]
    now = time.epoch()
    if deed.what == "history":
        _be_busy(service, object_id, now, deed.run)
        return
    if deed.what in EDITS:
        _edit(service, deed, objects, object_id)
        return
    if deed.what in {"deploy", "leave", "quote", "elsewhere", "undeploy", *TO_THE_END}:
        _deploy(service, deed.what, object_id, now)
        return
    runs = [run for run in service.runs if run.object_id == object_id]
    if not runs:
        return
    run = runs[deed.run % len(runs)]
    with suppress(ValueError):
        match deed.what:
            case "approve":
                service.runs.approve(run.id, now)
            case "execute":
                service.runs.execute(run.id, run.current().code, now, "console")
            case "terminate":
                service.runs.stop(run.id, "Termination", now, "ended in the console")
            case "cancel":
                service.runs.stop(run.id, "Cancel", now)


def _edit(service: Service, deed: Deed, objects: list[str], object_id: str) -> None:
    """Somebody works in Data Studio, on what is there."""
    draft = service.catalog.drafts.find(object_id)
    if draft is None or (deed.what == "rewire" and draft.kind != NODE):
        return
    folder, number = draft.path.rpartition("/")[0], deed.run
    name = f"{draft.name}_v{number}"
    if deed.what == "add":
        added = made_up(f"{object_id[:-3]}9{number}{object_id[-1]}")
        if not service.catalog.drafts.knows(added.id):
            service.add(replace(added, name=f"new_{name}", path=f"{folder}/new_{name}"))
        return
    other = Depends(objects[(deed.object + 1 + number) % len(objects)])
    changes: dict[str, dict[str, object]] = {
        "rename": {"name": name, "path": f"{folder}/{name}"},
        "move": {"path": f"moved/{number}/{draft.name}"},
        "edit": {"script": f"SELECT {number};"},
        "rewire": {"depends": draft.depends[1:] if number % 2 else (*draft.depends, other)},
        "delete": {},
    }
    service.edit(Edit(("", 0), object_id, changes[deed.what], removes=deed.what == "delete"))


def _deploy(service: Service, what: str, object_id: str, now: float) -> None:
    """A run of somebody else: fresh, an hour old, or one that quotes our description, whole only elsewhere.

    Where the object is undeployed it does the opposite of the others.
    """
    texts = [run.description for run in service.runs if run.object_id == object_id]
    quoted = {"quote": "see ", "elsewhere": ""}
    text = f"{quoted[what]}{texts[-1]}" if what in quoted and texts else "by hand"
    project = ELSEWHERE if what == "elsewhere" else ""
    kind = "Offline" if what.startswith("undeploy") else "Online"
    until = ALL_STAGES if what in TO_THE_END else 0
    order = Order(project, object_id, kind, text, ALICE, who=ALICE, auto_until=until)
    service.runs.open(order, now - (3600.0 if what == "leave" else 0.0))
    service.settle()


def _be_busy(service: Service, object_id: str, now: float, runs: int) -> None:
    """So many runs have ended on the object within the last days; some bear marks of other jobs."""
    for number in range(runs):
        mark = f"[dwd1:{chr(ord('A') + number % 26) * 26}:g1]"
        order = Order("", object_id, "Online", "by hand" if number % 3 else mark, ALICE, who=ALICE)
        at = now - DAY - number
        run = service.runs.open(order, at)
        with suppress(ValueError):  # it has failed by itself
            service.runs.stop(run.id, ENDS[number % len(ENDS)], at)
