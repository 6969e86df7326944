"""Fifty schedules in every run of the tests. `make simulate` plays twenty thousand."""

import hashlib
import os
import subprocess
import sys

import pytest

from ..integration.job import ROOT
from ..witness.command_files import parse
from .draw import draw
from .invariants import judge
from .play import play

A_PART = 25


def digest() -> str:
    """A hash of what ten seeds do: all that the service logged, and all that the steps sent and wrote."""
    told = hashlib.sha256()
    for seed in range(10):
        history = play(draw(seed))
        told.update(repr(history.service.truth.events).encode())
        for attempt in history.attempts:
            runner = attempt.runner
            outputs = parse(runner.output_file)  # their delimiters are random
            told.update(repr((attempt.sent, runner.lines, outputs, runner.summary_text)).encode())
    return told.hexdigest()


@pytest.mark.parametrize("part", range(2))
def test_a_few_schedules_break_no_invariant(part: int) -> None:
    for seed in range(part * A_PART, (part + 1) * A_PART):
        assert judge(play(draw(seed))).broken == [], f"seed {seed}"


@pytest.mark.long
def test_a_seed_gives_the_same_history_in_another_process() -> None:
    """If the order of a set decided anything, a failing seed could not be repeated."""
    told = subprocess.run(
        [sys.executable, "-c", f"from {__name__} import digest; print(digest())"],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "PYTHONHASHSEED": "1",  # in this process it differs each time
        },
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    assert told.stdout.strip() == digest()
