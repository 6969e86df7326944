"""The README's tables against action.yml."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture
def action() -> dict[str, Any]:
    """What action.yml says, every scalar as the text that stands there."""
    loaded: dict[str, Any] = yaml.load((ROOT / "action.yml").read_text("utf-8"), Loader=yaml.BaseLoader)
    return loaded


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading of the README, without its head."""
    text = (ROOT / "README.md").read_text("utf-8")
    _, found, section = text.partition(f"\n## {heading}\n")
    assert found, f"the README has no section {heading}"
    lines = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def plain(cell: str) -> str:
    """Return what stands between the backticks of a cell; an empty cell is empty."""
    assert not cell or re.fullmatch(r"`[^`]+`", cell), cell
    return cell.strip("`")


def test_every_input_has_a_row_with_its_default(action: dict[str, Any]) -> None:
    declared = {name: details.get("default", "") for name, details in action["inputs"].items()}

    assert {plain(row[0]): plain(row[1]) for row in rows("Inputs")} == declared


def test_every_output_has_a_row(action: dict[str, Any]) -> None:
    names = [name for row in rows("Outputs") for name in re.findall(r"`([a-z-]+)`", row[0])]

    assert names == list(action["outputs"])


@pytest.mark.parametrize("heading", ["Inputs", "Outputs"])
def test_every_row_says_something(heading: str) -> None:
    for row in rows(heading):
        assert len(row) == {"Inputs": 3, "Outputs": 2}[heading], row
        assert row[-1], row
