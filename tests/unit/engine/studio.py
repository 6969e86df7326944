"""A scripted Data Studio: the objects in its lists, and what a reading of each object adds."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dataworks_deploy.domain.ending import Ending, Fault, Ok, Refusal, Refused
from dataworks_deploy.domain.model import DeployType, ObjectId, Order, Upstream
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject
from dataworks_deploy.domain.studio.flowspec import Described
from dataworks_deploy.domain.studio.operations import MANUAL, Lookup, Shown, StudioList
from dataworks_deploy.domain.studio.problem import Problem
from dataworks_deploy.domain.studio.request import MOST_OBJECTS, Request, parse_lines
from dataworks_deploy.engine.ledger import Begun, Ledger
from dataworks_deploy.engine.select import Chosen, Selector, Wanted

from .creation import CREATION, ORIGIN
from .world import NAMES, Scripted, page_of

GONE = Refused(Refusal.OTHER, Fault("未找到节点", "5801488441564725286", "R-1", 400))
NO_SUCH = Refused(Refusal.OTHER, Fault("no", "EntityNotExist.Thing", "R-1", 404))
LOOKUPS = ("node", "workflow", "resource", "function")
LISTS = ("nodes", "workflows", "resources", "functions")
KINDS = dict(zip((*LOOKUPS, *LISTS), [*Kind] * 2, strict=True))


def number(each: int) -> ObjectId:
    """An ID in the format of Data Studio."""
    return ObjectId(f"{7_567_482_277_219_412_000 + each}")


def an(
    each: int, *needs: int | str, kind: Kind = Kind.NODE, inside: int | None = None, **more: Any
) -> StudioObject:
    """The object with this number, named by the letter of its kind and the number. It needs these objects."""
    name = more.pop("name", f"{kind[0]}{each}")
    inputs = tuple(number(need) if isinstance(need, int) else need for need in needs)
    shown: dict[str, Any] = {"inputs": inputs, "outputs": (), "uses": (), "in_production": True}
    shown |= {"path": f"dw/{name}"} | more
    within = None if inside is None else number(inside)
    return StudioObject(number(each), kind, name, **shown, workflow=within)


@dataclass
class Studio:
    """The objects by kind. `drift` changes what a list shows, by the number of the page."""

    objects: tuple[StudioObject, ...]
    size: int = 100
    drift: Callable[[int, list[StudioObject]], list[StudioObject]] = lambda _, rows: rows
    manual: tuple[ObjectId, ...] = ()
    reads: int = field(default=0, init=False)

    def shown(self, operation: Lookup) -> Ending[Described]:
        """The requested object, if it is of this kind. A workflow comes with its nodes."""
        kind = KINDS[NAMES[type(operation)]]
        asked = [each for each in self.objects if (each.id, each.kind) == (operation.object_id, kind)]
        if not asked:
            return GONE if kind is Kind.NODE else NO_SUCH
        around = asked[0].workflow or (asked[0].id if kind is Kind.WORKFLOW else None)
        family = [each for each in self.objects if around and around in {each.id, each.workflow}]
        return Ok(Described(asked[0], tuple(each for each in family if each is not asked[0])))

    def page(self, operation: StudioList) -> Ending[Shown]:
        """A page of the objects whose names contain the requested one. No list shows which workflow contains a node."""
        self.reads += 1
        kind = KINDS[NAMES[type(operation)]]
        rows = [self._row(each) for each in self.objects if each.kind is kind and operation.name in each.name]
        if kind is Kind.WORKFLOW:
            wants_manual = getattr(operation, "type", "") == MANUAL
            rows = [each for each in rows if (each.id in self.manual) is wants_manual]
        rows = self.drift(self.reads, rows)
        start = (operation.number - 1) * self.size
        return Ok(Shown(tuple(rows[start : start + self.size]), len(rows), self.size))

    @staticmethod
    def _row(each: StudioObject) -> StudioObject:
        if each.kind is Kind.NODE:
            return replace(each, workflow=None, uses=None)
        return replace(each, inputs=None, outputs=None, uses=None, in_production=None)

    def script(self, **answers: Sequence[Any]) -> Scripted:
        """A world with this Data Studio. `answers` replace its own answers."""
        usual: dict[str, Sequence[Any]] = {name: [self.shown] for name in LOOKUPS}
        usual |= {name: [self.page] for name in LISTS}
        return Scripted(**{**usual, "page": [page_of()], **answers})


def studio(*objects: StudioObject, **more: Any) -> Studio:
    """A Data Studio with these objects."""
    return Studio(objects, **more)


def wanted(lines: str = "", *ids: int | str, **more: Any) -> Wanted:
    """What a step selects: these lines, and the objects with these numbers."""
    parsed = parse_lines(lines)
    assert not parsed.faults
    request = Request(
        tuple(number(each) if isinstance(each, int) else ObjectId(each) for each in ids),
        parsed.lines,
        more.pop("allow_empty", False),
        more.pop("most", MOST_OBJECTS),
    )
    usual = {"type": DeployType.ONLINE, "order": Order.DEPENDENCIES, "upstream": Upstream.WARN}
    return Wanted(request, 10001, **{**usual, "checks": True, "settle": 8.0, **more})


def selector(script: Scripted, what: Wanted) -> Selector:
    """What selects in this world."""
    begun = Begun(Ledger(map(Record, what.request.ids), script.notes), ORIGIN, CREATION, redeploy=False)
    return Selector(script.world, what, begun)


def choose(script: Scripted, what: Wanted) -> Chosen | tuple[Problem, ...]:
    """Select, in virtual time."""
    return script.play(selector(script, what).choose())


def chosen(script: Scripted, what: Wanted) -> Chosen:
    """The same, without problems."""
    found = choose(script, what)
    assert isinstance(found, Chosen), found
    return found


def problems(script: Scripted, what: Wanted) -> tuple[Problem, ...]:
    """The same, with problems."""
    found = choose(script, what)
    assert isinstance(found, tuple), found
    assert found
    return found


def numbers(objects: Iterable[StudioObject | ObjectId]) -> list[int]:
    """The objects by number."""
    ids = (each.id if isinstance(each, StudioObject) else each for each in objects)
    return [int(each) - int(number(0)) for each in ids]


def levels(found: Chosen) -> list[list[int]]:
    """The objects that start together, by number."""
    return [numbers(level) for level in found.graph.levels]
