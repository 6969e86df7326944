"""Each likely bug has its test, still fits the code, and is found; and what finds nothing is told from what does."""

import ast
import inspect

import pytest

from ..simulation.bug import PACKAGE, Bug
from . import likely, test_likely_bugs
from .likely import Trial, attempt
from .likely_bugs import LIKELY

BUGS = [bug for bugs in LIKELY.values() for bug in bugs]
MARK = "test_the_mark_is_not_drawn_at_random"
HARMLESS = Bug("harmless", "Nothing.", "__init__.py", '__version__ = "', '_, __version__ = 1, "')
STUMBLING = Bug("stumbling", "A step works.", "main.py", "def run(", "def walk(")


def test_each_of_the_twelve_tests_has_a_bug_to_find() -> None:
    tests = [
        name for name, _ in inspect.getmembers(test_likely_bugs, inspect.isfunction) if name[:5] == "test_"
    ]

    assert sorted(LIKELY) == sorted(tests)
    assert len(tests) == 12
    assert all(LIKELY.values())
    assert len({bug.name for bug in BUGS}) == len(BUGS)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_likely_bug_fits_the_code_and_is_code_itself(bug: Bug) -> None:
    before = ast.dump(ast.parse((PACKAGE / bug.file).read_text(encoding="utf-8")))

    assert ast.dump(ast.parse(bug.text())) != before


@pytest.mark.long
def test_a_bug_is_found_by_an_objection_and_not_by_a_stumble() -> None:
    found, harmless, stumbling = (attempt(bug, (MARK,)) for bug in (LIKELY[MARK][0], HARMLESS, STUMBLING))

    assert found.good
    assert str(found) == f"the mark is drawn at random: found by {MARK}[resume]"
    assert str(harmless) == f"harmless: NOT FOUND by {MARK}"
    assert "AttributeError" in str(stumbling)
    assert not any(trial.good for trial in (harmless, stumbling))


@pytest.mark.parametrize(
    ("trial", "line"),
    [
        (Trial((MARK,), None), "the code as it is: all pass"),
        (Trial((MARK,), None, MARK, "assert 1"), f"the code as it is: {MARK} FAILS"),
    ],
)
def test_the_code_as_it_is_must_pass(trial: Trial, line: str) -> None:
    assert str(trial) == line
    assert trial.good is line.endswith("pass")


def test_a_name_that_no_test_has_ends_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert likely.main(["no such"]) == 2

    assert capsys.readouterr().out.splitlines() == ["no such test: no such; there are:", *LIKELY]


@pytest.mark.long
def test_every_likely_bug_is_found_by_its_test(capsys: pytest.CaptureFixture[str]) -> None:
    assert likely.main([]) == 0

    *lines, last = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(BUGS)
    assert last == f"{len(BUGS)} of {len(BUGS)} bugs found"
