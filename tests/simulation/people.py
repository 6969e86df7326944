"""What people do in the console meanwhile. Where it is not possible, they see that and do nothing."""

from contextlib import suppress

from dataworks_emulator.runs import Order
from dataworks_emulator.service import Service

from .schedule import Deed
from .virtual import Time

ALICE = "alice"


def carry_out(service: Service, deed: Deed, objects: list[str], time: Time) -> None:
    """Do it."""
    service.settle()
    object_id = objects[deed.object % len(objects)]
    now = time.epoch()
    if deed.what in {"deploy", "leave", "quote"}:
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


def _deploy(service: Service, what: str, object_id: str, now: float) -> None:
    """A run of somebody else: fresh, an hour old, or with a mark of ours quoted in its description."""
    texts = [run.description for run in service.runs if run.object_id == object_id]
    text = f"see {texts[-1]}" if what == "quote" and texts else "by hand"
    order = Order("", object_id, "Online", text, ALICE, who=ALICE)
    service.runs.open(order, now - (3600.0 if what == "leave" else 0.0))
    service.settle()
