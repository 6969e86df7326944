"""Plays very many schedules on all cores, and counts the results: `python -m tests.simulation.prove [N]`."""

import argparse
import gc
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice

from dataworks_deploy.engine.deploy import Deployment

from .draw import draw
from .naive import POLICIES
from .schedule import Schedule
from .shrink import shrink
from .tally import Tally, table, tally_of
from .trial import trial_of

BATCH = 250
EVERY = 20.0  # seconds between lines of progress


def run(first: int, schedules: int, policy: str, jobs: int | None, batch: int) -> Iterator[Tally]:
    """Play so many seeds from the first one on, in batches, on this many processes, or one for each core by default."""
    last = first + schedules
    batches = [(range(each, min(each + batch, last)), policy) for each in range(first, last, batch)]
    with multiprocessing.get_context("fork").Pool(jobs, _begin) as pool:
        yield from pool.imap_unordered(_play, batches)


def _begin() -> None:
    """Ignore Ctrl-C, which reaches all processes of a terminal. The pool ends its processes with SIGTERM.

    A schedule leaves little garbage, and to search all loaded objects for it would take a seventh of the time.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _play(batch: tuple[range, str]) -> Tally:
    seeds, policy = batch
    return tally_of(seeds, POLICIES.get(policy, Deployment))


def explain(seed: int, deployment: type[Deployment] = Deployment) -> str:
    """A failing seed, reduced to the shortest form that still fails in one of the same ways."""
    schedule = draw(seed)
    names = trial_of(schedule, deployment).names
    shortest = shrink(schedule, lambda each: fails(each, names, deployment))
    return f"seed {seed}\n{trial_of(shortest, deployment).told()}"


def fails(schedule: Schedule, names: set[str], deployment: type[Deployment] = Deployment) -> bool:
    """Whether a schedule breaks one of these invariants, or raises one of these errors."""
    return not names.isdisjoint(trial_of(schedule, deployment).names)


def prove(
    schedules: int, policy: str = "", jobs: int | None = None, batch: int = BATCH, first: int = 0
) -> tuple[Tally, float]:
    """Play all schedules, report the progress now and then, and return the tally and the wall seconds."""
    tally, began = Tally(), time.monotonic()
    spoke = began
    for part in run(first, schedules, policy, jobs, batch):
        tally.add(part)
        if part.failed:
            say(f"failed: {', '.join(map(str, part.failed))}")
        if time.monotonic() - spoke > EVERY:
            spoke = time.monotonic()
            rate = tally.schedules / tally.cpu
            say(f"{tally.schedules:,} schedules, {rate:.0f} a second of CPU, {len(tally.failed)} failed")
    return tally, time.monotonic() - began


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments, and print the result. Return 1 if anything is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("schedules", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--policy", default="", choices=["", *POLICIES])
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), help="processes, one for each core by default"
    )
    parser.add_argument(
        "--first", type=int, default=0, help="the first seed: to go on where another call has ended"
    )
    parser.add_argument("--seed", type=int, help="tell the verdict and the story of one seed")
    given = parser.parse_args(arguments)
    if given.seed is not None:
        trial = trial_of(draw(given.seed), POLICIES.get(given.policy, Deployment))
        say(trial.told())
        return 1 if trial.names else 0
    tally, seconds = prove(given.schedules, given.policy, given.jobs, first=given.first)
    say(table(tally, seconds))
    if not given.policy:
        for seed in islice(sorted(tally.failed), 3):
            say(f"\n{explain(seed)}")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
