"""Runs the step as the runner does, in this process or in another one."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dataworks_deploy import main
from dataworks_emulator import Emulator, Settings

from .clock import VirtualClock
from .ended import Ended, read_step
from .job import JOB, KEY, OBJECT, PROJECT, ROOT, input_variables
from .machine import HUNG, on


class _Log(io.StringIO):
    """Keeps the lines with the times of their writing."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock
        self.moments: list[tuple[float, str]] = []

    def write(self, text: str) -> int:
        self.moments += [(self._clock.monotonic(), line) for line in text.splitlines() if line]
        return super().write(text)


class Process:
    """A step that is running in another process."""

    def __init__(self, popen: subprocess.Popen[str], outputs: Path) -> None:
        """Keep where it writes."""
        self._popen, self._outputs = popen, outputs

    def kill(self) -> Ended:
        """Kill the step, as the runner does at last: the step can write nothing more."""
        self._popen.kill()
        return self.wait()

    def wait(self) -> Ended:
        """Wait for the end of the step."""
        status, stdout, stderr = self.streams()
        return read_step(status, self._outputs, stdout, stderr)

    def streams(self) -> tuple[int, str, str]:
        """Wait for the end of the step, and return its exit status and what it has printed."""
        stdout, stderr = self._popen.communicate(timeout=60)
        return self._popen.returncode, stdout, stderr


class Site:
    """An emulated service and a runner, on one clock."""

    def __init__(self, folder: Path, emulator: Emulator, clock: VirtualClock) -> None:
        """Keep a folder for the runner's files."""
        self.folder, self.emulator, self.clock = folder, emulator, clock
        self.truth = emulator.truth
        self._steps = 0
        self._before = set[str]()  # the runs of earlier workflow runs

    @property
    def posts(self) -> list[dict[str, Any]]:
        """The CreatePipelineRun requests as they arrived."""
        return self.truth.posts("CreatePipelineRun")

    @property
    def nonces(self) -> list[str]:
        """The nonces of those requests."""
        return self.truth.nonces("CreatePipelineRun")

    def runs(self, object_id: str = OBJECT) -> list[str]:
        """The IDs of the runs that were created for an object."""
        return [event["run_id"] for event in self.truth.runs(object=object_id)]

    def run(self, *object_ids: str, attempt: object = 1, **inputs: str) -> Ended:
        """Run the step in this process, and check what holds for every step."""
        ids = list(object_ids or (OBJECT,))
        return self.run_in(*self.environment(ids, attempt, inputs), ids)

    def run_in(
        self, environment: Mapping[str, str], outputs: Path, object_ids: Sequence[str] = (OBJECT,)
    ) -> Ended:
        """The same with these variables."""
        ended = self.carry_out(main.run, environment, outputs)
        ended.check(object_ids)
        self.check_truth(ended)
        return ended

    def cut_off(self, when: Callable[[], object], *object_ids: str, **inputs: str) -> Ended:
        """Run the step in this process, and return its files as they would be if it were killed at this moment."""
        environment, outputs = self.environment(list(object_ids or (OBJECT,)), 1, inputs)
        left: list[Ended] = []
        with self.clock.meanwhile(lambda: left.append(read_step(-signal.SIGKILL, outputs, "", "")), when):
            self.carry_out(main.run, environment, outputs)
        (ended,) = left
        return ended

    def carry_out(
        self,
        work: Callable[[Mapping[str, str], VirtualClock], int],
        variables: Mapping[str, str],
        outputs: Path,
    ) -> Ended:
        """Run the main or the post step in this process, on virtual time."""
        stdout, stderr = _Log(self.clock), io.StringIO()
        with on(self.clock), contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            status = work(variables, self.clock)
            self.clock.settle(HUNG)
        ended = read_step(status, outputs, stdout.getvalue(), stderr.getvalue())
        return replace(ended, moments=stdout.moments)

    def start(self, *object_ids: str, attempt: object = 1, debug: str = "", **inputs: str) -> Process:
        """Start the step as a process. It uses the machine's clock, while the clock of the service stands still."""
        self.clock.set_to_today()
        environment, outputs = self.environment(list(object_ids or (OBJECT,)), attempt, inputs)
        popen = subprocess.Popen(
            [sys.executable, str(ROOT / "entrypoint.py")],
            env=environment
            | {"PATH": os.environ["PATH"], "DEBUG": debug, "GITHUB_WORKSPACE": str(self.folder)},
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        return Process(popen, outputs)

    def environment(
        self, object_ids: list[str], attempt: object, inputs: Mapping[str, str]
    ) -> tuple[dict[str, str], Path]:
        """Make the variables of one more step, and its outputs file."""
        self._steps += 1
        if str(attempt) == "1":
            self._before = {run["run_id"] for run in self.truth.runs()}
        outputs = self.folder / f"outputs-{self._steps}"
        for file in (outputs, outputs.with_suffix(".summary"), outputs.with_suffix(".state")):
            file.touch()
        given = {
            "project-id": PROJECT,
            "object-ids": "\n".join(object_ids),
            "endpoint": f"http://{self.emulator.endpoint}",
            "access-key-id": KEY.access_key_id,
            "access-key-secret": KEY.secret,
            "security-token": KEY.token,
            "settle-seconds": "8",
            "wait": "false",
        }
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        variables = {
            "DATAWORKS_ALLOW_UNSAFE_ENDPOINT": "true",
            "GITHUB_OUTPUT": str(outputs),
            "GITHUB_RUN_ATTEMPT": str(attempt),
            "GITHUB_STATE": str(outputs.with_suffix(".state")),
            "GITHUB_STEP_SUMMARY": str(outputs.with_suffix(".summary")),
        }
        return input_variables(given) | JOB | variables, outputs

    def check_truth(self, ended: Ended) -> None:
        """Check the service's own log against the invariants, which must hold under all faults."""
        assert all(len(json.loads(post["params"]["ObjectIds"])) == 1 for post in self.posts)
        for result in ended.results:
            if result["run_id"] is None and result["outcome"] != "unknown":
                # A re-run that cannot read the list names the mark of a run that may exist.
                named = result["message"].startswith(("Before you try again, look ",))
                new = {*self.marked(result["object_id"])} - self._before
                assert named or not new or result["outcome"] == "conflict", result
        touched = {
            event["run_id"] for name in ("stage_executed", "abolished") for event in self.truth.of(name)
        }
        ours = {event["run_id"] for event in self.truth.runs(who=KEY.access_key_id)}
        assert touched <= ours, "a run of somebody else was executed or abolished"

    def marked(self, object_id: str) -> list[str]:
        """The IDs of the runs that have a mark and were created with our key."""
        runs = self.truth.runs(object=object_id, who=KEY.access_key_id)
        return [run["run_id"] for run in runs if run["description"].startswith("[dwd1:")]


@contextlib.contextmanager
def open_site(folder: Path, *faults: str, **settings: Any) -> Iterator[Site]:
    """Open a site whose service has these faults and settings."""
    clock = VirtualClock()
    known = Settings(**({"credentials": (KEY,), "faults": faults} | settings))
    with Emulator(known, clock.time, clock.hold) as emulator:
        yield Site(folder, emulator, clock)
