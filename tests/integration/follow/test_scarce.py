"""A process with few resources of the machine: the step ends as usual, and says what is missing."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from dataworks_emulator import Emulator, Settings

from ...witness.command_files import parse
from ..ended import read_step
from ..job import JOB, KEY, OBJECT, PROJECT, ROOT, input_variables
from .live import PATIENCE

pytestmark = pytest.mark.long
OBJECTS = [str(7567482277219412000 + number) for number in range(60)]


def command(
    emulator: Emulator, outputs: Path, *objects: str, **given: str
) -> tuple[list[str], Mapping[str, str]]:
    """The command and the variables of a step, as the runner starts it."""
    inputs = {
        "project-id": PROJECT,
        "object-ids": "\n".join(objects),
        "endpoint": f"http://{emulator.endpoint}",
        "access-key-id": KEY.access_key_id,
        "access-key-secret": KEY.secret,
        "security-token": KEY.token,
        **{name.replace("_", "-"): value for name, value in given.items()},
    }
    outputs.touch()
    variables = {
        **JOB,
        **input_variables(inputs),
        "DATAWORKS_ALLOW_UNSAFE_ENDPOINT": "true",
        "GITHUB_OUTPUT": str(outputs),
        "GITHUB_STEP_SUMMARY": str(outputs.with_suffix(".summary")),
        "PATH": os.environ["PATH"],
    }
    return [sys.executable, "-I", str(ROOT / "entrypoint.py")], variables


def test_with_few_file_descriptors_the_outputs_are_still_written(tmp_path: Path) -> None:
    outputs = tmp_path / "outputs"
    with Emulator(Settings(credentials=(KEY,), stage_seconds=0.0)) as emulator:
        step, variables = command(emulator, outputs, *OBJECTS, max_parallel="60", timeout_minutes="1")
        done = subprocess.run(
            step,
            env=variables,
            capture_output=True,
            encoding="utf-8",
            timeout=90,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40)),
        )
        runs = [event["run_id"] for event in emulator.truth.of("committed")]

    ended = read_step(done.returncode, outputs, done.stdout, done.stderr)
    assert sorted(filter(None, ended.column("run_id"))) == sorted(runs)
    assert "unknown" not in ended.column("outcome")
    assert "Traceback" not in done.stderr


def test_a_log_that_nobody_reads_does_not_delay_the_step(tmp_path: Path) -> None:
    """The log is longer than a pipe can hold, and the other end of the pipe is open."""
    outputs, (reader, writer) = tmp_path / "outputs", os.pipe()
    with Emulator(Settings(credentials=(KEY,), stage_seconds=0.0)) as emulator:
        step, variables = command(emulator, outputs, *OBJECTS, max_parallel="60")
        began = time.monotonic()
        done = subprocess.run(
            step,
            env={**variables, "RUNNER_DEBUG": "1"},
            stdout=writer,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
    os.close(writer)
    os.close(reader)

    assert done.returncode == 0
    assert parse(outputs.read_text("utf-8"))["outcome"] == "succeeded"
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("variables", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}])
def test_a_terminal_with_only_ascii_still_gets_the_log(tmp_path: Path, variables: Mapping[str, str]) -> None:
    outputs = tmp_path / "outputs"
    with Emulator(Settings(credentials=(KEY,), stage_seconds=0.0, failures=())) as emulator:
        step, given = command(emulator, outputs, OBJECT, region="华东2（上海）", type="发布")
        step.remove("-I")
        done = subprocess.run(
            step, env={**given, **variables}, capture_output=True, timeout=PATIENCE, check=False
        )

    assert (done.returncode, done.stderr) == (0, b"")
    done.stdout.decode("utf-8")


def test_a_closed_stdout_does_not_fail_the_step(tmp_path: Path) -> None:
    outputs = tmp_path / "outputs"
    with Emulator(Settings(credentials=(KEY,), stage_seconds=0.0)) as emulator:
        step, variables = command(emulator, outputs, OBJECT)
        # A shell drops variables with hyphens, and `env` keeps them.
        given = [f"{name}={value}" for name, value in variables.items()]
        closed = ["sh", "-c", 'exec "$@" >&-', "sh", "env", "-i", *given]
        done = subprocess.run([*closed, *step], capture_output=True, timeout=PATIENCE, check=False)

    assert done.returncode == 0, done.stderr
    assert parse(outputs.read_text("utf-8"))["outcome"] == "succeeded"
