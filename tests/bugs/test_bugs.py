"""The deliberate bugs still fit the code, and a hunt says correctly whether a bug is found."""

import ast
import inspect
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from . import test_likely
from .bug import NO_RULE, PACKAGE, Bug, put
from .hunt import CHILDREN, Hunt, Result, hunts, main
from .listed import BUGS, LIKELY, RUNS, SELECTING, STOPPED, WORDS

BUG = BUGS["each request has a fresh nonce"]
ALL = list(
    {bug.name: bug for bug in (*BUGS.values(), *(bug for bugs in LIKELY.values() for bug in bugs))}.values()
)
MARK = "test_the_mark_is_the_same_in_a_re_run"
HARMLESS = Bug("harmless", "main:run", "", "0")
STUMBLING = Bug("stumbling", "main:run", "", "raise LookupError")


def code_of(bug: Bug) -> str:
    """The file without the bug, in the same normal form."""
    return ast.unparse(ast.parse((PACKAGE / bug.file).read_text(encoding="utf-8")))


@pytest.mark.parametrize("bug", ALL, ids=lambda bug: bug.name)
def test_a_bug_fits_the_code_and_changes_it(bug: Bug) -> None:
    assert ast.unparse(ast.parse(bug.text())) != code_of(bug)


def test_each_bug_has_a_different_name_and_each_likely_test_has_a_bug() -> None:
    tests = [name for name, _ in inspect.getmembers(test_likely, inspect.isfunction) if name[:5] == "test_"]

    assert len(BUGS) == len(RUNS) + len(SELECTING) + len(WORDS) + len(STOPPED)
    assert sorted(LIKELY) == sorted(tests)
    assert all(LIKELY.values())


CODE = '''
class Creator:
    def send(self, found):
        """Send it."""
        if found and self.nonce(  # a comment
            'a', adopted=True):
            one = 1
            return one
        match found:
            case Found(True):
                return self.nonce('b', adopted=False)
        return "a"
'''


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('self.nonce("a",adopted=True)', "False", "if found and False:"),
        ("adopted=True", "adopted=None", "self.nonce('a', adopted=None)"),
        ('if found and self.nonce("a", adopted=True):', "if found:", "if found:\n            one = 1\n"),
        ("case Found(True):", "case Found():", "case Found():\n                return self.nonce('b'"),
        ("one = 1\nreturn one", "pass", "adopted=True):\n            pass\n"),
        ("one = 1", "one = 1; two = 2", "one = 1\n            two = 2\n            return one"),
        ("", "return 0", '"""Send it."""\n        return 0\n        if'),
    ],
)
def test_the_place_of_a_bug_is_found_whatever_the_format_of_the_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, line: str
) -> None:
    monkeypatch.setattr("tests.bugs.bug.PACKAGE", tmp_path)
    (tmp_path / "create.py").write_text(CODE, encoding="utf-8")

    assert line in Bug("any", "create:Creator.send", old, new).text()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"old": "no.such.text"}, "engine.create:Creator._send has 0 times, and not once"),
        ({"old": "self._mark"}, r"engine.create:Creator._send has [0-9]+ times, and not once"),
        ({"where": "engine.create:Creator._gone"}, "there is no engine.create:Creator._gone"),
    ],
)
def test_a_bug_without_exactly_one_place_says_so(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=f"{BUG.name}: {said}"):
        replace(BUG, **changes).text()


def test_a_bug_is_put_only_into_a_copy(tmp_path: Path) -> None:
    before = code_of(BUG)

    put(BUG, tmp_path)

    assert (tmp_path / PACKAGE.name / BUG.file).read_text(encoding="utf-8") == BUG.text() != before
    assert code_of(BUG) == before


def test_an_unruled_bug_comes_with_a_record_without_rules(tmp_path: Path) -> None:
    unruled = replace(BUG, unruled=True)

    put(unruled, tmp_path)

    for each in (unruled, NO_RULE):
        assert (tmp_path / PACKAGE.name / each.file).read_text(encoding="utf-8") == each.text()


@pytest.mark.parametrize(
    ("each", "line", "surprise"),
    [
        (Result(Hunt(BUG, 20), 14, ("I1", "I2")), f"{BUG.name}: found after 14 schedules by I1, I2", False),
        (Result(Hunt(BUG, 1000), 1000), f"{BUG.name}: NOT FOUND in 1,000 schedules", True),
        (Result(Hunt(replace(BUG, missed="why"), 1), 1), f"{BUG.name}: NOT FOUND in 1 schedule (why)", False),
        (Result(Hunt(BUG, tests=(MARK,)), 0, ("a[b]",)), f"{BUG.name}: found by a[b]", False),
        (
            Result(Hunt(replace(BUG, missed="why"), tests=(MARK,)), 0),
            f"{BUG.name}: NOT FOUND by {MARK}",
            True,
        ),
        (Result(Hunt(None, 9), 9), "the code as it is: nothing found in 9 schedules", False),
        (Result(Hunt(None, 9), 9, ("I4",)), "the code as it is: found after 9 schedules by I4", True),
    ],
)
def test_a_hunt_reports_its_result(each: Result, line: str, surprise: bool) -> None:
    assert (str(each), each.surprise) == (line, surprise)


def test_for_an_unknown_name_the_known_bugs_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["10", "no such"]) == 2

    assert capsys.readouterr().out.splitlines() == [
        "no such bug: no such; there are:",
        *(bug.name for bug in ALL),
    ]


@pytest.mark.long
@pytest.mark.timeout(900)  # many processes, on any machine
def test_a_hunt_plays_the_copy_and_only_a_failed_assertion_finds_a_bug() -> None:
    broken = Bug("broken", "__init__", "", "raise ImportError")

    with pytest.raises(RuntimeError, match="broken: the child ended with status 1"):
        Hunt(broken, 1).run()
    found, harmless, stumbling = (
        Hunt(bug, tests=(MARK,)).run() for bug in (*LIKELY[MARK], HARMLESS, STUMBLING)
    )
    assert str(found) == f"the mark is drawn at random: found by {MARK}[resume]"
    assert harmless.surprise
    assert stumbling.surprise


@pytest.mark.long
@pytest.mark.timeout(900)  # many processes, on any machine
def test_bugs_are_found_and_a_bug_that_is_not_found_fails_the_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bugs = [BUG.name, "a request without an answer is not recorded", "a stop is ignored"]

    assert main(["100", *bugs]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[0] for line in lines] == ["the code as it is", *bugs]
    found = [line.split(" by ")[1].split(", ") for line in lines[1:]]
    assert all(judge in by for judge, by in zip(("I1", "I4", "I6"), found, strict=True)), found
    assert last == "3 of 3 hunts found their bug"
    assert main(["1", BUG.name]) == 1, "one schedule does not show it"


@pytest.mark.long
@pytest.mark.timeout(900)  # many processes, on any machine
def test_every_likely_bug_is_found_by_its_test() -> None:
    wanted = [each for each in hunts([bug.name for bug in ALL], 0) if each.tests]

    with ThreadPoolExecutor(CHILDREN) as pool:
        results = [*pool.map(Hunt.run, wanted)]

    assert len(results) == 1 + sum(map(len, LIKELY.values()))
    assert [str(each) for each in results if each.surprise] == []
