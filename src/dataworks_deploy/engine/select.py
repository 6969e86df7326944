"""From what people ask for to the objects of a step and their order: everything that is read before the first
creation.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.event import (
    NothingFits,
    OrderUnknown,
    UpstreamAdded,
    UpstreamMissing,
)
from dataworks_deploy.domain.model import DeployType, ObjectId, Order, Upstream
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject
from dataworks_deploy.domain.studio.dependencies import Cycle, Dependencies, depend, with_upstream
from dataworks_deploy.domain.studio.graph import Graph
from dataworks_deploy.domain.studio.plan import Plan, lay_out
from dataworks_deploy.domain.studio.problem import NotOrdered, Problem, UpstreamNeeded
from dataworks_deploy.domain.studio.reading import Reading, reading_for
from dataworks_deploy.domain.studio.request import Request
from dataworks_deploy.domain.studio.selection import (
    MOST_IN_ALL,
    Ambiguous,
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
from .ledger import Begun
from .studio import Studio

Problems = tuple[Problem, ...]
AT_A_TIME = 10  # lines: among 50,000 objects they take less than a second


@frozen
class Wanted:
    """What a step selects: the request, the type, and what to do about order and upstream objects.

    `checks`: look up every given ID. `only_changed`: do not deploy unchanged objects. `settle` is how long to retry
    what the step cannot do without, in seconds.
    """

    request: Request
    project_id: int
    type: DeployType
    order: Order
    upstream: Upstream
    checks: bool
    settle: float
    only_changed: bool = False


@frozen
class Chosen:
    """The objects of a step, the plan for each, and their order. `ordered`: the order follows from dependencies."""

    objects: tuple[StudioObject, ...]
    plan: Plan
    graph: Graph
    ordered: bool


@frozen
class _Needs:
    """What the objects of a step need, and the upstream objects that it adds for that."""

    found: Dependencies
    taken_in: tuple[StudioObject, ...]


class Selector:
    """Reads what a request needs, and selects the objects. `begun` gets the runs that it reads.

    Use an instance once.
    """

    def __init__(self, world: World, wanted: Wanted, begun: Begun) -> None:
        self._world = world
        self._wanted = wanted
        self._studio = Studio(world, wanted.settle, begun, needless=not wanted.only_changed)

    async def choose(self) -> Chosen | Problems:
        """The objects in their order, or all problems with the request."""
        # If names could not be read, a missing object proves nothing.
        request = self._wanted.request
        reading = reading_for(request if self._wanted.checks else replace(request, ids=()))
        if problems := await self._studio.read(reading):
            return problems
        while True:
            selection = await self._select()
            if isinstance(selection, Unselectable):
                return selection.problems
            needs = await self._read_needs(selection)
            if not isinstance(needs, _Needs):
                return needs
            # Where GetNode failed, only a workflow that was read as an upstream object shows its nodes.
            if not any(self._object(each.object.id).workflow for each in selection.objects):
                break
        if selection.fruitless:
            self._world.journal.tell(None, NothingFits(tuple(line.text for line in selection.fruitless)))
        return self._in_order(selection, needs)

    async def _select(self) -> Selection | Unselectable:
        """Find what the request selects. A list does not show which nodes are inside workflows, so each node is
        read.
        """
        while True:
            found = await self._found(self._wanted.request)
            listed = await self._listed_only(found)
            # Reading a workflow shows all its nodes, so workflows come first.
            workflows = [each for each in listed if each.kind is Kind.WORKFLOW]
            workflows += self._around(listed)
            if not (await self._studio.detail(workflows) or await self._studio.detail(listed)):
                return found

    async def _found(self, request: Request, *, any_number: bool = False) -> Selection | Unselectable:
        """What the request selects. The deadline and a cancellation may come in between."""
        steps = select(request, self._studio.catalog, self._studio.absent, any_number=any_number)
        while True:
            try:
                for _ in range(AT_A_TIME):
                    next(steps)
            except StopIteration as end:
                found: Selection | Unselectable = end.value
                return found
            await asyncio.sleep(0)

    async def _listed_only(self, found: Selection | Unselectable) -> list[StudioObject]:
        """The selected objects that must still be read. If there are problems, those of the rest of the selection.
        Of several objects with one name, some may prove to be inside workflows.

        A given ID that the step does not look up stays unread. If too many objects are selected, only enough of them
        are read to prove that.
        """
        request, namesakes = self._wanted.request, list[StudioObject]()
        while isinstance(found, Unselectable):
            alike = (each for each in found.problems if isinstance(each, Ambiguous))
            namesakes += (each for problem in alike for each in problem.candidates)
            request = _without(request, found.problems)
            found = await self._found(request, any_number=True)
        objects = [each.object for each in found.objects]
        most, certain = self._wanted.request.most, self._studio.read_whole
        selected = [each.object for each in found.objects if each.line]
        if len(selected) <= most:
            return [*objects, *namesakes]
        missing = most + 1 - sum(each.id in certain for each in selected)
        unread = [each for each in selected if each.id not in self._studio.looked_up]
        return sorted(unread, key=lambda each: each.kind is not Kind.WORKFLOW)[: max(missing, 0)]

    def _around(self, objects: Iterable[StudioObject]) -> Iterator[StudioObject]:
        """The workflows in whose paths nodes lie that could not be read. They show whether these nodes are theirs."""
        missed = self._studio.looked_up - self._studio.read_whole
        paths = [each.path for each in objects if each.kind is Kind.NODE and each.id in missed]
        if paths:
            for each in self._studio.catalog.objects:
                if each.kind is Kind.WORKFLOW and any(path.startswith(f"{each.path}/") for path in paths):
                    yield each

    @property
    def known(self) -> tuple[StudioObject, ...]:
        """All objects that a reading has shown."""
        return self._studio.catalog.objects

    # ---- order

    async def _read_needs(self, selection: Selection) -> _Needs | Problems:
        """Read what the objects need, and the upstream objects that are added."""
        wanted, objects = self._wanted, [each.object for each in selection.objects]
        if objects and wanted.upstream is not Upstream.WARN and wanted.type is DeployType.ONLINE:
            # Only among all objects can the producer of a missing input be found.
            reading = Reading(lists=frozenset({Kind.NODE, Kind.WORKFLOW}))
            if problems := await self._studio.read(reading, for_upstream=True):
                return problems
        # Nodes hold the inputs of their workflow, and no list shows those.
        await self._studio.detail(
            each for each in (self._object(each.id) for each in objects) if each.inputs is None
        )
        taken_in = await self._upstream_of(objects, selection.excluded) if self._includes else ()
        every = [*objects, *taken_in]
        if len(every) > MOST_IN_ALL:
            return (TooManyInAll(len(every), MOST_IN_ALL),)
        return _Needs(await self._depend(every), taken_in)

    def _in_order(self, selection: Selection, needs: _Needs) -> Chosen | Problems:
        wanted, found, taken_in = self._wanted, needs.found, needs.taken_in
        if problems := tuple(self._problems(found)):
            return problems
        for each in found.missing:
            self._world.journal.warn(None, UpstreamMissing(self._object(each.object_id), each))
        is_given, unknown = wanted.order is Order.GIVEN, {*found.unread, *self._doubtful(found.cycles)}
        if unknown and (wanted.checks or not is_given):
            # Who does without the checks, or gives the order, knows it.
            unexpected = wanted.checks and not is_given and len(found.graph.objects) > 1
            report = self._world.journal.warn if unexpected else self._world.journal.tell
            report(None, OrderUnknown(len(unknown)))
        if is_given or unknown:
            return self._given(selection, found, taken_in)
        return self._chosen(selection, found, taken_in)

    def _problems(self, found: Dependencies) -> Iterator[Problem]:
        """The problems with the order, with missing upstream objects, and with what could not be read for them."""
        if self._wanted.order is not Order.GIVEN:
            yield from (self._not_ordered(each) for each in found.cycles if not self._doubtful([each]))
        if self._wanted.upstream is not Upstream.WARN:
            doubtful = (*found.unread, *(each.id for each in found.unsure))
            failed = [self._studio.failed[each] for each in doubtful if each in self._studio.failed]
            yield from {each.operation: each for each in failed}.values()
        if self._wanted.upstream is Upstream.FAIL:
            yield from (UpstreamNeeded(self._object(each.object_id), each) for each in found.missing)

    def _doubtful(self, cycles: Iterable[Cycle]) -> set[ObjectId]:
        """The objects known only from a list. In a list, a dependency on an earlier day looks like one that gives an
        order.
        """
        return {edge.first for cycle in cycles for edge in cycle.edges} - self._studio.read_whole

    def _given(self, selection: Selection, found: Dependencies, taken_in: tuple[StudioObject, ...]) -> Chosen:
        """The objects in the order given, without waiting for each other. Upstream objects that were added come before
        them.
        """
        levels = found.graph.level_of
        before = sorted(taken_in, key=lambda each: levels.get(each.id, len(levels)))
        objects = (*before, *(each.object for each in selection.objects))
        graph = Graph(tuple(each.id for each in objects))
        return self._chosen(
            selection, replace(found, graph=graph), tuple(before), missed_by=found.graph.dependants
        )

    def _object(self, object_id: ObjectId) -> StudioObject:
        return self._studio.catalog.by_id.get(object_id, StudioObject(object_id))

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
        """Find what the objects need. Read what may be missing: it may be inside a workflow, and then that workflow is
        missing.
        """
        offline = self._wanted.type is DeployType.OFFLINE
        while True:
            found = depend(objects, self._studio.catalog, offline=offline)
            if not await self._studio.detail((*(each.upstream for each in found.missing), *found.unsure)):
                return found

    async def _upstream_of(
        self, objects: list[StudioObject], excluded: frozenset[ObjectId]
    ) -> tuple[StudioObject, ...]:
        """The upstream objects that are missing, and those that they miss in turn, all of them read."""
        # Only the whole lists show everything that a line excludes.
        again = await self._found(self._wanted.request, any_number=True)
        excluded |= again.excluded if isinstance(again, Selection) else frozenset()
        while True:
            taken = with_upstream(objects, self._studio.catalog, excluded)[len(objects) :]
            unsure = depend([*objects, *taken], self._studio.catalog).unsure
            if not await self._studio.detail((*taken, *unsure)):
                return taken

    def _chosen(
        self,
        selection: Selection,
        found: Dependencies,
        taken_in: tuple[StudioObject, ...],
        *,
        missed_by: Mapping[ObjectId, tuple[ObjectId, ...]] | None = None,
    ) -> Chosen:
        """`missed_by` is what needs the added objects, if the order does not follow from dependencies."""
        wanted, shown, ordered = self._wanted, self._studio.catalog.by_id, missed_by is None
        known = tuple(
            Selected(shown.get(each.object.id, each.object), each.line) for each in selection.objects
        )
        plan = lay_out(
            replace(selection, objects=known),
            found,
            project_id=wanted.project_id,
            type_=wanted.type,
            taken_in=tuple(shown.get(each.id, each) for each in taken_in),
            missed_by=missed_by,
            ordered=ordered,
        )
        if taken_in:
            self._world.journal.tell(None, UpstreamAdded(taken_in))
        return Chosen(tuple(each.object for each in plan.objects), plan, found.graph, ordered)


def _without(request: Request, problems: Iterable[SelectionProblem]) -> Request:
    """The request without the IDs and lines that have problems."""
    lines = {getattr(each, "line", None) for each in problems}
    ids = {each.object_id for each in problems if isinstance(each, NotHere)}
    ids |= {each.node.id for each in problems if isinstance(each, InnerNode)}
    return replace(
        request,
        ids=tuple(each for each in request.ids if each not in ids),
        lines=tuple(each for each in request.lines if each not in lines),
        allow_empty=True,
    )
