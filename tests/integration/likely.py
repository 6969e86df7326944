"""Whether the tests of the twelve likely bugs find them: `python -m tests.integration.likely [TEST…]`.

Each bug is put into a copy of the action, and with that copy the test that names it must fail. The code as it is goes
first: with it all must pass. Exit status 1 where one does not do so.
"""

import contextlib
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

from ..simulation.bug import Bug, check_loaded, put, say
from .job import ROOT
from .likely_bugs import LIKELY

FILE = "tests/integration/test_likely_bugs.py"
CHILDREN = 2
SECONDS = 300.0


@dataclass(frozen=True)
class Trial:
    """What came of these tests with a bug, or with the code as it is: the case that failed, if one did, and how."""

    tests: tuple[str, ...]
    bug: Bug | None
    by: str = ""
    why: str = ""

    @property
    def good(self) -> bool:
        """Whether this is as it should be. A test that stumbles has found nothing: it has to object."""
        return self.why.startswith(("assert ", "AssertionError")) if self.bug else not self.by

    def __str__(self) -> str:
        if self.bug is None:
            return f"the code as it is: {f'{self.by} FAILS' if self.by else 'all pass'}"
        if not self.good:
            return f"{self.bug.name}: NOT FOUND by {self.tests[0]} {self.why}".strip()
        return f"{self.bug.name}: found by {self.by}"


class _Failures:
    """Keeps which cases fail, and with which words."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """See pytest: once for each phase of a case."""
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            said = str(getattr(crash, "message", report.longrepr))
            self.found.append((report.nodeid.rpartition("::")[2], said.partition("\n")[0]))


def attempt(bug: Bug | None, tests: tuple[str, ...]) -> Trial:
    """Run the tests with a copy of the action that has the bug, in a process of their own."""
    # The copy is none of what a measurement of coverage is about, and gone when that is told.
    ambient = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    with tempfile.TemporaryDirectory() as folder:
        put(bug, Path(folder))
        child = subprocess.run(
            [
                sys.executable,
                "-c",
                f"from tests.integration import likely; likely.play({folder!r}, {tests!r})",
            ],
            cwd=ROOT,
            env={**ambient, "PYTHONPATH": folder},
            stdout=subprocess.PIPE,
            timeout=SECONDS,
            check=True,
        )
    return Trial(tests, bug, *json.loads(child.stdout))


def play(folder: str, tests: Sequence[str]) -> None:
    """In the child: run the tests until one fails, and print which."""
    failures = _Failures()
    paths = f"pythonpath={folder} src tests ."
    options = ["-x", "-o", paths, "-p", "no:cacheprovider", "-p", "no:randomly"]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = pytest.main([*options, *(f"{FILE}::{test}" for test in tests)], [failures])
    if status not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        raise RuntimeError(said.getvalue())
    check_loaded(folder)
    sys.stdout.write(json.dumps(failures.found[0] if failures.found else ("", "")))


def attempt_all(tests: Sequence[str]) -> Iterator[Trial]:
    """The code as it is, and each bug of these tests, two at a time; yields each in this order."""
    bugs = [(bug, (test,)) for test in tests for bug in LIKELY[test]]
    with ThreadPoolExecutor(CHILDREN) as pool:
        yield from pool.map(lambda each: attempt(*each), [(None, tuple(tests)), *bugs])


def main(given: Sequence[str]) -> int:
    """Try the bugs of these tests, or all."""
    if unknown := [test for test in given if test not in LIKELY]:
        say(f"no such test: {', '.join(unknown)}; there are:", *LIKELY)
        return 2
    trials = []
    for trial in attempt_all(given or list(LIKELY)):
        say(str(trial))
        trials.append(trial)
    found = sum(trial.good for trial in trials if trial.bug)
    say(f"{found} of {len(trials) - 1} bugs found")
    return 0 if all(trial.good for trial in trials) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
