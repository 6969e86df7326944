"""docs/plan.schema.json fits the plans that steps write."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from dataworks_deploy.domain.model import DeployType
from dataworks_deploy.domain.studio.catalog import Kind
from dataworks_deploy.domain.studio.changes import Cause, Changed
from dataworks_deploy.domain.studio.plan import Action, Plan, Planned, Why, code_of
from dataworks_deploy.render.outputs import plan_forms

from .values import drawn

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "docs/plan.schema.json").read_text("utf-8"))
OBJECT = SCHEMA["$defs"]["object"]["properties"]
VALIDATOR = Draft202012Validator(SCHEMA)
IDS = st.text("abc019-_", min_size=1, max_size=64)


def codes() -> set[str]:
    """The codes of all reasons."""
    # Added here, because not every cause is drawn each time.
    found = {code_of(Changed(cause)) for cause in Cause}

    @given(drawn(Why, IDS))
    def look(why: Why) -> None:
        found.add(code_of(why))

    look()
    return found


def test_the_file_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@given(st.lists(drawn(Planned, IDS), max_size=3), st.sampled_from(DeployType), st.integers(1, 2**63 - 1))
def test_every_form_of_every_plan_fits_the_schema(
    objects: list[Planned], type_: DeployType, project_id: int
) -> None:
    levels = (Planned(e.object, e.action, e.why, e.level + 1, tuple(dict.fromkeys(e.needs))) for e in objects)

    for form in plan_forms(Plan(project_id, type_, tuple(levels))):
        VALIDATOR.validate(json.loads(form))


@pytest.mark.parametrize(
    "change", [{"action": "delete"}, {"why": "because"}, {"level": 0}, {"object_id": 1}, {"more": 1}]
)
def test_other_values_do_not_fit_the_schema(change: dict[str, Any]) -> None:
    one: dict[str, Any] = {"object_id": "1", "name": None, "path": None, "kind": None}
    one |= {"action": "deploy", "why": "asked", "level": 1, "needs": []}
    plan = {"version": 1, "workspace": "1", "type": "Online", "objects": [one]}
    VALIDATOR.validate(plan)

    with pytest.raises(ValidationError):
        VALIDATOR.validate(plan | {"objects": [one | change]})


def test_the_schema_names_exactly_the_actions_kinds_and_reasons_that_exist() -> None:
    assert {*OBJECT["action"]["enum"]} == {*Action}
    assert {*OBJECT["kind"]["enum"]} == {*Kind, None}
    assert {*OBJECT["why"]["enum"]} == codes()
    # The reason Changed has a code for each cause.
    assert len(codes()) == len(get_args(Why)) - 1 + len(Cause)
