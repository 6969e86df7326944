"""Makes a virtual environment from lock files. Says first how much that is and how long it takes, then how far it is.

Needs the standard library only, and starts on older versions of Python too: to say which version is needed.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import sysconfig
import time
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OLDEST = (3, 11)
QUIET_SECONDS = 3.0  # after so long without news, show the progress
SRC = Path(__file__).parents[1] / "src"


def main(words: Sequence[str]) -> None:
    """Make the environment, or exit with a sentence that says what is missing."""
    wanted = arguments(words)
    fault = missing(sys.version_info[:2], has_venv=find_spec("ensurepip") is not None)
    sys.exit(fault or install(wanted) or 0)


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """Parse the arguments: the environment, its locks in order, and what to say about them."""
    parser = argparse.ArgumentParser(prog="python requirements/install.py", description=__doc__)
    parser.add_argument("environment", type=Path, help="folder of the environment; what is there is removed")
    parser.add_argument("locks", type=Path, nargs="+", help="lock files, installed one after the other")
    parser.add_argument("--for", dest="purpose", required=True, help="who needs this, such as 'The demo'")
    parser.add_argument("--size", required=True, help="what is downloaded and what is kept, in MB")
    parser.add_argument("--time", required=True, help="how long this takes on a usual machine")
    parser.add_argument("--lean", action="store_true", help="what the locks list and no more, not compiled")
    return parser.parse_args(words)


def missing(version: tuple[int, ...], *, has_venv: bool) -> str:
    """What this Python lacks, and the fix. Empty if it lacks nothing."""
    found, oldest = (".".join(map(str, each)) for each in (version, OLDEST))
    if version < OLDEST:
        return f"Python {oldest} or newer is needed, and this is {found}. Name another one: make PYTHON=python{oldest}"
    if not has_venv:
        return (
            "This Python cannot make virtual environments. "
            "On Debian and Ubuntu, install what is missing: apt install python3-venv"
        )
    return ""


def install(wanted: argparse.Namespace) -> str:
    """Install all locks. Returns why that failed, or an empty text."""
    began = time.monotonic()
    say(f"{wanted.purpose} installs packages into {wanted.environment}, once: {wanted.size}, {wanted.time}.")
    commands = [(f"environment for Python {sysconfig.get_python_version()}", made(wanted.environment))]
    for lock in wanted.locks:
        number = len(re.findall("^[a-z0-9].*==", lock.read_text("utf-8"), re.MULTILINE))
        what = f"{number} package{'s' * (number > 1)} of {lock}"
        commands.append((what, installed(wanted.environment, lock, lean=wanted.lean)))
    for number, (what, command) in enumerate(commands, 1):
        say(f"  {number} of {len(commands)}: {what}")
        status, output = watched(command, wanted.environment)
        if status:
            return f"{output}\nThis failed: {' '.join(command)}"
    reach_sources(wanted.environment)
    say(f"  done in {time.monotonic() - began:.0f} s")
    return ""


def made(environment: Path) -> list[str]:
    """The command that creates an empty environment."""
    return [sys.executable, "-m", "venv", "--clear", str(environment)]


def installed(environment: Path, lock: Path, *, lean: bool) -> list[str]:
    """The command that installs a lock. It checks every file by its hash."""
    pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    options = ["--progress-bar", "off", "--require-hashes", "--no-build-isolation"]
    return [*pip, *options, *(["--no-deps", "--no-compile"] if lean else []), "-r", str(lock)]


def watched(command: list[str], environment: Path) -> tuple[int, str]:
    """Run a command, and report its progress every few seconds. Returns its exit status and the end of its output."""
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        lines: list[str] = []
        reader = Thread(target=keep, args=[process.stdout, lines])
        reader.start()
        while reader.is_alive():
            reader.join(QUIET_SECONDS)
            if reader.is_alive():
                say(f"    {time.monotonic() - began:.0f} s{progress(lines, environment)}")
    return process.returncode, "".join(lines[-20:]).rstrip()


def keep(stream: Iterable[str], lines: list[str]) -> None:
    """Store each line of a stream as soon as it arrives."""
    for line in stream:
        lines.append(line)  # noqa: PERF402 - the list is read meanwhile


def progress(lines: Sequence[str], environment: Path) -> str:
    """How far pip is, from its output and the installed files. Empty before it has begun."""
    if any(line.startswith("Installing ") for line in lines):
        unpacked = [*environment.glob("lib/python3*/site-packages/*.dist-info")]
        return f": {len(unpacked)} packages are installed"
    collected = [line.split()[1] for line in lines if line.startswith("Collecting ")]
    return f": package {len(collected)}, {collected[-1]}" if collected else ""


def reach_sources(environment: Path) -> None:
    """Let the environment import this project from its sources, even after the folder was moved."""
    (site,) = environment.glob("lib/python3*/site-packages")
    (site / "dataworks_deploy.pth").write_text(f"{os.path.relpath(SRC, site)}\n", "utf-8")


def say(line: str) -> None:
    """Show a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
