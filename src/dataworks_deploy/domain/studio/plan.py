"""What a step will do with each object, and why. The plan is complete before anything is created."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import assert_never

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import DeployType, ObjectId

from .catalog import StudioObject
from .changes import Changed, Comparison, Unchanged
from .dependencies import Dependencies, Missing, Unplaced
from .request import Line
from .selection import Selection

# The version of the JSON format. A reader that knows this version knows all keys.
VERSION = 1


class Action(StrEnum):
    """What happens to an object."""

    DEPLOY = "deploy"
    SKIP = "skip"
    BLOCKED = "blocked"


@frozen
class Asked:
    """Deployed because this line selects it. None if its ID was given in `object-ids`."""

    line: Line | None


@frozen
class TakenIn:
    """Deployed because these selected objects miss it, although no line selects it."""

    missed_by: tuple[ObjectId, ...]


@frozen
class WouldFail:
    """Blocked: a dry run has found that it would fail. The object's own result says why."""


@frozen
class Behind:
    """Blocked: it needs this object, which would fail."""

    because: ObjectId


Why = Asked | TakenIn | Comparison | WouldFail | Behind


_ACTIONS = {Unchanged: Action.SKIP, Changed: Action.DEPLOY}


def code_of(why: Why) -> str:
    """The stable code for a reason in the JSON format."""
    match why:
        case Asked():
            return "asked"
        case TakenIn():
            return "upstream"
        case Unchanged():
            return "unchanged"
        case Changed(cause):
            return cause.value
        case WouldFail():
            return "would_fail"
        case Behind():
            return "behind_blocked"
        case _ as never:
            assert_never(never)


@frozen
class Planned:
    """One object of a plan. Levels count from 1. `needs` are objects of the plan that must succeed before it."""

    object: StudioObject
    action: Action
    why: Why
    level: int
    needs: tuple[ObjectId, ...] = ()


@dataclass(frozen=True)
class Plan:
    """All objects of a step: the selected ones in their order, then the upstream ones added to them.

    `missing` is what they need that is not in the plan and not in production. `unplaced` is what they need that no
    known object produces. If not `ordered` by dependencies, the objects are deployed in the order of the list.
    """

    project_id: int
    type: DeployType
    objects: tuple[Planned, ...]
    missing: tuple[Missing, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    ordered: bool = True

    @cached_property
    def counts(self) -> Mapping[Action, int]:
        """The number of objects for each action."""
        found = Counter(each.action for each in self.objects)
        return {action: found[action] for action in Action}

    @cached_property
    def unchanged(self) -> Mapping[ObjectId, Unchanged]:
        """The objects that production already holds in this form."""
        return {each.object.id: each.why for each in self.objects if isinstance(each.why, Unchanged)}

    @cached_property
    def in_order(self) -> tuple[Planned, ...]:
        """The objects in the order of their deployment, where added ones come before those that miss them."""
        return tuple(sorted(self.objects, key=lambda each: (each.level, not isinstance(each.why, TakenIn))))

    @property
    def order(self) -> tuple[ObjectId, ...]:
        """Their IDs in that order."""
        return tuple(each.object.id for each in self.in_order)

    def compared(self, found: Mapping[ObjectId, Comparison]) -> "Plan":
        """The plan after a comparison with production: unchanged objects are not deployed."""
        rows = (
            replace(each, action=_ACTIONS[type(why)], why=why) if (why := found.get(each.object.id)) else each
            for each in self.objects
        )
        return replace(self, objects=tuple(rows))

    def blocked_by(self, failing: Collection[ObjectId]) -> "Plan":
        """The plan after it is known that these objects would fail. They are blocked, and so are the objects that need
        them.
        """
        whys = dict[ObjectId, Why]()
        for each in sorted(self.objects, key=lambda each: each.level):
            own = WouldFail() if each.object.id in failing else None
            # An object that production already holds waits for nothing.
            if each.action is not Action.SKIP and (why := own or _behind(each.needs, whys)):
                whys[each.object.id] = why
        rows = (
            replace(each, action=Action.BLOCKED, why=whys[each.object.id]) if each.object.id in whys else each
            for each in self.objects
        )
        return replace(self, objects=tuple(rows))

    def document(self) -> dict[str, object]:
        """The JSON format. Unknown facts are null."""
        return {
            "version": VERSION,
            "workspace": str(self.project_id),
            "type": self.type.value,
            "objects": self.rows(),
        }

    def rows(self) -> list[dict[str, object]]:
        """The objects in the JSON format."""
        return [_row(each) for each in self.objects]


def lay_out(
    selection: Selection,
    dependencies: Dependencies,
    *,
    project_id: int,
    type_: DeployType,
    taken_in: Sequence[StudioObject] = (),
    missed_by: Mapping[ObjectId, tuple[ObjectId, ...]] | None = None,
    ordered: bool = True,
) -> Plan:
    """Decide what happens to each object. Raises ValueError if objects wait for each other.

    `missed_by` are the objects that need each of those `taken_in`, if the dependencies do not give the order.
    """
    graph = dependencies.graph
    if graph.cycles:
        raise ValueError(graph.cycles)
    whys: dict[ObjectId, Why] = {each.object.id: Asked(each.line) for each in selection.objects}
    found = [*(each.object for each in selection.objects), *taken_in]
    rows = (
        Planned(
            each,
            Action.DEPLOY,
            whys.get(each.id) or TakenIn((missed_by or graph.dependants)[each.id]),
            graph.level_of[each.id] + 1,
            graph.needs[each.id],
        )
        for each in found
    )
    return Plan(project_id, type_, tuple(rows), dependencies.missing, dependencies.unplaced, ordered)


def _behind(needs: Sequence[ObjectId], whys: Mapping[ObjectId, Why]) -> Behind | None:
    """The first blocked object among these, or the cause that it names."""
    for each in needs:
        match whys.get(each):
            case None:
                continue
            case Behind() as why:
                return why
            case _:
                return Behind(each)
    return None


def _row(each: Planned) -> dict[str, object]:
    return {
        "object_id": each.object.id,
        "name": each.object.name or None,
        "path": each.object.path or None,
        "kind": each.object.kind and each.object.kind.value,
        "action": each.action.value,
        "why": code_of(each.why),
        "level": each.level,
        "needs": list(each.needs),
    }
