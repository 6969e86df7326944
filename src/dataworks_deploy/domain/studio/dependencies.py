"""The dependencies among selected objects, from their inputs and outputs, and the upstream objects that are missing."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import ObjectId

from .catalog import Catalog, Kind, StudioObject
from .graph import Edge, Graph, Link

# Resources come before functions. Both come before the objects that may use them.
_RANKS = {Kind.RESOURCE: 0, Kind.FUNCTION: 1, Kind.NODE: 2, Kind.WORKFLOW: 2}


@frozen
class Cycle:
    """Objects that wait for each other, as edges.

    `only_by_workflows`: no single node waits for itself. The cycle exists only because a workflow is deployed as a
    whole.
    """

    edges: tuple[Edge, ...]
    only_by_workflows: bool


@frozen
class Missing:
    """The object needs the output `data` of `upstream`, which is not selected and not in production."""

    object_id: ObjectId
    data: str
    upstream: StudioObject


@frozen
class Unplaced:
    """The object needs an output that no known object produces. Mostly it belongs to another workspace."""

    object_id: ObjectId
    data: str


@dataclass(frozen=True)
class Dependencies:
    """What the selected objects need from each other and from the rest of the workspace.

    `unread` are objects whose inputs were not read, so their place in the order is unknown. `unsure` are upstream
    objects that no reading has shown to be in production or not. They count as in production.
    """

    graph: Graph
    cycles: tuple[Cycle, ...] = ()
    missing: tuple[Missing, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    unread: tuple[ObjectId, ...] = ()
    unsure: tuple[StudioObject, ...] = ()


def depend(selected: Sequence[StudioObject], catalog: Catalog, *, offline: bool = False) -> Dependencies:
    """Find the order of the selected objects. `offline` reverses the order.

    The catalog must hold the nodes of each selected workflow. Their edges count as edges of the workflow.
    """
    needs = _Needs(tuple(selected), _complete(catalog, selected))
    graph = Graph(tuple(needs.parts), tuple(needs.edges()))
    cycles = tuple(Cycle(edges, needs.only_by_workflows(edges)) for edges in graph.cycles)
    if offline:
        return Dependencies(graph.turned, tuple(map(_turned, cycles)), unread=tuple(needs.unread()))
    missing, unsure = tuple(needs.missing()), tuple(dict.fromkeys(needs.unsure()))
    return Dependencies(graph, cycles, missing, tuple(needs.unplaced()), tuple(needs.unread()), unsure)


def _turned(cycle: Cycle) -> Cycle:
    return Cycle(tuple(edge.turned for edge in cycle.edges[::-1]), cycle.only_by_workflows)


def with_upstream(
    selected: Sequence[StudioObject], catalog: Catalog, excluded: Collection[ObjectId] = ()
) -> tuple[StudioObject, ...]:
    """The selected objects, then the upstream objects that they miss, then what those miss, and so on.

    Excluded objects are left out.
    """
    known = tuple(selected)
    while True:
        missing = _Needs(known, _complete(catalog, known)).missing()
        wanted = (each.upstream for each in missing if each.upstream.id not in excluded)
        new = tuple(dict.fromkeys(wanted))
        if not new:
            return known
        known += new


def is_root(data: str) -> bool:
    """Whether this is the output of a workspace's root node, which is always in production."""
    return data.endswith("_root") and "." not in data


def _complete(catalog: Catalog, selected: Sequence[StudioObject]) -> Catalog:
    """The catalog, completed with the selected objects that were not read."""
    unread = [each for each in selected if each.id not in catalog.by_id]
    return Catalog((*catalog.objects, *unread)) if unread else catalog


@dataclass(frozen=True)
class _Needs:
    """The selected objects and their parts: a workflow has its nodes, every other object only itself."""

    selected: tuple[StudioObject, ...]
    catalog: Catalog

    @cached_property
    def parts(self) -> dict[ObjectId, tuple[StudioObject, ...]]:
        """The parts of each selected object, itself first."""
        known = self.catalog
        return {each.id: (known.by_id[each.id], *known.inner.get(each.id, ())) for each in self.selected}

    @cached_property
    def home(self) -> dict[ObjectId, ObjectId]:
        """The selected object that each part belongs to."""
        return {part.id: whole for whole, parts in self.parts.items() for part in parts}

    def edges(self) -> Iterator[Edge]:
        """For each pair of objects, the first edge found."""
        linked = dict[tuple[ObjectId, ObjectId], Edge]()
        for edge in (*self._by_data(), *self._by_use(), *self._by_kind()):
            linked.setdefault((edge.first, edge.then), edge)
        yield from linked.values()

    def _by_data(self) -> Iterator[Edge]:
        for whole, part, data, giving in self._inputs(self.parts):
            for each in giving:
                first = self.home.get(each.id)
                if first not in {None, whole}:
                    yield Edge(first, whole, Link.DATA, data, _inside(each, first), _inside(part, whole))

    def _inputs(
        self, wholes: Iterable[ObjectId]
    ) -> Iterator[tuple[ObjectId, StudioObject, str, tuple[StudioObject, ...]]]:
        """Each input: the selected object, the part that has the input, the data, and the objects that produce it."""
        for whole in wholes:
            for part in self.parts[whole]:
                for data in part.inputs or ():
                    yield whole, part, data, self.catalog.by_output.get(data, ())

    def _by_use(self) -> Iterator[Edge]:
        named = dict[str, list[ObjectId]]()
        for each in self._ranked(0, 1):
            for name in dict.fromkeys((each.name, each.id)):
                named.setdefault(name, []).append(each.id)
        for whole, parts in self.parts.items():
            for part in parts:
                for name in part.uses or ():
                    for first in named.get(name, ()):
                        if self._rank(first) < self._rank(whole):
                            yield Edge(first, whole, Link.USE, name, None, _inside(part, whole))

    def _by_kind(self) -> Iterator[Edge]:
        for first in self._ranked(0, 1):
            for then in self._ranked(1, 2):
                if self._rank(first.id) < self._rank(then.id):
                    yield Edge(first.id, then.id, Link.KIND)

    def _ranked(self, *ranks: int) -> list[StudioObject]:
        return [parts[0] for parts in self.parts.values() if self._rank(parts[0].id) in ranks]

    def _rank(self, object_id: ObjectId) -> int:
        """An object that could not be read has no rank, because its kind is unknown."""
        kind = self.catalog.by_id[object_id].kind
        return _RANKS[kind] if kind else -1

    def missing(self) -> Iterator[Missing]:
        """Each missing object, once for each object that needs it."""
        told = set[tuple[ObjectId, ObjectId]]()
        for whole, _, data, giving in self._inputs(self.parts):
            # If several objects produce an output, one of them in production is enough.
            if any(each.id in self.home or each.in_production is not False for each in giving):
                continue
            for upstream in map(self.catalog.around, giving[:1]):
                if (whole, upstream.id) not in told:
                    told.add((whole, upstream.id))
                    yield Missing(whole, data, upstream)

    def unsure(self) -> Iterator[StudioObject]:
        """What is needed, not selected, and may be in production. Lists of workflows do not show that."""
        for _, _, _, giving in self._inputs(self.parts):
            if not any(each.id in self.home or each.in_production for each in giving):
                yield from (self.catalog.around(each) for each in giving if each.in_production is None)

    def unplaced(self) -> Iterator[Unplaced]:
        """Each input that no known object produces."""
        found = (Unplaced(whole, data) for whole, _, data, giving in self._inputs(self.parts) if not giving)
        yield from dict.fromkeys(each for each in found if not is_root(each.data))

    def unread(self) -> Iterator[ObjectId]:
        """The objects whose inputs were not read. Resources and functions have no inputs."""
        for whole, parts in self.parts.items():
            if self._rank(whole) in {-1, 2} and any(part.inputs is None for part in parts):
                yield whole

    def only_by_workflows(self, cycle: Iterable[Edge]) -> bool:
        """Whether the nodes of these objects have an order although the whole objects have none.

        The inputs of a workflow come before all its nodes, and its outputs come after them.
        """
        wholes = dict.fromkeys(edge.first for edge in cycle)
        nodes, edges = dict[ObjectId, None](), list[Edge]()
        for whole in wholes:
            for part in self.parts[whole]:
                nodes |= dict.fromkeys((_start(part.id), _end(part.id)))
                edges += [Edge(_start(part.id), _end(part.id)), Edge(_start(whole), _start(part.id))]
                edges.append(Edge(_end(part.id), _end(whole)))
        for whole, part, _, giving in self._inputs(wholes):
            for each in giving:
                home = self.home.get(each.id)
                # The order does not depend on edges between a workflow and its own nodes, or from a node to itself.
                if home in wholes and (home != whole or len({whole, part.id, each.id}) == 3):
                    edges.append(Edge(_end(each.id), _start(part.id)))
        return not Graph(tuple(nodes), tuple(edge for edge in edges if edge.first != edge.then)).cycles


def _inside(part: StudioObject, whole: ObjectId) -> ObjectId | None:
    return part.id if part.id != whole else None


def _start(node: ObjectId) -> ObjectId:
    return ObjectId(f"start of {node}")


def _end(node: ObjectId) -> ObjectId:
    return ObjectId(f"end of {node}")
