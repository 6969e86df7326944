"""Actions of people in the console. If an action is not possible, they do nothing."""

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
# A run whose owner executes all stages at once.
TO_THE_END = ("deploy to the end", "undeploy to the end")
ALL_STAGES = 99
ENDS = ("Success", "Fail", "Termination", "Cancel")


def carry_out(service: Service, deed: Deed, objects: list[str], time: Time) -> None:
    """Carry out the action."""
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
    """Somebody edits existing objects in Data Studio."""
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
    """A run of somebody else: new, an hour old, or with a quotation of our description, complete only elsewhere.

    If the object is undeployed, the run has the opposite type.
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
    """This many runs of the object have ended within the last days. Some have marks of other jobs."""
    for number in range(runs):
        mark = f"[dwd1:{chr(ord('A') + number % 26) * 26}:g1]"
        order = Order("", object_id, "Online", "by hand" if number % 3 else mark, ALICE, who=ALICE)
        at = now - DAY - number
        run = service.runs.open(order, at)
        with suppress(ValueError):  # the run has failed by itself
            service.runs.stop(run.id, ENDS[number % len(ENDS)], at)
