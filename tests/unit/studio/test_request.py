"""The grammar of `objects`: one object or pattern on each line."""

import re
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.studio.catalog import Kind
from dataworks_deploy.domain.studio.request import (
    Dashed,
    ExcludesFirst,
    Form,
    Line,
    LostDigits,
    NothingSought,
    PatternOffline,
    Quoted,
    UnknownKind,
    is_task_id,
    parse_lines,
)

ID = "7567482277219412494"


def only(text: str) -> Line:
    """The only line of a text without a fault."""
    parsed = parse_lines(text)
    assert not parsed.faults
    (line,) = parsed.lines
    return line


@pytest.mark.parametrize(
    ("text", "sought", "kind", "form"),
    [
        (ID, ID, None, Form.ID),
        (f"node:{ID}", ID, Kind.NODE, Form.ID),
        ("XML_TO_X", "XML_TO_X", None, Form.TEXT),
        ("20240101", "20240101", None, Form.TEXT),
        ("dwd_orders_di", "dwd_orders_di", None, Form.TEXT),
        ("业务流程/订单/dwd_orders_di", "业务流程/订单/dwd_orders_di", None, Form.TEXT),
        ("/业务流程/订单/dwd_orders_di", "业务流程/订单/dwd_orders_di", None, Form.TEXT),
        ("workflow:daily", "daily", Kind.WORKFLOW, Form.TEXT),
        ("Resource: udf.jar", "udf.jar", Kind.RESOURCE, Form.TEXT),
        ("function:/a/geo_loc", "a/geo_loc", Kind.FUNCTION, Form.TEXT),
        ("node：dwd_orders_di", "dwd_orders_di", Kind.NODE, Form.TEXT),
        ("a/*", "a/*", None, Form.PATTERN),
        ("node:**", "**", Kind.NODE, Form.PATTERN),
        ("a b", "a b", None, Form.TEXT),
    ],
)
def test_a_line_is_an_id_a_name_a_path_or_a_pattern(
    text: str, sought: str, kind: Kind | None, form: Form
) -> None:
    line = only(text)

    assert (line.sought, line.kind, line.form, line.takes) == (sought, kind, form, True)


@pytest.mark.parametrize("mark", ["!", "! ", "！"])
@pytest.mark.parametrize("rest", ["a", "node:a", " node: a"])
def test_a_leading_exclamation_mark_excludes(mark: str, rest: str) -> None:
    line = parse_lines(f"**\n{mark}{rest}").lines[1]

    assert (line.sought, line.takes) == ("a", False)


@pytest.mark.parametrize(
    "text", ["a # b", "a\t#b", "  a  ", "\ufeffa", "a\r", "# x\na", "\n\na\n#", "a #", "#!x\na"]
)
def test_comments_and_spaces_are_ignored(text: str) -> None:
    assert only(text).sought == "a"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_a_comment_ends_with_its_line_whatever_ends_the_line(end: str) -> None:
    lines = parse_lines(f"a # first{end}b{end}").lines

    assert [(line.text, line.number) for line in lines] == [("a", 1), ("b", 2)]


def test_a_name_may_hold_a_number_sign() -> None:
    assert only("a#b # c").sought == "a#b"


def test_a_line_knows_its_place() -> None:
    lines = parse_lines("# all\n**  # of them\n\n !a", "objects-file").lines

    assert [(line.text, line.number, line.source) for line in lines] == [
        ("**", 2, "objects-file"),
        ("!a", 4, "objects-file"),
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("node:", NothingSought),
        ("/", NothingSought),
        ("table:orders", UnknownKind),
        ("7.56748227721941E+18", LostDigits),
        ("node:7.56748227721941e18", LostDigits),
        ("'a/*'", Quoted),
        ('"a"', Quoted),
        ("- a", Dashed),
        ("!a", ExcludesFirst),
    ],
)
def test_a_line_that_makes_no_sense_is_a_fault(text: str, fault: type) -> None:
    (found,) = parse_lines(text).faults

    assert isinstance(found, fault)
    assert found.line.text == text


def test_an_unknown_kind_is_named() -> None:
    (fault,) = parse_lines("table : orders").faults

    assert fault == UnknownKind(Line("table : orders", 1, sought="table : orders"), "table")


def test_all_faults_come_at_once() -> None:
    parsed = parse_lines("!\n'a'\nok\n*\n1.5e18", offline=True)

    assert [type(fault) for fault in parsed.faults] == [
        NothingSought,
        ExcludesFirst,
        Quoted,
        PatternOffline,
        LostDigits,
    ]
    assert [fault.line.text for fault in parsed.faults] == ["!", "!", "'a'", "*", "1.5e18"]
    assert len(parsed.lines) == 5


def test_only_excluding_lines_before_the_first_selecting_line_are_faults() -> None:
    faults = parse_lines("!a\n!b\nc\n!d").faults

    assert [fault.line.text for fault in faults] == ["!a", "!b"]


def test_names_and_ids_may_be_taken_offline() -> None:
    assert not parse_lines(f"a\n{ID}\n!b", offline=True).faults


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """No text causes an error, and only lines without a fault are used."""
    parsed = parse_lines(text)

    assert all(line.sought or any(fault.line == line for fault in parsed.faults) for line in parsed.lines)
    assert all(not line.sought.startswith("#") or "#" in line.text for line in parsed.lines)


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        ("a/*", ["a/b", "a/b.py", "a/"], ["a", "a/b/c", "A/b", "b/a/c"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "ab"]),
        ("**", ["a", "a/b", ""], []),
        ("**/b", ["b", "a/b", "x/a/b"], ["ab", "a/bb"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb"]),
        ("a/**/**/b", ["a/b", "a/x/b"], ["a/xb"]),
        ("**.py", ["x.py", "a/x.py"], ["xpy", "x.pyc"]),
        ("*.py", ["x.py", ".py"], ["a/x.py"]),
        ("dwd_*_di", ["dwd_a_di", "dwd__di"], ["dwd_di", "x/dwd_a_di"]),
        ("*/订单/**", ["业务/订单/a"], ["订单/a"]),
        ("a.[b]?(c)+*", ["a.[b]?(c)+", "a.[b]?(c)+x"], ["aX[b]?(c)+", "a.b"]),
        ("***", ["a/b"], []),
        ("a**b", ["ab", "a/b", "axxb"], ["a"]),
        ("a\nb*", ["a\nbc"], []),
    ],
)
def test_a_pattern_matches_whole_paths(pattern: str, fitting: list[str], others: list[str]) -> None:
    line = Line(pattern, 1, sought=pattern)

    assert all(line.pattern.fullmatch(path) for path in fitting)
    assert not any(line.pattern.fullmatch(path) for path in others)


@given(st.text("a/*", max_size=8), st.text("ab/", max_size=8))
def test_a_pattern_means_what_its_grammar_says(pattern: str, path: str) -> None:
    assert bool(Line(pattern, 1, sought=pattern).pattern.fullmatch(path)) == fits_slowly(pattern, path)


@cache
def fits_slowly(pattern: str, path: str, *, at_start: bool = True) -> bool:
    """The same grammar, written character by character."""
    stars = len(pattern) - len(pattern.lstrip("*"))
    if not pattern:
        return not path
    if stars == 0:
        return path[:1] == pattern[0] and fits_slowly(pattern[1:], path[1:], at_start=pattern[0] == "/")
    rest = pattern[stars:]
    if stars == 1:
        most = len(path.partition("/")[0])
    elif at_start and rest.startswith("/"):
        starts = [0, *(found.end() for found in re.finditer("/", path))]
        return any(fits_slowly(rest[1:], path[start:]) for start in starts)
    else:
        most = len(path)
    return any(fits_slowly(rest, path[taken:], at_start=False) for taken in range(most + 1))


def test_long_patterns_on_long_paths_are_quick() -> None:
    """Many wildcards in a row are reduced to as few as possible."""
    line = Line("", 1, sought="**/" * 300 + "*" * 300 + "/x")

    assert not line.pattern.fullmatch("a/" * 100)


def test_the_id_of_a_scheduling_task_is_recognised() -> None:
    assert is_task_id("700006512345")
    assert not is_task_id(ID)
    assert not is_task_id("dwd_orders_di")
