"""What a step is going to do with each object, and why: the last value before anything is created."""

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

# Of the JSON form. A reader that knows this number knows all keys.
VERSION = 1


class Action(StrEnum):
    """What becomes of an object."""

    DEPLOY = "deploy"
    SKIP = "skip"
    BLOCKED = "blocked"


@frozen
class Asked:
    """Deployed because it was asked for, by this line; None where its ID was given in `object-ids`."""

    line: Line | None


@frozen
class TakenIn:
    """Deployed though nobody asked for it, because these miss it."""

    missed_by: tuple[ObjectId, ...]


@frozen
class WouldFail:
    """Blocked: a dry run has found what stands in the way. The object's own result says it."""


@frozen
class Behind:
    """Blocked: it needs this object, which would fail."""

    because: ObjectId


Why = Asked | TakenIn | Comparison | WouldFail | Behind


_ACTIONS = {Unchanged: Action.SKIP, Changed: Action.DEPLOY}


def code_of(why: Why) -> str:
    """The stable code of a reason, for the JSON form."""
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
    """One object of a plan. Levels count from 1; `needs` are objects of the plan that have to succeed before it."""

    object: StudioObject
    action: Action
    why: Why
    level: int
    needs: tuple[ObjectId, ...] = ()


@dataclass(frozen=True)
class Plan:
    """All objects of a step: those that were selected, in their order, then those that were taken in.

    `missing` is what they need that is neither among them nor in production, `unplaced` what no object gives out that
    was read. Where they are not `ordered` by what they need, they come as they are listed.
    """

    project_id: int
    type: DeployType
    objects: tuple[Planned, ...]
    missing: tuple[Missing, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    ordered: bool = True

    @cached_property
    def counts(self) -> Mapping[Action, int]:
        """How many objects there are of each action."""
        found = Counter(each.action for each in self.objects)
        return {action: found[action] for action in Action}

    @cached_property
    def unchanged(self) -> Mapping[ObjectId, Unchanged]:
        """The objects that production holds as they are."""
        return {each.object.id: each.why for each in self.objects if isinstance(each.why, Unchanged)}

    def compared(self, found: Mapping[ObjectId, Comparison]) -> "Plan":
        """The plan once these are compared with production: what is unchanged is not deployed."""
        rows = (
            replace(each, action=_ACTIONS[type(why)], why=why) if (why := found.get(each.object.id)) else each
            for each in self.objects
        )
        return replace(self, objects=tuple(rows))

    def blocked_by(self, failing: Collection[ObjectId]) -> "Plan":
        """The plan once it is known that these would fail: they are blocked, and so is all that needs them."""
        whys = dict[ObjectId, Why]()
        for each in sorted(self.objects, key=lambda each: each.level):
            own = WouldFail() if each.object.id in failing else None
            # What production holds already waits for nothing.
            if each.action is not Action.SKIP and (why := own or _behind(each.needs, whys)):
                whys[each.object.id] = why
        rows = (
            replace(each, action=Action.BLOCKED, why=whys[each.object.id]) if each.object.id in whys else each
            for each in self.objects
        )
        return replace(self, objects=tuple(rows))

    def document(self) -> dict[str, object]:
        """The JSON form; what is not known of an object is null."""
        return {
            "version": VERSION,
            "workspace": str(self.project_id),
            "type": self.type.value,
            "objects": self.rows(),
        }

    def rows(self) -> list[dict[str, object]]:
        """The objects of the JSON form."""
        return [_row(each) for each in self.objects]


def lay_out(
    selection: Selection,
    dependencies: Dependencies,
    *,
    project_id: int,
    type_: DeployType,
    taken_in: Sequence[StudioObject] = (),
    ordered: bool = True,
) -> Plan:
    """Decide what becomes of each object. Raises ValueError where objects wait for each other."""
    graph = dependencies.graph
    if graph.cycles:
        raise ValueError(graph.cycles)
    whys: dict[ObjectId, Why] = {each.object.id: Asked(each.line) for each in selection.objects}
    found = [*(each.object for each in selection.objects), *taken_in]
    rows = (
        Planned(
            each,
            Action.DEPLOY,
            whys.get(each.id) or TakenIn(graph.dependants[each.id]),
            graph.level_of[each.id] + 1,
            graph.needs[each.id],
        )
        for each in found
    )
    return Plan(project_id, type_, tuple(rows), dependencies.missing, dependencies.unplaced, ordered)


def _behind(needs: Sequence[ObjectId], whys: Mapping[ObjectId, Why]) -> Behind | None:
    """The first cause, where one of these is blocked."""
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
