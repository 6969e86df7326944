"""The troubleshooting page says what the action itself says: a new row there is a new row here."""

from pathlib import Path

import pytest
from dataworks_deploy.render.explain import OUTCOMES, Explanation
from dataworks_deploy.render.known import TABLE
from dataworks_deploy.render.row import ASK, Known

from dataworks_deploy.domain.outcome import Outcome

PAGE = (Path(__file__).parents[2] / "docs/troubleshooting.md").read_text("utf-8")


def row(first: str, says: Explanation) -> str:
    """The line that the page has to have."""
    fix = says.fix.replace(ASK, "look up its RequestId, or give it to support.")
    return f"| {first} | {says.what} | {says.cause} | {fix} |"


def known_by(known: Known) -> str:
    """What a person sees of an error: words or codes, else its status."""
    statuses = (
        [f"HTTP {known.statuses[0]}…"] if len(known.statuses) > 9 else map("HTTP {}".format, known.statuses)
    )
    return ", ".join([*(f"`{text}`" for text in (*known.words, *known.codes)), *statuses])


@pytest.mark.parametrize("known", TABLE, ids=known_by)
def test_every_error_that_is_explained_is_on_the_page(known: Known) -> None:
    assert row(known_by(known), known.says) in PAGE.splitlines()


@pytest.mark.parametrize("outcome", [each for each in Outcome if OUTCOMES[each].fix])
def test_every_outcome_that_needs_a_deed_is_on_the_page(outcome: Outcome) -> None:
    assert row(f"`{outcome}`", OUTCOMES[outcome]) in PAGE.splitlines()


def test_the_page_lists_nothing_else() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith(("| `", "| HTTP"))]

    assert len(rows) == len(TABLE) + sum(bool(says.fix) for says in OUTCOMES.values())
