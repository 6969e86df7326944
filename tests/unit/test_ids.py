"""The grammar of object IDs."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.problem import (
    Dashed,
    ListFault,
    LostDigits,
    NotAList,
    NotAnId,
    NotAnItem,
    Nulls,
    Repeated,
    Rounded,
    Swallowed,
    TooManyIds,
)
from dataworks_deploy.hosts.inputs.ids import MOST_IDS, ParsedIds, parse_ids

A, B, C = "7567482277219412494", "7567482277219412495", "node_A-1"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
IDS = st.lists(st.from_regex(r"[1-9][0-9]{0,18}", fullmatch=True), min_size=1, max_size=20, unique=True)
NAME = "object-ids"


@pytest.mark.parametrize(
    "text",
    [
        f"{A}\n{B}\n{C}",
        f"{A}\r\n{B}\r\n{C}\r\n",
        f"{A},{B},{C}",
        f"{A}, {B} ,{C},",
        f"{A}，{B}，{C}",
        f"{A} {B}\t{C}",
        f"\n  {A},\n  {B},\n\n  {C}\n",
        f"\ufeff# orders\n{A}\n   # 7567482277219412499, not yet\r\n{B}\n#\n#\n{C}",
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
    assert parse_ids(text) == ParsedIds((A, B, C))  # type: ignore[arg-type]


@given(IDS, st.sampled_from(["\n", ",", " ", ", ", "\r\n", "\t", " ,\n"]))
def test_every_digit_and_the_order_are_kept(ids: list[str], separator: str) -> None:
    assert parse_ids(separator.join(ids)).ids == tuple(ids)
    assert parse_ids(f"[{','.join(ids)}]").ids == tuple(ids)


@pytest.mark.parametrize("text", ["9007199254740993", "9223372036854775807", "1" * 64, "12345678901234567"])
def test_no_id_is_rounded(text: str) -> None:
    assert parse_ids(text).ids == parse_ids(f"[{text}]").ids == (text,)
    assert parse_ids(f"00{text[2:]}").ids == (f"00{text[2:]}",)


@pytest.mark.parametrize(
    "token", ["7.56748227721941E+18", "7.56748227721941e18", "7E+18", "1.5", f"{A}.0", "1E5"]
)
@pytest.mark.parametrize("form", ["{}", "[{}]", '["{}"]', "12\n{}", "12,{},13"])
def test_a_number_that_became_a_float_is_refused(token: str, form: str) -> None:
    in_json = form == "[{}]"

    lost = LostDigits("run-ids", f"'{token}'" if in_json else token, in_json)
    assert parse_ids(form.format(token), "run-ids").problems == (lost,)


@pytest.mark.parametrize(
    "text",
    [
        *('[["123"]]', "123]", "[123 456]", "[true]", "[null]", "[-1.5e-3]", '[{"id": 1}]'),
        *('["12 3"]', '["12,3"]', '["[123]"]', '["\\"123\\""]', "“123”", "١٢٣", "12;3", "12|3", "a.b", "a/b"),
        *("a%20b", "$123", "${{ inputs.id }}", "id=123", "1" * 65, '[""]', "[NaN]", "[Infinity]", "[1E-5]"),
        *(
            "[[123]]",
            "[123",
            "[\"'123'\"]",
            '"123',
            "123'",
            "\"123'",
            '"1 2"',
            '""',
            "''123''",
            '1"2"3',
            "123#4",
            "123,#4",
        ),
    ],
)
def test_what_is_not_a_list_of_ids_is_refused(text: str) -> None:
    assert parse_ids(text).problems


@pytest.mark.parametrize(
    ("text", "why"),
    [
        *((each, ListFault.EMPTY) for each in ("[]", "[  ]", ",", " , \n,")),
        *((each, ListFault.BROKEN) for each in ("[123", "['123']", '["123",]', '["123" "456"]')),
        *((each, ListFault.NOT_FLAT) for each in ('{"id": "123"}',)),
    ],
)
def test_each_reason_why_it_is_no_list_is_distinguished(text: str, why: ListFault) -> None:
    assert parse_ids(text).problems == (NotAList(NAME, why),)


@pytest.mark.usefixtures("swept")
def test_a_list_that_is_nested_deeper_than_can_be_read_is_refused() -> None:
    assert parse_ids("[" * 100_000).problems


@given(st.text(max_size=200))
def test_only_valid_ids_pass(text: str) -> None:
    parsed = parse_ids(text)

    assert parsed.problems or parsed.ids
    if not parsed.problems:
        assert all(0 < len(each) <= 64 and not {*each} - {*ALPHABET} for each in parsed.ids)


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=6)
)
def test_no_brackets_quotes_or_floats_pass_in_json(value: object) -> None:
    parsed = parse_ids(json.dumps(value))

    if not parsed.problems:
        assert all(not {*each} - {*ALPHABET} for each in parsed.ids)
        assert isinstance(value, list | str | int | float | None)


def test_all_faults_are_named() -> None:
    assert parse_ids('[1.5, "a.b", true, null, {"id": 1}, 12, 7.5E+18, null]').problems == (
        LostDigits(NAME, "'1.5, 7.5E+18'", in_json=True),
        Nulls(NAME, (4, 8)),
        NotAnItem(NAME, 3, "'true'"),
        NotAnItem(NAME, 5, '\'{"id": "1"}\''),
        NotAnId(NAME, "'a.b'"),
    )
    assert parse_ids("a.b 12 c/d -7").problems == (
        *(NotAnId(NAME, "'a.b'"), NotAnId(NAME, "'c/d'"), Dashed(NAME, "'-7'")),
    )


@pytest.mark.parametrize(("text", "odd"), [("１２３", "１"), ("12\u200b3", "\u200b"), ("é", "é")])
def test_a_text_that_only_looks_like_an_id_is_named(text: str, odd: str) -> None:
    assert parse_ids(text).problems == (NotAnId(NAME, repr(text), odd),)


@pytest.mark.parametrize("text", ["# nothing", "\ufeff#\n  # 7567482277219412499, not yet\n", "\n#\n\n"])
def test_a_list_with_only_comments_is_reported_as_empty(text: str) -> None:
    assert parse_ids(text).problems == (NotAList(NAME, ListFault.COMMENTS_ONLY),)


def test_a_comment_ends_with_its_line_whatever_ends_the_line() -> None:
    for end in ("\n", "\r\n", "\r"):
        assert parse_ids(f"{A} # orders{end}{B}").ids == (A, B)


@pytest.mark.parametrize("text", [f"{A}#orders", f"{A},# orders", f"{A}#订单"])
def test_a_comment_without_a_space_before_it_is_refused_with_the_fix(text: str) -> None:
    (problem, *_) = parse_ids(text).problems

    assert isinstance(problem, NotAnId)
    assert problem.odd == "#"


def test_an_id_in_the_comment_after_another_id_is_refused() -> None:
    """With `object-ids: >`, and in a form, pasted lines become one: the first comment would hide everything
    after it.
    """
    assert parse_ids(f"{A}  # orders {B}  # customers\n").problems == (Swallowed(NAME, B),)
    assert parse_ids(f"{A}  # on 20261129, ticket 4711, 13 digits: 1764443928000").problems == ()
    assert parse_ids(f"{A}\n# not yet: # {B}").problems == (), "a line of its own says what it does"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("- 1001\n- 1002", "-"), ("-1001\n", "-1001"), ("--5x", "--5x"), ("[-5]", "-5"), ('["--"]', "--")],
)
def test_a_leading_dash_is_refused_as_a_dash(text: str, wrong: str) -> None:
    assert parse_ids(text) == ParsedIds(parse_ids(text).ids, (Dashed(NAME, f"'{wrong}'"),))


def test_a_dash_before_a_letter_may_be_part_of_an_id() -> None:
    ids = ("-node", "_5", "5-", "5_", "_", "__", "_-_")

    assert parse_ids(" ".join(ids)) == ParsedIds(ids)  # type: ignore[arg-type]


def test_a_repeated_id_is_kept_once_with_one_warning() -> None:
    parsed = parse_ids(f"{A} {B} {A} {A}")

    assert (parsed.ids, parsed.doubts) == ((A, B), (Repeated(NAME, A, 3),))
    assert parse_ids("a.b 12 a.b 1E5 1E5 -7 -7").doubts == (), "nothing is doubted that is refused"


@pytest.mark.parametrize("form", ["{}", "[{}]", '["{}"]'])
def test_an_id_that_javascript_has_rounded_is_doubted(form: str) -> None:
    assert parse_ids(form.format("7567482277219413000")).doubts == (Rounded(NAME, "7567482277219413000"),)


@pytest.mark.parametrize("text", ["1000", "1234567000", A])
def test_an_id_that_is_not_rounded_is_not_doubted(text: str) -> None:
    assert parse_ids(text).doubts == ()


def test_more_ids_than_fit_into_the_outputs_are_refused() -> None:
    ids = [str(number) for number in range(MOST_IDS + 1)]

    assert parse_ids(" ".join(ids)).problems == (TooManyIds(NAME, MOST_IDS + 1, MOST_IDS),)
    assert parse_ids(" ".join(ids[1:] * 2)).problems == (), "each counts once"
