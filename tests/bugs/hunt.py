"""Puts each bug into a copy of the action, and checks whether schedules of faults, or a named test, show it.

The code without a bug comes first, and nothing may be found in it.
"""

import contextlib
import gc
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from .bug import ROOT, Bug, put
from .listed import BUGS, LIKELY

SCHEDULES = 1000
CHILDREN = 2
NO_BUG = "the code as it is"
FILE = "tests/bugs/test_likely.py"
START = 300.0  # seconds for a child, besides one second for each schedule


@dataclass(frozen=True)
class Hunt:
    """One bug, or the code without one, and what must find it: these tests, or else this many schedules."""

    bug: Bug | None
    schedules: int = 0
    tests: tuple[str, ...] = ()

    def run(self) -> "Result":
        """Hunt in another process. Raises RuntimeError if that process fails."""
        # Coverage must not measure the copy, which is gone when the report is made.
        ambient = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        with tempfile.TemporaryDirectory() as folder:
            put(self.bug, Path(folder))
            work = f"run_tests({folder!r}, {self.tests!r})" if self.tests else f"play({self.schedules})"
            code = f"from tests.bugs import bug, hunt; hunt.{work}; bug.check_loaded({folder!r})"
            try:
                child = subprocess.run(
                    [sys.executable, "-c", code],
                    cwd=ROOT,
                    env={**ambient, "PYTHONPATH": folder},
                    stdout=subprocess.PIPE,
                    timeout=START + self.schedules,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return Result(self, self.schedules, ("a schedule or a test that does not end",))
        if child.returncode:
            raise RuntimeError(f"{self}: the child ended with status {child.returncode}")
        played, by = json.loads(child.stdout)
        return Result(self, played, tuple(by))

    def __str__(self) -> str:
        return self.bug.name if self.bug else NO_BUG


@dataclass(frozen=True)
class Result:
    """The result of a hunt. `by` says what the last schedule has broken, or which case has failed."""

    hunt: Hunt
    played: int
    by: tuple[str, ...] = ()

    @property
    def surprise(self) -> bool:
        """Whether the result is unexpected, so that the judges, the tests or the code may be wrong."""
        bug = self.hunt.bug
        return bool(self.by) if bug is None else not (self.by or (bug.missed and not self.hunt.tests))

    def __str__(self) -> str:
        bug = self.hunt.bug
        played = "" if self.hunt.tests else f" after {self.played:,} schedule{'s'[self.played == 1 :]}"
        if self.by:
            return f"{self.hunt}: found{played} by {', '.join(self.by)}"
        why = f" ({bug.missed})" if bug and bug.missed and not self.hunt.tests else ""
        where = f" by {', '.join(self.hunt.tests)}" if self.hunt.tests else played.replace("after", "in")
        return f"{self.hunt}: {'NOT FOUND' if bug else 'nothing found'}{where}{why}"


def play(schedules: int) -> None:
    """In the child: play until something is found, and print the number of schedules and what was broken."""
    from tests.simulation.draw import draw  # noqa: PLC0415 - they must load the copy
    from tests.simulation.trial import trial_of  # noqa: PLC0415

    names: set[str] = set()
    played = 0
    gc.disable()
    while played < schedules and not names:
        names = trial_of(draw(played)).names
        played += 1
        if played % 10 == 0:
            gc.collect()
    sys.stdout.write(json.dumps([played, sorted(names)]))


class _Objections:
    """Keeps the cases that fail with an assertion. A case with another error has found nothing."""

    def __init__(self) -> None:
        self.cases: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """See pytest: once for each phase of a case."""
        crash = getattr(report.longrepr, "reprcrash", None)
        if report.failed and str(getattr(crash, "message", "")).startswith(("assert ", "AssertionError")):
            self.cases.append(report.nodeid.rpartition("::")[2])


def run_tests(folder: str, tests: Sequence[str]) -> None:
    """In the child: run the tests until one fails, and print its name."""
    objections, paths = _Objections(), f"pythonpath={folder} src tests ."
    options = ["-x", "-o", paths, "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist"]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = pytest.main([*options, *(f"{FILE}::{test}" for test in tests)], [objections])
    if status not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        raise RuntimeError(said.getvalue())
    sys.stdout.write(json.dumps([0, objections.cases[:1]]))


def hunts(names: Sequence[str], schedules: int) -> Iterator[Hunt]:
    """The hunts for the bugs with these names: first the code without a bug, then each bug."""
    simulated = [bug for bug in BUGS.values() if bug.name in names]
    tested = [(bug, test) for test, bugs in LIKELY.items() for bug in bugs if bug.name in names]
    if simulated:
        yield from (Hunt(bug, schedules) for bug in (None, *simulated))
    if tested:
        yield Hunt(None, tests=tuple({test: None for _, test in tested}))
        yield from (Hunt(bug, tests=(test,)) for bug, test in tested)


def main(given: Sequence[str]) -> int:
    """Hunt the bugs with these names, or all bugs, with this many schedules. Return 1 after a surprise."""
    schedules = int(given[0]) if given and given[0].isdigit() else SCHEDULES
    known = [*BUGS, *(bug.name for bugs in LIKELY.values() for bug in bugs if bug.name not in BUGS)]
    names = [each for each in given if not each.isdigit()] or known
    if unknown := [name for name in names if name not in known]:
        _say(f"no such bug: {', '.join(unknown)}; there are:", *known)
        return 2
    results = []
    with ThreadPoolExecutor(CHILDREN) as pool:
        for result in pool.map(Hunt.run, [*hunts(names, schedules)]):
            _say(str(result))
            results.append(result)
    of = [result for result in results if result.hunt.bug]
    _say(f"{sum(bool(result.by) for result in of)} of {len(of)} hunts found their bug")
    return int(any(result.surprise for result in results))


def _say(*lines: str) -> None:
    """Write lines at once."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
