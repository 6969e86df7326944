"""The order of a deployment."""

from collections import Counter
from graphlib import CycleError, TopologicalSorter

import pytest
from hypothesis import given

from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.studio.graph import Edge, Graph, Link

from .graphs import graph_of, graphs


def names(graph: Graph) -> list[list[str]]:
    """The levels, as plain lists."""
    return [[*level] for level in graph.levels]


@pytest.mark.parametrize(
    ("graph", "levels"),
    [
        (graph_of(0), []),
        (graph_of(3), [["0", "1", "2"]]),
        (graph_of(3, (2, 1), (1, 0)), [["2"], ["1"], ["0"]]),
        (graph_of(4, (0, 1), (0, 2), (1, 3), (2, 3)), [["0"], ["1", "2"], ["3"]]),
        (graph_of(4, (0, 1), (1, 3), (0, 3)), [["0", "2"], ["1"], ["3"]]),
        (graph_of(3, (0, 1), (0, 1), loose=((0, 1),)), [["0", "2"], ["1"]]),
        (graph_of(4, (0, 1), (1, 0), (1, 2)), [["3"]]),
    ],
)
def test_an_object_is_one_level_above_the_highest_that_it_follows(
    graph: Graph, levels: list[list[str]]
) -> None:
    assert names(graph) == levels


@given(graphs())
def test_every_object_has_a_level_above_all_that_it_follows(graph: Graph) -> None:
    assert {*graph.level_of} == {*graph.objects}
    for each in graph.objects:
        below = [graph.level_of[one] for one in graph.follows[each]]
        assert graph.level_of[each] == max(below, default=-1) + 1
    assert [each for level in graph.levels for each in level] == sorted(
        graph.objects, key=lambda each: (graph.level_of[each], graph.objects.index(each))
    )


@given(graphs(ordered=False))
def test_without_an_order_there_is_a_cycle(graph: Graph) -> None:
    try:
        TopologicalSorter(graph.follows).prepare()
        assert not graph.cycles
        assert len(graph.level_of) == len(graph.objects)
    except CycleError:
        assert graph.cycles
    for cycle in graph.cycles:
        assert [edge.then for edge in cycle] == [edge.first for edge in (*cycle[1:], cycle[0])]
        assert {*cycle} <= {*graph.edges}
    told = Counter(edge.first for cycle in graph.cycles for edge in cycle)
    assert set(told.values()) <= {1}
    assert not {*told} & {*graph.level_of}


@given(graphs(ordered=False))
def test_every_object_on_a_cycle_can_reach_a_reported_one(graph: Graph) -> None:
    """So removing a reported edge always helps, wherever the user begins."""
    told = {edge.first for cycle in graph.cycles for edge in cycle}
    for each in graph.objects:
        onward = reached(graph, each)
        if each in onward:
            assert any(one in told and each in reached(graph, one) for one in onward)


def reached(graph: Graph, start: ObjectId) -> set[ObjectId]:
    """The objects that can be reached from an object in at least one step."""
    found, ahead = set[ObjectId](), [start]
    while ahead:
        new = {*graph.followers[ahead.pop()]} - found
        found |= new
        ahead += new
    return found


def test_a_cycle_is_reported_by_its_shortest_path() -> None:
    graph = graph_of(5, (0, 1), (1, 2), (2, 3), (3, 0), (1, 0), (4, 4))

    assert [[(edge.first, edge.then) for edge in cycle] for cycle in graph.cycles] == [
        [("0", "1"), ("1", "0")],
        [("4", "4")],
    ]


def test_a_cycle_is_reported_with_the_first_edge_between_two_objects() -> None:
    one, other = ObjectId("0"), ObjectId("1")
    edges = (Edge(one, other, data="a"), Edge(one, other, data="b"), Edge(other, one, data="c"))

    assert Graph((one, other), edges).cycles == ((edges[0], edges[2]),)


@given(graphs(ordered=False))
def test_a_turned_graph_has_all_edges_reversed(graph: Graph) -> None:
    turned = graph.turned

    assert turned.needs == {each: tuple(graph.dependants[each]) for each in graph.objects}
    assert turned.follows == {each: tuple(graph.followers[each]) for each in graph.objects}
    assert turned.turned == graph


def test_a_turned_edge_keeps_its_nodes() -> None:
    ids = tuple(map(ObjectId, "1234"))
    edge = Edge(ids[0], ids[1], Link.USE, "x", ids[2], ids[3])

    assert edge.turned == Edge(ids[1], ids[0], Link.USE, "x", ids[3], ids[2])


@given(graphs())
def test_an_object_that_only_comes_after_another_does_not_need_it(graph: Graph) -> None:
    for each in graph.objects:
        linked = [edge for edge in graph.edges if edge.then == each]
        assert {*graph.follows[each]} == {edge.first for edge in linked}
        assert {*graph.needs[each]} == {edge.first for edge in linked if edge.link is not Link.KIND}
        assert all(each in graph.dependants[one] for one in graph.needs[each])
