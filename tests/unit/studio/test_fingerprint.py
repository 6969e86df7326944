"""The fingerprint of a FlowSpec stays the same until somebody changes the object."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.studio.fingerprint import content_of
from dataworks_deploy.domain.studio.flowspec import NoFlowSpecError

SAVED = 1764400000000
SPEC: dict[str, Any] = {
    "version": "1.1.0",
    "kind": "CycleWorkflow",
    "metadata": {"uuid": "88", "gmtModified": SAVED, "innerVersion": {"node": 3}, "owner": "1"},
    "spec": {
        "workflows": [
            {
                "id": "88",
                "trigger": {"cron": "00 26 00 * * ?"},
                "nodes": [
                    {
                        "id": "1",
                        "metadata": {"uuid": "11", "gmtModified": 1, "gmtCreate": 2},
                        "script": {
                            "id": "701",
                            "content": "select 1;",
                            "parameters": [{"value": "$a"}, {"value": "$b"}],
                        },
                        "outputs": {"nodeOutputs": [{"data": "p.a"}, {"data": "p.b"}]},
                    },
                    {"id": "2", "script": {"id": "702", "content": "select 2;"}},
                ],
                "dependencies": [
                    {
                        "nodeId": "2",
                        "depends": [
                            {"type": "Normal", "output": "1"},
                            {"type": "Normal", "output": "p_root"},
                        ],
                    },
                    {"nodeId": "1", "depends": []},
                ],
            }
        ],
    },
}


def fingerprint(spec: Any) -> str:
    """The fingerprint of the FlowSpec, whenever it was edited."""
    return content_of(spec, 1).fingerprint


def places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of all texts and numbers."""
    if isinstance(value, dict):
        return [found for key, each in value.items() for found in places(each, (*place, key))]
    if isinstance(value, list):
        return [found for number, each in enumerate(value) for found in places(each, (*place, number))]
    return [place]


def with_other(place: tuple[Any, ...], other: Any = "other") -> dict[str, Any]:
    """The FlowSpec with another value at one place."""
    spec = copy.deepcopy(SPEC)
    at: Any = spec
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = other
    return spec


def changes_by_itself(place: tuple[Any, ...]) -> bool:
    """The times and versions in metadata, and the IDs of scripts with content."""
    times = {"gmtModified", "gmtCreate", "innerVersion"}
    return ("metadata" in place and bool(times & {*place})) or place[-2:] == ("script", "id")


@pytest.mark.parametrize("place", [each for each in places(SPEC) if changes_by_itself(each)], ids=str)
def test_what_changes_by_itself_is_left_out(place: tuple[Any, ...]) -> None:
    assert fingerprint(with_other(place)) == fingerprint(SPEC)


@pytest.mark.parametrize("place", [each for each in places(SPEC) if not changes_by_itself(each)], ids=str)
def test_every_other_change_is_seen(place: tuple[Any, ...]) -> None:
    assert fingerprint(with_other(place)) != fingerprint(SPEC)


def test_every_change_gives_another_fingerprint() -> None:
    seen = [fingerprint(with_other(each)) for each in places(SPEC) if not changes_by_itself(each)]

    assert len({*seen}) == len(seen)


def shuffled(value: Any, draw: st.DataObject) -> Any:
    """The same FlowSpec in another order, where the order means nothing."""
    if isinstance(value, dict):
        keys = draw.draw(st.permutations(list(value)))
        unordered = {"nodes", "dependencies", "depends", "nodeOutputs"}
        return {
            key: shuffled(draw.draw(st.permutations(value[key])) if key in unordered else value[key], draw)
            for key in keys
        }
    return [shuffled(each, draw) for each in value] if isinstance(value, list) else value


@given(st.data())
def test_the_order_of_keys_and_of_nodes_means_nothing(draw: st.DataObject) -> None:
    assert fingerprint(json.dumps(shuffled(SPEC, draw))) == fingerprint(SPEC)


def test_the_order_of_parameters_is_a_change() -> None:
    """A shell script uses their positions."""
    turned = copy.deepcopy(SPEC)
    turned["spec"]["workflows"][0]["nodes"][0]["script"]["parameters"].reverse()

    assert fingerprint(turned) != fingerprint(SPEC)


def test_a_script_without_content_is_identified_by_its_id() -> None:
    spec = {"spec": {"fileResources": [{"script": {"id": "1", "path": "a.jar"}}]}}
    other = {"spec": {"fileResources": [{"script": {"id": "2", "path": "a.jar"}}]}}

    assert fingerprint(spec) != fingerprint(other)


def test_times_inside_a_script_are_content() -> None:
    one, other = ({"spec": {"gmtModified": time}} for time in (1, 2))

    assert fingerprint(one) != fingerprint(other)


@given(st.dictionaries(st.text(), st.text()))
def test_a_fingerprint_fits_into_a_mark(spec: dict[str, str]) -> None:
    found = fingerprint({"spec": spec})

    assert len(found) == 16
    assert {*found} <= {*"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"}


def test_a_fingerprint_never_changes() -> None:
    """A later version of this action compares with fingerprints of this one."""
    assert fingerprint(SPEC) == fingerprint(json.dumps(SPEC, indent=1)) == "AIA65AT7QT5L6YAL"


@pytest.mark.parametrize("spec", ["", "[]", "[" * 100_000])
def test_what_is_no_flowspec_has_no_fingerprint(spec: str, swept: None) -> None:
    with pytest.raises(NoFlowSpecError):
        fingerprint(spec)


def test_a_flowspec_that_is_nested_too_deeply_has_no_fingerprint(swept: None) -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(NoFlowSpecError):
        fingerprint({"spec": {"deep": deep}})
    while deep:
        deep = deep.pop()


@pytest.mark.parametrize(
    ("modified_ms", "edited_ms"), [(None, None), (0, None), (1, SAVED), (SAVED + 1, SAVED + 1)]
)
def test_the_latest_time_of_an_object_and_of_its_parts_counts(
    modified_ms: int | None, edited_ms: int | None
) -> None:
    """Editing a node of a workflow may leave the workflow's own time unchanged."""
    assert content_of(SPEC, modified_ms).edited_ms == edited_ms


@pytest.mark.parametrize("time", ["2026-01-01", None, [], 1.5])
def test_times_in_another_format_are_ignored(time: Any) -> None:
    spec = {"metadata": {"gmtModified": time}, "spec": {"gmtModified": SAVED}}

    assert content_of(spec, 7).edited_ms == 7
