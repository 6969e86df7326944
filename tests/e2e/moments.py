"""`make moments`: the step is cancelled at any moment of its life.

It ends in time, knows its runs, keeps the order, and stops no deployment.
"""

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.workspace import object_ids, of_graph

from ..witness.commands import read
from ..witness.order import check_order
from ..witness.verdict import EXIT_STATUS, cut_off, worst
from .conftest import Key, access_to
from .docker import docker, eventually
from .emulator import Emulator
from .runner import Finished, Runner, Step, action
from .test_signals import containers

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1200)]

SEED = 20240518
MOMENTS = 50
AT_ONCE = 4
MOST_SECONDS = 6.0
COMMANDS = {"add-mask", "error", "warning", "notice", "group", "endgroup"}
BOTH, ONE = (signal.SIGINT, signal.SIGTERM), (signal.SIGTERM,)
GAP = 7.5  # seconds that the runner gives a step between the two

# Two objects for each step, by the step's number: the one that needs the other comes first.
IDS = object_ids(2 * (MOMENTS + 1))
PAIRS = [*zip(IDS[1::2], IDS[::2], strict=True)]
NEEDS = {each: pair[1:] if each == pair[0] else () for pair in PAIRS for each in pair}
# Slow answers make each kind of work a good part of the life. A slow creation is carried out before its answer.
SLOW = (
    "ListNodes:*:delay",
    "GetNode:*:delay",
    "ListPipelineRuns:*:delay",
    "CreatePipelineRun:*:commit+delay",
)
SERVICE = ["--workspace", "/truth/workspace.json", "--latency-ms", "100", "--stage", "PROD:0.8"]
SERVICE += [word for fault in SLOW for word in ("--fault", f"{fault}:0.8")]
# What a step does, by the last of these calls that it has made.
WORK = {"ListNodes": "selecting", "GetNode": "reading", "ListPipelineRuns": "planning"}
WORK |= {"CreatePipelineRun": "creating", "ExecPipelineRunStage": "following"}


@dataclass(frozen=True)
class Cancelled:
    """One step that was cancelled: with which signals, and what came of it so many seconds after the first.

    `heard`: it had written a line before, so it must hear the first signal. Before that, as process 1, it is deaf, and
    the kernel throws the signal away. `early`: not all of its objects were being deployed, so it cannot succeed. `work`
    is what it did.
    """

    objects: tuple[str, str]
    signals: tuple[signal.Signals, ...]
    heard: bool
    early: bool
    work: str
    finished: Finished
    seconds: float


def started(step: Step) -> bool:
    """Whether the step's own process runs."""
    with suppress(AssertionError):
        return docker("inspect", "--format", "{{.State.Running}}", step.container).strip() == "true"
    return False


def run_for(step: Step, seconds: float) -> None:
    """Let the step live for so long, counted from the start of its process."""
    eventually(lambda: started(step) or step.ended, "the step has started")
    with suppress(subprocess.TimeoutExpired):
        step.wait(seconds)


def test_a_step_may_be_cancelled_at_any_moment(
    runner: Runner, start_emulator: Callable[..., Emulator], key: Key, tmp_path: Path
) -> None:
    (tmp_path / "truth" / "workspace.json").write_text(of_graph(NEEDS), "utf-8")
    service = start_emulator(*SERVICE)
    access = access_to(service, key) | {"preflight": "true", "max-parallel": "auto"}

    def inputs(number: int) -> dict[str, str]:
        return access | {"objects": "\n".join(f"node_{each}" for each in PAIRS[number])}

    def whole_life() -> float:
        with runner.step(inputs(MOMENTS)) as step:
            eventually(lambda: started(step), "the step has started")
            began = time.monotonic()
            assert step.wait().outputs["outcome"] == "succeeded"
            return time.monotonic() - began

    def cancel(number: int, moment: float) -> Cancelled:
        objects, signals = PAIRS[number], ONE if number % 2 else BOTH
        with runner.step(inputs(number)) as step:
            run_for(step, moment)
            heard, work = bool(step.stdout), work_of(service, objects)
            early = deploying(service, objects) < len(objects)
            began = time.monotonic()
            finished = send(signals, step)
            seconds = time.monotonic() - began
            eventually(lambda: containers(step) == [], "the container is gone", patience=5)
        return Cancelled(objects, signals, heard, early, work, finished, seconds)

    life = whole_life()
    # One moment in each of as many equal parts of its life.
    chance = random.Random(SEED)
    moments = [life * (part + chance.random()) / MOMENTS for part in range(MOMENTS)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        steps = list(pool.map(cancel, range(MOMENTS), moments))
    tell(life, steps)
    for cancelled in steps:
        check(service, cancelled)
    check_deployments(service)
    assert {each.work for each in steps} >= {*WORK.values()}, "some were cancelled at each kind of work"


def tell(life: float, steps: Sequence[Cancelled]) -> None:
    """Print the figures, as the documentation quotes them."""
    sys.stdout.write(f"\na whole life takes {life:.1f} s\n")
    for what, heard in (("at work", True), ("still starting", False)):
        slowest = sorted(each.seconds for each in steps if each.heard is heard)[-3:]
        seconds = ", ".join(f"{each:.1f}" for each in slowest)
        sys.stdout.write(f"{what}, the slowest ended after {seconds} s\n")
    outcomes = Counter(each.finished.outputs.get("outcome", "no outputs") for each in steps)
    sys.stdout.write(f"{dict(Counter(each.work for each in steps))}\n{dict(outcomes)}\n")


def send(signals: Sequence[signal.Signals], step: Step) -> Finished:
    """Send what the runner sends to a docker client: the next signal if the one before did nothing."""
    for each in signals:
        step.signal(each)
        with suppress(subprocess.TimeoutExpired):
            return step.wait(GAP)
    return step.wait()


def calls_of(service: Emulator, objects: Sequence[str]) -> list[dict[str, Any]]:
    """The calls that name one of the objects, its name or its run."""
    named = {*objects, *(run for each in objects for run in service.runs().get(each, ()))}
    received = service.truth("received")
    return [call for call in received if any(each in str(call["params"]) for each in named)]


def work_of(service: Emulator, objects: Sequence[str]) -> str:
    """What the step of these objects does."""
    made = {call["action"] for call in calls_of(service, objects)}
    return next((work for action, work in reversed(WORK.items()) if action in made), "starting")


def deploying(service: Emulator, objects: Sequence[str]) -> int:
    """How many of the objects have been told to go into production."""
    runs = service.runs()
    deployed = {event["run_id"] for event in service.truth("stage_executed", stage="PROD")}
    return sum(not deployed.isdisjoint(runs.get(each, ())) for each in objects)


def check(service: Emulator, cancelled: Cancelled) -> None:
    """Hold one step against what it owes."""
    finished, calls = cancelled.finished, calls_of(service, cancelled.objects)
    created = [call for call in calls if call["action"] == "CreatePipelineRun"]
    most = MOST_SECONDS if cancelled.heard else GAP + MOST_SECONDS
    assert cancelled.seconds < most, finished.streams
    assert {command.name for command in read(finished.streams).commands} <= COMMANDS
    if not finished.outputs:
        # Python itself ends on a SIGINT that comes before its first line of ours. Nothing else has this excuse.
        assert cancelled.signals == BOTH
        assert not calls, finished.streams
        return
    assert finished.outputs.keys() == action()["outputs"].keys()
    results, outcome = json.loads(finished.outputs["results"]), finished.outputs["outcome"]
    outcomes = {result["outcome"] for result in results}
    verdicts = {cut_off(outcomes)}
    if outcomes == {"succeeded"} and not (cancelled.heard and cancelled.early):
        verdicts.add(worst(outcomes))
    assert outcome in verdicts, finished.streams
    assert finished.exit_code == EXIT_STATUS.get(outcome, 1)
    # Until the plan is known, nobody knows which objects the names mean.
    selected = cancelled.objects if finished.outputs["plan"] else ()
    assert tuple(result["object_id"] for result in results) == selected
    assert selected or not created, finished.streams
    assert json.loads(finished.outputs["run-ids"]) == [result["run_id"] for result in results]
    for result in results:
        runs = service.runs().get(result["object_id"], [])
        assert result["outcome"] == "unknown" or runs == [run for run in [result["run_id"]] if run], result


def check_deployments(service: Emulator) -> None:
    """No run was abolished once it deployed, none has a twin, and none was created too early."""
    deploying = {event["run_id"] for event in service.truth("stage_executed", stage="PROD")}
    asked_to_end = {event["params"]["Id"] for event in service.truth("received", action="AbolishPipelineRun")}
    assert not deploying & asked_to_end
    assert all(len(runs) == 1 for runs in service.runs().values())
    check_order(NEEDS, service.events)
    assert asked_to_end, "some were cancelled early enough"
    assert deploying, "and some late enough"
