"""The simulation turns an answer into the same ending as the real adapter with the SDK."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
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
from dataworks_deploy.domain.studio.operations import (
    MANUAL,
    GetFunction,
    GetNode,
    GetResource,
    GetWorkflowDefinition,
    ListFunctions,
    ListNodes,
    ListResources,
    ListWorkflowDefinitions,
    Lookup,
    StudioList,
)
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

SETTINGS = Settings(credentials=(KEY,), stage_seconds=0.0)
INNER, WORKFLOW, JAR, FUNCTION = (ObjectId(f"856748227721941200{n}") for n in range(4))
ORDERS: dict[str, Any] = {"id": "8567482277219412009", "name": "dwd_orders", "path": "订单/dwd_orders"}
STUDIO = replace(
    SETTINGS,
    workspace={
        "nodes": [
            {"name": "ods_orders", "path": "订单/ods_orders", "production": True},
            ORDERS
            | {"after": ["ods_orders", "other.dim_date"], "outputs": ["shop.dwd"], "uses": ["cny.jar"]},
        ],
        "workflows": [
            {
                "id": WORKFLOW,
                "name": "daily",
                "path": "日/daily",
                "production": True,
                "nodes": [
                    {"id": INNER, "name": "first", "after": ["dwd_orders"]},
                    {"name": "last", "after": ["first"]},
                ],
            }
        ],
        "resources": [{"id": JAR, "name": "cny.jar"}],
        "functions": [{"id": FUNCTION, "name": "to_cny", "uses": ["cny.jar"]}],
    },
)
# The objects of these calls are in STUDIO.
ASKED: dict[str, Lookup | StudioList] = {
    NODE: GetNode(INNER),
    "GetWorkflowDefinition": GetWorkflowDefinition(WORKFLOW),
    "GetResource": GetResource(JAR),
    "GetFunction": GetFunction(FUNCTION),
    "ListNodes": ListNodes("orders"),
    "ListWorkflowDefinitions": ListWorkflowDefinitions(),
    "ListResources": ListResources(),
    "ListFunctions": ListFunctions(number=1),
}


async def probe(port: Port, action: str, arm: Callable[[], object]) -> Ending[Any]:
    """Make one call of this action under a fault, on a new run of an object that has no other run.

    Calls that read Data Studio need no run.
    """
    if action in ASKED:
        arm()
        return await port.call(ASKED[action])
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
    """The content of an answer without IDs and times, which always differ."""
    if isinstance(value, Page):
        return replace(value, runs=tuple(map(blanked, value.runs)))
    if isinstance(value, Run):
        return blanked(value)
    return "an ID" if isinstance(value, str) and value else value


def blanked(run: Run) -> Run:
    """A run without its ID and its time."""
    return replace(run, id=RunId(""), created_ms=min(run.created_ms, 1), modified_ms=min(run.modified_ms, 1))


def shape(ending: Ending[Any]) -> tuple[object, ...]:
    """The parts of an ending that decide what the action does, and whether the RequestId is known."""
    if isinstance(ending, Ok):
        return ("Ok", told(ending.value), bool(ending.request_id))
    why, fault = ending.why if isinstance(ending, Refused) else None, ending.fault
    return (type(ending).__name__, why, fault.code, fault.retry_after, bool(fault.request_id))


def spec_of(fault: str) -> str:
    """The fault with a short time."""
    return f"{fault[:-1]}0.01" if fault.endswith(":S") else fault


@pytest.fixture(scope="module")
def real() -> Iterator[Callable[[str], tuple[Emulator, DataWorks]]]:
    """For an action, the emulator over HTTP and the real adapter that calls it."""
    clock = Clock(time.time())
    with ExitStack() as stack:

        def started(settings: Settings) -> tuple[Emulator, DataWorks]:
            emulator = stack.enter_context(Emulator(settings, clock, clock.pause))
            unsafe = {
                "DATAWORKS_ALLOW_UNSAFE_ENDPOINT": "true",
                "INPUT_ENDPOINT": f"http://{emulator.endpoint}",
            }
            variables = environment(Schedule(1), Job(0, (Step(),)), Step(), 1) | unsafe
            return emulator, service_of(inputs_of(variables), StepJournal(MemoryRunner(), Secrets(())))

        runs, studio = started(SETTINGS), started(STUDIO)
        yield lambda action: studio if action in ASKED else runs


def simulated(
    settings: Settings, ask: Callable[[Port, Service], Awaitable[Ending[Any]]]
) -> tuple[object, ...]:
    """Make the same call on virtual time."""
    clock, rng = Time(), random.Random(1)
    service, loop = Service(settings, clock.epoch, rng), VirtualLoop(clock)  # type: ignore[abstract]
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

    async def work() -> None:
        found.append(shape(await ask(wire, service)))

    loop.start(work())
    clock.run()
    return found[0]


def under(action: str, spec: str) -> tuple[object, ...]:
    """The probe of an action on virtual time."""

    def ask(port: Port, service: Service) -> Awaitable[Ending[Any]]:
        number = len(service.truth.posts(action)) + 1
        return probe(port, action, lambda: service.schedule.add(f"{action}:{number}:{spec}"))

    return simulated(STUDIO if action in ASKED else SETTINGS, ask)


@pytest.mark.parametrize(("action", "fault"), all_faults())
def test_the_simulation_and_the_adapter_end_a_call_in_the_same_way(
    real: Callable[[str], tuple[Emulator, DataWorks]], action: str, fault: str
) -> None:
    emulator, adapter = real(action)
    spec = spec_of(fault)

    def arm() -> None:
        emulator.fault(action, len(emulator.truth.posts(action)) + 1, spec)

    ending = shape(asyncio.run(probe(adapter, action, arm)))

    assert under(action, spec) == ending


@pytest.mark.parametrize(
    "operation",
    [
        GetNode(ORDERS["id"]),
        GetWorkflowDefinition(ORDERS["id"]),
        ListNodes(),
        ListNodes("nothing"),
        ListWorkflowDefinitions(type=MANUAL),
        ListResources(number=2),
    ],
)
def test_the_simulation_and_the_adapter_show_the_same_of_data_studio(
    real: Callable[[str], tuple[Emulator, DataWorks]], operation: Lookup | StudioList
) -> None:
    _, adapter = real(type(operation).__name__)

    assert simulated(STUDIO, lambda port, _: port.call(operation)) == shape(
        asyncio.run(adapter.call(operation))
    )


def test_the_simulation_and_the_adapter_have_the_same_time_limits() -> None:
    adapter = (dataworks.READ_SECONDS, dataworks.CREATE_READ_SECONDS, transport.TOTAL_SECONDS)

    assert adapter == (READ_SECONDS, CREATE_SECONDS, DRIP_SECONDS)
