"""The table that the bench prints, row by row."""

import sys
from collections.abc import Iterable
from statistics import median


class Table:
    """Prints figures as they come, and remembers whether each target was met."""

    def __init__(self) -> None:
        self.missed = 0

    def head(self, title: str) -> None:
        """A table of its own for each case."""
        say(f"\n### {title}\n\n| figure | measured | target | met |\n| --- | --- | --- | --- |")

    def row(self, what: str, figure: str, target: str, *, met: bool) -> None:
        """One figure against its target."""
        self.missed += not met
        say(f"| {what} | {figure} | {target} | {'yes' if met else '**no**'} |")

    def note(self, what: str, figure: str) -> None:
        """One figure that has no target."""
        say(f"| {what} | {figure} | | |")


def say(line: str) -> None:
    """Print it now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def spread(values: Iterable[float], digits: int = 2) -> str:
    """The median, and from which to which the values reach."""
    found = sorted(values)
    middle, low, high = (f"{value:.{digits}f}" for value in (median(found), found[0], found[-1]))
    return f"{middle} ({low}–{high})" if len(found) > 1 else middle
