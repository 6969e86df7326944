"""An image gets the same data about its origin from `make image` and from a release."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from dataworks_deploy import __version__

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The files that `make build-args` reads, without Git, as after unpacking an archive."""
    for name in ("Makefile", "src/dataworks_deploy/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(folder: Path, *command: str) -> str:
    """Run a command that must succeed, and return its output."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def told(folder: Path) -> dict[str, str]:
    """Return the build arguments of a checkout."""
    return dict(line.split("=", 1) for line in run(folder, "make", "-s", "build-args").splitlines())


def test_build_arguments_name_commit_time_and_version(source: Path) -> None:
    who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")
    for words in (("init", "-q"), ("add", "-A"), (*who, "commit", "-qm", "All that there is")):
        run(source, "git", *words)

    revision, seconds = run(source, "git", "log", "-1", "--format=%H %ct").split()
    assert told(source) == {"REVISION": revision, "SOURCE_DATE_EPOCH": seconds, "VERSION": __version__}


def test_without_git_build_arguments_name_only_the_version(source: Path) -> None:
    assert told(source) == {"REVISION": "", "SOURCE_DATE_EPOCH": "0", "VERSION": __version__}


def test_the_dockerfile_takes_each_build_argument_and_the_base_and_no_others(source: Path) -> None:
    taken = re.findall(r"^ARG (\w+)", DOCKERFILE, re.MULTILINE)

    assert {*taken} == {"BASE", *told(source)}


def test_a_release_passes_the_build_arguments_to_every_build() -> None:
    workflow: Any = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text("utf-8"))
    steps = workflow["jobs"]["image"]["steps"]
    (teller,) = [step for step in steps if "make -s build-args" in step.get("run", "")]
    builds = [step["with"] for step in steps if step.get("uses", "").startswith("docker/build-push-action@")]

    assert [build["build-args"] for build in builds] == [f"${{{{ steps.{teller['id']}.outputs.args }}}}"] * 2
