"""The deliberate bugs still fit the code, and judges that find them are told from judges that do not."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from .bug import PACKAGE, Bug, put
from .bugs import BUGS, Hunt, hunt, main
from .bugs_of_runs import RUNS
from .bugs_of_words import WORDS

BUG = BUGS["each request has a fresh nonce"]


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_a_bug_fits_the_code_and_is_code_itself(bug: Bug) -> None:
    before = ast.dump(ast.parse((PACKAGE / bug.file).read_text(encoding="utf-8")))

    assert ast.dump(ast.parse(bug.text())) != before


def test_each_bug_has_a_name_of_its_own() -> None:
    assert len(BUGS) == len(RUNS) + len(WORDS)
    assert not [name for name in BUGS if name.isdigit()]


@pytest.mark.parametrize(("old", "times"), [("no such text", 0), ("self", None)])
def test_a_bug_whose_place_is_gone_or_not_one_place_says_so(old: str, times: int | None) -> None:
    count = times if times is not None else (PACKAGE / BUG.file).read_text(encoding="utf-8").count(old)

    with pytest.raises(ValueError, match=f"{BUG.name}: app/create.py has {count} times, and not once"):
        replace(BUG, old=old).text()


def test_a_bug_is_put_into_a_copy_alone(tmp_path: Path) -> None:
    before = (PACKAGE / BUG.file).read_text(encoding="utf-8")

    put(BUG, tmp_path)

    assert (tmp_path / PACKAGE.name / BUG.file).read_text(encoding="utf-8") == BUG.text() != before
    assert (PACKAGE / BUG.file).read_text(encoding="utf-8") == before


def test_what_is_played_is_the_copy() -> None:
    broken = Bug(
        "broken", "It can be imported.", "__init__.py", '__version__ = "', 'raise ImportError\n_ = "'
    )

    with pytest.raises(RuntimeError, match="broken: the child ended with status 1"):
        hunt(broken, 1)
    assert hunt(None, 2) == Hunt(None, 2)


@pytest.mark.parametrize(
    ("each", "line", "surprise"),
    [
        (Hunt(BUG, 14, ("I1", "I2")), f"{BUG.name}: found after 14 schedules by I1, I2", False),
        (Hunt(BUG, 1, ("I1",)), f"{BUG.name}: found after 1 schedule by I1", False),
        (Hunt(BUG, 1000), f"{BUG.name}: NOT FOUND in 1,000 schedules", True),
        (Hunt(replace(BUG, missed="why"), 9), f"{BUG.name}: NOT FOUND in 9 schedules (why)", False),
        (Hunt(None, 9), "the code as it is: nothing found in 9 schedules", False),
        (Hunt(None, 9, ("I4",)), "the code as it is: found after 9 schedules by I4", True),
    ],
)
def test_a_hunt_says_what_came_of_it(each: Hunt, line: str, surprise: bool) -> None:
    assert (str(each), each.surprise) == (line, surprise)


def test_a_name_that_no_bug_has_ends_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["10", "no such"]) == 2

    said = capsys.readouterr().out.splitlines()
    assert said == ["no such bug: no such; there are:", *BUGS]


@pytest.mark.long
def test_bugs_are_found_and_a_bug_that_is_not_fails(capsys: pytest.CaptureFixture[str]) -> None:
    bugs = [BUG.name, "a request that is under way is not noted", "a stop is ignored"]

    assert main(["100", *bugs]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[0] for line in lines] == ["the code as it is", *bugs]
    assert [line.split(" by ")[1] for line in lines[1:]] == ["I1", "I4", "I6"]
    assert last == "3 of 3 bugs found"
    assert main(["1", BUG.name]) == 1, "one schedule does not show it"
