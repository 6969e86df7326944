"""Whether a plan brings anything to production, which a warning depends on."""

from dataclasses import replace
from typing import Any

import pytest

from dataworks_deploy.domain.advance import Goal

from .plans import PLAN

AUTOMATIC = Goal(automatic=True, automatic_until="PROD")


@pytest.mark.parametrize(
    ("change", "deploys"),
    [
        ({}, True),
        ({"wait": False}, False),
        ({"goal": Goal(advance=False)}, False),
        ({"goal": AUTOMATIC, "wait": False}, True),
        ({"goal": replace(AUTOMATIC, advance=False)}, True),
        ({"dry_run": True}, False),
        ({"goal": AUTOMATIC, "dry_run": True}, False),
    ],
)
def test_it_does_where_this_step_or_the_service_executes(change: dict[str, Any], *, deploys: bool) -> None:
    assert replace(PLAN, **change).deploys is deploys
