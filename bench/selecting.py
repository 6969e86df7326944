"""What it costs to look up objects, to find them by a pattern, and to deploy them in order."""

import re

from .client import Measured, deploy, deploy_again, refused
from .limit import Scene
from .table import Table, spread
from .workspace import drawn, edited, object_ids, of_folders, of_graph

SERVICE = ("--latency-ms", "150", "--stage-seconds", "5", "--edition", "enterprise")
SCENE = Scene()
OBJECTS, PLACES = 50, 10  # `max-parallel: auto`
DEFAULTS = {"preflight": "true", "max_parallel": "auto"}
LEVELS, SEED = 5, 1
NODES, IN_EACH = 5000, 11
QUICK = ("--latency-ms", "0", "--stage-seconds", "0.2", "--edition")
PATTERN = {"object_ids": "", "objects": "业务流程/orders_200/**", **DEFAULTS}
# The log says this before the list is read.
SAID = re.compile(r"(\d+) calls")

CHANGED = ("--latency-ms", "150", "--stage-seconds", "0.5", "--edition", "enterprise")
MANY, FEW, READS_A_SECOND = 200, 3, 50

# Targets.
MOST_READINGS, MOST_OVER_READS = 2.1, 1.2
MOST_ADDED_TIME, MOST_ADDED_CALLS = 0.5, 1.0
MOST_PATTERN_CALLS, MOST_PATTERN_RSS = 120, 100.0
MOST_BEFORE_REFUSAL = 20
MOST_OVER_ORDER = 1.1
MOST_OVER_ROUNDS = 1.15


def preflight(table: Table, without: list[Measured]) -> None:
    """Given IDs, all at once, with a lookup first. `without` are the same runs without it."""
    table.head(f"{OBJECTS} given IDs at once, `preflight: true` against `false`")
    # Looking for open runs is a separate check, with one call for each object.
    runs = [deploy(OBJECTS, *SERVICE, preflight="true", on_active_run="ignore") for _ in without]
    # Any disturbance only makes a run longer. So compare the quickest runs: they differ by the lookup.
    later, sooner = (min(run.seen.created for run in each) for each in (runs, without))
    figure = f"{later - sooner:.2f} s (at best {later:.2f} s against {sooner:.2f} s)"
    met = later - sooner <= MOST_ADDED_TIME
    table.row("time added until all are created", figure, f"≤ {MOST_ADDED_TIME} s", met=met)
    table.note("makespan", " s against ".join(_makespans(each) for each in (runs, without)) + " s")
    calls = max(run.seen.before for run in runs) / OBJECTS
    table.row(
        "calls added an object", f"{calls:.2f}", f"≤ {MOST_ADDED_CALLS:.0f}", met=calls <= MOST_ADDED_CALLS
    )
    table.note("throttled", spread((100 * run.seen.throttled_share for run in runs), 1) + " %")


def _makespans(runs: list[Measured]) -> str:
    return spread(run.seen.makespan for run in runs)


def pattern(table: Table) -> None:
    """Deploy one folder of a large workspace, with every default."""
    workspace = of_folders(NODES, IN_EACH)
    table.head(f"A pattern that fits {IN_EACH} of {NODES:,} nodes, no latency, stages of 0.2 s")
    run = deploy(IN_EACH, *QUICK, "enterprise", workspace=workspace, **PATTERN)
    met = run.seen.before <= MOST_PATTERN_CALLS
    table.row("calls before the first creation", f"{run.seen.before}", f"≤ {MOST_PATTERN_CALLS}", met=met)
    met = run.rss <= MOST_PATTERN_RSS
    table.row("peak resident memory", f"{run.rss:.1f} MB", f"≤ {MOST_PATTERN_RSS:.0f} MB", met=met)
    table.note("CPU, with the deployment", f"{run.cpu:.2f} s")
    few = refused(*QUICK, "basic", workspace=workspace, **PATTERN)
    said = max((int(each) for each in SAID.findall(few.log)), default=0)
    met = few.seen.calls <= MOST_BEFORE_REFUSAL and said >= 2 * NODES / 100
    figure = f"{few.seen.calls} calls, refused ones included; the log names {said}"
    table.row("Basic: refused after", figure, f"≤ {MOST_BEFORE_REFUSAL}, and the cost named", met=met)


def changed(table: Table) -> None:
    """Only a few of many objects have changed, and only those are deployed. Compare with deploying all of them."""
    table.head(f"{MANY} objects of which {FEW} changed, `only-changed: true`, {PLACES} at once")
    workspace, given = edited(MANY, FEW), {**DEFAULTS, "only_changed": "true"}
    whole, run = deploy_again(MANY, FEW, *CHANGED, workspace=workspace, **given)
    calls = run.seen.before / MANY
    table.row("reading calls an object", f"{calls:.2f}", f"≤ {MOST_READINGS}", met=calls <= MOST_READINGS)
    limit = run.seen.before / READS_A_SECOND
    over = run.seen.created / limit
    figure = f"{run.seen.created:.2f} s = {over:.3f} × {limit:.1f} s"
    what = "time until all that changed is created"
    table.row(
        what, figure, f"≤ {MOST_OVER_READS} × what the quota takes to read", met=over <= MOST_OVER_READS
    )
    for name, each in (("it", run), ("all deployed", whole)):
        table.note(
            f"{name}, whole process", f"{each.wall:.1f} s, {each.seen.calls} calls, CPU {each.cpu:.2f} s"
        )


def order(table: Table) -> None:
    """A graph with several levels, in random order, with every default."""
    needs = drawn(OBJECTS, LEVELS, SEED)
    limit = SCENE.in_order(needs, PLACES)
    table.head(f"{OBJECTS} objects in a random graph of {LEVELS} levels (seed {SEED}), {PLACES} at once")
    run = deploy(OBJECTS, *SERVICE, workspace=of_graph(needs), object_ids="\n".join(needs), **DEFAULTS)
    _against(table, run, limit, MOST_OVER_ORDER)


def independent(table: Table) -> None:
    """Objects that do not need each other, with every default."""
    limit = SCENE.chain * OBJECTS / PLACES
    table.head(f"{OBJECTS} independent objects with every default, {PLACES} at once")
    run = deploy(OBJECTS, *SERVICE, object_ids="\n".join(object_ids(OBJECTS)), **DEFAULTS)
    _against(table, run, limit, MOST_OVER_ROUNDS)


def _against(table: Table, run: Measured, limit: float, most: float) -> None:
    over = run.seen.makespan / limit
    figure = f"{run.seen.makespan:.2f} s = {over:.3f} × {limit:.1f} s"
    table.row("makespan, first request to last answer", figure, f"≤ {most} × limit", met=over <= most)
    table.note("calls an object", f"{run.calls_each:.2f}, {100 * run.seen.throttled_share:.1f} % throttled")
    table.note("whole process", f"{run.wall:.2f} s, CPU {run.cpu:.2f} s, peak {run.rss:.1f} MB")
