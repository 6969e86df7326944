"""Helpers for the docker command: run it, give unique names, and leave nothing behind."""

import os
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

IMAGE = os.environ.get("IMAGE", "dataworks-deploy:local")
PYTHON = "/opt/dataworks-deploy/bin/python"
PATIENCE = 60.0


def docker(*arguments: str, timeout: float = PATIENCE) -> str:
    """Run a docker command that must succeed, and return its output."""
    done = subprocess.run(
        ["docker", *arguments], capture_output=True, encoding="utf-8", timeout=timeout, check=False
    )
    assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr or done.stdout}"
    return done.stdout


def in_image(code: str, *options: str) -> str:
    """Run Python code in the image, which has no other programs, and return its output."""
    return docker(
        "run", "--rm", "--network", "none", *options, "--entrypoint", PYTHON, IMAGE, "-I", "-c", code
    )


def label(name: str) -> str:
    """Return one of the image's labels of the Open Container Initiative."""
    template = f'{{{{index .Config.Labels "org.opencontainers.image.{name}"}}}}'
    return docker("image", "inspect", "--format", template, IMAGE).strip()


def succeeds(*arguments: str) -> bool:
    """Tell whether a docker command succeeds."""
    done = subprocess.run(["docker", *arguments], capture_output=True, timeout=PATIENCE, check=False)
    return done.returncode == 0


def eventually(condition: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait until something has become true in another process."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"not after {patience:g} s: {what}"
        time.sleep(0.1)


def unique_name() -> str:
    """Return a name that no other container or network has, in this test run or in another one."""
    return f"dataworks-deploy-e2e-{uuid.uuid4().hex[:12]}"


@contextmanager
def removed_at_the_end(container: str) -> Iterator[None]:
    """Remove a container at the end of the block in any case, even if it never started."""
    try:
        yield
    finally:
        subprocess.run(
            ["docker", "rm", "--force", "--volumes", container],
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )


@contextmanager
def network() -> Iterator[str]:
    """Make a network without access to the outside: containers on it reach only each other."""
    name = unique_name()
    docker("network", "create", "--internal", name)
    try:
        yield name
    finally:
        docker("network", "rm", name)
