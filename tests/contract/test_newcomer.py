"""The commands that the README gives to a newcomer work. See test_setup.py for the demonstration."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """The commands in the shell blocks of the README, without comments."""
    lines = "".join(SHELL.findall((ROOT / "README.md").read_text("utf-8"))).splitlines()
    return [command for line in lines if (command := line.partition("#")[0].strip())]


def test_every_command_of_the_readme_is_executed_by_ci() -> None:
    """test_setup.py executes the demonstration, and the script of CI everything else."""
    script = (ROOT / ".ci/run").read_text("utf-8")

    assert commands()[:2] == ["make demo", "make test"]
    for command in commands():
        assert command == "make demo" or re.search(rf"\b{re.escape(command)}$", script, re.MULTILINE), command


@pytest.mark.parametrize("module", ["bench", "bench.image", "pictures", "tests.soak"])
def test_help_of_a_command_does_not_start_the_command(module: str) -> None:
    helped = subprocess.run(
        [sys.executable, "-m", module, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (helped.returncode, helped.stderr) == (0, "")
    assert helped.stdout.startswith(f"usage: python -m {module} [-h]")
