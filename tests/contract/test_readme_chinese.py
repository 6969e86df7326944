"""The README in Chinese against the English one, which test_readme.py holds to action.yml and the code."""

import pytest

from .chinese import Page, is_said, unset

ENGLISH, CHINESE = Page("README.md"), Page("README.zh-CN.md")


def test_it_has_the_same_sections() -> None:
    assert CHINESE.levels() == ENGLISH.levels()


def test_it_has_the_same_code_but_for_the_language() -> None:
    blocks = [
        (language, [line for line in lines if line.strip() != "language: zh"])
        for language, lines in CHINESE.code()
    ]

    assert blocks == ENGLISH.code()
    assert blocks != CHINESE.code()


def test_its_tables_have_the_same_rows_in_the_same_order() -> None:
    assert len(CHINESE.rows()) == len(ENGLISH.rows())
    for english, chinese in zip(ENGLISH.rows(), CHINESE.rows(), strict=True):
        assert [bool(cell) for cell in chinese] == [bool(cell) for cell in english], chinese


def test_its_tables_have_the_same_codes() -> None:
    for english, chinese in zip(ENGLISH.codes(), CHINESE.codes(), strict=True):
        assert chinese == english


def test_its_tables_have_the_same_figures() -> None:
    assert CHINESE.numbers() == ENGLISH.numbers()


def test_it_leads_to_the_same_pages() -> None:
    assert sorted(CHINESE.links()) == sorted(ENGLISH.links())


@pytest.mark.parametrize("quote", CHINESE.quotes())
def test_what_it_quotes_in_chinese_is_what_the_action_says(quote: str) -> None:
    assert is_said(quote)


def test_it_is_set_as_chinese_is() -> None:
    assert unset(CHINESE.prose) == []


@pytest.mark.parametrize(("page", "other"), [(ENGLISH, CHINESE), (CHINESE, ENGLISH)])
def test_its_first_line_leads_to_the_other_language(page: Page, other: Page) -> None:
    assert f"]({other.path})" in page.text.splitlines()[2]
