"""What the image holds and how it starts."""

from collections.abc import Callable

import pytest

from .conftest import Key, access_to
from .docker import IMAGE, docker, eventually
from .emulator import Emulator
from .runner import Runner

pytestmark = pytest.mark.docker

HOME = "/opt/dataworks-deploy"
PYTHON = f"{HOME}/bin/python"
SCRIPT = f"{HOME}/entrypoint.py"


def in_image(program: str, *arguments: str) -> str:
    """Run another program of the image, and return what it printed to both streams."""
    return docker("run", "--rm", "--network", "none", "--entrypoint", program, IMAGE, *arguments)


@pytest.mark.parametrize(
    ("entrypoint", "options"),
    [("", ["-I", "-u"]), (SCRIPT, ["-Iu"])],
    ids=["main step", "as a post step is started"],
)
def test_python_is_the_first_process_and_the_only_one(
    runner: Runner, start_emulator: Callable[..., Emulator], key: Key, entrypoint: str, options: list[str]
) -> None:
    service = start_emulator("--latency-ms", "8000")
    inputs = {**access_to(service, key), "object-ids": "7567482277219412494"}

    with runner.step(inputs, entrypoint) as step:
        eventually(lambda: service.truth("received"), "a call is under way")
        command = docker("exec", step.container, "cat", "/proc/1/cmdline").split("\0")
        processes = docker("exec", step.container, "sh", "-c", "echo /proc/[0-9]*").split()

    assert command == [PYTHON, *options, SCRIPT, ""]
    # The other one is the shell that was asked.
    assert len(processes) == 2


def test_neither_the_emulator_nor_tests_nor_build_tools_are_in_it() -> None:
    names = ["dataworks_emulator", "tests", "e2e", "pytest", "pip", "setuptools", "dataworks_deploy"]
    look = f"from importlib.util import find_spec; print(*(name for name in {names} if find_spec(name)))"

    assert in_image(PYTHON, "-I", "-c", look).split() == ["dataworks_deploy"]
    assert in_image("find", "/", "-xdev", "-name", "dataworks_emulator*") == ""


def test_everything_that_the_action_imports_is_compiled() -> None:
    """A module without a valid .pyc is compiled, and written, again in every step of every user."""
    imported = docker(
        *("run", "--rm", "--network", "none", "--entrypoint", "sh", IMAGE, "-c"),
        f"{PYTHON} -I -v -c 'import dataworks_deploy.main' 2>&1",
    )

    assert "import 'dataworks_deploy.main'" in imported
    assert [line for line in imported.splitlines() if line.startswith("# wrote")] == []
