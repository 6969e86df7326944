"""Random choices with simple names, and the values that all draws share."""

import random
from collections.abc import Sequence

from .cells import FAULTS
from .operations import ABOLISH, CREATE, EXECUTE, GET, LIST

ACTIONS = (CREATE, GET, LIST, EXECUTE, ABOLISH)
WEIGHTS = (6, 2, 4, 3, 1)
WEIGHTS_OF_ENDS = (5, 3, 4, 2, 8)  # a stopped step abolishes
SECONDS = (0.0, 0.5, 2.0, 10.0, 14.0, 16.0, 29.0, 31.0, 60.0, 120.0, 300.0, 900.0, 1900.0, 3600.0)
AT_ONCE = (0.0, 0.2, 1.0, 2.0, 4.0, 6.0)  # around the wait for an answer that changes only a text


class Dice:
    """Draws random values."""

    def __init__(self, seed: int | str) -> None:
        self._rng = random.Random(seed)

    def chance(self, share: float) -> bool:
        """Return True with this probability."""
        return self._rng.random() < share

    def one(self, *values: object) -> object:
        """One of the values."""
        return self._rng.choice(values)

    def number(self, low: int, high: int) -> int:
        """A whole number."""
        return self._rng.randint(low, high)

    def few(self, most: int) -> int:
        """A small number, often the smallest."""
        return min(most, int(self._rng.expovariate(0.9)))

    def seconds(self, among: Sequence[float] = SECONDS) -> float:
        """A time. Short times and those around a limit are drawn more often."""
        return round(self._rng.choice(among) * (0.8 + 0.4 * self._rng.random()), 2)

    def action(self, *, ends: bool) -> str:
        """An operation. Creations are drawn most often, because they matter most."""
        return self._rng.choices(ACTIONS, WEIGHTS_OF_ENDS if ends else WEIGHTS)[0]


def spec_of(dice: Dice, action: str, calls: str, among: Sequence[float] = SECONDS) -> str:
    """Any fault of these calls of an operation."""
    spec = str(dice.one(*FAULTS[action]))
    if spec.endswith(":S"):
        spec = f"{spec[:-1]}{dice.seconds(among)}"
    return f"{action}:{calls}:{spec}"
