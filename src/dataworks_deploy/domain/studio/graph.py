"""The order of a deployment: which object waits for which, in levels, and the cycles, which have no order."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cached_property

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import ObjectId


class Link(Enum):
    """Why one object comes before another."""

    DATA = auto()  # an output of one object is an input of the other
    USE = auto()  # one object is a resource or function that the other names
    KIND = auto()  # resources, then functions, come before nodes, which may use them without naming them


@frozen
class Edge:
    """`then` comes after `first`. `data` is the output, or the name, that links them.

    `first_node` or `then_node` is set if that end of the edge is a node inside a workflow.
    """

    first: ObjectId
    then: ObjectId
    link: Link = Link.DATA
    data: str = ""
    first_node: ObjectId | None = None
    then_node: ObjectId | None = None

    @property
    def binds(self) -> bool:
        """Whether `then` needs the success of `first`. Otherwise it only comes after it."""
        return self.link is not Link.KIND

    @property
    def turned(self) -> "Edge":
        """The edge in the other direction."""
        return replace(
            self, first=self.then, then=self.first, first_node=self.then_node, then_node=self.first_node
        )


_Neighbours = Mapping[ObjectId, tuple[ObjectId, ...]]


@dataclass(frozen=True)
class Graph:
    """The objects of a deployment in the order given, and the edges between them."""

    objects: tuple[ObjectId, ...]
    edges: tuple[Edge, ...] = ()

    @property
    def turned(self) -> "Graph":
        """The graph for taking objects offline: an object comes before the objects that it needs."""
        return Graph(self.objects, tuple(edge.turned for edge in self.edges))

    @cached_property
    def follows(self) -> _Neighbours:
        """For each object, those that must end before it starts."""
        return self._neighbours([(edge.then, edge.first) for edge in self.edges])

    @cached_property
    def needs(self) -> _Neighbours:
        """For each object, those that must succeed before it starts."""
        return self._neighbours([(edge.then, edge.first) for edge in self.edges if edge.binds])

    @cached_property
    def followers(self) -> _Neighbours:
        """For each object, those that wait for its end."""
        return self._neighbours([(edge.first, edge.then) for edge in self.edges])

    @cached_property
    def dependants(self) -> _Neighbours:
        """For each object, those that need its success."""
        return self._neighbours([(edge.first, edge.then) for edge in self.edges if edge.binds])

    @cached_property
    def level_of(self) -> Mapping[ObjectId, int]:
        """The level of each object, from 0: one more than the highest level that it waits for.

        An object on a cycle has no level. Objects after a cycle have none either.
        """
        waiting = {each: len(self.follows[each]) for each in self.objects}
        level = {each: 0 for each in self.objects if not waiting[each]}
        ready = deque(level)
        while ready:
            done = ready.popleft()
            for each in self.followers[done]:
                waiting[each] -= 1
                if not waiting[each]:
                    # Objects are done in the order of their levels, so the last one that it waits for has the highest
                    # level.
                    level[each] = level[done] + 1
                    ready.append(each)
        return level

    @cached_property
    def levels(self) -> tuple[tuple[ObjectId, ...], ...]:
        """The objects level by level, each level in the order given."""
        levels = [list[ObjectId]() for _ in range(max(self.level_of.values(), default=-1) + 1)]
        for each in self.objects:
            if each in self.level_of:
                levels[self.level_of[each]].append(each)
        return tuple(map(tuple, levels))

    @cached_property
    def cycles(self) -> tuple[tuple[Edge, ...], ...]:
        """Cycles as lists of edges, each edge after the one that it follows. No object is on two of these cycles.

        If objects wait for each other, there is at least one.
        """
        stuck = [each for each in self.objects if each not in self.level_of]
        onward = {each: [one for one in self.followers[each] if one not in self.level_of] for each in stuck}
        edges = {(edge.first, edge.then): edge for edge in reversed(self.edges)}
        return tuple(
            tuple(edges[one, other] for one, other in zip(cycle, (*cycle[1:], cycle[0]), strict=True))
            for cycle in _disjoint(onward)
        )

    def _neighbours(self, pairs: list[tuple[ObjectId, ObjectId]]) -> _Neighbours:
        found = {each: dict[ObjectId, None]() for each in self.objects}
        for one, other in pairs:
            found[one][other] = None
        return {each: tuple(others) for each, others in found.items()}


_Onward = Mapping[ObjectId, list[ObjectId]]


def _disjoint(onward: _Onward) -> Iterator[list[ObjectId]]:
    """Find cycles by a depth-first search without recursion: a path that returns to itself is a cycle."""
    seen, found = set[ObjectId](), set[ObjectId]()
    for start in onward:
        way, ahead = list[ObjectId](), [iter([start])]
        while ahead:
            following = next(ahead[-1], None)
            if following is None:
                ahead.pop()
                del way[-1:]
            elif following not in seen:
                seen.add(following)
                way.append(following)
                ahead.append(iter(onward[following]))
            elif following in way and following not in found:
                cycle = way[way.index(following) :]
                if found.isdisjoint(cycle):
                    found.update(cycle)
                    yield _shortest(cycle, onward)


def _shortest(cycle: list[ObjectId], onward: _Onward) -> list[ObjectId]:
    """The shortest path from the first object back to itself, over the objects of this cycle."""
    start, within, came_from = cycle[0], {*cycle}, dict[ObjectId, ObjectId]()
    ahead = deque([start])
    while start not in came_from:
        here = ahead.popleft()
        for each in onward[here]:
            if each in within and each not in came_from:
                came_from[each] = here
                ahead.append(each)
    back = [came_from[start]]
    while back[-1] != start:
        back.append(came_from[back[-1]])
    return back[::-1]
