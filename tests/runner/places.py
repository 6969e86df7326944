"""The folders and images that a run needs: a checkout of the action, a repository that uses it, an image for jobs."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from ..e2e.docker import docker

ROOT = Path(__file__).parents[2]
RUNNER_IMAGE = "dataworks-deploy-runner:local"


def base_image() -> str:
    """Return the Dockerfile's base, or its replacement: BASE, as for `make image`."""
    (public,) = re.findall(r"^ARG BASE=(.+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    return os.environ.get("BASE") or public


def published() -> str:
    """Return the name under which the examples use the action. A release writes its commit into it."""
    example = (ROOT / "examples" / "on-merge.yml").read_text("utf-8")
    (name,) = re.findall(r"uses: (\S+/dataworks-deploy@\S+)", example)
    return str(name)


def runner_image() -> str:
    """Build the image that replaces ubuntu-latest."""
    dockerfile = Path(__file__).with_name("runner.dockerfile")
    docker(
        *("build", "--quiet", "--build-arg", f"BASE={base_image()}", "--tag", RUNNER_IMAGE),
        *("--file", str(dockerfile), str(dockerfile.parent)),
        timeout=300,
    )
    return RUNNER_IMAGE


def checkout(folder: Path) -> Path:
    """Copy the current files of the action that are in Git.

    act builds the Dockerfile and can't be given BASE. So BASE is written into the copy, which differs only in this
    line. If BASE is not set, nothing differs.
    """
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    dockerfile = folder / "Dockerfile"
    text = re.sub(
        r"^ARG BASE=.+$", f"ARG BASE={base_image()}", dockerfile.read_text("utf-8"), flags=re.MULTILINE
    )
    dockerfile.write_text(text, "utf-8")
    return commit(folder)


def commit(folder: Path) -> Path:
    """Make the folder a repository with a commit and a name, because act gives these to the steps."""
    who = ("-c", "user.name=octocat", "-c", "user.email=octocat@example.com")
    for command in (
        ("init", "-q", "-b", "main"),
        ("remote", "add", "origin", "https://github.com/octo-org/warehouse"),
        ("add", "--all"),
        (*who, "commit", "-q", "--message", "All of it"),
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder
