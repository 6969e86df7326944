"""Plays very many schedules on all cores and counts: `python -m tests.simulation.prove [N] [--resume FILE]`."""

import argparse
import gc
import hashlib
import json
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path

from dataworks_deploy.app.deploy import Deployment

from .cells import all_cells, hit
from .draw import draw
from .invariants import judge
from .naive import NAIVE
from .play import play
from .schedule import Schedule
from .shrink import shrink
from .story import story

ROOT = Path(__file__).parents[2]
BATCH = 250
NAMES = [f"I{n}" for n in range(1, 11)]
EVERY = 20.0  # seconds between lines of progress


@dataclass
class Tally:
    """What came of the schedules of some batches."""

    schedules: int = 0
    steps: int = 0
    calls: int = 0
    runs: int = 0
    broken: Counter[str] = field(default_factory=Counter)
    beyond: Counter[str] = field(default_factory=Counter)
    cells: Counter[str] = field(default_factory=Counter)
    failed: list[int] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count another one in."""
        for name in ("schedules", "steps", "calls", "runs"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("broken", "beyond", "cells"):
            getattr(self, name).update(getattr(other, name))
        self.failed += other.failed


def tally_of(seeds: Iterable[int], deployment: type[Deployment] = Deployment) -> Tally:
    """Play the schedules of these seeds."""
    tally = Tally()
    # What there is already stays: to look through it again each time would take a tenth of the time.
    gc.collect()
    gc.freeze()
    gc.disable()
    for seed in seeds:
        history = play(draw(seed), deployment)
        verdict = judge(history)
        tally.schedules += 1
        tally.steps += len(history.attempts)
        tally.calls += sum(len(attempt.sent) for attempt in history.attempts)
        tally.runs += len(list(history.service.runs))
        tally.broken.update(verdict.names)
        tally.beyond.update(verdict.beyond.keys())
        tally.cells.update({"|".join(cell) for cell in hit(history)})
        tally.failed += [seed] if verdict.broken else []
        gc.collect()
    gc.enable()
    gc.unfreeze()
    return tally


def _batch(task: tuple[int, int, str]) -> tuple[int, Tally]:
    first, count, policy = task
    return first, tally_of(range(first, first + count), NAIVE.get(policy, Deployment))


def run(seeds: int, policy: str = "", done: frozenset[int] = frozenset()) -> Iterator[tuple[int, Tally]]:
    """Play the schedules of the seeds below that number on all cores; yields batch by batch."""
    tasks = [
        (first, min(BATCH, seeds - first), policy) for first in range(0, seeds, BATCH) if first not in done
    ]
    with multiprocessing.get_context("fork").Pool() as pool:
        yield from pool.imap_unordered(_batch, tasks)


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


def table(tally: Tally, seconds: float) -> str:
    """All that was counted."""
    rows = [
        f"{tally.schedules:,} schedules in {seconds:.0f} s",
        f"{tally.steps:,} steps, {tally.calls:,} calls, {tally.runs:,} runs",
        "",
        *(f"{name:4} violated by {tally.broken[name]:,} schedules" for name in NAMES),
        "",
        "More than one run for a mark, beyond the bounds (schedules):",
        *(f"{count:9,}  {why}" for why, count in sorted(tally.beyond.items())),
        "",
        "Cells hit (schedules):",
    ]
    cells = ["|".join(cell) for cell in all_cells()]
    rows += [f"{tally.cells[cell]:9,}  {cell.replace('|', '  ')}" for cell in cells]
    missed = [cell for cell in cells if not tally.cells[cell]]
    rows.append(
        f"{len(cells) - len(missed)} of {len(cells)} cells hit" + (f"; missed: {missed}" if missed else "")
    )
    return "\n".join(rows)


@cache
def fingerprint() -> str:
    """What was proven is true of this code only."""
    digest = hashlib.sha256()
    for folder in (ROOT / "src", ROOT / "tests" / "simulation"):
        for file in sorted(folder.rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def kept(path: Path | None) -> tuple[Tally, set[int], float]:
    """What an interrupted run of the same seeds has counted."""
    tally, done, seconds = Tally(), set(), 0.0
    if path and path.exists():
        for line in path.read_text().splitlines():
            entry = json.loads(line)
            if entry["of"] != fingerprint():
                continue
            counted = Tally(
                **{**entry["tally"], "broken": Counter(), "beyond": Counter(), "cells": Counter()}
            )
            for name in ("broken", "beyond", "cells"):
                setattr(counted, name, Counter(entry["tally"][name]))
            tally.add(counted)
            done.add(entry["first"])
            seconds = max(seconds, entry["seconds"])
    return tally, done, seconds


def main() -> int:
    """Prove, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("schedules", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--policy", default="", choices=["", *NAIVE])
    parser.add_argument("--resume", type=Path, help="note what is done in this file, and go on from there")
    parser.add_argument("--seed", type=int, help="tell the story of one seed")
    given = parser.parse_args()
    if given.seed is not None:
        sys.stdout.write(story(play(draw(given.seed))) + "\n")
        return 0
    tally, seconds = prove(given.schedules, given.policy, given.resume)
    sys.stdout.write(table(tally, seconds) + "\n")
    if not given.policy:
        for seed in islice(sorted(tally.failed), 3):
            sys.stdout.write("\n" + explain(seed) + "\n")
    return 1 if tally.failed else 0


def prove(schedules: int, policy: str, notes: Path | None) -> tuple[Tally, float]:
    """Play them all, and say now and then how far it is."""
    tally, done, before = kept(notes)
    began, spoke = time.monotonic() - before, time.monotonic()
    for first, part in run(schedules, policy, frozenset(done)):
        tally.add(part)
        seconds = time.monotonic() - began
        if notes:
            entry = {"of": fingerprint(), "first": first, "seconds": seconds, "tally": vars(part)}
            with notes.open("a") as file:
                file.write(json.dumps(entry) + "\n")
        if time.monotonic() - spoke > EVERY:
            spoke = time.monotonic()
            rate = tally.schedules / seconds
            sys.stdout.write(
                f"{tally.schedules:,} schedules, {rate:.0f} a second, {len(tally.failed)} failed\n"
            )
            sys.stdout.flush()
    return tally, time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
