"""The emulated service in its own container, and its log of what really happened."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .docker import docker, eventually, label, removed_at_the_end, succeeds, unique_name
from .runner import ROOT

PORT = 8080


@dataclass(frozen=True)
class Emulator:
    """A running service, as other containers on the network see it."""

    host: str
    truth_log: Path

    @property
    def endpoint(self) -> str:
        """The value for the action's input `endpoint`."""
        return f"http://{self.host}:{PORT}"

    @property
    def events(self) -> list[dict[str, Any]]:
        """Return all events so far, in order."""
        return [json.loads(line) for line in self.truth_log.read_text("utf-8").splitlines()]

    def truth(self, event: str, **fields: object) -> list[dict[str, Any]]:
        """Return the events of that name whose fields have these values, in order."""
        return [e for e in self.events if e["event"] == event and all(e[k] == v for k, v in fields.items())]

    def runs(self) -> dict[str, list[str]]:
        """Return the IDs of the runs that were created, for each object."""
        runs: dict[str, list[str]] = {}
        for created in self.truth("committed"):
            runs.setdefault(created["object"], []).append(created["run_id"])
        return runs


@contextmanager
def emulator(folder: Path, network: str, *flags: str) -> Iterator[Emulator]:
    """Start the service, and remove it when the block ends.

    The action's image does not contain the emulator. So its code is mounted, and the Python of the base image runs
    it. A label of the action's image names the base.
    """
    name = unique_name()
    with removed_at_the_end(name):
        docker(
            *("run", "--detach", "--name", name, "--network", network, "--workdir", "/emulator"),
            *("-v", f"{ROOT / 'src' / 'dataworks_emulator'}:/emulator/dataworks_emulator:ro"),
            *("-v", f"{folder}:/truth", "-e", "PYTHONDONTWRITEBYTECODE=1"),
            *("--entrypoint", "python3", label("base.name"), "-m", "dataworks_emulator"),
            *("--host", "0.0.0.0", "--port", str(PORT), "--truth-log", "/truth/truth.jsonl", *flags),
        )
        # This runs inside the container, because only on Linux the host has a route to it.
        connect = f"import socket; socket.create_connection(('127.0.0.1', {PORT}), 1)"
        eventually(lambda: succeeds("exec", name, "python3", "-c", connect), "the emulator listens")
        yield Emulator(name, folder / "truth.jsonl")
