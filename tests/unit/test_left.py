"""What the bench says about clients is what the emulator's log shows."""

import json
import random
from itertools import count

import pytest

from bench.left import Left, left
from dataworks_emulator import Service, Settings
from dataworks_emulator.settings import Failure

ONE, TWO, THREE = "1001", "1002", "1003"


class Workspace:
    """A service whose time moves a second with each look: so a stage is over at the next call. `TWO` fails."""

    def __init__(self) -> None:
        ticks, failure = map(float, count()), Failure(TWO, "PROD", "no such table")
        settings = Settings(stage_seconds=0.5, failures=(failure,))
        self.service = Service(settings, lambda: next(ticks), random.Random(1))

    def create(self, object_id: str) -> str:
        """Create a run, and leave it alone."""
        wanted = {"ProjectId": "1", "Type": "Online", "ObjectIds": json.dumps([object_id])}
        return str(self.service.call("CreatePipelineRun", wanted).body["Id"])

    def deploy(self, object_id: str) -> str:
        """Create a run and take it to its end."""
        run = self.create(object_id)
        for stage in ("PROD_CHECK", "PROD"):
            done = self.service.call("ExecPipelineRunStage", {"ProjectId": "1", "Id": run, "Code": stage})
            assert done.status == 200, done.body
        return run

    def abolish(self, run: str) -> None:
        """Abolish a run."""
        assert self.service.call("AbolishPipelineRun", {"ProjectId": "1", "Id": run}).status == 200

    def left(self, *said: str, claimed: tuple[str, ...] = ()) -> Left:
        """What is left behind, if a client says that."""
        return left(self.service.truth.events, (ONE, TWO, THREE), "\n".join(said), claimed)


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


def test_a_client_that_does_everything_right_leaves_nothing(workspace: Workspace) -> None:
    said = [workspace.deploy(each) for each in (ONE, THREE)]

    assert workspace.left(*said, claimed=(ONE, THREE)) == Left(3, deployed=2)


def test_a_second_run_beside_an_open_one_is_a_duplicate_that_nobody_names(workspace: Workspace) -> None:
    workspace.create(ONE)
    said = [workspace.deploy(ONE)]

    assert workspace.left(*said) == Left(3, deployed=1, doubled=1, still_open=1, unnamed=1)


def test_a_second_deployment_is_a_duplicate(workspace: Workspace) -> None:
    said = [workspace.deploy(ONE), workspace.deploy(ONE)]

    assert workspace.left(*said) == Left(3, deployed=1, doubled=1, twice=1)


def test_a_run_after_an_abolished_one_is_no_duplicate(workspace: Workspace) -> None:
    abolished = workspace.create(ONE)
    workspace.abolish(abolished)

    assert workspace.left(abolished, workspace.deploy(ONE)) == Left(3, deployed=1)


def test_a_run_after_a_failed_one_is_no_duplicate(workspace: Workspace) -> None:
    said = [workspace.deploy(TWO), workspace.deploy(TWO)]

    assert workspace.left(*said) == Left(3, deployed=0)


def test_a_success_that_never_was_is_untrue(workspace: Workspace) -> None:
    said = [workspace.deploy(ONE), workspace.deploy(TWO), workspace.create(THREE)]

    assert workspace.left(*said, claimed=(ONE, TWO, THREE)) == Left(3, deployed=1, still_open=1, untrue=2)


def test_only_what_is_not_zero_is_said() -> None:
    assert str(Left(3, deployed=3)) == "3 of 3 deployed"
    assert (
        str(Left(3, deployed=1, doubled=2, unnamed=1))
        == "1 of 3 deployed; duplicate runs: 2; named by nobody: 1"
    )
