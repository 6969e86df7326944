"""The probe looks for a node's workflow in all possible places, and shows no ID in the names of places."""

import json
from typing import Any

import pytest

from probe.flowspec import PLACES, texts, workflow

NODE, WORKFLOW = "8888482277219412494", "7567482277219412494"


def spec_of(place: str, value: str) -> str:
    """A FlowSpec with this value at this place, and with the node's own ID before it."""
    built: Any = value
    for step in reversed(place.split(".")):
        name, listed, _ = step.partition("[0]")
        built = {name: [built] if listed else built}
    return json.dumps({"metadata": {"container": {"uuid": NODE}}, **built})


@pytest.mark.parametrize("place", PLACES)
def test_a_workflow_is_found_in_every_possible_place(place: str) -> None:
    spec = spec_of(place, WORKFLOW)

    assert workflow(texts(spec), NODE) == place


@pytest.mark.parametrize("value", [NODE, "a/path", ""])
def test_a_value_that_is_not_the_id_of_another_object_is_not_taken(value: str) -> None:
    assert workflow(texts(spec_of("spec.workflowId", value)), NODE) == ""


def test_a_key_that_could_be_an_id_is_not_shown() -> None:
    assert texts(json.dumps({"spec": {WORKFLOW: [True, {"id": 7}]}})) == {"spec.…[1].id": "7"}
