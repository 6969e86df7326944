"""What open runs of others mean for a creation."""

from dataclasses import replace

import pytest

from dataworks_deploy.domain.active import Follow, GoOn, Ownership, Stop, Supersede, meet
from dataworks_deploy.domain.model import (
    TERMINAL,
    Creation,
    DeployType,
    ObjectId,
    OnActiveRun,
    Run,
    RunId,
    Stage,
)
from dataworks_deploy.domain.reconcile import Mark, Shows

from .engine.world import run_of

MARK = Mark("A" * 26, 1, "OWNER222", "C" * 16)
CREATION = Creation(10001, ObjectId("1"), DeployType.ONLINE)
MINE = str(Mark("B" * 26, 1, "OWNER222"))
BY_HAND = run_of("hand", description="by hand", at=5)
LATE = run_of("late", description=str(Mark("B" * 26, 1, "THEIRS22")), at=9)
OLD_FORM = run_of("old form", description=str(Mark("B" * 26, 1)), at=3)
OURS = run_of("ours", description=MINE, at=1)
DEPLOYS = run_of("deploys", "Running", "Success", "Success", "Running", description=MINE, at=2)
OUT = replace(OURS, id=RunId("out"), stages=(Stage("PROD", "", 1, "Offline", "Init"),), created_ms=10)
OTHERS = (BY_HAND, LATE, OLD_FORM, OURS, DEPLOYS, OUT)
WARN, IGNORE, FAIL, ADOPT, SUPERSEDE = OnActiveRun


@pytest.mark.parametrize("choice", OnActiveRun)
@pytest.mark.parametrize(
    "runs",
    [
        (),
        tuple(replace(BY_HAND, status=status) for status in TERMINAL),
        (
            replace(BY_HAND, description=str(MARK)),
            replace(BY_HAND, description=str(replace(MARK, generation=3))),
        ),
    ],
    ids=["none", "ended", "of this job"],
)
def test_without_open_runs_of_others_a_run_is_created(choice: OnActiveRun, runs: tuple[Run, ...]) -> None:
    assert meet(MARK, CREATION, runs, choice) == GoOn()


@pytest.mark.parametrize(
    ("choice", "met"),
    [
        (WARN, GoOn(OTHERS)),
        (IGNORE, GoOn()),
        (FAIL, Stop(OUT)),
        (ADOPT, Follow(LATE)),
        (SUPERSEDE, Supersede((OURS, OUT), (BY_HAND, LATE, OLD_FORM, DEPLOYS))),
    ],
)
def test_the_choice_says_what_open_runs_mean(choice: OnActiveRun, met: object) -> None:
    assert meet(MARK, CREATION, OTHERS, choice) == met
    assert meet(MARK, CREATION, (*OTHERS, replace(LATE, id=RunId("over"), status="Fail")), choice) == met


def test_a_run_of_the_opposite_type_is_not_followed() -> None:
    assert meet(MARK, CREATION, [OUT], ADOPT) == GoOn((OUT,))


def test_outside_a_repository_no_run_is_this_repositorys_own() -> None:
    """Two unknown owners are not the same owner."""
    nobody = replace(MARK, owner="")

    assert meet(nobody, CREATION, [OLD_FORM, OURS], SUPERSEDE) == GoOn((OLD_FORM, OURS))


@pytest.mark.parametrize(
    ("description", "shows"),
    [
        (MINE, Shows.OURS),
        (f"see {MINE}", Shows.OTHER),
        (MINE[:-1], Shows.OTHER),
        (str(Mark("A" * 26, 1)), Shows.OTHER),
        ("", Shows.OTHER),
    ],
)
def test_a_complete_mark_of_the_same_owner_makes_a_run_this_repositorys_own(
    description: str, shows: Shows
) -> None:
    assert Ownership(MARK).weigh(replace(OURS, description=description)) is shows
