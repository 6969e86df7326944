"""Plays very many cases on all cores and counts: `python -m tests.fuzz [N] [--seed SEED]`."""

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from functools import cache

from .cases import execute, told
from .seam import Seam

BATCH = 1000
EVERY = 20.0  # seconds between lines of progress
MOST_TOLD = 5

Result = tuple[Counter[str], list[tuple[int, list[str]]], float]


@cache
def one_seam() -> Seam:
    """The one client of this process."""
    return Seam()


def batch(first: int) -> Result:
    """Play a thousand seeds. Return how many cases of each kind there were, what went wrong, and the CPU seconds."""
    began, counts, crashes = time.process_time(), Counter[str](), []
    for seed in range(first, first + BATCH):
        kind, wrong = execute(seed, one_seam())
        counts[kind] += 1
        if wrong:
            crashes.append((seed, wrong))
    return counts, crashes, time.process_time() - began


def main() -> int:
    """Play the cases, and print the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("executions", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, help="tell one case")
    given = parser.parse_args()
    if given.seed is not None:
        wrong = execute(given.seed, one_seam())[1]
        say(told(given.seed), *wrong)
        return 1 if wrong else 0
    return play(given.first, given.executions, given.jobs)


def play(first: int, executions: int, jobs: int) -> int:
    """Play all cases. Return 1 if anything was found."""
    began = spoke = time.monotonic()
    counts, failed, cpu = Counter[str](), 0, 0.0
    with multiprocessing.get_context("fork").Pool(jobs, os.environ.clear) as pool:
        for counted, found, seconds in pool.imap_unordered(batch, range(first, first + executions, BATCH)):
            for seed, wrong in found[: max(0, MOST_TOLD - failed)]:
                say(f"\n.venv/bin/python -m tests.fuzz --seed {seed}", told(seed), *wrong)
            counts, failed, cpu = counts + counted, failed + len(found), cpu + seconds
            if time.monotonic() - spoke > EVERY:
                spoke = time.monotonic()
                say(f"{counts.total():,} executions, {failed} failed")
    kinds = ", ".join(f"{count:,} of {kind}" for kind, count in sorted(counts.items()))
    say(f"{counts.total():,} executions ({kinds}), {failed} failed")
    say(f"{time.monotonic() - began:.0f} s, {cpu:.0f} s of CPU on {jobs} processors")
    return 1 if failed else 0


def say(*lines: str) -> None:
    """Write lines at once."""
    sys.stdout.write("\n".join((*lines, "")))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
