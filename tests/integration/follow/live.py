"""Steps as real processes on the real clock. Tests can send them signals as the runner does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataworks_emulator import Emulator, Settings

from ...witness.command_files import parse
from ..clock import VirtualClock
from ..ended import Ended, read_step
from ..job import KEY, OBJECT, ROOT
from ..step import Site

PATIENCE = 20.0
# The runner sends SIGTERM after 7.5 s. The action promises to end before that.
MOST_SECONDS = 5.0


def eventually(condition: Callable[[], object], what: str) -> None:
    """Wait for something that another process does."""
    limit = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < limit, f"not in time: {what}"
        time.sleep(0.005)


@dataclass
class LiveStep:
    """A step that is running."""

    popen: subprocess.Popen[str]
    outputs: Path
    environment: Mapping[str, str]

    def send(self, number: signal.Signals) -> None:
        """Send a signal when the step listens. Before that, the step as process 1 of a container would ignore it."""
        eventually(self._listens, "the step catches signals")
        self.popen.send_signal(number)

    def _listens(self) -> bool:
        status = Path(f"/proc/{self.popen.pid}/status").read_text("ascii")
        (caught,) = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt")]
        return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)

    def end(self) -> Ended:
        """Wait for the end of the step and read its results."""
        stdout, stderr = self.popen.communicate(timeout=PATIENCE)
        return read_step(self.popen.returncode, self.outputs, stdout, stderr)

    def stop(self, *numbers: signal.Signals) -> Ended:
        """Send signals to the step, wait for its end, and check that it ends in time."""
        for number in numbers:
            self.send(number)
        began = time.monotonic()
        ended = self.end()
        assert time.monotonic() - began < MOST_SECONDS
        assert ended.stderr == ""
        return ended

    @property
    def state(self) -> Mapping[str, str]:
        """What the runner hands to the post step."""
        saved = parse(self.outputs.with_suffix(".state").read_text("utf-8"))
        return {f"STATE_{name}": value for name, value in saved.items()}

    def post(self) -> subprocess.CompletedProcess[str]:
        """Run the post step after the runner has ended this step, and check that it succeeds."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "post_entrypoint.py")],
            env={**self.environment, **self.state},
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), done
        return done


class LiveSite:
    """A service on the real clock, and a runner."""

    def __init__(self, site: Site) -> None:
        self.site, self.truth, self.emulator = site, site.truth, site.emulator

    @contextmanager
    def step(self, *object_ids: str, **inputs: str) -> Iterator[LiveStep]:
        """Start a step. At the end of the block it is killed if it is still running."""
        ids = list(object_ids or (OBJECT,))
        variables, outputs = self.site.environment(ids, 1, {"wait": "true", **inputs})
        measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
        environment = {**variables, **measured, "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")}
        with subprocess.Popen(
            [sys.executable, str(ROOT / "entrypoint.py")],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as popen:
            try:
                yield LiveStep(popen, outputs, environment)
            finally:
                popen.kill()

    def abolished(self) -> list[str]:
        """The runs that were abolished."""
        return [event["run_id"] for event in self.truth.of("abolished")]

    def reached(self, stage: str) -> bool:
        """Whether a stage was executed."""
        return bool(self.truth.of("stage_executed", stage=stage))


@contextmanager
def open_live(folder: Path, *faults: str, **settings: Any) -> Iterator[LiveSite]:
    """Open a site on the real clock."""
    with Emulator(Settings(credentials=(KEY,), faults=faults, **settings)) as emulator:
        yield LiveSite(Site(folder, emulator, VirtualClock()))
