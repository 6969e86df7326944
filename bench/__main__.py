"""Measures the action on the emulated service and prints one table, in less than 25 minutes: `make bench`."""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from statistics import median

from . import selecting
from .client import Measured, baseline, deploy
from .limit import Scene
from .others import others
from .table import Table, say, spread

REPEATS = 3
SCENE = Scene()
SERVICE = ("--latency-ms", "150", "--stage-seconds", "5", "--edition")
# So many objects at once, and how many times the limit they may take.
SIZES = {1: 1.08, 10: 1.10, 50: 1.05}
# The baseline deploys one object after another, so its time grows with the number of objects.
BASELINE_OBJECTS = 3
MANY, MANY_AT_ONCE = 1000, 100
MANY_SERVICE = ("--latency-ms", "150", "--stage-seconds", "0.5", "--edition", "enterprise")

IN_TURN, IN_TURN_STAGE = 8, 2.0
LONG_STAGES = (60, 200)
NOTHING_ELSE: Mapping[str, str] = {}

# Targets.
MOST_IN_TURN_CALLS, MOST_IN_TURN_TIME = 9, 1.2
MOST_THROTTLED = 0.02
MOST_CALLS_EACH = 4.6
LEAST_SPEEDUP = 10.0
BASIC_DAY = 100
MOST_RSS = 90.0
MOST_SUMMARY = 900 * 1024
MOST_OUTPUTS = 1_048_576 // 2  # characters: GitHub allows 1 MB for a job, and counts two bytes for each


def _repeat(run: Callable[[], Measured]) -> list[Measured]:
    return [run() for _ in range(REPEATS)]


def _makespan(table: Table, runs: list[Measured], limit: float, most: float) -> None:
    over = median(run.seen.makespan for run in runs) / limit
    figure = f"{spread(run.seen.makespan for run in runs)} s = {over:.3f} × {limit:.1f} s"
    table.row(
        "makespan, first request to last answer",
        figure,
        f"≤ {most:.2f} × limit",
        met=over <= most,
    )


def _throttled(table: Table, runs: list[Measured]) -> None:
    share = median(run.seen.throttled_share for run in runs)
    figure = f"{spread((100 * run.seen.throttled_share for run in runs), 1)} %"
    table.row("throttled calls", figure, f"≤ {MOST_THROTTLED:.0%}", met=share <= MOST_THROTTLED)


def _process(table: Table, runs: list[Measured]) -> None:
    wall, rss = spread(run.wall for run in runs), spread((run.rss for run in runs), 1)
    table.note("whole process, with start and import", f"{wall} s, peak {rss} MB")


@cache
def at_once(objects: int) -> list[Measured]:
    """So many objects at once, with Enterprise's quota."""
    return _repeat(lambda: deploy(objects, *SERVICE, "enterprise"))


def enterprise(table: Table, objects: int) -> None:
    """Compare so many objects at once with the limit."""
    table.head(f"{objects} at once, Enterprise (50 reads and 20 writes a second)")
    creations, executions = SCENE.creations(objects), SCENE.executions(objects)
    terms = (
        f"{creations:.1f} s (last creation and its chain), {executions:.1f} s (last execution and its rest)"
    )
    table.note("limit: the larger of", terms)
    runs = at_once(objects)
    _makespan(table, runs, SCENE.limit(objects), SIZES[objects])
    _throttled(table, runs)
    calls = spread(run.calls_each for run in runs)
    if objects == max(SIZES):
        met = median(run.calls_each for run in runs) <= MOST_CALLS_EACH
        table.row("calls an object", calls, f"≤ {MOST_CALLS_EACH}", met=met)
    else:
        table.note("calls an object", calls)
    _process(table, runs)


def against_baseline(table: Table) -> None:
    """Compare with the script from the guide, which deploys one object after another."""
    objects = max(SIZES)
    table.head(f"Baseline script, measured with {BASELINE_OBJECTS} objects, scaled to {objects}")
    slow = baseline(BASELINE_OBJECTS, *SERVICE, "enterprise")
    scaled = slow.seen.makespan / BASELINE_OBJECTS * objects
    table.note("makespan", f"{slow.seen.makespan:.2f} s, scaled {scaled:.0f} s")
    table.note("calls an object", f"{slow.calls_each:.2f}")
    speedup = scaled / median(run.seen.makespan for run in at_once(objects))
    table.row(
        "the action is faster by",
        f"{speedup:.1f} ×",
        f"≥ {LEAST_SPEEDUP:.0f} ×",
        met=speedup >= LEAST_SPEEDUP,
    )


def basic(table: Table, inputs: Mapping[str, str] = NOTHING_ELSE) -> None:
    """Ten objects with the smallest quota, which the client does not know."""
    given = ", every default" if inputs else ""
    table.head(f"10 objects, Basic (5 calls a second over all operations, 100 a day){given}")
    runs = _repeat(lambda: deploy(10, *SERVICE, "basic", **inputs))
    calls = max(run.seen.calls for run in runs)
    figure = spread((float(run.seen.calls) for run in runs), 0)
    table.row("calls, refused ones included", figure, f"each time ≤ {BASIC_DAY}", met=calls <= BASIC_DAY)
    table.note("of these throttled", f"{spread((float(run.seen.throttled) for run in runs), 0)}")
    table.note("makespan, first request to last answer", f"{spread(run.seen.makespan for run in runs)} s")
    _process(table, runs)


def in_turn(table: Table) -> None:
    """One object after another: from the second one on, the client knows how long the stages take."""
    seconds, stages = IN_TURN_STAGE, SCENE.stages
    table.head(f"{IN_TURN} objects one after another, {stages} stages of {seconds:.0f} s, no latency")
    service = ("--latency-ms", "0", "--stage-seconds", str(seconds), "--edition", "unlimited")
    runs = _repeat(lambda: deploy(IN_TURN, *service, max_parallel="1"))
    first, later = (
        [run.seen.turns[0] for run in runs],
        [turn for run in runs for turn in run.seen.turns[1:]],
    )
    for name, turns in (("first", first), ("later", later)):
        calls = [float(turn[0]) for turn in turns]
        over = [turn[1] / (stages * seconds) for turn in turns]
        figures = (f"{spread(iter(calls), 0)}", f"{spread(iter(over))} × the stages' time")
        if name == "first":
            table.note("first object", f"{figures[0]} calls, {figures[1]}")
            continue
        met = max(calls) <= MOST_IN_TURN_CALLS
        table.row("calls for each later object", figures[0], f"each ≤ {MOST_IN_TURN_CALLS}", met=met)
        met = sum(over) <= MOST_IN_TURN_TIME * len(over)
        target = f"all together ≤ {MOST_IN_TURN_TIME}"
        table.row("time for each later object", figures[1], target, met=met)


def many(table: Table) -> None:
    """Measure memory, and the size of the runner's files."""
    table.head(f"{MANY} objects, {MANY_AT_ONCE} at once, stages of 0.5 s")
    run = deploy(MANY, *MANY_SERVICE, max_parallel=str(MANY_AT_ONCE))
    table.row("peak resident memory", f"{run.rss:.1f} MB", f"< {MOST_RSS:.0f} MB", met=run.rss < MOST_RSS)
    size = run.summary_bytes
    table.row("summary", f"{size / 1024:.0f} KiB", f"< {MOST_SUMMARY // 1024} KiB", met=size < MOST_SUMMARY)
    size = run.output_bytes
    table.row("outputs", f"{size / 1000:.0f} kB", "< 524 kB", met=size < MOST_OUTPUTS)
    _throttled(table, [run])
    table.note("calls an object", f"{run.calls_each:.2f}")
    writes = f"{3 * MANY} writes at 20 a second take {3 * MANY / 20:.0f} s"
    table.note("whole process", f"{run.wall:.0f} s; {writes}")


def long_stages(table: Table) -> None:
    """Count the calls if stages take long. All cases run at the same time, because most of it is waiting."""
    table.head(f"Calls in all, three stages of {' and '.join(map(str, LONG_STAGES))} s, once each")
    cases = {
        "50 objects at once, Enterprise": (50, "enterprise", {}),
        "10 objects at once, Basic without its limit of the day": (10, "basic", {}),
        "the same with every default": (10, "basic", selecting.DEFAULTS),
        "1 object": (1, "enterprise", {}),
    }

    def calls(case: tuple[int, str, Mapping[str, str]], stage: int) -> str:
        objects, edition, inputs = case
        service = ("--latency-ms", "150", "--stage-seconds", str(stage), "--edition", edition)
        limits = ("--day-calls", "1000") if edition == "basic" else ()
        return str(deploy(objects, *service, *limits, **inputs).seen.calls)

    with ThreadPoolExecutor(len(cases) * len(LONG_STAGES)) as pool:
        figures = [[pool.submit(calls, case, stage) for stage in LONG_STAGES] for case in cases.values()]
        for name, row in zip(cases, figures, strict=True):
            table.note(name, ", ".join(each.result() for each in row))


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = Path("/proc/loadavg").read_text("utf-8").split()[0] if Path("/proc/loadavg").exists() else "?"
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} processors, {memory:.0f} GiB, {system}, load {load}"


CASES: dict[str, Callable[[Table], None]] = {
    **{f"at-once-{objects}": partial(enterprise, objects=objects) for objects in SIZES},
    "basic": basic,
    "basic-defaults": partial(basic, inputs=selecting.DEFAULTS),
    "in-turn": in_turn,
    "preflight": lambda table: selecting.preflight(table, at_once(selecting.OBJECTS)),
    "pattern": selecting.pattern,
    "changed": selecting.changed,
    "order": selecting.order,
    "independent": selecting.independent,
    "baseline": against_baseline,
    "others": others,
    "many": many,
}
# It takes twelve minutes and has no target.
EXTRA: dict[str, Callable[[Table], None]] = {"long-stages": long_stages}


def main(chosen: Sequence[str]) -> int:
    """Measure these cases, or all of them. Return 0 if every target is met."""
    began, table = time.monotonic(), Table()
    say(f"{_machine()}\nMedian (smallest–largest) of {REPEATS} runs; a figure by itself was measured once.")
    for name in chosen or CASES:
        (CASES | EXTRA)[name](table)
    say(f"\n{table.missed} targets missed, {time.monotonic() - began:.0f} s")
    return int(table.missed > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("case", nargs="*", choices=[*CASES, *EXTRA, []], help="measure only these")
    sys.exit(main(parser.parse_args().case))
