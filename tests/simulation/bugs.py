"""Whether the judges find deliberate bugs: `python -m tests.simulation.bugs [N] [NAME…]`.

Each bug is put into a copy of the action, and up to N schedules are played with that copy until one breaks an
invariant. The code as it is goes first: nothing may be found in it. Exit status 1 where something is, or where a bug is
missed that is expected to be found.
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .bug import Bug, check_loaded, put, say
from .bugs_of_runs import RUNS
from .bugs_of_words import WORDS
from .draw import draw
from .notes import ROOT
from .trial import trial_of

BUGS = {bug.name: bug for bug in (*RUNS, *WORDS)}
SCHEDULES = 1000
CHILDREN = 2
NO_BUG = "the code as it is"
START = 60.0  # seconds that a child may take beside a second for each schedule


@dataclass(frozen=True)
class Hunt:
    """What came of one bug, or of the code as it is: `by` says what was broken by the last of so many schedules."""

    bug: Bug | None
    schedules: int
    by: tuple[str, ...] = ()

    @property
    def surprise(self) -> bool:
        """Whether this is not what was expected, and speaks against the judges or the code."""
        return bool(self.by) if self.bug is None else not (self.by or self.bug.missed)

    def __str__(self) -> str:
        played = f"{self.schedules:,} schedule{'s'[self.schedules == 1 :]}"
        if self.by:
            return f"{_name(self.bug)}: found after {played} by {', '.join(self.by)}"
        why = f" ({self.bug.missed})" if self.bug and self.bug.missed else ""
        return f"{_name(self.bug)}: {'NOT FOUND' if self.bug else 'nothing found'} in {played}{why}"


def _name(bug: Bug | None) -> str:
    return bug.name if bug else NO_BUG


def hunt(bug: Bug | None, schedules: int) -> Hunt:
    """Play schedules with a copy of the action that has the bug, in a process of their own."""
    with tempfile.TemporaryDirectory() as folder:
        put(bug, Path(folder))
        code = f"from tests.simulation import bugs; bugs.play_copy({folder!r}, {schedules})"
        try:
            child = subprocess.run(
                [sys.executable, "-c", code],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": folder},
                stdout=subprocess.PIPE,
                timeout=START + schedules,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Hunt(bug, schedules, ("a schedule that does not end",))
    if child.returncode:
        raise RuntimeError(f"{_name(bug)}: the child ended with status {child.returncode}")
    played, by = json.loads(child.stdout)
    return Hunt(bug, played, tuple(by))


def play_copy(folder: str, schedules: int) -> None:
    """In the child: play until something is found, and print how many schedules that took and what was broken."""
    names: set[str] = set()
    played = 0
    gc.disable()
    while played < schedules and not names:
        names = trial_of(draw(played)).names
        played += 1
        if played % 10 == 0:
            gc.collect()
    check_loaded(folder)
    sys.stdout.write(json.dumps([played, sorted(names)]))


def hunt_all(bugs: Sequence[Bug | None], schedules: int) -> Iterator[Hunt]:
    """Two at a time; yields each in the order given."""
    with ThreadPoolExecutor(CHILDREN) as pool:
        hunts = [pool.submit(hunt, bug, schedules) for bug in bugs]
        try:
            for each in hunts:
                yield each.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def main(given: Sequence[str]) -> int:
    """Hunt the bugs of these names, or all, with so many schedules each."""
    schedules = int(given[0]) if given and given[0].isdigit() else SCHEDULES
    names = [each for each in given if not each.isdigit()] or list(BUGS)
    if unknown := [name for name in names if name not in BUGS]:
        say(f"no such bug: {', '.join(unknown)}; there are:", *BUGS)
        return 2
    bugs = [BUGS[name] for name in names]
    for bug in bugs:
        bug.text()  # what does not fit any more is said before anything is played
    hunts = []
    for each in hunt_all([None, *bugs], schedules):
        say(str(each))
        hunts.append(each)
    say(f"{sum(bool(each.bug and each.by) for each in hunts)} of {len(bugs)} bugs found")
    return 1 if any(each.surprise for each in hunts) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
