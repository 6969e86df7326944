"""The tables of the README and of the reference agree with action.yml and the code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.outcome import Outcome, Verdict, verdict_of
from dataworks_deploy.domain.record import Record
from dataworks_deploy.render.outputs import outputs
from dataworks_deploy.render.report import Report

ROOT = Path(__file__).parents[2]
README, REFERENCE = "README.md", "docs/reference.md"
MOST_WORDS = 2000  # of the README: five minutes of reading

both = pytest.mark.parametrize("page", [README, REFERENCE])


@pytest.fixture
def action() -> dict[str, Any]:
    """The content of action.yml, with every scalar as the text in the file."""
    loaded: dict[str, Any] = yaml.load((ROOT / "action.yml").read_text("utf-8"), Loader=yaml.BaseLoader)
    return loaded


def rows(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table under a heading, without the table's head."""
    text = (ROOT / page).read_text("utf-8")
    found = re.search(rf"^##+ {re.escape(heading)}$(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no section {heading}"
    lines = [line for line in found[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def plain(cell: str) -> str:
    """Return the text between the backticks of a cell. For an empty cell it is empty."""
    assert not cell or re.fullmatch(r"`[^`]+`", cell), cell
    return cell.strip("`")


def quoted(cell: str) -> list[str]:
    """Return all texts of a cell that are between backticks."""
    return re.findall(r"`([^`]+)`", cell)


@both
def test_every_input_has_a_row_with_its_default(page: str, action: dict[str, Any]) -> None:
    declared = [(name, details.get("default", "")) for name, details in action["inputs"].items()]

    assert [(plain(row[0]), plain(row[1])) for row in rows(page, "Inputs")] == declared


@both
def test_every_output_has_a_row(page: str, action: dict[str, Any]) -> None:
    assert [plain(row[0]) for row in rows(page, "Outputs")] == [*action["outputs"]]


@both
@pytest.mark.parametrize(("heading", "columns"), [("Inputs", 3), ("Outputs", 2)])
def test_every_row_has_a_description(page: str, heading: str, columns: int) -> None:
    for row in rows(page, heading):
        assert len(row) == columns, row
        assert row[-1], row


def test_the_readme_lists_every_outcome_of_a_step() -> None:
    said = next(row[1] for row in rows(README, "Outputs") if row[0] == "`outcome`")

    assert quoted(said) == [
        *("succeeded", "created", "planned", "unchanged"),
        *("failed", "unknown", "timed_out", "cancelled", "invalid"),
    ]
    assert {*quoted(said)} == {*Verdict}


def test_every_field_of_a_result_has_a_row() -> None:
    written = outputs(Report(Verdict.SUCCEEDED, (Record(ObjectId("1")),)))
    (result,) = json.loads(written["results"])

    assert [name for row in rows(REFERENCE, "An element of `results`") for name in quoted(row[0])] == [
        *result
    ]


def test_every_field_and_every_word_of_the_plan_has_a_row() -> None:
    schema = json.loads((ROOT / "docs/plan.schema.json").read_text("utf-8"))
    fields = schema["properties"] | schema["$defs"]["object"]["properties"]
    table = rows(REFERENCE, "The output `plan`")

    assert [name for row in table for name in quoted(row[0])] == [*fields]
    for name in ("action", "why"):
        (words,) = (quoted(row[1]) for row in table if quoted(row[0]) == [name])
        assert {*fields[name]["enum"]} <= {*words}


def test_the_outcomes_of_objects_give_the_outcome_of_the_step_as_in_the_table() -> None:
    """The first row that fits any object decides."""
    table = [(quoted(ended), plain(step), status) for ended, step, status in rows(REFERENCE, "Outcomes")]
    ended = [
        (Outcome(each), step, status) for names, step, status in table for each in names if each in {*Outcome}
    ]

    assert sorted(outcome for outcome, _, _ in ended) == sorted(Outcome)
    for number, (outcome, step, status) in enumerate(ended):
        later = {each for each, _, _ in ended[number:]}
        assert verdict_of([outcome]) is verdict_of(later) is Verdict(step), outcome
        assert str(Verdict(step).exit_status) == status


def test_the_readme_can_be_read_in_five_minutes() -> None:
    """A word has a letter or a digit, so the lines of a table do not count."""
    assert len(re.findall(r"\S*\w\S*", (ROOT / README).read_text("utf-8"))) <= MOST_WORDS


def test_every_first_day_problem_is_on_the_page_of_all_errors() -> None:
    page = (ROOT / "docs/troubleshooting.md").read_text("utf-8")
    problems = rows(README, "First-day problems")

    assert all(len(row) == 3 and all(row) for row in problems)
    for row in problems:
        names = [f"`{name}`" for name in quoted(row[0])] or [row[0]]
        assert all(name in page for name in names), row


def test_an_outcome_among_the_first_day_problems_is_one_of_a_step_or_of_an_object() -> None:
    seen = [row[0] for row in rows(README, "First-day problems")]
    steps, objects = (
        {name for cell in seen if re.match(kind, cell) for name in quoted(cell)}
        for kind in ("outcome ", "an object is ")
    )

    assert {"timed_out", "unknown"} <= steps <= {*Verdict}
    assert {"waiting"} <= objects <= {*Outcome} - {*Verdict}


def test_the_times_of_the_comparison_are_those_that_were_measured() -> None:
    page = (ROOT / "docs/performance.md").read_text("utf-8")
    measured = re.search(r"^\| 50 objects, `max-parallel: 50` \| makespan \| ([\d.]+) ", page, re.MULTILINE)
    scaled = re.search(r"scaled to 50 objects (\d+) s", page)
    (loop, _, _, ours) = next(row[1:] for row in rows(README, "Compared with") if row[0].startswith("50 "))

    assert measured
    assert scaled
    assert ours.startswith(f"[{float(measured[1]):.1f} s](docs/performance.md)")
    assert loop == f"{scaled[1]} s, scaled"
