"""One process: what it costs, and how it ends."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOOK = 0.01  # seconds between two looks at whether it must be killed


@dataclass(frozen=True, slots=True)
class Ended:
    """The exit status (negative: the signal), wall time and CPU time in seconds, peak memory in MB, and the log."""

    status: int
    wall: float
    cpu: float
    rss: float
    log: str


def run(
    command: Sequence[str],
    variables: Mapping[str, str],
    folder: Path,
    kill_when: Callable[[], bool] | None = None,
) -> Ended:
    """Run a process to its end, with SIGKILL as soon as a condition is true. The log is in the folder."""
    log = folder / "log"
    began = time.monotonic()
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(  # noqa: S603 - a program of this repository
            command,
            env={"PATH": os.environ["PATH"], **variables},
            cwd=folder,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        if kill_when:
            _kill(process, kill_when)
        # Popen.wait would discard the usage.
        _, ended, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(ended)
    cpu, rss = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    return Ended(process.returncode, wall, cpu, rss, log.read_text("utf-8"))


def _kill(process: subprocess.Popen[bytes], when: Callable[[], bool]) -> None:
    """Wait until the condition is true or the process has ended. It stays to be waited for."""
    ended = os.WEXITED | os.WNOHANG | os.WNOWAIT
    while not os.waitid(os.P_PID, process.pid, ended):
        if when():
            os.kill(process.pid, signal.SIGKILL)
            return
        time.sleep(LOOK)
