"""The objects of a workspace, combined from several readings."""

from collections.abc import Iterable
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.studio.catalog import Catalog, Kind, StudioObject, whole_path

T = TypeVar("T")
NODE = StudioObject(ObjectId("1"), Kind.NODE, "orders", "flow/orders", outputs=("p.orders",))
WORKFLOW = StudioObject(ObjectId("2"), Kind.WORKFLOW, "daily", "daily")
INNER = StudioObject(ObjectId("3"), Kind.NODE, "orders", workflow=WORKFLOW.id, outputs=("p.inner",))
READINGS = st.lists(
    st.builds(
        StudioObject,
        id=st.sampled_from("123456").map(ObjectId),
        kind=st.sampled_from((None, *Kind)),
        name=st.sampled_from(("", "a", "b")),
        in_production=st.sampled_from((None, True, False)),
        inputs=st.sampled_from((None, (), ("x",))),
    )
)


@given(READINGS)
def test_each_object_appears_once_in_the_order_of_its_first_reading(readings: list[StudioObject]) -> None:
    catalog = Catalog.of(readings)

    assert [each.id for each in catalog.objects] == list(dict.fromkeys(each.id for each in readings))
    assert list(catalog.by_id.values()) == list(catalog.objects)


@given(READINGS)
def test_a_fact_stays_until_a_later_reading_shows_another(
    readings: list[StudioObject],
) -> None:
    for each in Catalog.of(readings).objects:
        same = [reading for reading in readings if reading.id == each.id]
        assert each.name == ([one.name for one in same if one.name] or [""])[-1]
        assert each.inputs == _last(one.inputs for one in same)
        assert each.in_production == _last(one.in_production for one in same)


def _last(shown: Iterable[T | None]) -> T | None:
    known = [each for each in shown if each is not None]
    return known[-1] if known else None


def test_objects_are_found_by_name_path_and_output() -> None:
    catalog = Catalog.of([NODE, WORKFLOW, INNER])

    assert catalog.by_name == {"orders": (NODE, INNER), "daily": (WORKFLOW,)}
    assert catalog.by_path == {"flow/orders": (NODE,), "daily": (WORKFLOW,)}
    assert catalog.by_output["p.orders"] == (NODE,)
    assert catalog.by_output["1"] == (NODE,)


def test_an_output_of_two_objects_leads_to_both() -> None:
    twin = StudioObject(ObjectId("9"), Kind.NODE, outputs=("p.orders", "p.orders", "9"))

    catalog = Catalog.of([NODE, twin])

    assert catalog.by_output["p.orders"] == (NODE, twin)
    assert catalog.by_output["9"] == (twin,)


def test_a_node_inside_a_workflow_stands_for_its_workflow() -> None:
    catalog = Catalog.of([NODE, INNER, WORKFLOW])

    assert catalog.inner == {WORKFLOW.id: (INNER,)}
    assert catalog.around(INNER) == WORKFLOW
    assert catalog.around(NODE) == NODE


def test_a_workflow_that_was_not_read_is_known_by_its_id() -> None:
    assert Catalog.of([INNER]).around(INNER) == StudioObject(WORKFLOW.id, Kind.WORKFLOW)


def test_a_leading_slash_makes_no_difference_to_a_path() -> None:
    assert whole_path("/a/b") == whole_path("a/b") == whole_path(" /a/b ") == "a/b"
