"""The README's tables against action.yml."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from dataworks_deploy.domain.outcome import Outcome, Verdict, verdict_of

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
    first = section.partition("\n## ")[0].partition("\n| an object ended")[0]
    lines = [line for line in first.splitlines() if line.startswith("|")]
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


def verdicts() -> list[tuple[list[str], str, str]]:
    """The outcomes of objects, the step's and its exit status, by the rows of the README's second table of outputs."""
    text = (ROOT / "README.md").read_text("utf-8")
    table = text.partition("| an object ended as |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table]
    return [(re.findall(r"`([a-z_]+)`", ended), plain(step), status) for ended, step, status in cells]


def test_the_outcomes_of_objects_make_that_of_the_step_as_the_table_says() -> None:
    table = [(ended, step, status) for ended, step, status in verdicts() if ended]

    assert sorted(each for ended, _, _ in table for each in ended) == sorted(Outcome)
    order = [(Outcome(each), Verdict(step), status) for ended, step, status in table for each in ended]
    for number, (outcome, verdict, status) in enumerate(order):
        later = {each for each, _, _ in order[number:]}
        assert verdict_of([outcome]) is verdict_of(later) is verdict, outcome
        assert str(verdict.exit_status) == status


@pytest.mark.parametrize("heading", ["Inputs", "Outputs"])
def test_every_row_says_something(heading: str) -> None:
    for row in rows(heading):
        assert len(row) == {"Inputs": 3, "Outputs": 2}[heading], row
        assert row[-1], row
