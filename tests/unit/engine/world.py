"""The engine's ports as a script: the answer to each call, and when it was made, in virtual time."""

import asyncio
import math
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from dataworks_deploy.domain.ending import Ending, Fault, Ok, Refusal, Refused, Symptom, Unclear
from dataworks_deploy.domain.event import Event
from dataworks_deploy.domain.model import (
    AbolishPipelineRun,
    CreatePipelineRun,
    ExecPipelineRunStage,
    GetPipelineRun,
    ListPipelineRuns,
    ObjectId,
    Operation,
    Page,
    Run,
    RunId,
    Stage,
)
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject
from dataworks_deploy.domain.studio.flowspec import Described
from dataworks_deploy.domain.studio.operations import (
    GetFunction,
    GetNode,
    GetResource,
    GetWorkflowDefinition,
    ListFunctions,
    ListNodes,
    ListResources,
    ListWorkflowDefinitions,
)
from dataworks_deploy.domain.studio.plan import Plan
from dataworks_deploy.engine.calls import Calls, World
from dataworks_deploy.engine.ledger import Ledger

from ...simulation.virtual import EPOCH, Time, VirtualLoop

T = TypeVar("T")
OBJECT = ObjectId("7567482277219412494")
LOST = Unclear(Fault(symptom=Symptom.CLOSED))
NAMES: dict[type[Operation[Any]], str] = {
    CreatePipelineRun: "create",
    ListPipelineRuns: "page",
    GetPipelineRun: "run",
    GetNode: "node",
    GetWorkflowDefinition: "workflow",
    GetResource: "resource",
    GetFunction: "function",
    ListNodes: "nodes",
    ListWorkflowDefinitions: "workflows",
    ListResources: "resources",
    ListFunctions: "functions",
    ExecPipelineRunStage: "execute",
    AbolishPipelineRun: "abolish",
}


def at(path: str, workflow: str | None = None) -> Described:
    """A node in its place."""
    inside = ObjectId(workflow) if workflow else None
    return Described(StudioObject(OBJECT, Kind.NODE, path.rpartition("/")[2], path, workflow=inside))


def refused(why: Refusal, retry_after: float | None = None) -> Refused:
    """A refusal for this reason."""
    return Refused(why, Fault("no", why.name, "R-1", 400, retry_after))


def run_of(
    name: str, status: str = "Running", *statuses: str, description: str = "", at: int = 0, **facts: Any
) -> Run:
    """A run with a build, a check and a deployment with these statuses, by default `Init`."""
    kinds = (("BUILD_PACKAGE", "Build"), ("PROD_CHECK", "Check"), ("PROD", "Deploy"))
    stages = tuple(
        Stage(code, code, step, kind, [*statuses, "Init", "Init", "Init"][step])
        for step, (code, kind) in enumerate(kinds)
    )
    return Run(RunId(name), status, description=description, created_ms=at, stages=stages, **facts)


def page_of(*runs: Run, total: int | None = None, size: int = 100) -> Ok[Page]:
    """An answer that lists these runs."""
    return Ok(Page(runs, len(runs) if total is None else total, size))


@dataclass
class Clock:
    """Virtual time."""

    time: Time

    def monotonic(self) -> float:
        """See Clock."""
        return self.time.now

    def utc(self) -> datetime:
        """See Clock."""
        return datetime.fromtimestamp(EPOCH + self.time.now, UTC)

    async def sleep(self, seconds: float) -> None:
        """See Clock."""
        await asyncio.sleep(seconds)

    def spread(self) -> float:
        """See Clock."""
        return 0.5


@dataclass
class Script:
    """The service. The last answer to an operation repeats for ever. A function makes an answer from the operation.

    A run that it has created shows its description from the creation, unless another one is given.
    """

    time: Time
    answers: dict[str, Sequence[Any]]
    calls: list[tuple[float, Operation[Any]]] = field(default_factory=list)
    delay: float = 0.0  # seconds that each answer takes
    keys: list[float] = field(
        default_factory=list
    )  # seconds that the next questions for a key wait, two for each call
    renewed_at: float = 0.0  # before this time there is no key: all calls wait for it
    described: dict[RunId, str] = field(default_factory=dict)
    shows_descriptions: bool = True
    pages_show_descriptions: bool = True
    keyless: Refused | None = None  # the refusal for every call that finds no key

    @property
    def names(self) -> list[str]:
        """The calls made, each as one word."""
        return [NAMES[type(operation)] for _, operation in self.calls]

    def of(self, name: str) -> list[Any]:
        """The calls with this name."""
        return [operation for _, operation in self.calls if NAMES[type(operation)] == name]

    def times(self, name: str) -> list[float]:
        """The times of these calls."""
        return [when for when, operation in self.calls if NAMES[type(operation)] == name]

    async def ready(self) -> Refused | None:
        """See Service."""
        if self.keys:
            await asyncio.sleep(self.keys.pop(0))
        if self.renewed_at > self.time.now:
            await asyncio.sleep(self.renewed_at - self.time.now)
        return self.keyless

    async def call(self, operation: Operation[T]) -> Ending[T]:
        """See Service."""
        name = NAMES[type(operation)]
        self.calls.append((self.time.now, operation))
        given = self.answers[name]
        answer = given[min(len(self.of(name)), len(given)) - 1]
        if self.delay:
            await asyncio.sleep(self.delay)
        if isinstance(answer, Exception):
            raise answer
        ending = answer(operation) if callable(answer) else answer
        if isinstance(operation, CreatePipelineRun) and isinstance(ending, Ok):
            self.described[ending.value] = operation.description
        return cast("Ending[T]", self._described(ending))

    def _described(self, ending: Any) -> Any:
        value = ending.value if isinstance(ending, Ok) else None
        if isinstance(value, Run):
            return replace(ending, value=self.shown(value))
        if isinstance(value, Page) and self.pages_show_descriptions:
            return replace(ending, value=replace(value, runs=tuple(map(self.shown, value.runs))))
        return ending

    def shown(self, run: Run) -> Run:
        """The run as it is shown."""
        described = self.described if self.shows_descriptions else {}
        return replace(run, description=run.description or described.get(run.id, ""))


Told = list[tuple[ObjectId | None, Event]]


@dataclass
class Notes:
    """The journal."""

    debugs: bool = False
    told: Told = field(default_factory=list)
    warned: Told = field(default_factory=list)
    debugged: list[Event] = field(default_factory=list)
    over: list[Record] = field(default_factory=list)
    written: list[tuple[Record, ...]] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)  # the saved records
    plans: list[tuple[Plan, int]] = field(default_factory=list)
    previews: list[Plan] = field(default_factory=list)
    drawn: list[tuple[tuple[Record, ...], int, datetime]] = field(default_factory=list)

    def known(self, records: Sequence[Record], calls: int) -> None:
        """See Journal."""
        self.written.append(tuple(records))
        self.calls.append(calls)

    def chosen(self, plan: Plan, at_once: int) -> None:
        """See Journal."""
        self.plans.append((plan, at_once))

    def previewed(self, plan: Plan) -> None:
        """See Journal."""
        self.previews.append(plan)

    def draw(self, records: Sequence[Record], calls: int, now: datetime) -> None:
        """See Journal."""
        self.drawn.append((tuple(records), calls, now))

    def tell(self, object_id: ObjectId | None, event: Event) -> None:
        """See Journal."""
        self.told.append((object_id, event))

    def warn(self, object_id: ObjectId | None, event: Event) -> None:
        """See Journal."""
        self.warned.append((object_id, event))

    def debug(self, event: Event) -> None:
        """See Journal."""
        self.debugged.append(event)

    def ended(self, record: Record) -> None:
        """See Journal."""
        self.over.append(record)

    def of(self, kind: type[T]) -> list[T]:
        """The events of this kind that were logged."""
        return [event for _, event in self.told if isinstance(event, kind)]


class Scripted:
    """A scripted world, and the loop that it runs on."""

    def __init__(self, **answers: Sequence[Any]) -> None:
        self.time = Time()
        self.loop = VirtualLoop(self.time)  # type: ignore[abstract]
        self.service, self.clock, self.notes = Script(self.time, answers), Clock(self.time), Notes()
        self.counted: list[int] = []
        self.calls = Calls(self.service, self.clock, self.notes, self.counted.append)
        self.world = World(self.calls, self.clock, self.notes)
        self.ended_at = math.nan  # when the play ended

    def ledger(self, *records: Record) -> Ledger:
        """A ledger with these records, or with one new object."""
        return Ledger(records or (Record(OBJECT),), self.notes)

    def play(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end, in virtual time."""
        found: list[T] = []

        async def carry() -> None:
            found.append(await work)
            self.ended_at = self.time.now

        task = self.loop.start(carry())
        self.time.run()
        task.result()
        return found[0]
