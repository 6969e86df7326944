"""A service that kills the step at a given event, and a runner that runs the job again."""

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataworks_emulator import Emulator, Settings

from ..integration.clock import VirtualClock
from ..integration.ended import Ended, read_step
from ..integration.job import KEY, ROOT
from ..integration.step import Site
from ..witness.command_files import parse

Event = dict[str, Any]
PATIENCE = 60.0


class HaltingClock:
    """Real time without its pauses, so that a stage that runs at a kill is still running afterwards."""

    def __init__(self) -> None:
        self._behind = 0.0
        self._halted_at: float | None = None

    def __call__(self) -> float:
        """Seconds of the epoch."""
        return (time.time() if self._halted_at is None else self._halted_at) - self._behind

    def halt(self) -> None:
        """Stand still."""
        self._halted_at = time.time()

    def go_on(self) -> None:
        """Continue as if there had been no pause."""
        if self._halted_at is not None:
            self._behind, self._halted_at = self._behind + time.time() - self._halted_at, None


@dataclass(frozen=True)
class Attempt:
    """One attempt of the job: its results, and the service's events from its first call on."""

    ended: Ended
    events: list[Event]
    state: Mapping[str, str]
    killed: bool


class Scene:
    """One job, attempt by attempt. The clock stops at a kill until the first call of the next attempt arrives."""

    def __init__(self, folder: Path, emulator: Emulator, clock: HaltingClock, inputs: dict[str, str]) -> None:
        self.site, self.truth = Site(folder, emulator, VirtualClock()), emulator.truth
        self._clock, self._inputs = clock, inputs
        self._turn = threading.Lock()
        self._events: list[Event] = []
        self._victim: int | None = None
        self._kill_at, self._killed = 0, False
        self.attempts: list[Attempt] = []
        emulator.truth.on_event(self._noted)

    def attempt(self, *object_ids: str, kill_at: int = 0) -> Attempt:
        """Run the job once more. It is killed at the event with this number, counted from its first call."""
        done = self._run([*object_ids], len(self.attempts) + 1, self._inputs, {}, kill_at)
        self.attempts.append(done)
        return done

    def other_job(self, *object_ids: str, **inputs: str) -> Attempt:
        """Run a job of an earlier workflow run to its end."""
        return self._run([*object_ids], 1, inputs, {"GITHUB_RUN_ID": "1"}, 0)

    def _run(
        self, ids: list[str], number: int, inputs: dict[str, str], job: dict[str, str], kill_at: int
    ) -> Attempt:
        variables, outputs = self.site.environment(ids, number, inputs)
        with self._turn:
            process = _start("entrypoint.py", variables | job)
            victim = os.pidfd_open(process.pid)
            self._events, self._victim, self._kill_at, self._killed = [], victim, kill_at, False
        stdout, stderr = process.communicate(timeout=PATIENCE)
        with self._turn:
            self._victim = None
            os.close(victim)
        ended = read_step(process.returncode, outputs, stdout, stderr)
        state = parse(outputs.with_suffix(".state").read_text("utf-8"))
        return Attempt(ended, [*self._events], state, self._killed)

    def post(self, *object_ids: str) -> None:
        """Run the post step of the last attempt, while time stands still."""
        variables, _ = self.site.environment([*object_ids], len(self.attempts), self._inputs)
        state = {f"STATE_{name}": value for name, value in self.attempts[-1].state.items()}
        process = _start("post_entrypoint.py", variables | state)
        _, stderr = process.communicate(timeout=PATIENCE)
        assert (process.returncode, stderr) == (0, "")

    def _noted(self, event: Event) -> None:
        with self._turn:
            # Late events of a dead attempt do not belong to the next one.
            if self._victim is None or not (self._events or event["event"] == "received"):
                return
            self._clock.go_on()
            self._events.append(event)
            if len(self._events) == self._kill_at:
                signal.pidfd_send_signal(self._victim, signal.SIGKILL)
                select.select([self._victim], [], [])  # readable once the process has ended
                self._clock.halt()
                self._victim, self._killed = None, True


def _start(script: str, variables: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / script)],
        env={**variables, "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


@contextmanager
def open_scene(
    folder: Path, *faults: str, workspace: str | Mapping[str, Any] = "", **inputs: str
) -> Iterator[Scene]:
    """Open a scene with short stages."""
    folder.mkdir()
    clock = HaltingClock()
    settings = Settings(credentials=(KEY,), faults=faults, stage_seconds=0.05, workspace=workspace)
    with Emulator(settings, clock) as emulator:
        yield Scene(folder, emulator, clock, {"wait": "true", **inputs})
