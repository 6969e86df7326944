"""The results of many schedules: counted, and shown as a table."""

import gc
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from dataworks_deploy.engine.deploy import Deployment

from .draw import draw
from .scenes import every_cell
from .trial import Trial, trial_of

MOST_SEEDS = 20
NAMES = [f"I{n}" for n in range(1, 19)]


@dataclass
class Tally:
    """The results of some batches. `single` and `broken_single` count the schedules with only one step."""

    schedules: int = 0
    single: int = 0
    steps: int = 0
    calls: int = 0
    runs: int = 0
    broken: Counter[str] = field(default_factory=Counter)
    broken_single: Counter[str] = field(default_factory=Counter)
    beyond: Counter[str] = field(default_factory=Counter)
    cells: Counter[str] = field(default_factory=Counter)
    failed: list[int] = field(default_factory=list)
    cpu: float = 0.0  # seconds of all processes

    def add(self, other: "Tally") -> None:
        """Add another tally."""
        for name in ("schedules", "single", "steps", "calls", "runs", "cpu"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("broken", "broken_single", "beyond", "cells"):
            getattr(self, name).update(getattr(other, name))
        self.failed += other.failed


def tally_of(seeds: Iterable[int], deployment: type[Deployment] = Deployment) -> Tally:
    """Play the schedules of these seeds."""
    tally, began = Tally(), time.process_time()
    # Freeze what is loaded: to look through it each time would take a tenth of the time.
    gc.collect()
    gc.freeze()
    gc.disable()
    for seed in seeds:
        _count(tally, seed, trial_of(draw(seed), deployment))
        gc.collect()
    gc.enable()
    gc.unfreeze()
    tally.cpu = time.process_time() - began
    return tally


def _count(tally: Tally, seed: int, trial: Trial) -> None:
    history, names = trial.history, trial.names
    tally.schedules += 1
    tally.broken.update(names)
    if len(trial.schedule.steps) == 1:
        tally.single += 1
        tally.broken_single.update(names)
    tally.failed += [seed] if names else []
    if history:
        tally.steps += len(history.attempts)
        tally.calls += sum(len(attempt.sent) for attempt in history.attempts)
        tally.runs += len(list(history.service.runs))
        tally.beyond.update(trial.verdict.beyond.keys())
        tally.cells.update("|".join(cell) for cell in trial.cells)


def table(tally: Tally, seconds: float) -> str:
    """The counts as a table."""
    rows = [
        f"{tally.schedules:,} schedules in {seconds:.0f} s, with {tally.cpu:.0f} s of CPU",
        f"{tally.steps:,} steps, {tally.calls:,} calls, {tally.runs:,} runs",
        "",
        f"Violated by schedules, and by the {tally.single:,} of these that have one step, so no re-run and no copy:",
        *(_row(tally, name) for name in NAMES),
        *_errors(tally),
        *_failed(tally),
        "",
        "More than one run for a mark, beyond the bounds (schedules):",
        *(f"{count:9,}  {why}" for why, count in sorted(tally.beyond.items())),
        "",
        "Cells hit (schedules):",
    ]
    cells = ["|".join(cell) for cell in every_cell()]
    rows += [f"{tally.cells[cell]:9,}  {cell.replace('|', '  ')}" for cell in cells]
    missed = [cell for cell in cells if not tally.cells[cell]]
    rows.append(
        f"{len(cells) - len(missed)} of {len(cells)} cells hit" + (f"; missed: {missed}" if missed else "")
    )
    return "\n".join(rows)


def _row(tally: Tally, name: str) -> str:
    return f"{name:4} {tally.broken[name]:9,} {tally.broken_single[name]:9,}"


def _errors(tally: Tally) -> list[str]:
    """The errors, if there were any. Their schedules could not be judged."""
    raised = sorted(tally.broken.keys() - set(NAMES))
    heading = ["", "Not played or not judged, because of an error:"] if raised else []
    return [*heading, *(_row(tally, name) for name in raised)]


def _failed(tally: Tally) -> list[str]:
    """The seeds that failed, if there are any."""
    seeds = sorted(tally.failed)
    more = f" and {len(seeds) - MOST_SEEDS:,} more" if len(seeds) > MOST_SEEDS else ""
    return ["", f"Seeds that failed: {', '.join(map(str, seeds[:MOST_SEEDS]))}{more}"] if seeds else []
