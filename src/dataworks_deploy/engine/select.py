"""From what people ask for to the objects of a step, in their order: all that is read before anything is created."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar, assert_never

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.ending import (
    HOPELESS,
    Ending,
    Fault,
    Ok,
    Refusal,
    Refused,
    Unclear,
    denies_all,
    is_absent,
)
from dataworks_deploy.domain.event import (
    ListIsLong,
    NothingFits,
    OrderUnknown,
    ReadingDenied,
    UpstreamMissing,
)
from dataworks_deploy.domain.model import DeployType, ListPipelineRuns, ObjectId, Operation, Order, Upstream
from dataworks_deploy.domain.requests import backoff
from dataworks_deploy.domain.studio.catalog import Catalog, Kind, StudioObject
from dataworks_deploy.domain.studio.dependencies import Cycle, Dependencies, depend, with_upstream
from dataworks_deploy.domain.studio.graph import Graph
from dataworks_deploy.domain.studio.operations import (
    CYCLE,
    MANUAL,
    GetFunction,
    GetNode,
    GetResource,
    GetWorkflowDefinition,
    ListFunctions,
    ListNodes,
    ListResources,
    ListWorkflowDefinitions,
    Lookup,
    Shown,
    StudioList,
)
from dataworks_deploy.domain.studio.plan import Plan, lay_out
from dataworks_deploy.domain.studio.problem import NotOrdered, NotRead, Problem, TooManyCalls, UpstreamNeeded
from dataworks_deploy.domain.studio.reading import Reading, reading_for
from dataworks_deploy.domain.studio.request import Request
from dataworks_deploy.domain.studio.selection import (
    MOST_IN_ALL,
    InnerNode,
    NotHere,
    Selected,
    Selection,
    TooManyInAll,
    Unselectable,
    select,
)
from dataworks_deploy.domain.studio.selection import Problem as SelectionProblem

from .calls import World

T = TypeVar("T")
AT_ONCE = 10
# A reading without which the step goes on is tried so often.
TRIES = 3
MOST_PASSES = 6
MOST_PAGES = 1000
# With more calls for names whole lists are read instead.
MOST_NAME_CALLS = 40
# An account that has shown to serve few calls is not asked for longer lists.
MOST_SCARCE_CALLS = 50

_BY_KIND: dict[Kind, Callable[[ObjectId], Lookup]] = {
    Kind.NODE: GetNode,
    Kind.WORKFLOW: GetWorkflowDefinition,
    Kind.RESOURCE: GetResource,
    Kind.FUNCTION: GetFunction,
}
_List = Callable[[int], StudioList]
Problems = tuple[Problem, ...]


@frozen
class Wanted:
    """What a step selects: the request, the type, and what is done about order and upstream objects.

    `checks` says that every given ID is looked up. `settle` is the patience in seconds for what cannot be done without.
    """

    request: Request
    project_id: int
    type: DeployType
    order: Order
    upstream: Upstream
    checks: bool
    settle: float


@frozen
class Chosen:
    """The objects of a step, what is planned for each, and the order; `ordered` says that dependencies make it."""

    objects: tuple[StudioObject, ...]
    plan: Plan
    graph: Graph
    ordered: bool


@frozen
class _Passed:
    """The pages of a list were read, which has so many objects; `by_one_page` alone, and that has shown them all."""

    total: int
    by_one_page: bool


class Selector:
    """Reads what a request needs, and chooses. For one use."""

    def __init__(self, world: World, wanted: Wanted) -> None:
        self._world = world
        self._wanted = wanted
        self._found: list[StudioObject] = []
        self._known, self._counted = Catalog(), 0
        self._absent: set[ObjectId] = set()
        self._looked_up: set[ObjectId] = set()
        self._read_whole: set[ObjectId] = set()
        self._listed: frozenset[Kind] = frozenset()
        self._denied: dict[str, Fault] = {}
        self._shut: Fault | None = None  # why no call at all may be made
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def choose(self) -> Chosen | Problems:
        """The objects in their order, or all that is wrong with what was asked for."""
        # Where names could not be read, nothing that is missing proves anything.
        if problems := await self._read(reading_for(self._wanted.request)):
            return problems
        selection = await self._select()
        if isinstance(selection, Unselectable):
            return selection.problems
        if selection.fruitless:
            self._world.journal.tell(None, NothingFits(tuple(line.text for line in selection.fruitless)))
        return await self._in_order(selection)

    @property
    def _catalog(self) -> Catalog:
        if self._counted != len(self._found):  # what is found only grows
            self._counted, self._known = len(self._found), Catalog.of(self._found)
        return self._known

    async def _select(self) -> Selection | Unselectable:
        """What the request means. A list does not tell which of its nodes lie inside workflows: each one is read."""
        while True:
            found = select(self._wanted.request, self._catalog, self._absent)
            listed = self._listed_only(found)
            # A workflow shows all of its nodes.
            workflows = [each for each in listed if each.kind is Kind.WORKFLOW]
            if not (await self._detail(workflows) or await self._detail(listed)):
                return found

    def _listed_only(self, found: Selection | Unselectable) -> list[StudioObject]:
        """The objects of a selection that have to be read; where there are problems, those of the rest of it.

        A given ID that was not looked up is not to be.
        """
        if isinstance(found, Unselectable):
            found = select(_without(self._wanted.request, found.problems), self._catalog, self._absent)
        if isinstance(found, Unselectable):
            return []
        return [each.object for each in found.objects]

    @property
    def known(self) -> tuple[StudioObject, ...]:
        """All objects that a reading has shown."""
        return self._catalog.objects

    # ---- order

    async def _in_order(self, selection: Selection) -> Chosen | Problems:
        wanted, objects = self._wanted, [each.object for each in selection.objects]
        if objects and wanted.upstream is not Upstream.WARN and wanted.type is DeployType.ONLINE:
            # Who gives out what is missing is found among all objects alone.
            reading = Reading(lists=frozenset({Kind.NODE, Kind.WORKFLOW}))
            if problems := await self._read(reading, for_upstream=True):
                return problems
        # What workflows need stands with their nodes, which no list shows.
        await self._detail(
            each for each in (self._object(each.id) for each in objects) if each.inputs is None
        )
        taken_in = await self._upstream_of(objects) if self._includes else ()
        every = [*objects, *taken_in]
        if len(every) > MOST_IN_ALL:
            return (TooManyInAll(len(every), MOST_IN_ALL),)
        found = await self._depend(every)
        if problems := tuple(self._problems(found)):
            return problems
        for each in found.missing:
            self._world.journal.warn(None, UpstreamMissing(self._object(each.object_id), each))
        is_given, unknown = wanted.order is Order.GIVEN, {*found.unread, *self._doubtful(found.cycles)}
        if unknown and (wanted.checks or not is_given):
            self._world.journal.tell(None, OrderUnknown(len(unknown)))
        if is_given or unknown:
            return self._given(selection, found, taken_in)
        return self._chosen(selection, found, taken_in)

    def _problems(self, found: Dependencies) -> Iterator[Problem]:
        """What is wrong with the order, and with what the objects miss."""
        if self._wanted.order is not Order.GIVEN:
            yield from (self._not_ordered(each) for each in found.cycles if not self._doubtful([each]))
        if self._wanted.upstream is Upstream.FAIL:
            yield from (UpstreamNeeded(self._object(each.object_id), each) for each in found.missing)

    def _doubtful(self, cycles: Iterable[Cycle]) -> set[ObjectId]:
        """Those that a list alone has shown: it shows what looks back at an earlier day like what orders."""
        return {edge.first for cycle in cycles for edge in cycle.edges} - self._read_whole

    def _given(self, selection: Selection, found: Dependencies, taken_in: tuple[StudioObject, ...]) -> Chosen:
        """The objects in the order given, with nothing that holds one up; what nobody gave comes before them."""
        levels = found.graph.level_of
        before = sorted((each.id for each in taken_in), key=lambda each: levels.get(each, len(levels)))
        graph = Graph((*before, *(each.object.id for each in selection.objects)))
        return self._chosen(selection, Dependencies(graph), taken_in, ordered=False)

    def _object(self, object_id: ObjectId) -> StudioObject:
        return self._catalog.by_id.get(object_id, StudioObject(object_id))

    def _not_ordered(self, cycle: Cycle) -> NotOrdered:
        ends = (
            end
            for edge in cycle.edges
            for end in (edge.first, edge.then, edge.first_node, edge.then_node)
            if end
        )
        return NotOrdered(cycle, tuple(map(self._object, dict.fromkeys(ends))))

    @property
    def _includes(self) -> bool:
        return self._wanted.upstream is Upstream.INCLUDE and self._wanted.type is DeployType.ONLINE

    async def _depend(self, objects: list[StudioObject]) -> Dependencies:
        """What the objects need. What they miss is read: it may lie inside a workflow, which is missed then."""
        offline = self._wanted.type is DeployType.OFFLINE
        while True:
            found = depend(objects, self._catalog, offline=offline)
            if not await self._detail(each.upstream for each in found.missing):
                return found

    async def _upstream_of(self, objects: list[StudioObject]) -> tuple[StudioObject, ...]:
        """What the objects miss, and what that misses, each read as well."""
        while True:
            taken = with_upstream(objects, self._catalog)[len(objects) :]
            if not await self._detail(taken):
                return taken

    def _chosen(
        self,
        selection: Selection,
        found: Dependencies,
        taken_in: tuple[StudioObject, ...],
        *,
        ordered: bool = True,
    ) -> Chosen:
        wanted, shown = self._wanted, self._catalog.by_id
        known = tuple(
            Selected(shown.get(each.object.id, each.object), each.line) for each in selection.objects
        )
        plan = lay_out(
            replace(selection, objects=known),
            found,
            {},
            project_id=wanted.project_id,
            type_=wanted.type,
            taken_in=tuple(shown.get(each.id, each) for each in taken_in),
        )
        return Chosen(tuple(each.object for each in plan.objects), plan, found.graph, ordered)

    # ---- reading

    async def _read(self, reading: Reading, *, for_upstream: bool = False) -> Problems:
        """Read all of it, several at once; returns what could not be read and cannot be done without."""
        if reading.calls - len(reading.ids) > MOST_NAME_CALLS:
            reading = reading.by_lists
        lists = [each for kind in sorted(reading.lists - self._listed) for each in _lists_of(kind, "")]
        lists += [
            each
            for name in reading.names
            for kind in sorted(name.kinds)
            for each in _lists_of(kind, name.text)
        ]
        ids = reading.ids if self._wanted.checks else ()
        async with asyncio.TaskGroup() as group:
            whole = [group.create_task(self._list(each)) for each in lists]
            for object_id in ids:
                group.create_task(self._look_up(object_id))
        # One call may fail in many lists, each time with a RequestId of its own.
        problems = {
            (type(problem), problem.operation): problem for task in whole if (problem := task.result())
        }
        self._listed |= reading.lists
        told = [replace(each, for_upstream=for_upstream) for each in problems.values()]
        return tuple(told[:1] if self._shut else told)

    async def _detail(self, objects: Iterable[StudioObject]) -> bool:
        """Read those of which only a list was read; returns whether there was any."""
        needed = [each for each in objects if each.kind and each.id not in self._looked_up]
        async with asyncio.TaskGroup() as group:
            for each in needed:
                group.create_task(self._look_up(each.id, each.kind))
        return bool(needed)

    async def _look_up(self, object_id: ObjectId, kind: Kind | None = None) -> None:
        """Read one object, of whatever kind it is. It is absent if none of them shows it, nor any run of it."""
        self._looked_up.add(object_id)
        certain = True
        for operation in (_BY_KIND[kind],) if kind else _BY_KIND.values():
            async with self._slots:
                ending = await self._ask(operation(object_id), TRIES)
            match ending:
                case Ok(described):
                    self._read_whole.add(object_id)
                    self._found += (described.object, *described.others)
                    return
                case Refused(_, fault) if is_absent(fault):
                    continue
                case Refused(Refusal.DENIED, _):
                    certain = False
                case _:
                    return
        if certain and kind is None and not await self._has_runs(object_id):
            self._absent.add(object_id)

    async def _has_runs(self, object_id: ObjectId) -> bool:
        """Whether a run of the object is, or may be, there: it was deleted in Data Studio, and is in production."""
        ending = await self._world.calls.make(ListPipelineRuns(object_id))
        return not isinstance(ending, Ok) or bool(ending.value.runs)

    async def _list(self, pages: _List) -> NotRead | TooManyCalls | None:
        """Read a list until a pass shows what is known already: pages drift while they are read. One page cannot."""
        name, known, before = type(pages(1)).__name__, set[ObjectId](), None
        for _ in range(MOST_PASSES):
            shown: dict[ObjectId, StudioObject] = {}
            async with self._slots:
                end = await self._pass(pages, shown, is_first=before is None)
            self._found += shown.values()
            if not isinstance(end, _Passed):
                return end
            is_new = not known.issuperset(shown)
            known |= shown.keys()
            if end.by_one_page or shown.keys() == before or (not is_new and len(known) >= end.total):
                return None
            before = shown.keys()
        return NotRead(name, None)

    async def _pass(
        self, pages: _List, shown: dict[ObjectId, StudioObject], *, is_first: bool
    ) -> "_Passed | NotRead | TooManyCalls":
        """Put the objects of all pages into `shown`."""
        name = type(pages(1)).__name__
        for number in range(1, MOST_PAGES + 1):
            ending: Ending[Shown] = await self._ask(pages(number), None)
            if not isinstance(ending, Ok):
                return NotRead(name, ending.fault)
            page = ending.value
            shown |= {each.id: each for each in page.objects}
            if is_first and number == 1 and page.total > page.size:
                calls = 2 * -(-page.total // page.size)
                if self._world.calls.scarce and calls > MOST_SCARCE_CALLS:
                    return TooManyCalls(name, calls)
                self._world.journal.tell(None, ListIsLong(name, page.total, calls))
            if len(page.objects) < page.size and (len(shown) >= page.total or not page.objects):
                return _Passed(page.total, by_one_page=number == 1 and len(shown) >= page.total)
        return NotRead(name, None)

    async def _ask(self, operation: Operation[T], tries: int | None) -> Ending[T]:
        """Read, so often, or as long as `settle` says. What is refused for good is not asked for again."""
        world, name, count = self._world, type(operation).__name__, 0
        if denied := self._shut or self._denied.get(name):
            return Refused(Refusal.DENIED, denied)
        until = world.clock.monotonic() + self._wanted.settle
        while True:
            ending = await world.calls.make(operation)
            count += 1
            if isinstance(ending, Ok) or _is_final(ending):
                self._note(name, ending, matters=tries is None)
                return ending
            if count >= tries if tries else world.clock.monotonic() >= until:
                return ending
            await world.clock.sleep(backoff(count, world.clock.spread(), ending.fault.retry_after))

    def _note(self, name: str, ending: Ending[object], *, matters: bool) -> None:
        """Say once of each call that it may not be made; where it `matters` that is a problem, and said as such."""
        if not (isinstance(ending, Refused) and ending.why is Refusal.DENIED):
            return
        if denies_all(ending.fault):
            # The first creation is refused alike, and says what to do.
            self._shut = ending.fault
        elif name not in self._denied:
            self._denied[name] = ending.fault
            if not matters:
                self._world.journal.warn(None, ReadingDenied(name, ending.fault))


def _is_final(ending: Refused | Unclear) -> bool:
    """Whether to ask again cannot show anything else."""
    return isinstance(ending, Refused) and (ending.why in HOPELESS or is_absent(ending.fault))


def _without(request: Request, problems: Iterable[SelectionProblem]) -> Request:
    """The request without the IDs and the lines that have problems."""
    lines = {getattr(each, "line", None) for each in problems}
    ids = {each.object_id for each in problems if isinstance(each, NotHere)}
    ids |= {each.node.id for each in problems if isinstance(each, InnerNode)}
    return replace(
        request,
        ids=tuple(each for each in request.ids if each not in ids),
        lines=tuple(each for each in request.lines if each not in lines),
        allow_empty=True,
    )


def _lists_of(kind: Kind, name: str) -> list[_List]:
    """The lists of a kind, of the names that contain this one."""
    match kind:
        case Kind.NODE:
            return [lambda number: ListNodes(name, number)]
        case Kind.WORKFLOW:
            return [
                lambda number: ListWorkflowDefinitions(name, number, CYCLE),
                lambda number: ListWorkflowDefinitions(name, number, MANUAL),
            ]
        case Kind.RESOURCE:
            return [lambda number: ListResources(name, number)]
        case Kind.FUNCTION:
            return [lambda number: ListFunctions(name, number)]
        case _ as never:
            assert_never(never)
