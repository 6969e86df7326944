"""The grammar of object IDs."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.inputs.ids import MOST_IDS, parse_ids

A, B, C = "7567482277219412494", "7567482277219412495", "node_A-1"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
IDS = st.lists(st.from_regex(r"[1-9][0-9]{0,18}", fullmatch=True), min_size=1, max_size=20, unique=True)


@pytest.mark.parametrize(
    "text",
    [
        f"{A}\n{B}\n{C}",
        f"{A}\r\n{B}\r\n{C}\r\n",
        f"{A},{B},{C}",
        f"{A}, {B} ,{C},",
        f"{A} {B}\t{C}",
        f"\n  {A},\n  {B},\n\n  {C}\n",
        f'["{A}", "{B}", "{C}"]',
        f'[{A}, {B}, "{C}"]',
        f' [\n "{A}",\n "{B}",\n " {C} "\n] ',
        json.dumps([int(A), B, C]),
        f"{A}，{B}、{C}",
        f"{A} 、\n{B} ， {C}、",
        f'"{A}"\n"{B}"\n"{C}"\n',
        f"'{A}', \"{B}\"、{C}",
        f"{A}  # dwd_orders\n{B} #\n{C}\t# 订单、客户，不急\n",
        f'# all\n{A}, {B},  # two # at once\r\n"{C}"  # the "third"',
        f'[\n"{A}", # first\n"{B}",\n# and\n"{C}" # last\n]  # all',
    ],
)
def test_every_listed_form_is_read(text: str) -> None:
    parsed = parse_ids(text)

    assert (parsed.ids, parsed.problems, parsed.warnings) == ((A, B, C), (), ())


@given(IDS)
def test_a_json_array_of_integers_keeps_every_digit(ids: list[str]) -> None:
    assert parse_ids(f"[{','.join(ids)}]").ids == tuple(ids)


@given(IDS, st.sampled_from(["\n", ",", " ", ", ", "\r\n", "\t", " ,\n"]))
def test_separated_ids_keep_every_digit_and_their_order(ids: list[str], separator: str) -> None:
    assert parse_ids(separator.join(ids)).ids == tuple(ids)


@pytest.mark.parametrize(
    "text", ["9007199254740993", "9223372036854775807", "1" * 64, "00012", "12345678901234567"]
)
def test_no_id_is_rounded(text: str) -> None:
    assert parse_ids(text).ids == (text,)
    if not text.startswith("0"):
        assert parse_ids(f"[{text}]").ids == (text,)


@pytest.mark.parametrize(
    "token",
    ["7.56748227721941E+18", "7.56748227721941e18", "7E+18", "7e18", "1.5", "7567482277219412494.0", "1E5"],
)
@pytest.mark.parametrize("form", ["{}", "[{}]", '["{}"]', "12\n{}", "12,{},13"])
def test_a_number_that_became_a_float_is_refused_with_the_way_out(token: str, form: str) -> None:
    parsed = parse_ids(form.format(token))

    (problem,) = parsed.problems
    assert token in problem
    assert "quote the ID" in problem


@pytest.mark.parametrize(
    "text",
    [
        "[[123]]",
        '[["123"]]',
        '{"id": "123"}',
        "[123",
        "123]",
        "['123']",
        '["123",]',
        "[123 456]",
        '["123" "456"]',
        "[true]",
        "[null]",
        "[-1.5e-3]",
        '[{"id": 1}]',
        '["12 3"]',
        '["12,3"]',
        '["[123]"]',
        '["\\"123\\""]',
        "[\"'123'\"]",
        '"123',
        "123'",
        "\"123'",
        '"1 2"',
        '"1,2"',
        '""',
        "''123''",
        '1"2"3',
        '"1""2"',
        '"[123]"',
        "123#4",
        "123,#4",
        "“123”",
        "１２３",
        "١٢٣",
        "12\u200b3",
        "12;3",
        "12|3",
        "a.b",
        "a/b",
        "a%20b",
        "$123",
        "${{ inputs.id }}",
        "id=123",
        "1" * 65,
        "[]",
        "[  ]",
        '[""]',
        ",",
        " , \n,",
    ],
)
def test_what_is_not_a_list_of_ids_is_refused(text: str) -> None:
    assert parse_ids(text).problems


@pytest.mark.usefixtures("swept")
def test_a_list_that_is_nested_deeper_than_can_be_read_is_refused() -> None:
    assert parse_ids("[" * 100_000).problems


@pytest.mark.parametrize("text", ["[NaN]", "[Infinity]", "[1E-5]"])
def test_json_numbers_that_are_no_integers_are_refused(text: str) -> None:
    assert parse_ids(text).problems


@given(st.text(max_size=200))
def test_whatever_is_given_only_well_formed_ids_get_through(text: str) -> None:
    parsed = parse_ids(text)

    assert parsed.problems or parsed.ids
    if not parsed.problems:
        assert all(0 < len(each) <= 64 and not {*each} - {*ALPHABET} for each in parsed.ids)


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=6)
)
def test_no_json_value_gets_brackets_quotes_or_floats_through(value: object) -> None:
    parsed = parse_ids(json.dumps(value))

    if not parsed.problems:
        assert all(not {*each} - {*ALPHABET} for each in parsed.ids)
        assert isinstance(value, list | str | int | float | None)


def test_all_bad_ids_are_named() -> None:
    parsed = parse_ids("a.b 12 c/d 7.5E+18")

    assert len(parsed.problems) == 3
    assert all(
        bad in problem for bad, problem in zip(["a.b", "c/d", "7.5E+18"], parsed.problems, strict=True)
    )


def test_all_faults_of_a_json_array_are_named() -> None:
    problems = parse_ids('[1.5, "a.b", true, null, {"id": 1}, [2], 12, 7.5E+18]').problems

    for bad in ("1.5, 7.5E+18", "a.b", "place 3", "true", "null", "id", "place 6"):
        assert any(bad in problem for problem in problems), bad
    assert not any("12" in problem for problem in problems)


def test_a_line_of_comment_and_a_byte_order_mark_are_no_ids() -> None:
    text = f"\ufeff# orders\n{A}\n   # 7567482277219412499, not yet\r\n{B}\n#\n#\n"

    assert parse_ids(text) == parse_ids(f"{A} {B}")
    assert "the list is empty" in parse_ids("# nothing").problems[0]


@pytest.mark.parametrize("text", ["# nothing", "\ufeff#\n  # 7567482277219412499, not yet\n", "\n#\n\n"])
def test_of_a_list_of_comments_only_it_is_said_that_it_is_empty(text: str) -> None:
    assert parse_ids(text).problems == (
        "object-ids: the list is empty: it has comments only. Give at least one ID.",
    )


def test_a_comment_ends_with_its_line_whatever_ends_the_line() -> None:
    for end in ("\n", "\r\n", "\r"):
        assert parse_ids(f"{A} # orders{end}{B}").ids == (A, B)


@pytest.mark.parametrize("text", [f"{A}#orders", f"{A},# orders", f"{A}#订单"])
def test_a_comment_without_a_blank_in_front_is_refused_with_the_way_out(text: str) -> None:
    (problem, *_) = parse_ids(text).problems

    assert "a comment needs a blank before its #" in problem


def test_an_id_in_the_comment_behind_another_is_refused_because_joined_lines_put_it_there() -> None:
    """`object-ids: >` and what is pasted into a form become one line: the first comment would hide all that follows."""
    (problem,) = parse_ids(f"{A}  # orders {B}  # customers\n").problems

    assert problem == (
        f"object-ids: {B} stands in a comment behind an ID, and would be left out. A block with > and a form on GitHub "
        "join lines to one: use a block with |, or leave the comments out."
    )
    assert "run-ids: " in parse_ids(f"{A}  # orders {B}", "run-ids").problems[0]
    assert parse_ids(f"{A}  # on 20261129, ticket 4711, 13 digits: 1764443928000").problems == ()
    assert parse_ids(f"{A}\n# not yet: # {B}").problems == (), "a line of its own says what it does"


@pytest.mark.parametrize(
    ("text", "name"),
    [("１２３", "FULLWIDTH DIGIT ONE"), ("12\u200b3", "ZERO WIDTH SPACE"), ("é", "LATIN SMALL")],
)
def test_what_looks_like_an_id_and_is_none_is_named(text: str, name: str) -> None:
    assert name in parse_ids(text).problems[0]


@pytest.mark.parametrize("name", ["object-ids", "run-ids"])
@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("- 1001\n- 1002", "'-'"),
        ("-1001\n", "'-1001'"),
        ("--5x", "'--5x'"),
        ("[-5]", "'-5'"),
        ('["--"]', "'--'"),
    ],
)
def test_a_dash_in_front_is_refused_with_the_way_out(text: str, wrong: str, name: str) -> None:
    parsed = parse_ids(text, name)

    (problem,) = parsed.problems
    assert problem.startswith(f"{name}: {wrong} is not an ID")
    assert "one on a line, without a dash in front" in problem
    assert parsed.warnings == ()


def test_a_dash_in_front_of_a_letter_may_be_part_of_an_id() -> None:
    parsed = parse_ids("-node _5 5- 5_ _ __ _-_")

    assert parsed.ids == ("-node", "_5", "5-", "5_", "_", "__", "_-_")
    assert parsed.problems == ()


def test_of_what_is_refused_no_repetition_is_warned() -> None:
    assert parse_ids("a.b 12 a.b 1E5 1E5 -7 -7").warnings == ()


def test_a_repeated_id_is_kept_once_with_one_warning() -> None:
    parsed = parse_ids(f"{A} {B} {A} {A}")

    assert parsed.ids == (A, B)
    (warning,) = parsed.warnings
    assert A in warning
    assert "3 times" in warning


@pytest.mark.parametrize("form", ["{}", "[{}]", '["{}"]'])
def test_an_id_that_javascript_has_rounded_is_doubted(form: str) -> None:
    parsed = parse_ids(form.format("7567482277219413000"))

    assert parsed.ids == ("7567482277219413000",)
    (warning,) = parsed.warnings
    assert "rounded" in warning


@pytest.mark.parametrize("text", ["1000", "1234567000", "7567482277219412494"])
def test_an_id_that_is_not_rounded_is_not_doubted(text: str) -> None:
    assert parse_ids(text).warnings == ()


def test_a_message_shows_foreign_text_in_ascii_and_cut() -> None:
    (problem,) = parse_ids("\u202e" + "é" * 500).problems

    assert problem.isascii()
    assert len(problem) < 1200


def test_more_ids_than_the_outputs_have_room_for_are_refused() -> None:
    ids = [str(number) for number in range(MOST_IDS + 1)]
    (problem,) = parse_ids(" ".join(ids)).problems

    assert parse_ids(" ".join(ids[1:])).problems == ()
    assert parse_ids(" ".join([*ids[1:], *ids[1:]])).problems == (), "each counts once"
    assert "1 MB" in problem
    assert "Split them into several jobs" in problem


@pytest.mark.parametrize("name", ["object-ids", "run-ids"])
def test_an_id_that_became_a_float_is_explained_by_its_own_input(name: str) -> None:
    for text in ("7.56748227721941E+18", "[7.56748227721941E+18]"):
        (problem,) = parse_ids(text, name).problems
        assert f"block scalar ({name}: |)" in problem


def test_nulls_are_told_in_one_line_with_where_they_come_from_and_how_they_go() -> None:
    text = json.dumps([A, None, B, None])

    (of_runs,) = parse_ids(text, "run-ids").problems
    (of_objects,) = parse_ids(text).problems

    assert of_runs == (
        "run-ids: the JSON array has null at place 2, 4, as the output run-ids has it for an object without a run. "
        "Leave those out, and where object-ids is given their objects: jq -c 'map(select(.))'."
    )
    assert (
        "results have it where run-ids was given alone. Leave those out: jq -c 'map(select(.))'."
        in of_objects
    )
    assert len(parse_ids(json.dumps([None] * 1000), "run-ids").problems[0]) < 300
