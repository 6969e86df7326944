"""What an assignment shows before anything is done."""

from dataclasses import replace
from typing import Any

import pytest

from dataworks_deploy.domain.advance import Goal
from dataworks_deploy.domain.model import RunId
from dataworks_deploy.domain.record import HeldRun, Record, Whose

from .assigned import ASSIGNMENT, ONE, creation, run, run_beside

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
def test_an_assignment_deploys_if_this_step_or_the_service_executes_stages(
    change: dict[str, Any], *, deploys: bool
) -> None:
    assert replace(ASSIGNMENT, **change).deploys is deploys


def test_a_run_that_the_user_names_is_recorded_as_named() -> None:
    named = HeldRun(RunId("a"), Whose.NAMED, adopted=True)

    assert creation(ONE).record == Record(ONE)
    assert run_beside(ONE, "a").record == Record(ONE, run=named)
    assert run("a").record == Record(run("a").object_id, alone=True, run=named)
