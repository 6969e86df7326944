"""What selected objects need from each other, and what they miss."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.studio.catalog import Catalog, Kind, StudioObject
from dataworks_deploy.domain.studio.dependencies import Missing, Unplaced, depend, is_root, with_upstream
from dataworks_deploy.domain.studio.graph import Edge, Link


def an(
    name: str,
    *inputs: str,
    kind: Kind | None = Kind.NODE,
    inside: str | None = None,
    live: bool | None = None,
    uses: tuple[str, ...] | None = None,
) -> StudioObject:
    """An object whose ID is its name. It produces `p.NAME`."""
    workflow = ObjectId(inside) if inside else None
    outputs = (f"p.{name}",)
    return StudioObject(
        ObjectId(name),
        kind,
        name,
        in_production=live,
        inputs=inputs,
        outputs=outputs,
        uses=uses,
        workflow=workflow,
    )


def edges(*selected: StudioObject, others: tuple[StudioObject, ...] = ()) -> list[tuple[str, str, Link, str]]:
    """The edges between the selected objects."""
    found = depend(selected, Catalog((*others, *selected)))
    return [(edge.first, edge.then, edge.link, edge.data) for edge in found.graph.edges]


@pytest.mark.parametrize("data", ["p.a", "a"])
def test_an_input_leads_to_the_object_that_produces_it(data: str) -> None:
    """Also through the object's own ID, which is its default output."""
    assert edges(an("b", data), an("a")) == [("a", "b", Link.DATA, data)]


def test_objects_stay_in_the_order_given() -> None:
    selected = (an("c"), an("a", "p.b"), an("b"))

    assert depend(selected, Catalog(selected)).graph.objects == ("c", "a", "b")


def test_there_is_one_edge_between_two_objects() -> None:
    assert edges(an("b", "a", "p.a"), an("a")) == [("a", "b", Link.DATA, "a")]


def test_an_object_that_needs_its_own_output_does_not_wait() -> None:
    assert edges(an("a", "p.a", "a")) == []


def test_objects_that_are_not_selected_are_not_ordered() -> None:
    assert edges(an("c", "p.b"), an("a"), others=(an("b", "p.a"),)) == []


def test_edges_of_inner_nodes_count_as_edges_of_their_workflows() -> None:
    inner = (an("w1", "p.a", inside="w"), an("w2", "p.w1", inside="w"), an("v1", "w2", inside="v"))
    selected = (an("v", kind=Kind.WORKFLOW), an("b", "p.w2"), an("w", kind=Kind.WORKFLOW), an("a"))

    found = depend(selected, Catalog((*inner, *selected))).graph

    assert found.edges == (
        Edge(ObjectId("w"), ObjectId("v"), Link.DATA, "w2", ObjectId("w2"), ObjectId("v1")),
        Edge(ObjectId("w"), ObjectId("b"), Link.DATA, "p.w2", ObjectId("w2"), None),
        Edge(ObjectId("a"), ObjectId("w"), Link.DATA, "p.a", None, ObjectId("w1")),
    )
    assert found.levels == (("a",), ("w",), ("v", "b"))


def test_resources_come_before_functions_and_both_before_nodes() -> None:
    jar, udf = an("jar", kind=Kind.RESOURCE), an("udf", kind=Kind.FUNCTION)

    found = edges(an("a"), udf, jar, an("w", kind=Kind.WORKFLOW))

    assert found == [
        ("udf", "a", Link.KIND, ""),
        ("udf", "w", Link.KIND, ""),
        ("jar", "a", Link.KIND, ""),
        ("jar", "udf", Link.KIND, ""),
        ("jar", "w", Link.KIND, ""),
    ]


def test_only_what_is_named_is_needed() -> None:
    """By name or ID, even from a node inside a workflow."""
    jar, udf = an("jar", kind=Kind.RESOURCE), an("udf", kind=Kind.FUNCTION, uses=("jar",))
    inner = an("w1", inside="w", uses=("udf", "udf2"))
    selected = (jar, udf, an("w", kind=Kind.WORKFLOW), an("a", uses=("jar", "a")))

    found = depend(selected, Catalog((inner, *selected))).graph

    assert found.needs == {"jar": (), "udf": ("jar",), "w": ("udf",), "a": ("jar",)}
    assert Edge(udf.id, ObjectId("w"), Link.USE, "udf", None, inner.id) in found.edges
    assert Edge(jar.id, udf.id, Link.USE, "jar") in found.edges


def test_a_function_that_names_a_function_does_not_wait_for_it() -> None:
    one, other = (an(name, kind=Kind.FUNCTION, uses=("f", "g")) for name in "fg")

    assert edges(one, other) == []


def test_an_unread_object_has_no_place_in_the_order() -> None:
    unknown = StudioObject(ObjectId("u"))
    selected = (unknown, an("b", "u"), an("jar", kind=Kind.RESOURCE))

    found = depend(selected, Catalog(selected[1:]))

    assert [(edge.first, edge.then) for edge in found.graph.edges] == [("u", "b"), ("jar", "b")]
    assert found.unread == ("u",)


def test_objects_with_unread_inputs_are_reported() -> None:
    listed = StudioObject(ObjectId("v"), Kind.WORKFLOW, "v")
    inner = StudioObject(ObjectId("w1"), Kind.NODE, workflow=ObjectId("w"))
    jar = StudioObject(ObjectId("jar"), Kind.RESOURCE, "jar")
    selected = (listed, an("w", kind=Kind.WORKFLOW), jar, an("a"))

    assert depend(selected, Catalog((inner, *selected))).unread == ("v", "w")


def test_offline_reverses_the_order() -> None:
    selected = (an("jar", kind=Kind.RESOURCE), an("a", "p.x"), an("b", "p.a", uses=("jar",)))

    found = depend(selected, Catalog(selected), offline=True)

    assert found.graph.levels == (("b",), ("a",), ("jar",))
    assert (found.missing, found.unplaced) == ((), ())
    unknown = StudioObject(ObjectId("u"))
    assert depend((unknown,), Catalog(), offline=True).unread == ("u",)


def test_an_upstream_object_not_selected_and_not_in_production_is_missing() -> None:
    """Once for each object that needs it. If it is inside a workflow, that workflow is missing."""
    others = (
        an("a", live=False),
        an("b", live=True),
        an("c"),
        an("w1", live=False, inside="w"),
        an("w", kind=Kind.WORKFLOW),
    )
    first, second = an("x", "p.a", "a", "p.b", "p.c", "p.y"), an("y", "p.w1", "p.a")

    found = depend((first, second), Catalog((*others, first, second)))

    assert found.missing == (
        Missing(first.id, "p.a", others[0]),
        Missing(second.id, "p.w1", others[4]),
        Missing(second.id, "p.a", others[0]),
    )


def test_an_unread_workflow_is_missing_by_its_id() -> None:
    selected = an("x", "p.w1")

    found = depend((selected,), Catalog((an("w1", live=False, inside="w"), selected)))

    assert found.missing == (Missing(selected.id, "p.w1", StudioObject(ObjectId("w"), Kind.WORKFLOW)),)


def test_an_output_of_two_objects_is_missing_only_if_both_are() -> None:
    one, other, selected = an("a", live=False), an("b", live=True), an("x", "p.same")
    twins = tuple(
        StudioObject(each.id, Kind.NODE, outputs=("p.same",), in_production=each.in_production)
        for each in (one, other)
    )

    assert not depend((selected,), Catalog((*twins, selected))).missing
    assert depend((selected,), Catalog((twins[0], selected))).missing == (
        Missing(selected.id, "p.same", twins[0]),
    )


def test_of_two_missing_producers_the_first_is_named() -> None:
    twins = tuple(
        StudioObject(ObjectId(name), Kind.NODE, outputs=("p.same",), in_production=False) for name in "ab"
    )
    selected = an("x", "p.same")

    assert depend((selected,), Catalog((*twins, selected))).missing == (
        Missing(selected.id, "p.same", twins[0]),
    )


def test_inputs_that_nobody_produces_are_reported_except_the_root() -> None:
    selected = an("x", "other.table", "p_root", "other.table", "other.x_root")

    assert depend((selected,), Catalog((selected,))).unplaced == (
        Unplaced(selected.id, "other.table"),
        Unplaced(selected.id, "other.x_root"),
    )
    assert is_root("lwt_test_newide_root")


def test_missing_objects_can_be_added_with_all_that_they_miss() -> None:
    others = (
        an("a", live=False),
        an("b", "p.a", live=False),
        an("c", "p.d", live=True),
        an("d", live=False),
        an("w1", "p.e", live=False, inside="w"),
        an("e", live=False),
        an("w", kind=Kind.WORKFLOW),
    )
    selected = (an("x", "p.b", "p.c"), an("y", "p.w1"), an("z"))

    found = with_upstream(selected, Catalog((*others, *selected)))

    assert [each.id for each in found] == ["x", "y", "z", "b", "w", "a", "e"]
    assert not depend(found, Catalog((*others, *selected))).missing


def test_a_missing_unread_object_is_added_once() -> None:
    selected = an("x", "p.w1", "p.w2")
    inner = tuple(an(name, live=False, inside="w") for name in ("w1", "w2"))

    assert [each.id for each in with_upstream((selected,), Catalog((*inner, selected)))] == ["x", "w"]


def test_a_cycle_is_reported_edge_by_edge() -> None:
    selected = (an("a", "p.c"), an("b", "p.a"), an("c", "p.b"), an("d", "p.c"))

    (cycle,) = depend(selected, Catalog(selected)).cycles

    assert [(edge.first, edge.then, edge.data) for edge in cycle.edges] == [
        ("a", "b", "p.a"),
        ("b", "c", "p.b"),
        ("c", "a", "p.c"),
    ]
    assert not cycle.only_by_workflows
    (turned,) = depend(selected, Catalog(selected), offline=True).cycles
    assert [(edge.first, edge.then) for edge in turned.edges] == [("a", "c"), ("c", "b"), ("b", "a")]


W, A = an("w", kind=Kind.WORKFLOW), an("a", "p.w1")


@pytest.mark.parametrize(
    ("inner", "workflow", "only"),
    [
        # w1 → a → w2, and w1 and w2 are not related.
        ((an("w1", inside="w"), an("w2", "p.a", inside="w")), W, True),
        # w1 → a → w2 → w1
        ((an("w1", "w2", inside="w"), an("w2", "p.a", inside="w")), W, False),
        ((an("w1", "p.a", inside="w"),), W, False),
        # w1 → a → w: all nodes of w come after the input of w.
        ((an("w1", inside="w"),), an("w", "p.a", kind=Kind.WORKFLOW), False),
        # A node that needs itself, its workflow or something outside the cycle changes nothing.
        ((an("w1", "p.w1", "w", "p.z", inside="w"), an("w2", "p.a", inside="w")), W, True),
        ((an("w1", inside="w"), an("w2", "p.a", inside="w")), an("w", "p.w1", kind=Kind.WORKFLOW), True),
    ],
)
def test_a_cycle_only_through_a_workflow_is_reported_as_such(
    inner: tuple[StudioObject, ...], workflow: StudioObject, only: bool
) -> None:
    selected = (workflow, A, an("z"))

    (cycle,) = depend(selected, Catalog((*inner, *selected))).cycles

    assert {(edge.first, edge.then) for edge in cycle.edges} == {("w", "a"), ("a", "w")}
    assert cycle.only_by_workflows == only
    (turned,) = depend(selected, Catalog((*inner, *selected)), offline=True).cycles
    assert turned.only_by_workflows == only


NAMES = [f"n{number}" for number in range(7)]
WORKSPACES = st.lists(
    st.builds(
        lambda name, inputs, inside, live: an(name, *inputs, inside=inside, live=live),
        st.sampled_from(NAMES),
        st.lists(st.sampled_from([*NAMES, *(f"p.{name}" for name in NAMES), "else.x"]), max_size=3),
        st.sampled_from((None, None, "w", "v")),
        st.sampled_from((None, True, False)),
    ),
    unique_by=lambda each: each.id,
).map(lambda nodes: Catalog((*nodes, an("w", kind=Kind.WORKFLOW), an("v", kind=Kind.WORKFLOW))))


@given(WORKSPACES, st.data())
def test_objects_wait_for_exactly_the_producers_of_their_inputs(
    catalog: Catalog, data: st.DataObject
) -> None:
    standing = [each for each in catalog.objects if not each.workflow]
    selected = data.draw(st.lists(st.sampled_from(standing), unique_by=lambda each: each.id))
    found = depend(selected, catalog)

    home = {each.id: catalog.around(each).id for each in catalog.objects}
    chosen = {each.id for each in selected}
    wanted = {
        (home[giving.id], home[each.id])
        for each in catalog.objects
        for giving in catalog.objects
        if {giving.id, *(giving.outputs or ())} & {*(each.inputs or ())}
        if {home[giving.id], home[each.id]} <= chosen and home[giving.id] != home[each.id]
    }
    assert {(edge.first, edge.then) for edge in found.graph.edges} == wanted
    missed = {
        (home[each.id], home[giving.id])
        for each in catalog.objects
        for giving in catalog.objects
        if {giving.id, *(giving.outputs or ())} & {*(each.inputs or ())}
        if home[each.id] in chosen and home[giving.id] not in chosen and giving.in_production is False
    }
    assert {(each.object_id, each.upstream.id) for each in found.missing} == missed
    # Without workflows, every cycle is one of nodes.
    for cycle in found.cycles:
        if not {edge.first for edge in cycle.edges} & {"v", "w"}:
            assert not cycle.only_by_workflows


@given(WORKSPACES, st.data())
def test_after_adding_upstream_objects_nothing_is_missing(catalog: Catalog, data: st.DataObject) -> None:
    standing = [each for each in catalog.objects if not each.workflow]
    selected = data.draw(st.lists(st.sampled_from(standing), unique_by=lambda each: each.id))

    taken = with_upstream(selected, catalog)

    assert list(taken[: len(selected)]) == selected
    assert len({each.id for each in taken}) == len(taken)
    assert not depend(taken, catalog).missing


def test_a_large_workspace_is_ordered_quickly() -> None:
    """5,000 nodes, each needing four: 0.4 s on a busy machine. The bound is for slow machines."""
    draw = random.Random(1)
    nodes = [an(f"n{n}", *(f"p.n{draw.randrange(n)}" for _ in range(4) if n)) for n in range(5000)]
    draw.shuffle(nodes)
    began = time.perf_counter()

    found = depend(nodes, Catalog(tuple(nodes)))

    assert sum(map(len, found.graph.levels)) == 5000
    assert time.perf_counter() - began < 5


def test_a_large_cycle_is_found_quickly() -> None:
    nodes = [an(f"n{n}", f"p.n{(n + 1) % 5000}", f"p.n{(n + 2) % 5000}") for n in range(5000)]
    began = time.perf_counter()

    cycles = depend(nodes, Catalog(tuple(nodes))).cycles

    assert [len(cycle.edges) for cycle in cycles] == [2500, 2500]
    assert time.perf_counter() - began < 5
