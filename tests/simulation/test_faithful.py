"""The simulation's short way from an answer to its ending says what the real adapter says behind the SDK."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dataworks_deploy.adapters.dataworks import DataWorks
from dataworks_deploy.app.ports import Pipelines
from dataworks_deploy.domain.ending import Ending, Ok, Refused
from dataworks_deploy.domain.model import Creation, DeployType, ObjectId
from dataworks_deploy.domain.secrets import Secrets
from dataworks_deploy.journal import StepJournal
from dataworks_deploy.wiring import service_of
from dataworks_emulator import Emulator, Settings
from dataworks_emulator.service import Service

from ..emulator.conftest import Clock
from ..integration.job import KEY, PROJECT
from .actor import inputs_of
from .cells import all_faults
from .operations import CREATE, EXECUTE, LIST
from .play import environment
from .runner import MemoryRunner
from .schedule import Job, Schedule, Step
from .virtual import Time, VirtualLoop
from .wire import Wire

CREATION = Creation(int(PROJECT), ObjectId("7567482277219400001"), DeployType.ONLINE)
SETTINGS = Settings(credentials=(KEY,), stage_seconds=0.0)


async def probe(pipelines: Pipelines, action: str, arm: Callable[[], object]) -> Ending[Any]:
    """One call of this action under a fault, on a run that is there for it."""

    async def create(nonce: str) -> Ending[Any]:
        return await pipelines.create(CREATION, "by a test", nonce, lambda: None)

    if action == CREATE:
        arm()
        return await create(random.randbytes(16).hex())
    opened = await create(random.randbytes(16).hex())
    assert isinstance(opened, Ok)
    arm()
    if action == LIST:
        return await pipelines.page(CREATION.object_id, 1)
    if action == EXECUTE:
        return await pipelines.execute(opened.value, "PROD_CHECK")
    return await (pipelines.abolish if action == "AbolishPipelineRun" else pipelines.run)(opened.value)


def shape(ending: Ending[Any]) -> tuple[object, ...]:
    """What the app decides by."""
    if isinstance(ending, Ok):
        return ("Ok", type(ending.value).__name__)
    why = ending.why if isinstance(ending, Refused) else None
    return (type(ending).__name__, why, ending.fault.code, ending.fault.retry_after)


def spec_of(fault: str) -> str:
    """The fault with a time."""
    return f"{fault[:-1]}0.01" if fault.endswith(":S") else fault


@pytest.fixture(scope="module")
def real() -> Iterator[tuple[Emulator, DataWorks]]:
    """The emulator over HTTP, and the real adapter in front of it."""
    clock = Clock(time.time())
    with Emulator(SETTINGS, clock, clock.pause) as emulator:
        unsafe = {"DATAWORKS_ALLOW_UNSAFE_ENDPOINT": "true", "INPUT_ENDPOINT": f"http://{emulator.endpoint}"}
        variables = environment(Schedule(1), Job(0, (Step(),)), Step(), 1) | unsafe
        yield emulator, service_of(inputs_of(variables), StepJournal(MemoryRunner(), Secrets(())))


def simulated(action: str, spec: str) -> tuple[object, ...]:
    """The same call on virtual time."""
    clock, rng = Time(), random.Random(1)
    service, loop = Service(SETTINGS, clock.epoch, rng), VirtualLoop(clock)  # type: ignore[abstract]
    wire = Wire(clock, service, Schedule(1), Step(), "key", int(PROJECT), KEY.token, loop, rng, lambda: None)
    found: list[tuple[object, ...]] = []

    def arm() -> None:
        service.schedule.add(f"{action}:{len(service.truth.posts(action)) + 1}:{spec}")

    async def work() -> None:
        found.append(shape(await probe(wire, action, arm)))

    loop.start(work())
    clock.run()
    return found[0]


@pytest.mark.parametrize(("action", "fault"), all_faults())
def test_both_ways_end_alike(real: tuple[Emulator, DataWorks], action: str, fault: str) -> None:
    emulator, adapter = real
    spec = spec_of(fault)

    def arm() -> None:
        emulator.fault(action, len(emulator.truth.posts(action)) + 1, spec)

    ending = shape(asyncio.run(probe(adapter, action, arm)))

    assert simulated(action, spec) == ending
