"""The job is cancelled: the runner sends signals to the docker client, and kills it at last."""

import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from .conftest import Key, access_to
from .docker import docker, eventually
from .emulator import Emulator
from .runner import Runner, Step, action
from .test_deployment import OBJECTS, THREE_OBJECTS, column

pytestmark = pytest.mark.docker

Start = Callable[..., Emulator]


def containers(step: Step) -> list[str]:
    """Return the step's containers, running or not."""
    return docker("ps", "--all", "--quiet", "--filter", f"name={step.container}").split()


def cancel_as_the_runner_does(step: Step) -> None:
    """Send the runner's signals to the docker client: each one if the client still runs after the one before."""
    for number, patience in ((signal.SIGINT, 7.5), (signal.SIGTERM, 2.5), (signal.SIGKILL, 5.0)):
        step.signal(number)
        with suppress(subprocess.TimeoutExpired):
            step.wait(patience)
            return


def test_a_cancelled_job_abolishes_its_run_and_leaves_no_container(
    runner: Runner, start_emulator: Start, key: Key
) -> None:
    service = start_emulator("--stage", "PROD_CHECK:600")
    with runner.step({**access_to(service, key), "object-ids": THREE_OBJECTS}) as step:
        eventually(lambda: service.truth("stage_executed"), "the check is executed")
        began = time.monotonic()

        cancel_as_the_runner_does(step)

        finished = step.wait()
        assert time.monotonic() - began < 5, "the first signal is enough"
        assert containers(step) == []
    assert finished.exit_code == 1, finished.streams
    assert finished.outputs["outcome"] == "cancelled"
    assert column(finished, "outcome") == ["cancelled", "skipped", "skipped"]
    assert [event["run_id"] for event in service.truth("abolished")] == service.runs()[OBJECTS[0]]
    assert list(service.runs()) == OBJECTS[:1]


def test_sigterm_alone_ends_the_step_too_and_a_running_deployment_is_left_alone(
    runner: Runner, start_emulator: Start, key: Key
) -> None:
    service = start_emulator("--stage", "PROD:600")
    with runner.step({**access_to(service, key), "object-ids": OBJECTS[0]}) as step:
        eventually(lambda: service.truth("stage_executed", stage="PROD"), "the run deploys")

        step.signal(signal.SIGTERM)

        finished = step.wait(timeout=5)
        eventually(lambda: containers(step) == [], "the container is gone", patience=5)
    assert finished.exit_code == 1, finished.streams
    assert column(finished, "outcome") == ["cancelled"]
    assert service.truth("abolished") == []


def test_a_job_that_is_cancelled_while_it_starts_knows_all_runs_that_it_has_created(
    runner: Runner, service: Emulator, access: dict[str, str]
) -> None:
    """As process 1 the step ignores signals before its first line, so perhaps only the second signal works."""
    with runner.step({**access, "object-ids": THREE_OBJECTS}) as step:
        eventually(lambda: containers(step), "there is a container")

        cancel_as_the_runner_does(step)

        finished = step.wait()
        assert containers(step) == []
    # Python itself ends on a SIGINT before the first line of our code. Then there are no outputs.
    assert finished.outputs.get("outcome", "") in {"", "cancelled", "succeeded"}, finished.streams
    known = {run_id for run_id in column(finished, "run_id") if run_id} if finished.outputs else set()
    assert known == {run_id for runs in service.runs().values() for run_id in runs}


def test_after_a_kill_the_post_step_finishes_the_work(
    runner: Runner, start_emulator: Start, key: Key
) -> None:
    """The runner's last signal kills only the docker client. Here the container is killed too."""
    service = start_emulator("--fault", "CreatePipelineRun:1:commit+delay:600")
    inputs = {**access_to(service, key), "object-ids": OBJECTS[0]}
    with runner.step(inputs) as step:
        eventually(service.runs, "the run is created")
        docker("kill", step.container)
        killed = step.wait()
    assert killed.outputs["outcome"] == "unknown"

    state = {f"STATE_{name}": value for name, value in killed.state.items()}
    with runner.step(inputs, action()["runs"]["post-entrypoint"], **state) as step:
        post = step.wait()

    assert post.exit_code == 0, post.streams
    assert [event["run_id"] for event in service.truth("abolished")] == service.runs()[OBJECTS[0]]
    assert key.secret not in post.streams.replace(f"::add-mask::{key.secret}", "")
