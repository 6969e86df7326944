"""The README in Chinese agrees with the English one, which test_readme.py checks against action.yml and the code."""

import pytest

from .chinese import Page, is_said, unset

ENGLISH, CHINESE = Page("README.md"), Page("README.zh-CN.md")


def test_the_chinese_page_has_the_same_sections() -> None:
    assert CHINESE.levels() == ENGLISH.levels()


def test_the_chinese_page_has_the_same_code_except_for_the_input_language() -> None:
    blocks = [
        (language, [line for line in lines if line.strip() != "language: zh"])
        for language, lines in CHINESE.code()
    ]

    assert blocks == ENGLISH.code()
    assert blocks != CHINESE.code()


def test_the_tables_have_the_same_rows_in_the_same_order() -> None:
    assert len(CHINESE.rows()) == len(ENGLISH.rows())
    for english, chinese in zip(ENGLISH.rows(), CHINESE.rows(), strict=True):
        assert [bool(cell) for cell in chinese] == [bool(cell) for cell in english], chinese


def test_the_tables_have_the_same_codes() -> None:
    for english, chinese in zip(ENGLISH.codes(), CHINESE.codes(), strict=True):
        assert chinese == english


def test_the_tables_have_the_same_numbers() -> None:
    assert CHINESE.numbers() == ENGLISH.numbers()


def test_the_chinese_page_links_to_the_same_pages() -> None:
    assert sorted(CHINESE.links()) == sorted(ENGLISH.links())


@pytest.mark.parametrize("quote", CHINESE.quotes())
def test_the_action_says_what_the_page_quotes_in_chinese(quote: str) -> None:
    assert is_said(quote)


def test_the_page_follows_the_rules_of_chinese_typesetting() -> None:
    assert unset(CHINESE.prose) == []


@pytest.mark.parametrize(("page", "other"), [(ENGLISH, CHINESE), (CHINESE, ENGLISH)])
def test_each_page_links_to_the_other_language_at_its_top(page: Page, other: Page) -> None:
    assert f"]({other.path})" in page.text.splitlines()[2]
