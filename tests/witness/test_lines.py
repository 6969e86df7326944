"""The witness of the selection agrees with the README."""

import pytest

from .lines import Meant, Thing, covers, meant, takes

ORDERS = Thing("7567482277219410001", "node", "dwd_orders", "订单/dwd_orders")
DETAILS = Thing("7567482277219410002", "node", "dwd_details", "订单/明细/dwd_details")
DAILY = Thing("7567482277219410003", "workflow", "daily", "daily")
INNER = Thing("7567482277219410004", "node", "first", "daily/first", DAILY.id)
JAR = Thing("7567482277219410005", "resource", "dwd_orders", "资源/dwd_orders")
ALL = [ORDERS, DETAILS, DAILY, INNER, JAR]


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ("订单/*", [ORDERS]),
        ("订单/**", [ORDERS, DETAILS]),
        ("订单/**/dwd_*", [ORDERS, DETAILS]),
        ("**/dwd_*", [ORDERS, DETAILS, JAR]),
        ("*", [DAILY]),
        ("**", ALL),
        ("**/first", [INNER]),
        ("*/*", [ORDERS, INNER, JAR]),
        ("d**t", [INNER]),
        ("*ai*", [DAILY]),
        ("订单", []),
        ("DAILY*", []),
    ],
)
def test_a_pattern_covers_whole_paths(pattern: str, covered: list[Thing]) -> None:
    assert [each for each in ALL if covers(pattern, each.path)] == covered


@pytest.mark.parametrize(
    ("lines", "ids"),
    [
        (["node:dwd_orders"], [ORDERS]),
        (["/订单/dwd_orders"], [ORDERS]),
        ([DETAILS.id], [DETAILS]),
        (["**"], [DAILY, ORDERS, DETAILS, JAR]),
        (["订单/**", "!订单/dwd_orders"], [DETAILS]),
        (["node:**", "!**", "daily"], [DAILY]),
        (["daily", "订单/*", "daily"], [DAILY, ORDERS]),
        (["**", "!nothing/*"], [DAILY, ORDERS, DETAILS, JAR]),
    ],
)
def test_lines_can_select_and_exclude(lines: list[str], ids: list[Thing]) -> None:
    assert meant([], lines, ALL, allow_empty=False, most=9) == Meant(tuple(each.id for each in ids))
    assert {each.id for each in ALL if takes(lines, each)} == {each.id for each in ids}


@pytest.mark.parametrize(
    ("ids", "lines", "wrong"),
    [
        ([], ["dwd_orders"], "dwd_orders means several objects"),
        ([], ["first"], "first lies in a workflow"),
        ([], ["**/first"], "**/first means nothing"),
        ([], ["ods_orders"], "ods_orders means nothing"),
        ([], ["daily", "!ods_orders"], "!ods_orders means nothing"),
        ([], ["daily", "!**"], "nothing is selected"),
        ([INNER.id], [], f"{INNER.id} lies in a workflow"),
        (["7567482277219410009"], [], "7567482277219410009 is not there"),
        ([], ["**"], "4 objects are too many"),
    ],
)
def test_each_mistake_in_the_lines_is_named(ids: list[str], lines: list[str], wrong: str) -> None:
    assert meant(ids, lines, ALL, allow_empty=False, most=3) == Meant(wrong=(wrong,))


def test_with_allow_empty_the_selection_may_be_empty() -> None:
    assert meant([], ["ods_*", "daily", "!**"], ALL, allow_empty=True, most=3) == Meant()
    assert meant([JAR.id], ["**"], ALL, allow_empty=True, most=3).ids == (
        JAR.id,
        DAILY.id,
        ORDERS.id,
        DETAILS.id,
    )
