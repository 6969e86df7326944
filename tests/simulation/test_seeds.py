"""A hundred schedules for every run of the tests; twenty thousand are `make simulate`."""

import os
import subprocess
import sys

import pytest

from ..integration.job import ROOT
from .draw import draw
from .invariants import judge
from .play import play

A_PART = 25
DIGEST = """
import hashlib
from tests.e2e.command_files import parse
from tests.simulation.draw import draw
from tests.simulation.play import play
told = hashlib.sha256()
for seed in range(20):
    history = play(draw(seed))
    told.update(repr(history.service.truth.events).encode())
    for attempt in history.attempts:
        runner = attempt.runner
        outputs = parse(runner.output_file)  # whose delimiters nobody may foretell
        told.update(repr((attempt.sent, runner.lines, outputs, runner.summary_text)).encode())
print(told.hexdigest())
"""


@pytest.mark.parametrize("part", range(4))
def test_a_few_schedules_break_no_invariant(part: int) -> None:
    for seed in range(part * A_PART, (part + 1) * A_PART):
        assert judge(play(draw(seed))).broken == [], f"seed {seed}"


def test_a_seed_replays_alike_in_another_process() -> None:
    """Where the order of a set decided anything, a failing seed could not be told again."""
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(digests) == 1
