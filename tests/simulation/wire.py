"""The way between a step and the service: requests take time, are delayed, and go on if their sender is dead."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar, assert_never, cast

from dataworks_deploy.domain.ending import Ending, Fault, Refusal, Refused, Symptom, Unclear
from dataworks_deploy.domain.model import (
    PAGE_SIZE,
    AbolishPipelineRun,
    CreatePipelineRun,
    ExecPipelineRunStage,
    GetPipelineRun,
    ListPipelineRuns,
    Operation,
)
from dataworks_deploy.domain.studio.catalog import Kind
from dataworks_deploy.domain.studio.operations import (
    AnyOperation,
    GetFunction,
    GetNode,
    GetResource,
    GetWorkflowDefinition,
    ListFunctions,
    ListNodes,
    ListResources,
    ListWorkflowDefinitions,
    StudioList,
)
from dataworks_emulator.answers import Refusal as Denied
from dataworks_emulator.answers import refusal
from dataworks_emulator.delivery import Delivery
from dataworks_emulator.service import Service

from . import endings
from .echoes import echoes
from .operations import ABOLISH, CREATE, EXECUTE, GET, LIST, LOOKUPS
from .schedule import Kill, Schedule, Step
from .virtual import Time, VirtualLoop

T = TypeVar("T")
READ_SECONDS, CREATE_SECONDS, DRIP_SECONDS = 15.0, 30.0, 40.0
KINDS: dict[type, Kind] = {
    GetNode: Kind.NODE,
    GetWorkflowDefinition: Kind.WORKFLOW,
    GetResource: Kind.RESOURCE,
    GetFunction: Kind.FUNCTION,
    ListNodes: Kind.NODE,
    ListWorkflowDefinitions: Kind.WORKFLOW,
    ListResources: Kind.RESOURCE,
    ListFunctions: Kind.FUNCTION,
}
TICK = 1e-5  # times of the epoch are rounded
DATE_SECONDS = 15 * 60  # the gateway refuses a request whose date is further away
BROKEN = {
    "drop": Symptom.CLOSED,
    "reset": Symptom.RESET,
    "refuse": Symptom.RESET,
    "truncate": Symptom.CUT_SHORT,
}


@dataclass
class Sent:
    """One call as its sender saw it. `answered` is the time of the answer. Without an `ending` nothing was seen."""

    at: float
    action: str
    object_id: str = ""
    run_id: str = ""
    stage: str = ""
    ending: Any = None
    answered: float | None = None
    request_id: str = ""  # of the answer
    call: int = 0  # the number of the call in the service
    fault: str = ""
    died: str = ""  # the phase of the call in which its sender was killed


@dataclass
class Wire:
    """The `Service` of one step. `die` ends the step."""

    time: Time
    service: Service
    schedule: Schedule
    step: Step
    caller: str
    project: int
    secret: str
    loop: VirtualLoop
    rng: random.Random
    die: Callable[[], None]
    calls: dict[str, int] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    began: float = 0.0

    async def ready(self) -> Refused | None:
        """See Service: there always is a key."""
        return None

    async def call(self, operation: Operation[T]) -> Ending[T]:
        """See Service."""
        action, params, read = request_of(cast("AnyOperation", operation))
        created = operation if isinstance(operation, CreatePipelineRun) else None
        object_id = created.creation.object_id if created else params.get("ObjectId", "")
        run_id = params.get("Id", "")
        if action in LOOKUPS:
            object_id, run_id = run_id, ""
        sent = Sent(self.time.now, action, object_id, run_id, params.get("Code", ""))
        project = created.creation.project_id if created else self.project
        limit = CREATE_SECONDS if created else READ_SECONDS
        nonce = created.nonce if created else ""
        exchange = Exchange(self, sent, {"ProjectId": str(project), **params}, read, nonce, limit)
        exchange.send()
        ending: Ending[T] = await exchange.answer
        return ending


def request_of(operation: AnyOperation) -> tuple[str, dict[str, str], Callable[[endings.Body], Any]]:
    """The operation as the service receives it: action and parameters, and the reader of its answer."""
    match operation:
        case CreatePipelineRun(creation, description):
            params = {
                "Type": creation.type.value,
                "ObjectIds": json.dumps([creation.object_id]),
                "Description": description,
                "RunMode": creation.run_mode,
            }
            if creation.auto_run_until_stage:
                params["AutoRunUntilStage"] = creation.auto_run_until_stage
            return CREATE, params, endings.run_id
        case ListPipelineRuns(object_id, number):
            params = {"PageNumber": str(number), "PageSize": str(PAGE_SIZE)}
            return LIST, params | ({"ObjectId": object_id} if object_id else {}), endings.page
        case GetPipelineRun(run_id):
            return GET, {"Id": run_id}, endings.pipeline
        case GetNode() | GetWorkflowDefinition() | GetResource() | GetFunction():
            wanted, scripts = operation.object_id, isinstance(operation, GetWorkflowDefinition)
            return (
                type(operation).__name__,
                {"Id": wanted} | ({"IncludeScriptContent": "true"} if scripts else {}),
                partial(endings.described, KINDS[type(operation)], wanted),
            )
        case ListNodes() | ListWorkflowDefinitions() | ListResources() | ListFunctions():
            return _list(operation)
        case ExecPipelineRunStage(run_id, stage):
            return EXECUTE, {"Id": run_id, "Code": stage}, endings.success
        case AbolishPipelineRun(run_id):
            return ABOLISH, {"Id": run_id}, endings.success
        case _ as never:
            assert_never(never)


def _list(operation: StudioList) -> tuple[str, dict[str, str], Callable[[endings.Body], Any]]:
    params = {"PageNumber": str(operation.number), "PageSize": str(PAGE_SIZE)}
    params |= {"Name": operation.name} if operation.name else {}
    params |= {"Type": operation.type} if isinstance(operation, ListWorkflowDefinitions) else {}
    return type(operation).__name__, params, partial(endings.listed, KINDS[type(operation)])


class Exchange:
    """One request and its answer."""

    def __init__(
        self,
        wire: Wire,
        sent: Sent,
        params: Mapping[str, str],
        read: Callable[[endings.Body], Any],
        nonce: str,
        limit: float,
    ) -> None:
        self._wire, self._sent, self._params, self._read = wire, sent, params, read
        self._limit = limit
        self.answer = wire.loop.create_future()
        wire.sent.append(sent)
        self._number = len(wire.sent)
        # The SDK draws a nonce for every call without one.
        self._nonce = nonce or f"{wire.caller}:{self._number}"

    def send(self) -> None:
        """Send the request, if its sender still lives and finds a connection."""
        wire, now = self._wire, self._wire.time.now
        if self._dies("before"):
            return
        outage = wire.step.outage
        if outage and outage[0] <= now - wire.began < outage[1]:
            self._end_in(0.1, Refused(Refusal.UNREACHABLE, Fault(symptom=Symptom.CONNECTION_REFUSED)))
            return
        wire.calls[self._sent.action] = wire.calls.get(self._sent.action, 0) + 1
        wire.time.at(now + self._held() + self._latency(), self._arrive)
        wire.time.at(now + self._limit, lambda: self._end(Unclear(Fault(symptom=Symptom.NO_ANSWER))))
        self._dies("sent")

    def _held(self) -> float:
        wire, action = self._wire, self._sent.action
        number = wire.calls[action]
        return sum(
            each.seconds for each in wire.schedule.held if each.action == action and each.call == number
        )

    def _latency(self) -> float:
        return self._wire.schedule.latency * (0.5 + self._wire.rng.random())

    def _arrive(self) -> None:
        wire = self._wire
        echo = wire.rng.choice(echoes(wire.secret))
        quoted = f"x-acs-security-token: {echo}; Authorization: Signature={echo}"
        delivery = wire.service.deliver(
            self._sent.action, self._params, wire.caller, self._nonce, self._objection(), quoted
        )
        self._sent.call, self._sent.fault = delivery.request.number, str(delivery.fault or "")
        if self._dies("arrived"):
            return
        symptom = BROKEN.get("drop" if self._is_unread() else delivery.how)
        if symptom:
            self._end_in(delivery.delay, Unclear(Fault(symptom=symptom)))
        elif delivery.how == "drip" and delivery.fault and delivery.fault.number >= DRIP_SECONDS:
            self._end_in(DRIP_SECONDS, Unclear(Fault(symptom=Symptom.NO_ANSWER)))
        elif delivery.how == "drip" and delivery.fault:
            # Each byte that comes delays the time limit.
            self._limit = DRIP_SECONDS + self._limit
            self._answer_in(delivery, delivery.fault.number)
        else:
            self._answer_in(delivery, delivery.delay)

    def _is_unread(self) -> bool:
        """Whether the request reads the one run that can only be seen in lists."""
        number = self._wire.schedule.unread
        runs = self._wire.service.runs if self._sent.action == GET and number else ()
        return any(run.number == number and run.id == self._sent.run_id for run in runs)

    def _answer_in(self, delivery: Delivery, seconds: float) -> None:
        when = self._wire.time.now + seconds + TICK
        if when < self._sent.at + self._limit:
            self._wire.time.at(when, lambda: self._answered(delivery))

    def _answered(self, delivery: Delivery) -> None:
        reading = self._sent.action not in {CREATE, EXECUTE, ABOLISH}
        response = delivery.response()
        ending = endings.ending_of(response, self._read, reading=reading)
        self._end_in(self._latency(), ending, endings.request_id_of(response))

    def _objection(self) -> Denied | None:
        """The result of the signature check when the request arrives."""
        wire, now = self._wire, self._wire.time.now
        if abs(now - self._sent.at - wire.step.skew) > DATE_SECONDS:
            return refusal("InvalidTimeStamp.Expired")
        if wire.step.expires is not None and now - wire.began >= wire.step.expires:
            return refusal("InvalidSecurityToken.Expired")
        return None

    def _end_in(self, seconds: float, ending: Any, request_id: str = "") -> None:
        self._wire.time.at(self._wire.time.now + seconds, lambda: self._end(ending, request_id))

    def _end(self, ending: Any, request_id: str = "") -> None:
        if self._wire.loop.dead or self._sent.ending is not None or self._dies("answered"):
            return
        # Nobody sees an answer that comes when nobody waits for it.
        if not self.answer.done():
            self._sent.ending, self._sent.answered = ending, self._wire.time.now
            self._sent.request_id = request_id
            self.answer.set_result(ending)

    def _dies(self, phase: str) -> bool:
        wire = self._wire
        kill: Kill | None = wire.step.kill
        if wire.loop.dead:
            return True
        if kill and kill.phase == phase and kill.action in {"", self._sent.action}:
            counted = [each for each in wire.sent[: self._number] if kill.action in {"", each.action}]
            if kill.call == len(counted):
                self._sent.died = phase
                wire.die()
                return True
        return False
