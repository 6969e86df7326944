"""The troubleshooting page in Chinese agrees with the English one, which test_troubleshooting.py checks."""

import pytest

from dataworks_deploy.render.advice import GO_ON_THERE
from dataworks_deploy.render.chinese import CHINESE as SAID
from dataworks_deploy.render.errors import ASK, GO_ON

from .chinese import Page, is_said, unset

ENGLISH, CHINESE = Page("docs/troubleshooting.md"), Page("docs/troubleshooting.zh-CN.md")
ASK_THERE = "look up its RequestId, or give it to support."
# The sentences of the action by their English text, with the texts of the pages in place of the variable parts.
ADVICE = {
    english.replace(ASK, ASK_THERE).replace(GO_ON, GO_ON_THERE): chinese.replace(
        ASK, "请查询其 RequestId，或将它提供给阿里云支持。"
    ).replace(GO_ON, SAID[GO_ON_THERE])
    for english, chinese in SAID.items()
} | {"": ""}
TABLES = [*zip(ENGLISH.rows(), CHINESE.rows(), strict=True)]


def test_the_chinese_page_has_the_same_sections() -> None:
    assert CHINESE.levels() == ENGLISH.levels()


def test_the_tables_have_the_same_codes_in_the_same_order() -> None:
    assert [len(row) for row in CHINESE.rows()] == [len(row) for row in ENGLISH.rows()]
    for english, chinese in zip(ENGLISH.codes(), CHINESE.codes(), strict=True):
        assert chinese == english


def test_the_tables_have_the_same_numbers() -> None:
    assert CHINESE.numbers() == ENGLISH.numbers()


@pytest.mark.parametrize(("english", "chinese"), [pair for pair in TABLES if len(pair[0]) == 4])
def test_the_action_gives_the_advice_of_the_page_in_chinese(english: list[str], chinese: list[str]) -> None:
    assert chinese[1:] == [ADVICE[cell] for cell in english[1:]]


@pytest.mark.parametrize("quote", CHINESE.quotes())
def test_the_action_says_what_the_page_quotes_in_chinese(quote: str) -> None:
    assert is_said(quote)


def test_the_page_quotes_each_message_of_the_action_in_chinese() -> None:
    """Messages of the service are the same in both languages."""
    for english, chinese in TABLES:
        for words in english[0].split("`")[1::2]:
            said = [SAID[each] for each in SAID if words in each]
            if " " in words and said and not any(words in each for each in said):
                assert f"`{words}`（“" in chinese[0]


def test_the_chinese_page_links_to_the_same_pages() -> None:
    assert sorted(CHINESE.links()) == sorted(ENGLISH.links())


def test_the_page_follows_the_rules_of_chinese_typesetting() -> None:
    assert unset(CHINESE.prose) == []


@pytest.mark.parametrize(("page", "other"), [(ENGLISH, CHINESE), (CHINESE, ENGLISH)])
def test_each_page_links_to_the_other_language_at_its_top(page: Page, other: Page) -> None:
    assert f"]({other.path.removeprefix('docs/')})" in page.text.splitlines()[2]
