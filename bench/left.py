"""What a client leaves behind, by the service's own log and by what the client has said."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

OPEN, SUCCESS = "open", "Success"
TERMINAL = {SUCCESS, "Fail", "Termination", "Cancel"}


@dataclass(frozen=True, slots=True)
class Left:
    """Numbers of runs and objects. `str` gives them as a short text, without those that are zero.

    `deployed` counts objects, all others are faults:

    - `doubled`: runs that were created while an earlier run of the object was open or had succeeded;
    - `twice`: objects that were deployed more than once;
    - `still_open`: runs that have not ended;
    - `unnamed`: runs whose ID the client never wrote down;
    - `untrue`: objects that are said to have succeeded, and have not.
    """

    objects: int
    deployed: int
    doubled: int = 0
    twice: int = 0
    still_open: int = 0
    unnamed: int = 0
    untrue: int = 0

    def __str__(self) -> str:
        """Say it in a cell of a table."""
        faults = {
            "duplicate runs": self.doubled,
            "deployed twice": self.twice,
            "left open": self.still_open,
            "named by nobody": self.unnamed,
            "untrue success": self.untrue,
        }
        told = [f"{what}: {count}" for what, count in faults.items() if count]
        return "; ".join([f"{self.deployed} of {self.objects} deployed", *told])


def left(
    events: Iterable[Mapping[str, Any]], objects: Collection[str], said: str, claimed: Collection[str]
) -> Left:
    """Compare the events of the service with all that a client has said, and the successes that it has claimed."""
    object_of, status, doubled = dict[str, str](), dict[str, str](), 0
    # The emulator may note the end of a stage late.
    for event in sorted(events, key=lambda each: each["time"]):
        run = event.get("run_id", "")
        if event["event"] == "committed":
            earlier = {status[other] for other, of in object_of.items() if of == event["object"]}
            doubled += not earlier.isdisjoint({OPEN, SUCCESS})
            object_of[run], status[run] = event["object"], OPEN
        elif ended := _ended(event):
            status[run] = ended
    succeeded = [object_of[run] for run, last in status.items() if last == SUCCESS]
    return Left(
        objects=len(objects),
        deployed=len(set(succeeded)),
        doubled=doubled,
        twice=sum(succeeded.count(each) > 1 for each in set(succeeded)),
        still_open=sum(last == OPEN for last in status.values()),
        unnamed=sum(run not in said for run in status),
        untrue=len(set(claimed) - set(succeeded)),
    )


def _ended(event: Mapping[str, Any]) -> str | None:
    """The status with which a run has ended, if this event ends it."""
    match event:
        case {"event": "stage_finished", "run": str(status)} if status in TERMINAL:
            return status
        case {"event": "abolished", "stopped": True}:
            return "Termination"
        case _:
            return None
