"""Graphs for property tests: any graph, and graphs with an order."""

from hypothesis import strategies as st

from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.studio.graph import Edge, Graph, Link

MOST = 9


def graph_of(count: int, *pairs: tuple[int, int], loose: tuple[tuple[int, int], ...] = ()) -> Graph:
    """A graph of objects named by number. `loose` pairs only come one after the other."""
    objects = tuple(ObjectId(str(number)) for number in range(count))
    edges = [Edge(objects[one], objects[other]) for one, other in pairs]
    edges += [Edge(objects[one], objects[other], Link.KIND) for one, other in loose]
    return Graph(objects, tuple(edges))


@st.composite
def graphs(draw: st.DrawFn, *, ordered: bool = True) -> Graph:
    """A few objects in any order, and edges between them. With `ordered`, the edges have an order."""
    count = draw(st.sampled_from((0, 1, 2, 4, 6, *range(6, MOST + 1))))
    objects = [ObjectId(str(number)) for number in range(count)]
    ranks = st.integers(0, max(count - 1, 0))
    pairs = draw(
        st.lists(st.tuples(ranks, ranks, st.sampled_from(Link)), min_size=count // 2, max_size=2 * count)
    )
    edges = [
        Edge(
            objects[min(one, other) if ordered else one], objects[max(one, other) if ordered else other], link
        )
        for one, other, link in pairs
        if one != other
    ]
    return Graph(tuple(draw(st.permutations(objects))), tuple(edges))
