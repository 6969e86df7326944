"""Plays very many schedules on all cores and counts: `python -m tests.simulation.prove [N] [--resume FILE]`."""

import argparse
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from dataworks_deploy.app.deploy import Deployment

from .draw import draw
from .invariants import judge
from .naive import NAIVE
from .notes import Batch, Notes, fingerprint
from .play import play
from .schedule import Schedule
from .shrink import shrink
from .story import story
from .tally import Tally, table, tally_of

BATCH = 250
EVERY = 20.0  # seconds between lines of progress


def batches(schedules: int, policy: str) -> list[Batch]:
    """The schedules of the seeds below that number."""
    return [Batch(first, min(BATCH, schedules - first), policy) for first in range(0, schedules, BATCH)]


def run(wanted: Sequence[Batch], jobs: int | None) -> Iterator[tuple[Batch, Tally]]:
    """Play them on that many processes, by default one for each core; yields each as it is done."""
    if not wanted:
        return  # the end of a pool that never had anything to do may hang
    with multiprocessing.get_context("fork").Pool(jobs, _ignore_signals) as pool:
        yield from pool.imap_unordered(_play, wanted)


def _ignore_signals() -> None:
    """Ctrl-C reaches all processes of a terminal, and the pool ends its own by SIGTERM."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _play(batch: Batch) -> tuple[Batch, Tally]:
    seeds = range(batch.first, batch.first + batch.count)
    return batch, tally_of(seeds, NAIVE.get(batch.policy, Deployment))


def fails(schedule: Schedule) -> bool:
    """Whether a schedule breaks an invariant."""
    try:
        return bool(judge(play(schedule)).broken)
    except AssertionError:
        return False  # inputs that cannot be


def explain(seed: int) -> str:
    """A failing seed, cut to its shortest failing form."""
    shortest = shrink(draw(seed), fails)
    history = play(shortest)
    verdict = "\n".join(f"{name} {text}" for name, text in judge(history).broken)
    return f"seed {seed}\n{verdict}\n{story(history)}"


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


def main() -> int:
    """Prove, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("schedules", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--policy", default="", choices=["", *NAIVE])
    parser.add_argument("--resume", type=Path, help="note what is done in this file, and go on from there")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), help="processes, one for each core by default"
    )
    parser.add_argument("--seed", type=int, help="tell the story of one seed")
    given = parser.parse_args()
    if given.seed is not None:
        say(story(play(draw(given.seed))))
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)
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
