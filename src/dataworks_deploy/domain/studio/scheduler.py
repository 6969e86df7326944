"""Which objects may start now: a state machine on the graph. It needs no clock, and only the IDs of the objects."""

from collections.abc import Collection, Iterable
from heapq import heappop, heappush

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import ObjectId

from .graph import Graph


@frozen
class Skip:
    """The object is never started: it needs `because`, which has not succeeded. None if nothing starts after a
    failure.
    """

    object_id: ObjectId
    because: ObjectId | None


@frozen
class Turn:
    """What follows from an event: the objects to start now, and those that are never started."""

    start: tuple[ObjectId, ...] = ()
    skipped: tuple[Skip, ...] = ()


class Scheduler:
    """Starts each object when everything that it needs has succeeded, at most `max_parallel` at once.

    The object with the longest chain after it starts first; between equals, the order given decides. A failure skips
    everything that needs the object, directly or not. With `fail_fast`, it skips everything that has not started. A
    good end that leaves the object undone also skips what needs it. The objects in `done` count as succeeded from the
    beginning, and are not started. Use an instance once.
    """

    def __init__(
        self, graph: Graph, max_parallel: int, *, fail_fast: bool, done: Collection[ObjectId] = ()
    ) -> None:
        """Raises ValueError for a graph with a cycle, or for a limit below 1."""
        if graph.cycles or max_parallel < 1:
            raise ValueError(graph.cycles, max_parallel)
        self._graph = graph
        self._free = max_parallel
        self._fail_fast = fail_fast
        self._place = {each: place for place, each in enumerate(graph.objects)}
        self._waits_for = {each: len(graph.follows[each]) for each in graph.objects}
        self._left = dict.fromkeys(each for each in graph.objects if each not in done)
        self._under_way = dict[ObjectId, None]()
        self._behind = graph.turned.level_of
        self._ready = list[tuple[int, int]]()
        self._began = False
        for each in graph.objects:
            if each in self._left and not self._waits_for[each]:
                self._offer(each)
        self._release(each for each in graph.objects if each not in self._left)

    @property
    def left(self) -> tuple[ObjectId, ...]:
        """The objects that have not started and were not skipped, in the order given."""
        return tuple(self._left)

    @property
    def under_way(self) -> tuple[ObjectId, ...]:
        """The objects that have started and not ended, in the order of their starts."""
        return tuple(self._under_way)

    def start(self) -> Turn:
        """The first turn. Raises ValueError on a second call."""
        if self._began:
            raise ValueError("started already")
        self._began = True
        return Turn(self._take())

    def ended(self, object_id: ObjectId, *, good: bool, done: bool = True) -> Turn:
        """Return the next turn, after an object has ended. `done`: others may start that need it.

        Raises ValueError if the object is not running.
        """
        if object_id not in self._under_way:
            raise ValueError(f"not under way: {object_id}")
        del self._under_way[object_id]
        self._free += 1
        needing = () if good and done else self._skip(object_id)
        rest = self.halt() if self._fail_fast and not good else ()
        self._release([object_id, *needing, *rest])
        skipped = (*(Skip(each, object_id) for each in needing), *(Skip(each, None) for each in rest))
        return Turn(self._take(), skipped)

    def halt(self) -> tuple[ObjectId, ...]:
        """Start nothing more. Returns the objects that have not started, in the order given."""
        left = self.left
        self._left.clear()
        return left

    def _skip(self, failed: ObjectId) -> tuple[ObjectId, ...]:
        """Drop everything that needs the failed object, directly or not."""
        dropped, ahead = set[ObjectId](), [failed]
        while ahead:
            new = [each for each in self._graph.dependants[ahead.pop()] if each in self._left]
            for each in new:
                del self._left[each]
            dropped.update(new)
            ahead += new
        return tuple(sorted(dropped, key=self._place.__getitem__))

    def _release(self, over: Iterable[ObjectId]) -> None:
        """Each follower of these has one object less to wait for."""
        for each in over:
            for follower in self._graph.followers[each]:
                self._waits_for[follower] -= 1
                if not self._waits_for[follower]:
                    self._offer(follower)

    def _offer(self, each: ObjectId) -> None:
        if each in self._left:
            heappush(self._ready, (-self._behind[each], self._place[each]))

    def _take(self) -> tuple[ObjectId, ...]:
        """The next objects that may start, as many as the limit allows."""
        taken = list[ObjectId]()
        while self._ready and len(taken) < self._free:
            _, place = heappop(self._ready)
            each = self._graph.objects[place]
            if each in self._left:
                del self._left[each]
                taken.append(each)
        self._free -= len(taken)
        self._under_way |= dict.fromkeys(taken)
        return tuple(taken)
