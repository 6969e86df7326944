"""The state tells the post step of what is to be abolished, and of nothing else."""

import pytest
from dataworks_deploy.domain.fate import Fate

from dataworks_deploy.domain.model import TERMINAL, ObjectId, RunId
from dataworks_deploy.domain.outcome import ObjectResult, Outcome
from dataworks_deploy.render.state import Left, restored, saved

ONE, RUN = ObjectId("1"), RunId("r")


def left(*, own: bool = True, status: str | None = None, fate: Fate | None = None) -> Left | None:
    """What is left of an object's run to the post step."""
    return restored(saved([ObjectResult(ONE, run_id=RUN, own=own, status=status, fate=fate)]))


@pytest.mark.parametrize("status", [None, "Init", "Running", "Odd"])
@pytest.mark.parametrize("fate", [None, Fate.UNSEEN])
def test_an_own_run_that_may_be_open_is_left(status: str | None, fate: Fate | None) -> None:
    assert left(status=status, fate=fate) == Left({ONE: RUN})


@pytest.mark.parametrize("status", TERMINAL)
def test_a_run_that_has_ended_is_not(status: str) -> None:
    assert left(status=status) is None


@pytest.mark.parametrize("fate", [*{*Fate} - {Fate.UNSEEN}])
def test_a_run_of_which_is_known_what_became_of_it_is_not(fate: Fate) -> None:
    assert left(status="Running", fate=fate) is None


def test_a_run_that_was_told_to_deploy_is_left_with_that() -> None:
    told = [ObjectResult(ONE, run_id=RUN, own=True, status="Running", told_at=7.0)]

    assert restored(saved(told)) == Left({ONE: RUN}, told=(ONE,))


def test_a_run_of_somebody_else_is_not() -> None:
    assert left(own=False) is None


def test_an_object_that_may_have_a_run_is_left_as_well() -> None:
    unclear = [ObjectResult(ONE, Outcome.UNKNOWN)]

    assert restored(saved(unclear)) == Left({}, (ONE,))
