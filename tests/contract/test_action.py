"""action.yml agrees with the code that reads its inputs and writes its outputs."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from dataworks_deploy.hosts.inputs import DEFAULTS
from dataworks_deploy.render.outputs import OUTPUTS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def action() -> dict[str, Any]:
    """The content of action.yml, with every scalar as the text in the file."""
    loaded: dict[str, Any] = yaml.load((ROOT / "action.yml").read_text("utf-8"), Loader=yaml.BaseLoader)
    return loaded


def test_inputs_and_their_defaults_are_the_same_as_in_the_parser(action: dict[str, Any]) -> None:
    declared = {name: details.get("default", "") for name, details in action["inputs"].items()}

    assert declared == dict(DEFAULTS)


def test_the_declared_outputs_are_those_that_the_step_writes(action: dict[str, Any]) -> None:
    assert tuple(action["outputs"]) == OUTPUTS


def test_everything_is_described(action: dict[str, Any]) -> None:
    for details in (*action["inputs"].values(), *action["outputs"].values(), action):
        assert details["description"].strip()


def test_no_input_is_both_required_and_has_a_default(action: dict[str, Any]) -> None:
    for name, details in action["inputs"].items():
        assert not (details.get("required") == "true" and details.get("default")), name


def test_no_input_name_contains_a_space_or_a_capital_letter(action: dict[str, Any]) -> None:
    """The runner changes spaces to underscores, and every letter to a capital."""
    for name in (*action["inputs"], *action["outputs"]):
        assert name == name.lower()
        assert name.replace("-", "").isalnum()
