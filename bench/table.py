"""The table that the bench prints, row by row."""

import sys
from collections.abc import Iterable
from statistics import median


class Table:
    """Prints figures at once, and counts the missed targets."""

    def __init__(self) -> None:
        self.missed = 0

    def head(self, title: str, *measured: str) -> None:
        """Begin a table for the next case. It may have several columns of measured figures: then join them in a row."""
        columns = ["figure", *(measured or ("measured",)), "target", "met"]
        say(f"\n### {title}\n\n| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")

    def row(self, what: str, figure: str, target: str, *, met: bool) -> None:
        """Print a figure and its target."""
        self.missed += not met
        say(f"| {what} | {figure} | {target} | {'yes' if met else '**no**'} |")

    def note(self, what: str, figure: str) -> None:
        """Print a figure without a target."""
        say(f"| {what} | {figure} | | |")


def say(line: str) -> None:
    """Print it at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def spread(values: Iterable[float], digits: int = 2) -> str:
    """The median, with the smallest and the largest value."""
    found = sorted(values)
    middle, low, high = (f"{value:.{digits}f}" for value in (median(found), found[0], found[-1]))
    return f"{middle} ({low}–{high})" if len(found) > 1 else middle
