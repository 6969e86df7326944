"""What a step is going to do with each object, and why: the last value before anything is created."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import assert_never

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import DeployType, ObjectId

from .catalog import StudioObject
from .dependencies import Dependencies, Missing
from .request import Line
from .selection import Selection

# Of the JSON form. A reader that knows this number knows all keys.
VERSION = 1


class Action(StrEnum):
    """What becomes of an object."""

    DEPLOY = "deploy"
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
class Misses:
    """Blocked: it needs what is neither selected nor in production."""

    upstream: tuple[Missing, ...]


@frozen
class Behind:
    """Blocked: it needs this object, which is blocked."""

    because: ObjectId


Why = Asked | TakenIn | Misses | Behind


def code_of(why: Why) -> str:
    """The stable code of a reason, for the JSON form."""
    match why:
        case Asked():
            return "asked"
        case TakenIn():
            return "upstream"
        case Misses():
            return "misses_upstream"
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
    """All objects of a step: those that were selected, in their order, then those that were taken in."""

    project_id: int
    type: DeployType
    objects: tuple[Planned, ...]

    @cached_property
    def counts(self) -> Mapping[Action, int]:
        """How many objects there are of each action."""
        found = Counter(each.action for each in self.objects)
        return {action: found[action] for action in Action}

    @property
    def goes_through(self) -> bool:
        """Whether no object is blocked."""
        return not self.counts[Action.BLOCKED]

    def ids(self, action: Action) -> tuple[ObjectId, ...]:
        """The objects of one action, in the order of the plan."""
        return tuple(each.object.id for each in self.objects if each.action is action)

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
    blocks: Mapping[ObjectId, Misses],
    *,
    project_id: int,
    type_: DeployType,
    taken_in: Sequence[StudioObject] = (),
) -> Plan:
    """Decide what becomes of each object. Raises ValueError where objects wait for each other."""
    graph = dependencies.graph
    if graph.cycles:
        raise ValueError(graph.cycles)
    asked: dict[ObjectId, Why] = {each.object.id: Asked(each.line) for each in selection.objects}
    found = [*(each.object for each in selection.objects), *taken_in]
    whys = {each.id: asked.get(each.id) or TakenIn(graph.dependants[each.id]) for each in found}
    for each in (each for level in graph.levels for each in level):
        whys[each] = blocks.get(each) or _behind(graph.needs[each], whys) or whys[each]
    rows = (
        Planned(
            each, _action(whys[each.id]), whys[each.id], graph.level_of[each.id] + 1, graph.needs[each.id]
        )
        for each in found
    )
    return Plan(project_id, type_, tuple(rows))


def _behind(needs: Sequence[ObjectId], whys: Mapping[ObjectId, Why]) -> Behind | None:
    """The first cause, where one of these is blocked."""
    for each in needs:
        why = whys[each]
        if isinstance(why, Behind):
            return why
        if _action(why) is Action.BLOCKED:
            return Behind(each)
    return None


def _action(why: Why) -> Action:
    return Action.BLOCKED if isinstance(why, Misses | Behind) else Action.DEPLOY


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
