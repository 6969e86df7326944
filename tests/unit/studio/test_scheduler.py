"""Which objects may start, for any graph, any ends and any order of ends."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.studio.graph import Graph
from dataworks_deploy.domain.studio.scheduler import Scheduler, Skip, Turn

from .graphs import graph_of, graphs

CHAIN = graph_of(4, (0, 1), (1, 2))
IDS = [ObjectId(str(number)) for number in range(10)]


class Played:
    """A whole deployment by one scheduler. Which objects end, in which order and how, is random."""

    def __init__(
        self,
        data: st.DataObject,
        *,
        graph: Graph,
        parallel: int,
        fail_fast: bool,
        done: frozenset[ObjectId],
    ) -> None:
        self.scheduler = Scheduler(graph, parallel, fail_fast=fail_fast, done=done)
        self.graph, self.parallel, self.fail_fast, self.done = graph, parallel, fail_fast, done
        self.good, self.bad = set(done), dict[ObjectId, None]()
        self.started, self.under_way = list[ObjectId](), list[ObjectId]()
        self.skipped = dict[ObjectId, ObjectId | None]()
        self._see(self.scheduler.start(), None)
        while self.under_way:
            ended = data.draw(st.sampled_from(self.under_way))
            good = data.draw(st.integers(0, 3)) > 0
            self.under_way.remove(ended)
            if good:
                self.good.add(ended)
            else:
                self.bad[ended] = None
            self._see(self.scheduler.ended(ended, good=good), ended)

    def _see(self, turn: Turn, ended: ObjectId | None) -> None:
        for skip in turn.skipped:
            assert skip.because in {ended, None}
            assert skip.object_id not in self.skipped
            self.skipped[skip.object_id] = skip.because
        for each in turn.start:
            assert {*self.graph.needs[each]} <= self.good
            assert {*self.graph.follows[each]} <= self.over
            assert each not in {*self.started, *self.skipped}
        self.started += turn.start
        self.under_way += turn.start
        assert len(self.under_way) <= self.parallel
        assert self.scheduler.under_way == tuple(self.under_way)
        self._could_start_no_more(turn)

    def _could_start_no_more(self, turn: Turn) -> None:
        """Either no place is free or nothing can start. The longest chains started first, then in the order given."""
        left = [each for each in self.graph.objects if each in self.scheduler.left]
        assert [*self.scheduler.left] == left
        startable = [each for each in left if {*self.graph.follows[each]} <= self.over]
        assert not startable or len(self.under_way) == self.parallel
        chosen, others = (
            [(-behind(self.graph, each), self.graph.objects.index(each)) for each in some]
            for some in (turn.start, startable)
        )
        assert chosen == sorted(chosen)
        assert max(chosen, default=(-1000, 0)) < min(others, default=(1000, 0))

    @property
    def over(self) -> set[ObjectId]:
        """What has ended, or will never start."""
        return {*self.good, *self.bad, *self.skipped}


@st.composite
def played(draw: st.DrawFn) -> Played:
    """A deployment from its first turn to its end. A few objects may be done before it begins."""
    graph = draw(graphs())
    done = draw(st.sets(st.sampled_from(graph.objects), max_size=3)) if graph.objects else frozenset()
    return Played(
        draw(st.data()),
        graph=graph,
        parallel=draw(st.integers(1, 4)),
        fail_fast=draw(st.booleans()),
        done=frozenset(done),
    )


@given(played())
def test_every_object_ends_or_is_skipped_exactly_once(play: Played) -> None:
    """At each turn: nothing starts before what it needs, and everything starts that may."""
    assert play.over == {*play.graph.objects}
    assert play.scheduler.left == ()
    assert len(play.started) == len({*play.started})
    assert not {*play.skipped} & {*play.started}


@given(played())
def test_a_failure_skips_exactly_the_objects_that_need_it(play: Played) -> None:
    for each in play.graph.objects:
        reasons = {one for one in play.bad if each in needing(play.graph, one, play.done)}
        if play.fail_fast:
            first = next(iter(play.bad), None)
            assert each not in play.skipped or play.skipped[each] == (first if first in reasons else None)
        elif each in play.skipped:
            assert play.skipped[each] in reasons
        else:
            assert not reasons or each in play.done


def needing(graph: Graph, start: ObjectId, done: frozenset[ObjectId]) -> set[ObjectId]:
    """The objects that need an object, directly or not, except through objects that are done."""
    found, ahead = set[ObjectId](), [start]
    while ahead:
        new = {*graph.dependants[ahead.pop()]} - found - done
        found |= new
        ahead += new
    return found


def behind(graph: Graph, start: ObjectId) -> int:
    """The length of the longest chain of objects that waits for this one."""
    return max((1 + behind(graph, each) for each in graph.followers[start]), default=0)


def test_the_longest_chain_starts_first() -> None:
    scheduler = Scheduler(graph_of(6, (3, 4), (4, 5)), 2, fail_fast=False)

    assert scheduler.start() == Turn((IDS[3], IDS[0]))
    assert scheduler.ended(IDS[0], good=True) == Turn((IDS[1],))
    assert scheduler.ended(IDS[3], good=True) == Turn((IDS[4],))
    assert scheduler.ended(IDS[1], good=True) == Turn((IDS[2],))


def test_objects_that_each_need_the_one_before_start_one_after_the_other() -> None:
    scheduler = Scheduler(CHAIN, 10, fail_fast=True)

    assert scheduler.start() == Turn((IDS[0], IDS[3]))
    assert scheduler.ended(IDS[3], good=True) == Turn()
    assert scheduler.ended(IDS[0], good=True) == Turn((IDS[1],))
    assert scheduler.ended(IDS[1], good=True) == Turn((IDS[2],))
    assert scheduler.ended(IDS[2], good=True) == Turn()


def test_a_good_end_that_is_not_done_skips_only_what_needs_it() -> None:
    scheduler = Scheduler(CHAIN, 1, fail_fast=True)

    assert scheduler.start() == Turn((IDS[0],))
    assert scheduler.ended(IDS[0], good=True, done=False) == Turn(
        (IDS[3],), (Skip(IDS[1], IDS[0]), Skip(IDS[2], IDS[0]))
    )


def test_every_skipped_object_names_the_failed_one() -> None:
    scheduler = Scheduler(CHAIN, 1, fail_fast=False)

    assert scheduler.start() == Turn((IDS[0],))
    assert scheduler.ended(IDS[0], good=False) == Turn(
        (IDS[3],), (Skip(IDS[1], IDS[0]), Skip(IDS[2], IDS[0]))
    )


def test_a_failure_may_stop_everything_that_has_not_started() -> None:
    scheduler = Scheduler(CHAIN, 1, fail_fast=True)

    assert scheduler.start() == Turn((IDS[0],))
    assert scheduler.ended(IDS[0], good=False).skipped == (
        Skip(IDS[1], IDS[0]),
        Skip(IDS[2], IDS[0]),
        Skip(IDS[3], None),
    )


def test_running_objects_continue_after_a_failure() -> None:
    scheduler = Scheduler(graph_of(3, (1, 2)), 2, fail_fast=True)
    scheduler.start()

    assert scheduler.ended(IDS[0], good=False).skipped == (Skip(IDS[2], None),)
    assert scheduler.under_way == (IDS[1],)
    assert scheduler.ended(IDS[1], good=False) == Turn()


def test_objects_behind_a_failed_one_are_skipped_in_the_order_given() -> None:
    tree = graph_of(6, (0, 1), (0, 2), (1, 3), (2, 4))
    graph = Graph(tree.objects[::-1], tree.edges)
    scheduler = Scheduler(graph, 9, fail_fast=False)
    scheduler.start()

    assert scheduler.ended(IDS[0], good=False).skipped == tuple(
        Skip(IDS[number], IDS[0]) for number in (4, 3, 2, 1)
    )


def test_every_free_place_is_used() -> None:
    """Even places that stayed free because nothing could start before."""
    scheduler = Scheduler(graph_of(4, (0, 1), (0, 2), (0, 3)), 3, fail_fast=False)

    assert scheduler.start() == Turn((IDS[0],))
    assert scheduler.ended(IDS[0], good=True) == Turn((IDS[1], IDS[2], IDS[3]))


def test_an_object_that_only_comes_after_another_starts_even_if_that_fails() -> None:
    scheduler = Scheduler(graph_of(3, (0, 1), loose=((0, 2), (1, 2))), 3, fail_fast=False)

    assert scheduler.start() == Turn((IDS[0],))
    assert scheduler.ended(IDS[0], good=False) == Turn((IDS[2],), (Skip(IDS[1], IDS[0]),))


def test_a_done_object_is_not_started_and_delays_nothing() -> None:
    scheduler = Scheduler(CHAIN, 1, fail_fast=False, done={IDS[0], IDS[1]})

    assert scheduler.left == (IDS[2], IDS[3])
    assert scheduler.start() == Turn((IDS[2],))


def test_a_done_object_stays_done_if_one_that_it_needs_fails() -> None:
    scheduler = Scheduler(CHAIN, 1, fail_fast=False, done={IDS[1]})

    assert scheduler.start() == Turn((IDS[0],))
    assert scheduler.ended(IDS[0], good=False) == Turn((IDS[2],))


def test_a_halt_returns_the_objects_that_have_not_started() -> None:
    scheduler = Scheduler(CHAIN, 1, fail_fast=False)
    scheduler.start()

    assert scheduler.halt() == (IDS[1], IDS[2], IDS[3])
    assert scheduler.ended(IDS[0], good=True) == Turn()
    assert scheduler.left == scheduler.under_way == ()


def test_an_empty_graph_ends_at_once() -> None:
    assert Scheduler(graph_of(0), 1, fail_fast=True).start() == Turn()


@pytest.mark.parametrize(("graph", "parallel"), [(graph_of(2, (0, 1), (1, 0)), 1), (CHAIN, 0)])
def test_a_graph_that_could_never_start_is_refused(graph: Graph, parallel: int) -> None:
    with pytest.raises(ValueError, match=r"Edge|0"):
        Scheduler(graph, parallel, fail_fast=True)


def test_impossible_events_are_refused() -> None:
    scheduler = Scheduler(CHAIN, 1, fail_fast=True)
    with pytest.raises(ValueError, match="not under way"):
        scheduler.ended(IDS[0], good=True)
    scheduler.start()
    with pytest.raises(ValueError, match="started already"):
        scheduler.start()
    scheduler.ended(IDS[0], good=True)
    with pytest.raises(ValueError, match="not under way"):
        scheduler.ended(IDS[0], good=True)


def test_five_thousand_objects_are_scheduled_quickly() -> None:
    """0.05 s. The bound is for slow machines."""
    graph = graph_of(5000, *((n // 2, n) for n in range(1, 5000)))
    began = time.perf_counter()
    scheduler = Scheduler(graph, 10, fail_fast=False)
    ahead = [*scheduler.start().start]
    for each in ahead:
        ahead += scheduler.ended(each, good=True).start

    assert len(ahead) == 5000
    assert time.perf_counter() - began < 5
