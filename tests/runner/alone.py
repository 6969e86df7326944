"""Only one test at a time runs on a machine, and nothing is left of it, even if it was killed.

act names containers and volumes only by the workflow file, and removes everything with such a name. So one of two
runs of a workflow file removes the other's network, and the other's deployment waits for an answer until its deadline.
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

from ..e2e.docker import docker, unique_name

# The label of the common network, and of everything that act starts.
LABEL = "dataworks-deploy-runner"


@contextmanager
def alone() -> Iterator[str]:
    """Wait for other copies of these tests, remove what they left, and give a network without access to the outside."""
    with (Path(gettempdir()) / "dataworks-deploy-act.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        clear()
        tools = listed("volume", "ls", "--quiet", "--filter", "name=^act-toolcache$")
        name = unique_name()
        docker("network", "create", "--internal", "--label", LABEL, name)
        try:
            yield name
        finally:
            clear()
            if not tools:
                docker("volume", "rm", "--force", "act-toolcache")


def clear() -> None:
    """Remove the containers of a test, their volumes and its network."""
    networks = listed("network", "ls", "--quiet", "--filter", f"label={LABEL}")
    wanted = [f"label={LABEL}", *(f"network={each}" for each in networks)]
    containers = {found for each in wanted for found in listed("ps", "--all", "--quiet", "--filter", each)}
    volumes = volumes_of(containers)
    for command, found in (("rm --force", containers), ("volume rm", volumes), ("network rm", networks)):
        if found:
            docker(*command.split(), *found)


def volumes_of(containers: set[str]) -> set[str]:
    """Return the volumes that the containers use, except for the one that all runs of act share."""
    if not containers:
        return set()
    mounts = [mount for each in json.loads(docker("inspect", *containers)) for mount in each["Mounts"]]
    return {mount["Name"] for mount in mounts if mount["Type"] == "volume"} - {"act-toolcache"}


def listed(*command: str) -> list[str]:
    """Return what a docker command lists."""
    return docker(*command).split()
