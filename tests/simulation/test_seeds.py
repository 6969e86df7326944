"""A few hundred schedules for every run of the tests; twenty thousand are `make simulate`."""

import pytest

from .draw import draw
from .invariants import judge
from .play import play

A_PART = 25


@pytest.mark.parametrize("part", range(12))
def test_a_few_schedules_break_no_invariant(part: int) -> None:
    for seed in range(part * A_PART, (part + 1) * A_PART):
        assert judge(play(draw(seed))).broken == [], f"seed {seed}"
