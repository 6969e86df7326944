"""The step is cancelled at any moment of its life: it ends in time, knows its runs, and stops no deployment."""

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

import pytest

from ..witness.commands import read
from ..witness.verdict import EXIT_STATUS, cut_off, worst
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
GAP = 7.5  # seconds that the runner gives a step between the two


@dataclass(frozen=True)
class Cancelled:
    """One step that was cancelled: with which signals, and what came of it so many seconds after the first.

    `heard`: it had written a line before, so that it must hear the first signal. As process 1 it is deaf before that,
    and the kernel throws the signal away. `early`: not all of its objects were being deployed, so it cannot succeed.
    """

    objects: tuple[str, str]
    signals: tuple[signal.Signals, ...]
    heard: bool
    early: bool
    finished: Finished
    seconds: float


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
            heard, early = bool(step.stdout), deploying(service, objects) < len(objects)
            began = time.monotonic()
            finished = send(signals, step)
            seconds = time.monotonic() - began
            eventually(lambda: containers(step) == [], "the container is gone", patience=5)
        return Cancelled(objects, signals, heard, early, finished, seconds)

    life = whole_life()
    # One moment in each of as many equal parts of its life.
    moments = [life * (part + chance.random()) / MOMENTS for part in range(MOMENTS)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        steps = list(pool.map(cancel, range(MOMENTS), moments))
    for cancelled in steps:
        check(service, cancelled)
    check_deployments(service)
    outcomes = Counter(cancelled.finished.outputs.get("outcome", "no outputs") for cancelled in steps)
    for what, heard in (("at work", True), ("still starting", False)):
        slowest = sorted(each.seconds for each in steps if each.heard is heard)[-3:]
        seconds = ", ".join(f"{each:.1f}" for each in slowest)
        sys.stdout.write(f"{what}, the slowest ended after {seconds} s\n")
    sys.stdout.write(f"{dict(outcomes)}\n")


def send(signals: Sequence[signal.Signals], step: Step) -> Finished:
    """Send what the runner sends to a docker client: the next signal if the one before did nothing."""
    for each in signals:
        step.signal(each)
        with suppress(subprocess.TimeoutExpired):
            return step.wait(GAP)
    return step.wait()


def deploying(service: Emulator, objects: Sequence[str]) -> int:
    """How many of the objects have been told to go into production."""
    runs = service.runs()
    deployed = {event["run_id"] for event in service.truth("stage_executed", stage="PROD")}
    return sum(not deployed.isdisjoint(runs.get(each, ())) for each in objects)


def check(service: Emulator, cancelled: Cancelled) -> None:
    """Hold one step against what it owes."""
    finished = cancelled.finished
    most = MOST_SECONDS if cancelled.heard else GAP + MOST_SECONDS
    assert cancelled.seconds < most, finished.streams
    assert {command.name for command in read(finished.streams).commands} <= COMMANDS
    if not finished.outputs:
        # Python itself ends on a SIGINT that comes before its first line of ours. Nothing else has this excuse.
        assert cancelled.signals == BOTH
        assert not asked_for(service, cancelled), finished.streams
        return
    assert finished.outputs.keys() == action()["outputs"].keys()
    results, outcome = json.loads(finished.outputs["results"]), finished.outputs["outcome"]
    outcomes = {result["outcome"] for result in results}
    verdicts = {cut_off(outcomes)}
    if outcomes == {"succeeded"} and not (cancelled.heard and cancelled.early):
        verdicts.add(worst(outcomes))
    assert outcome in verdicts, finished.streams
    assert finished.exit_code == EXIT_STATUS.get(outcome, 1)
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
