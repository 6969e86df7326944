"""An unexpected internal error: the step reports where it was raised, and what is known of the runs."""

import re

import pytest

from .conftest import SiteMaker
from .job import OBJECT


def test_an_internal_error_names_where_it_was_raised(
    site_with: SiteMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most errors are raised in one of many tasks, and arrive as an exception group."""
    site = site_with()
    monkeypatch.setattr(site.clock, "spread", lambda: 1 / 0)

    ended = site.run(wait="true")

    (internal,) = [error for error in ended.errors if "Please report this" in error]
    assert re.fullmatch(r"ZeroDivisionError at test_internal_errors\.py:\d+\. Please report this\.", internal)
    assert (ended.status, ended.outcome) == (1, "failed")
    assert [ended.only["run_id"]] == site.runs(OBJECT)
