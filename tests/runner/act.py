"""Runs a workflow file with act, offline, and reads its log: one JSON object per line."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from .alone import LABEL
from .places import ROOT, published
from .service import ISSUER, Service

ACT = ROOT / ".tools" / "act"
# The path in the containers of the steps.
CA = "/ca.pem"
# The first run also builds the image of the action.
MOST_SECONDS = 300.0


@dataclass(frozen=True)
class Ran:
    """The results of a workflow run."""

    exit_code: int
    lines: list[str]

    @cached_property
    def entries(self) -> list[dict[str, Any]]:
        """The entries of the log. Some lines that act writes about itself are not JSON."""
        return [json.loads(line) for line in self.lines if line.startswith("{")]

    @property
    def log(self) -> str:
        """The log as people would read it."""
        return "\n".join(f"{e.get('job', '')}: {e['msg'].rstrip()}" for e in self.entries)

    def of(self, **fields: object) -> list[dict[str, Any]]:
        """Return the entries whose fields have these values, in order."""
        return [e for e in self.entries if all(e.get(name) == value for name, value in fields.items())]

    def outputs(self, step: str, **fields: object) -> dict[str, str]:
        """Return the outputs of a step, by its ID."""
        return {e["name"]: e["arg"] for e in self.of(command="set-output", stepID=[step], **fields)}

    def ends(self, step: str, stage: str = "Main") -> list[str]:
        """Return how the step with this name ended: `success` or `failure`, once for each job that ran it."""
        ended = self.of(step=step, stage=stage)
        return [e["stepResult"] for e in ended if "stepResult" in e and "executionTime" in e]

    def printed(self, step: str, stage: str = "Main") -> list[str]:
        """Return the lines that a step has printed, without commands."""
        return [e["msg"].rstrip("\n") for e in self.of(step=step, stage=stage, raw_output=True)]


@dataclass(frozen=True)
class Act:
    """A runner: the image of its jobs, the action that replaces the published one, and a service."""

    image: str
    action: Path
    folder: Path
    service: Service
    secrets: Mapping[str, str]
    most_seconds: float = MOST_SECONDS

    def run(self, repository: Path, workflow: str, *options: str, event: str = "workflow_dispatch") -> Ran:
        """Run a workflow file of the repository to its end. If it does not end, raise AssertionError with the log."""
        command = [
            str(ACT),
            event,
            "--workflows",
            f".github/workflows/{workflow}",
            *self._options(),
            *options,
        ]
        with TemporaryFile("w+", encoding="utf-8") as log:
            exit_code = self._end_of(command, repository, log)
            log.seek(0)
            ran = Ran(exit_code or 0, log.read().splitlines())
        assert exit_code is not None, f"{workflow} hung, {self.most_seconds:g} s are over:\n{ran.log}"
        return ran

    def _end_of(self, command: Sequence[str], repository: Path, log: IO[str]) -> int | None:
        """Return the exit status of a command, or None if it had to be killed."""
        # act reads settings in the home folder, and asks for them if there are none.
        home = {"HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        try:
            return subprocess.run(
                command,
                cwd=repository,
                env={**os.environ, **home},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=self.most_seconds,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            return None

    def _options(self) -> Sequence[str]:
        variables = {
            "SSL_CERT_FILE": CA,
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"https://{ISSUER}/id-token?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "emulator-request-token",
        }
        return [
            *(
                "--json",
                "--rm",
                "--platform",
                f"ubuntu-latest={self.image}",
                "--network",
                self.service.network,
            ),
            # Nothing is fetched, and only the service can be reached.
            *("--pull=false", "--no-cache-server", "--container-daemon-socket", "-"),
            *("--action-cache-path", str(self.folder / "cache")),
            *("--local-repository", f"{published()}={self.action}"),
            *("--container-options", f"--label {LABEL} -v {self.service.ca}:{CA}:ro"),
            *(word for name, value in variables.items() for word in ("--env", f"{name}={value}")),
            *(word for name, value in self.secrets.items() for word in ("--secret", f"{name}={value}")),
        ]
