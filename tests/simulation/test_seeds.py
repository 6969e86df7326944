"""A hundred schedules for every run of the tests; twenty thousand are `make simulate`."""

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
    """What ten seeds do, in short: all that the service logged and all that the steps sent and said."""
    told = hashlib.sha256()
    for seed in range(10):
        history = play(draw(seed))
        told.update(repr(history.service.truth.events).encode())
        for attempt in history.attempts:
            runner = attempt.runner
            outputs = parse(runner.output_file)  # whose delimiters nobody may foretell
            told.update(repr((attempt.sent, runner.lines, outputs, runner.summary_text)).encode())
    return told.hexdigest()


@pytest.mark.parametrize("part", range(4))
def test_a_few_schedules_break_no_invariant(part: int) -> None:
    for seed in range(part * A_PART, (part + 1) * A_PART):
        assert judge(play(draw(seed))).broken == [], f"seed {seed}"


@pytest.mark.long
def test_a_seed_replays_alike_in_another_process() -> None:
    """Where the order of a set decided anything, a failing seed could not be told again."""
    told = subprocess.run(
        [sys.executable, "-c", f"from {__name__} import digest; print(digest())"],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "PYTHONHASHSEED": "1",  # here it is another one each time
        },
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    assert told.stdout.strip() == digest()
