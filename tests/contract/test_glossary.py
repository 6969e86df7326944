"""The glossary has few terms, each of them complete, and no page uses a name that the glossary forbids."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_TERMS = 25  # so few that a person can read all of them
GLOSSARY = ROOT / "docs/glossary.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in GLOSSARY.read_text("utf-8").splitlines()
    if line.startswith("|")
][2:]
# A name with a note in brackets is right for something else, and a test cannot see the difference.
FORBIDDEN = [name for row in ROWS for name in re.split(r", (?![^(]*\))", row[-1]) if "(" not in name]
# The keys in the list of the prose check: regular expressions of JavaScript that mean the same in Python.
KEYS = [
    json.loads(key)
    for key in re.findall(
        r'^  ("(?:[^"\\]|\\.)+"):', (ROOT / "tools/prose/words.js").read_text("utf-8"), re.MULTILINE
    )
]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*.yml"), ROOT / "action.yml"]


def prose(page: Path) -> str:
    """A page's text without code and addresses."""
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`]*`|\]\([^)]*\)", "", text)


def test_there_are_few_terms_and_each_is_complete() -> None:
    assert 0 < len(ROWS) <= MOST_TERMS
    for row in ROWS:
        assert len(row) == 4, row
        assert all(row), row
        assert re.search(r"[\u4e00-\u9fff]", row[1]), row


def test_no_term_occurs_twice_in_either_language() -> None:
    for column in (0, 1):
        names = [row[column] for row in ROWS]
        assert len({*names}) == len(names)


def test_no_term_is_also_a_forbidden_name() -> None:
    terms = {row[0].lower() for row in ROWS}

    assert not terms & {name.lower() for name in FORBIDDEN}


def test_there_are_at_least_as_many_forbidden_names_as_terms() -> None:
    assert len(FORBIDDEN) >= len(ROWS)


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_forbidden_name_is_found_by_the_prose_check_or_is_on_no_page(name: str) -> None:
    if any(re.fullmatch(key, name, re.IGNORECASE) for key in KEYS):
        return
    form = re.compile(rf"(?<![\w-]){re.escape(name)}s?(?![\w-])", re.IGNORECASE)

    assert [page.name for page in PAGES if page != GLOSSARY and form.search(prose(page))] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_the_pages_for_readers_and_authors_link_to_the_glossary(page: str) -> None:
    assert "(docs/glossary.md)" in (ROOT / page).read_text("utf-8")
