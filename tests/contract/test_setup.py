"""What `make` installs on a fresh machine: how much, how fast, and what it says, even if it can install nothing."""

import ast
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from requirements.install import OLDEST, missing

ROOT = Path(__file__).parents[2]
# Seconds, for a busy machine. A quiet one with a near mirror needs 13 s the first time, and 5 s again.
FIRST_WORD, SILENCE, FIRST, AGAIN = 5.0, 15.0, 90.0, 30.0
MOST_MEGABYTES = 60

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the current files of the project, without installed or generated files."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    folder = tmp_path / "a folder" / "project"  # with a space in its path
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def start(tree: Path, *words: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start make in the copy, with both streams in one, and without the variables of the make that runs these tests."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.Popen(
        ["make", *words],
        cwd=tree,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**own, **(environment or {})},
    )


def timed(tree: Path, *words: str) -> list[tuple[float, str]]:
    """Run make, which must succeed, and return its lines, each with the seconds that had passed."""
    began = time.monotonic()
    with start(tree, *words) as made:
        assert made.stdout
        lines = [(time.monotonic() - began, line.rstrip("\n")) for line in made.stdout]
    assert made.returncode == 0, "\n".join(line for _, line in lines)
    return lines


def megabytes(folder: Path) -> float:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


@pytest.mark.long
def test_the_demonstration_says_what_it_installs_and_ends_soon(tree: Path) -> None:
    first = timed(tree, "demo")
    again = timed(tree, "demo")

    moments = [0.0, *(moment for moment, _ in first)]
    assert re.search(r"installs .*: \d+ MB to download, \d+ MB on disk, about \d+ seconds", first[0][1])
    assert moments[1] < FIRST_WORD
    assert max(after - before for before, after in pairwise(moments)) < SILENCE
    assert moments[-1] < FIRST
    assert again[-1][0] < AGAIN
    assert megabytes(tree / ".venv-demo") < MOST_MEGABYTES
    assert not (tree / ".venv").exists(), "what tests need is not installed"
    for lines in (first, again):
        assert any(line.endswith("3 runs, none twice") for _, line in lines), lines
        assert any(line.startswith("3. dwd_sales ") for _, line in lines), "listed first, deployed last"
        assert {"dwd_rates: skipped", "dwd_regions: succeeded"} <= {line for _, line in lines}, lines
    assert not any("install" in line for _, line in again)


@pytest.mark.long
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_every_version_of_python_runs_the_demonstration(tree: Path, version: str) -> None:
    python = f"python{version}"
    if (
        not shutil.which(python)
        or subprocess.run([python, "-V"], capture_output=True, check=False).returncode
    ):
        pytest.skip(f"there is no {python}")

    lines = [line for _, line in timed(tree, "demo", f"PYTHON={python}")]

    assert any(f"Python {version}" in line for line in lines)
    assert any(line.endswith("3 runs, none twice") for line in lines), lines


@pytest.mark.long
def test_demonstration_and_tests_can_be_set_up_and_run_at_the_same_time(tree: Path) -> None:
    """A few tests are enough, because only the two installations could collide."""
    with (
        start(tree, "test", "TESTS=tests/unit/test_ids.py tests/integration/test_entrypoint.py") as tests,
        start(tree, "demo") as demo,
    ):
        assert demo.stdout
        assert tests.stdout
        demonstrated, tested = demo.stdout.read(), tests.stdout.read()

    assert demo.returncode == 0, demonstrated
    assert "3 runs, none twice" in demonstrated
    assert tests.returncode == 0, tested
    assert re.search(r"installs .*: \d+ MB to download, \d+ MB on disk, .* minutes", tested.splitlines()[0])
    assert "80 seconds on two processors" in tested
    assert " passed" in tested


@pytest.mark.long
def test_a_demonstration_that_cannot_be_installed_says_why_and_starts_again(tree: Path) -> None:
    with start(tree, "demo", environment={"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/nowhere"}) as made:
        assert made.stdout
        said = made.stdout.read()

    assert made.returncode
    assert "No matching distribution found for setuptools" in said
    assert "This failed: " in said
    assert "Traceback" not in said
    assert any(line.endswith("3 runs, none twice") for _, line in timed(tree, "demo"))


@pytest.mark.parametrize("target", ["demo", "test", "setup"])
def test_if_python_has_no_venv_one_sentence_names_the_fix(tree: Path, tmp_path: Path, target: str) -> None:
    """On Debian without python3-venv, ensurepip cannot be imported."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n", "utf-8")

    with start(tree, target, environment={"PYTHONPATH": str(tmp_path)}) as made:
        assert made.stdout
        said, *rest = made.stdout.read().splitlines()

    assert made.returncode
    assert said.endswith("apt install python3-venv")
    assert all(line.startswith("make: ***") for line in rest)
    assert not [*tree.glob(".venv*")]


def test_for_a_python_that_is_too_old_the_message_names_the_needed_version() -> None:
    assert missing((3, 10), has_venv=False) == (
        "Python 3.11 or newer is needed, and this is 3.10. Name another one: make PYTHON=python3.11"
    )
    assert missing(OLDEST, has_venv=True) == missing(sys.version_info[:2], has_venv=True) == ""


def test_an_older_python_can_read_the_script_that_says_so() -> None:
    script = (ROOT / "requirements" / "install.py").read_text("utf-8")

    assert ast.parse(script, feature_version=(3, 7)).body
