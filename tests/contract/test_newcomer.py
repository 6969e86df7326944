"""What the README tells a newcomer to type works, in a fresh clone and soon."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
SOON = 300  # seconds, with the set-up


def commands() -> list[str]:
    """The commands of the README's blocks for a shell, without what is said about them."""
    lines = "".join(SHELL.findall((ROOT / "README.md").read_text("utf-8"))).splitlines()
    return [command for line in lines if (command := line.partition("#")[0].strip())]


def test_every_command_of_the_readme_is_executed_by_ci() -> None:
    """The demonstration below, everything else by the script that CI runs."""
    # `make coverage` runs the tests of `make test`, and measures them.
    script = (ROOT / ".ci/run").read_text("utf-8").replace("make coverage", "make test")

    assert commands()[:2] == ["make demo", "make test"]
    for command in commands():
        assert command == "make demo" or re.search(rf"\b{re.escape(command)}$", script, re.MULTILINE), command


@pytest.mark.parametrize("module", ["bench", "bench.image", "pictures", "tests.soak"])
def test_who_asks_a_command_for_help_does_not_start_it(module: str) -> None:
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


@pytest.mark.long
@pytest.mark.timeout(SOON + 60)
def test_the_demonstration_ends_well_in_a_fresh_clone(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    began = time.monotonic()

    demo = subprocess.run(["make", "demo"], cwd=clone, capture_output=True, text=True, check=False)

    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert time.monotonic() - began < SOON
    assert "3 runs, none twice" in demo.stdout, demo.stdout
