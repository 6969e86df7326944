"""The troubleshooting page in Chinese against the English one, which test_troubleshooting.py holds to the code."""

import pytest

from dataworks_deploy.render.advice import GO_ON_THERE
from dataworks_deploy.render.chinese import CHINESE as SAID
from dataworks_deploy.render.errors import ASK, GO_ON

from .chinese import Page, is_said, unset

ENGLISH, CHINESE = Page("docs/troubleshooting.md"), Page("docs/troubleshooting.zh-CN.md")
ASK_THERE = "look up its RequestId, or give it to support."
# What the action says, by the English of it, with what stands on the pages in the places that are left in it.
ADVICE = {
    english.replace(ASK, ASK_THERE).replace(GO_ON, GO_ON_THERE): chinese.replace(
        ASK, "请查询其 RequestId，或将它提供给阿里云支持。"
    ).replace(GO_ON, SAID[GO_ON_THERE])
    for english, chinese in SAID.items()
} | {"": ""}
TABLES = [*zip(ENGLISH.rows(), CHINESE.rows(), strict=True)]


def test_it_has_the_same_sections() -> None:
    assert CHINESE.levels() == ENGLISH.levels()


def test_its_tables_have_the_same_codes_in_the_same_order() -> None:
    assert [len(row) for row in CHINESE.rows()] == [len(row) for row in ENGLISH.rows()]
    for english, chinese in zip(ENGLISH.codes(), CHINESE.codes(), strict=True):
        assert chinese == english


def test_its_tables_have_the_same_figures() -> None:
    assert CHINESE.numbers() == ENGLISH.numbers()


@pytest.mark.parametrize(("english", "chinese"), [pair for pair in TABLES if len(pair[0]) == 4])
def test_its_advice_is_what_the_action_says(english: list[str], chinese: list[str]) -> None:
    assert chinese[1:] == [ADVICE[cell] for cell in english[1:]]


@pytest.mark.parametrize("quote", CHINESE.quotes())
def test_what_it_quotes_in_chinese_is_what_the_action_says(quote: str) -> None:
    assert is_said(quote)


def test_it_quotes_each_message_of_the_action_in_chinese() -> None:
    """What the service says is the same in both languages."""
    for english, chinese in TABLES:
        for words in english[0].split("`")[1::2]:
            said = [SAID[each] for each in SAID if words in each]
            if " " in words and said and not any(words in each for each in said):
                assert f"`{words}`（“" in chinese[0]


def test_it_leads_to_the_same_pages() -> None:
    assert sorted(CHINESE.links()) == sorted(ENGLISH.links())


def test_it_is_set_as_chinese_is() -> None:
    assert unset(CHINESE.prose) == []


@pytest.mark.parametrize(("page", "other"), [(ENGLISH, CHINESE), (CHINESE, ENGLISH)])
def test_its_first_line_leads_to_the_other_language(page: Page, other: Page) -> None:
    assert f"]({other.path.removeprefix('docs/')})" in page.text.splitlines()[2]
