"""The simulation's short way from an answer to its ending says what the real adapter says behind the SDK."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from dataworks_deploy.dataworks import service as dataworks
from dataworks_deploy.dataworks import transport
from dataworks_deploy.dataworks.service import DataWorks
from dataworks_deploy.domain.ending import Ending, Ok, Refused
from dataworks_deploy.domain.model import (
    AbolishPipelineRun,
    CreatePipelineRun,
    Creation,
    DeployType,
    ExecPipelineRunStage,
    GetPipelineRun,
    ListPipelineRuns,
    ObjectId,
    Page,
    Run,
    RunId,
)
from dataworks_deploy.domain.secrets import Secrets
from dataworks_deploy.domain.studio.flowspec import Described
from dataworks_deploy.domain.studio.operations import GetNode
from dataworks_deploy.engine.calls import Service as Port
from dataworks_deploy.journal import StepJournal
from dataworks_deploy.wiring import service_of
from dataworks_emulator import Emulator, Settings
from dataworks_emulator.service import Service

from ..emulator.conftest import Clock
from ..integration.job import KEY, PROJECT
from .actor import inputs_of
from .cells import all_faults
from .operations import CREATE, EXECUTE, LIST, NODE
from .play import environment
from .runner import MemoryRunner
from .schedule import Job, Schedule, Step
from .virtual import Time, VirtualLoop
from .wire import CREATE_SECONDS, DRIP_SECONDS, READ_SECONDS, Wire

INNER, WORKFLOW = ObjectId("8567482277219412001"), ObjectId("8567482277219412002")
SETTINGS = Settings(credentials=(KEY,), stage_seconds=0.0, inner_nodes={INNER: WORKFLOW})


async def probe(port: Port, action: str, arm: Callable[[], object]) -> Ending[Any]:
    """One call of this action under a fault, on a run that is there for it, of an object that has no other.

    The one that asks for no run asks for a node inside a workflow.
    """
    if action == NODE:
        arm()
        return await port.call(GetNode(INNER))
    object_id = ObjectId(str(random.randrange(10**18, 10**19)))
    creation = Creation(int(PROJECT), object_id, DeployType.ONLINE)

    async def create(nonce: str) -> Ending[Any]:
        return await port.call(CreatePipelineRun(creation, "by a test", nonce))

    if action == CREATE:
        arm()
        return await create(random.randbytes(16).hex())
    opened = await create(random.randbytes(16).hex())
    assert isinstance(opened, Ok)
    arm()
    if action == LIST:
        return await port.call(ListPipelineRuns(object_id))
    if action == EXECUTE:
        return await port.call(ExecPipelineRunStage(opened.value, "PROD_CHECK"))
    if action == "AbolishPipelineRun":
        return await port.call(AbolishPipelineRun(opened.value))
    return await port.call(GetPipelineRun(opened.value))


def told(value: object) -> object:
    """What an answer says, but for what differs between any two: IDs and times."""
    if isinstance(value, Page):
        return replace(value, runs=tuple(map(blanked, value.runs)))
    if isinstance(value, Run):
        return blanked(value)
    if isinstance(value, Described):
        return value.object.path, value.object.workflow
    return "an ID" if isinstance(value, str) and value else value


def blanked(run: Run) -> Run:
    """A run without its ID and its time."""
    return replace(run, id=RunId(""), created_ms=min(run.created_ms, 1))


def shape(ending: Ending[Any]) -> tuple[object, ...]:
    """What the app decides by, and whether it can tell the RequestId."""
    if isinstance(ending, Ok):
        return ("Ok", told(ending.value), bool(ending.request_id))
    why, fault = ending.why if isinstance(ending, Refused) else None, ending.fault
    return (type(ending).__name__, why, fault.code, fault.retry_after, bool(fault.request_id))


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
    wire = Wire(
        clock,
        service,
        Schedule(1),
        Step(),
        KEY.access_key_id,
        int(PROJECT),
        KEY.token,
        loop,
        rng,
        lambda: None,
    )
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


def test_both_ways_have_the_same_patience() -> None:
    adapter = (dataworks.READ_SECONDS, dataworks.CREATE_READ_SECONDS, transport.TOTAL_SECONDS)

    assert adapter == (READ_SECONDS, CREATE_SECONDS, DRIP_SECONDS)
