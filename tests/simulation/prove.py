"""Plays very many schedules on all cores and counts: `python -m tests.simulation.prove [N] [--resume FILE]`."""

import argparse
import gc
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from dataworks_deploy.engine.deploy import Deployment

from .draw import draw
from .naive import NAIVE
from .notes import Batch, Notes, fingerprint
from .schedule import Schedule
from .shrink import shrink
from .tally import Tally, table, tally_of
from .trial import trial_of

BATCH = 250
EVERY = 20.0  # seconds between lines of progress


def batches(schedules: int, policy: str) -> list[Batch]:
    """The schedules of the seeds below that number."""
    return [Batch(first, min(BATCH, schedules - first), policy) for first in range(0, schedules, BATCH)]


def run(wanted: Sequence[Batch], jobs: int | None) -> Iterator[tuple[Batch, Tally]]:
    """Play them on that many processes, by default one for each core; yields each as it is done."""
    if not wanted:
        return  # the end of a pool that never had anything to do may hang
    with multiprocessing.get_context("fork").Pool(jobs, _begin) as pool:
        yield from pool.imap_unordered(_play, wanted)


def _begin() -> None:
    """Ctrl-C reaches all processes of a terminal, and the pool ends its own by SIGTERM.

    A schedule leaves little garbage, and to look for it in all that is loaded is a seventh of the time.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _play(batch: Batch) -> tuple[Batch, Tally]:
    seeds = range(batch.first, batch.first + batch.count)
    return batch, tally_of(seeds, NAIVE.get(batch.policy, Deployment))


def explain(seed: int, deployment: type[Deployment] = Deployment) -> str:
    """A failing seed, cut to the shortest form that still fails in a way in which the whole did."""
    schedule = draw(seed)
    names = trial_of(schedule, deployment).names
    shortest = shrink(schedule, lambda each: fails(each, names, deployment))
    return f"seed {seed}\n{trial_of(shortest, deployment).told()}"


def fails(schedule: Schedule, names: set[str], deployment: type[Deployment] = Deployment) -> bool:
    """Whether a schedule breaks one of these invariants, or raises one of these errors."""
    return not names.isdisjoint(trial_of(schedule, deployment).names)


def prove(wanted: Sequence[Batch], notes: Notes, jobs: int | None) -> tuple[Tally, float]:
    """Play them all, but for those that are noted, and say now and then how far it is; with the wall seconds."""
    tally, total = Tally(), 0.0
    left = set(wanted)
    for batch, part, seconds in notes.read():
        if batch in left:
            left.remove(batch)
            tally.add(part)
            total += seconds
    last = spoke = time.monotonic()
    for batch, part in run([batch for batch in wanted if batch in left], jobs):
        tally.add(part)
        seconds, last = time.monotonic() - last, time.monotonic()
        total += seconds
        notes.add(batch, part, seconds)
        if last - spoke > EVERY:
            spoke = last
            rate = tally.schedules / tally.cpu
            say(f"{tally.schedules:,} schedules, {rate:.0f} a second of CPU, {len(tally.failed)} failed")
    return tally, total


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Prove, and say what came of it; 1 where anything is broken. These are the command line's arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("schedules", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--policy", default="", choices=["", *NAIVE])
    parser.add_argument("--resume", type=Path, help="note what is done in this file, and go on from there")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), help="processes, one for each core by default"
    )
    parser.add_argument("--seed", type=int, help="tell the verdict and the story of one seed")
    given = parser.parse_args(arguments)
    if given.seed is not None:
        trial = trial_of(draw(given.seed), NAIVE.get(given.policy, Deployment))
        say(trial.told())
        return 1 if trial.names else 0
    # Both, because who was started in the background of a script has inherited that SIGINT is ignored.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)
    try:
        tally, seconds = prove(
            batches(given.schedules, given.policy), Notes(given.resume, fingerprint()), given.jobs
        )
    except KeyboardInterrupt:
        say("interrupted; what is noted is kept")
        return 130
    say(table(tally, seconds))
    if not given.policy:
        for seed in islice(sorted(tally.failed), 3):
            say(f"\n{explain(seed)}")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
