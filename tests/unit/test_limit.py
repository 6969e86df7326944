"""The limits of the bench are correct: no order of the objects is faster."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.limit import Scene, rounds
from bench.workspace import drawn
from dataworks_deploy.domain.studio.graph import Graph
from dataworks_deploy.domain.studio.scheduler import Scheduler

from .studio.graphs import graph_of, graphs


def played(graph: Graph, places: int) -> int:
    """The rounds that the scheduler needs if all objects take the same time."""
    scheduler, count = Scheduler(graph, places, fail_fast=False), 0
    under_way = scheduler.start().start
    while under_way:
        count += 1
        under_way = tuple(started for each in under_way for started in scheduler.ended(each, good=True).start)
    return count


@given(graphs(), st.integers(1, 4))
def test_no_schedule_takes_fewer_rounds(graph: Graph, places: int) -> None:
    assert rounds(graph.follows, places) <= played(graph, places)


@pytest.mark.parametrize(
    ("graph", "least"),
    [
        (graph_of(0), 0),
        (graph_of(7), 3),
        (graph_of(4, (0, 1), (1, 2), (2, 3)), 4),
        # Six of them wait for the first one, or the last one waits for six.
        (graph_of(7, *((0, each) for each in range(1, 7))), 3),
        (graph_of(7, *((each, 6) for each in range(6))), 3),
    ],
)
def test_the_number_of_rounds_is_exactly_what_is_needed(graph: Graph, least: int) -> None:
    assert rounds(graph.follows, 3) == least


def test_the_graph_of_the_bench_has_five_levels_and_needs_six_rounds() -> None:
    needs = drawn(50, 5, 1)

    assert (rounds(needs, 50), rounds(needs, 10)) == (5, 6)
    assert Scene().in_order(needs, 10) == pytest.approx(0.15 + 6 * 15.6)
