"""Which modules must not get into the Python of the container."""

import pytest

from .docker import IMAGE, PYTHON, docker
from .runner import Runner

pytestmark = pytest.mark.docker

OBJECT = "7567482277219412494"


def test_no_module_is_imported_from_the_working_directory(runner: Runner, access: dict[str, str]) -> None:
    finished = runner.run({**access, "object-ids": OBJECT})

    assert finished.exit_code == 0, finished.streams
    assert runner.imported_from_workspace() == []
    assert "imported from the workspace" not in finished.streams


def test_a_python_that_is_not_isolated_imports_the_hostile_modules(runner: Runner) -> None:
    """Otherwise the test above would prove nothing."""
    docker(
        *("run", "--rm", "--network", "none", "-v", f"{runner.workspace}:/github/workspace"),
        *("--workdir", "/github/workspace", "-e", "PYTHONPATH=/github/workspace"),
        *("--entrypoint", PYTHON, IMAGE, "-c", "import json"),
    )

    assert {"sitecustomize", "json"} <= {*runner.imported_from_workspace()}
