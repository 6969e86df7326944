"""Between a step and the service: requests take time, get held up, and go on when their sender is dead."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from dataworks_deploy.app.ports import Sending, unheeded
from dataworks_deploy.domain.ending import Ending, Fault, Refusal, Refused, Unclear
from dataworks_deploy.domain.model import Creation, Node, ObjectId, Page, Run, RunId
from dataworks_emulator.answers import Refusal as Denied
from dataworks_emulator.answers import refusal
from dataworks_emulator.delivery import Delivery
from dataworks_emulator.service import Service

from . import endings
from .echoes import echoes
from .operations import ABOLISH, CREATE, EXECUTE, GET, LIST, NODE
from .schedule import Kill, Schedule, Step
from .virtual import Time, VirtualLoop

T = TypeVar("T")
READ_SECONDS, CREATE_SECONDS, DRIP_SECONDS = 15.0, 30.0, 40.0
TICK = 1e-5  # times of the epoch are rounded
DATE_SECONDS = 15 * 60  # the gateway takes no request that is dated further away
BROKEN = {
    "drop": "the connection was closed",
    "reset": "the connection was reset",
    "refuse": "the connection was reset",
    "truncate": "the answer is cut short",
}


@dataclass
class Sent:
    """One call as its sender saw it. `answered` is when; nothing was ever seen of a call without an `ending`."""

    at: float
    action: str
    object_id: str = ""
    run_id: str = ""
    stage: str = ""
    ending: Any = None
    answered: float | None = None
    request_id: str = ""  # that the answer bore
    call: int = 0  # the number that the service has given it
    fault: str = ""
    died: str = ""  # in which phase of it its sender was killed


@dataclass
class Wire:
    """The way of one step to the service: its `Pipelines`. `die` ends the step."""

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

    async def create(
        self, creation: Creation, description: str, nonce: str, sending: Sending
    ) -> Ending[RunId]:
        """See Pipelines."""
        params = {
            "ProjectId": str(creation.project_id),
            "Type": creation.type.value,
            "ObjectIds": json.dumps([creation.object_id]),
            "Description": description,
            "RunMode": creation.run_mode,
        }
        if creation.auto_run_until_stage:
            params["AutoRunUntilStage"] = creation.auto_run_until_stage
        sending()
        sent = Sent(self.time.now, CREATE, creation.object_id)
        return await self._call(sent, params, endings.run_id, nonce, CREATE_SECONDS)

    async def page(
        self, object_id: ObjectId | None, number: int, sending: Sending = unheeded
    ) -> Ending[Page]:
        """See Pipelines."""
        params = {"PageNumber": str(number), "PageSize": "100"}
        params |= {"ObjectId": object_id} if object_id else {}
        return await self._read(LIST, params, endings.page, sending)

    async def run(self, run_id: RunId, sending: Sending = unheeded) -> Ending[Run]:
        """See Pipelines."""
        return await self._read(GET, {"Id": run_id}, endings.pipeline, sending)

    async def node(self, object_id: ObjectId, sending: Sending = unheeded) -> Ending[Node]:
        """See Pipelines."""
        return await self._read(NODE, {"Id": object_id}, endings.node, sending)

    async def execute(self, run_id: RunId, stage: str, sending: Sending) -> Ending[None]:
        """See Pipelines."""
        return await self._read(EXECUTE, {"Id": run_id, "Code": stage}, endings.success, sending)

    async def abolish(self, run_id: RunId, sending: Sending = unheeded) -> Ending[None]:
        """See Pipelines."""
        return await self._read(ABOLISH, {"Id": run_id}, endings.success, sending)

    async def _read(
        self, action: str, params: dict[str, str], read: Callable[[endings.Body], T], sending: Sending
    ) -> Ending[T]:
        sending()
        number, asked = params.get("Id", ""), params.get("ObjectId", "")
        object_id, run_id = (number, "") if action == NODE else (asked, number)
        sent = Sent(self.time.now, action, object_id, run_id, params.get("Code", ""))
        return await self._call(sent, {"ProjectId": str(self.project), **params}, read, "", READ_SECONDS)

    async def _call(
        self,
        sent: Sent,
        params: Mapping[str, str],
        read: Callable[[endings.Body], T],
        nonce: str,
        limit: float,
    ) -> Ending[T]:
        exchange = Exchange(self, sent, params, read, nonce, limit)
        exchange.send()
        ending: Ending[T] = await exchange.answer
        return ending


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
        # The SDK draws one for every call that is not given one.
        self._nonce = nonce or f"{wire.caller}:{self._number}"

    def send(self) -> None:
        """Have it leave, if its sender lives so long and finds a connection."""
        wire, now = self._wire, self._wire.time.now
        if self._dies("before"):
            return
        outage = wire.step.outage
        if outage and outage[0] <= now - wire.began < outage[1]:
            self._end_in(0.1, Refused(Refusal.UNREACHABLE, Fault("the endpoint refuses the connection")))
            return
        wire.calls[self._sent.action] = wire.calls.get(self._sent.action, 0) + 1
        wire.time.at(now + self._held() + self._latency(), self._arrive)
        wire.time.at(now + self._limit, lambda: self._end(Unclear(Fault("no answer in time"))))
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
        self._sent.call, self._sent.fault = delivery.request.number, str(delivery.fault)
        if self._dies("arrived"):
            return
        text = BROKEN.get("drop" if self._is_unread() else delivery.how)
        if text:
            self._end_in(delivery.delay, Unclear(Fault(text)))
        elif delivery.how == "drip" and delivery.fault and delivery.fault.number >= DRIP_SECONDS:
            self._end_in(DRIP_SECONDS, Unclear(Fault("no answer in time")))
        elif delivery.how == "drip" and delivery.fault:
            # Each byte that comes puts the end of patience off.
            self._limit = DRIP_SECONDS + self._limit
            self._answer_in(delivery, delivery.fault.number)
        else:
            self._answer_in(delivery, delivery.delay)

    def _is_unread(self) -> bool:
        """Whether this asks for the one run that is never read so."""
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
        """What the check of the signature says when the request arrives."""
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
        # What comes when nobody waits any more has not been seen by anybody.
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
