"""The step is cancelled at any moment of its life: it ends in time, knows its runs, and stops no deployment."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import pytest

from ..witness.commands import read
from .conftest import Key, access_to
from .docker import docker, eventually
from .emulator import Emulator
from .runner import Finished, Runner, Step, action
from .test_signals import containers

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

SEED = 20240518
MOMENTS = 50
AT_ONCE = 4
MOST_SECONDS = 6.0
COMMANDS = {"add-mask", "error", "warning", "notice", "group", "endgroup"}
BOTH, ONE = (signal.SIGINT, signal.SIGTERM), (signal.SIGTERM,)


@dataclass(frozen=True)
class Cancelled:
    """One step that was cancelled: with which signals, how long after its start, and what came of it."""

    objects: tuple[str, str]
    signals: tuple[signal.Signals, ...]
    finished: Finished
    seconds: float

    @property
    def at_work(self) -> bool:
        """Whether it had called the service, and not only begun to start."""
        return self.finished.outputs.get("api-calls", "0") != "0"

    @property
    def was_over(self) -> bool:
        """Whether it had come to its own end: the time that it takes then is Docker's, to put the container away."""
        return self.finished.outputs.get("outcome") == "succeeded"


def started(step: Step) -> bool:
    """Whether the step's own process runs."""
    with suppress(AssertionError):
        return docker("inspect", "--format", "{{.State.Running}}", step.container).strip() == "true"
    return False


def objects_of(number: int) -> tuple[str, str]:
    """Two objects that no other step has."""
    return str(7_567_482_277_219_412_102 + 2 * number), str(7_567_482_277_219_412_103 + 2 * number)


def run_for(step: Step, seconds: float) -> None:
    """Let the step live for so long, counted from the start of its process."""
    eventually(lambda: started(step) or step.ended, "the step has started")
    with suppress(subprocess.TimeoutExpired):
        step.wait(seconds)


def test_a_step_may_be_cancelled_at_any_moment(
    runner: Runner, start_emulator: Callable[..., Emulator], key: Key
) -> None:
    service = start_emulator("--stage", "PROD:0.8")
    access = access_to(service, key)
    chance = random.Random(SEED)

    def whole_life() -> float:
        with runner.step(access | {"object-ids": " ".join(objects_of(MOMENTS))}) as step:
            eventually(lambda: started(step), "the step has started")
            began = time.monotonic()
            assert step.wait().outputs["outcome"] == "succeeded"
            return time.monotonic() - began

    def cancel(number: int, moment: float) -> Cancelled:
        objects, signals = objects_of(number), ONE if number % 2 else BOTH
        with runner.step(access | {"object-ids": " ".join(objects)}) as step:
            run_for(step, moment)
            began = time.monotonic()
            for each in signals:
                step.signal(each)
                time.sleep(0.2)
            finished = step.wait()
            seconds = time.monotonic() - began
            eventually(lambda: containers(step) == [], "the container is gone", patience=5)
        return Cancelled(objects, signals, finished, seconds)

    load, life = os.getloadavg()[0], whole_life()
    # One moment in each of as many equal parts of its life.
    moments = [life * (part + chance.random()) / MOMENTS for part in range(MOMENTS)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        steps = list(pool.map(cancel, range(MOMENTS), moments))
    patience = stretch(max(load, os.getloadavg()[0]))
    for cancelled in steps:
        most = MOST_SECONDS if cancelled.at_work else MOST_SECONDS * patience
        assert cancelled.was_over or cancelled.seconds < most, cancelled.finished.streams
        check(service, cancelled)
    check_deployments(service)
    outcomes = Counter(cancelled.finished.outputs.get("outcome", "no outputs") for cancelled in steps)
    for what, at_work in (("at work", True), ("still starting", False)):
        slowest = max(each.seconds for each in steps if each.at_work is at_work and not each.was_over)
        sys.stdout.write(f"{what}, the slowest ended after {slowest:.1f} s\n")
    sys.stdout.write(f"{dict(outcomes)}\n")


def stretch(load: float) -> float:
    """By how much others slow down what a step needs the processor for: its start, which it has to finish first."""
    return max(1.0, (load - AT_ONCE) / (os.cpu_count() or 1))


def check(service: Emulator, cancelled: Cancelled) -> None:
    """Hold one step against what it owes."""
    finished = cancelled.finished
    assert {command.name for command in read(finished.streams).commands} <= COMMANDS
    if not finished.outputs:
        # Python itself ends on a SIGINT that comes before its first line of ours. Nothing else has this excuse.
        assert cancelled.signals == BOTH
        assert not asked_for(service, cancelled), finished.streams
        return
    assert finished.outputs.keys() == action()["outputs"].keys()
    assert finished.outputs["outcome"] in {"cancelled", "unknown", "succeeded"}, finished.streams
    results = json.loads(finished.outputs["results"])
    assert tuple(result["object_id"] for result in results) == cancelled.objects
    assert json.loads(finished.outputs["run-ids"]) == [result["run_id"] for result in results]
    for result in results:
        runs = service.runs().get(result["object_id"], [])
        assert result["outcome"] == "unknown" or runs == [run for run in [result["run_id"]] if run], result


def asked_for(service: Emulator, cancelled: Cancelled) -> list[str]:
    """The creations of the step's objects that have arrived."""
    asked = [event["params"].get("ObjectIds", "") for event in service.truth("received")]
    return [ids for ids in asked if any(each in ids for each in cancelled.objects)]


def check_deployments(service: Emulator) -> None:
    """No run was abolished once it deployed, and none has a twin."""
    deploying = {event["run_id"] for event in service.truth("stage_executed", stage="PROD")}
    asked_to_end = {event["params"]["Id"] for event in service.truth("received", action="AbolishPipelineRun")}
    assert not deploying & asked_to_end
    assert all(len(runs) == 1 for runs in service.runs().values())
    assert asked_to_end, "some were cancelled early enough"
    assert deploying, "and some late enough"
