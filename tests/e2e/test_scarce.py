"""A container that can start few threads: a step needs one for its calls, and one that ends late calls."""

from dataclasses import replace

import pytest

from .docker import PYTHON
from .emulator import Emulator
from .runner import Finished, Runner
from .test_deployment import OBJECTS, THREE_OBJECTS, column, only_runs

pytestmark = pytest.mark.docker

# The container's runtime needs threads until it has started the step. So a low limit would fail in the runtime and
# not in the step. Instead, other threads leave only a few.
MOST = 64
CROWDED = f"""#!{PYTHON} -Iu
import threading

for _ in range({{others}}):
    threading.Thread(target=threading.Event().wait, daemon=True).start()
exec(open("/opt/dataworks-deploy/entrypoint.py").read())
"""


def run_with(threads: int, runner: Runner, access: dict[str, str]) -> Finished:
    """Run a step that can start this many threads besides its first one."""
    script = runner.workspace / "crowded.py"
    script.write_text(CROWDED.format(others=MOST - 1 - threads), "utf-8")
    script.chmod(0o755)
    limited = replace(runner, options=("--pids-limit", str(MOST)))
    inputs = {"object-ids": THREE_OBJECTS, "max-parallel": "3", "fail-fast": "false", "settle-seconds": "5"}
    with limited.step({**access, **inputs}, f"/github/workspace/{script.name}") as step:
        finished = step.wait()
    assert "Traceback" not in finished.streams
    assert column(finished, "object_id") == OBJECTS
    return finished


@pytest.mark.parametrize("threads", [0, 1])
def test_a_step_that_gets_no_thread_says_that_nothing_was_sent(
    runner: Runner, service: Emulator, access: dict[str, str], threads: int
) -> None:
    finished = run_with(threads, runner, access)

    assert (finished.exit_code, finished.outputs["outcome"]) == (1, "failed"), finished.streams
    assert column(finished, "outcome") == ["rejected"] * 3
    assert column(finished, "message") == ["Not sent: the container cannot start a thread"] * 3
    assert "--pids-limit" in finished.stdout
    assert service.truth("received") == []


def test_two_threads_are_enough(runner: Runner, service: Emulator, access: dict[str, str]) -> None:
    finished = run_with(2, runner, access)

    assert (finished.exit_code, finished.outputs["outcome"]) == (0, "succeeded"), finished.streams
    assert column(finished, "run_id") == only_runs(service)
