"""The ports of the app as a script: what each call is answered, and on virtual time when it was made."""

import asyncio
import math
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from dataworks_deploy.app.ports import Sending, World, unheeded

from dataworks_deploy.domain.ending import Ending, Fault, Ok, Refusal, Refused, Unclear
from dataworks_deploy.domain.model import Creation, Node, ObjectId, Page, Run, RunId, Stage
from dataworks_deploy.domain.outcome import ObjectResult

from ...simulation.virtual import EPOCH, Time, VirtualLoop

T = TypeVar("T")
OBJECT = ObjectId("7567482277219412494")
LOST = Unclear(Fault("the connection was closed"))


def refused(why: Refusal, retry_after: float | None = None) -> Refused:
    """A refusal in a word."""
    return Refused(why, Fault("no", why.name, "R-1", 400, retry_after))


def run_of(
    name: str, status: str = "Running", *statuses: str, description: str = "", at: int = 0, **facts: Any
) -> Run:
    """A run with a build, a check and a deployment of these statuses, `Init` where none is given."""
    kinds = (("BUILD_PACKAGE", "Build"), ("PROD_CHECK", "Check"), ("PROD", "Deploy"))
    stages = tuple(
        Stage(code, code, step, kind, [*statuses, "Init", "Init", "Init"][step])
        for step, (code, kind) in enumerate(kinds)
    )
    return Run(RunId(name), status, description=description, created_ms=at, stages=stages, **facts)


def page_of(*runs: Run, total: int | None = None) -> Ok[Page]:
    """An answer that lists these runs."""
    return Ok(Page(runs, len(runs) if total is None else total))


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
    """The service. The last answer of an action is given for ever; a function makes one."""

    time: Time
    answers: dict[str, Sequence[Any]]
    calls: list[tuple[float, str, tuple[Any, ...]]] = field(default_factory=list)
    delay: float = 0.0  # seconds that each answer takes
    held_up: float = 0.0  # seconds that a creation, or an execution, waits for its turn or its key
    keyless: Refused | None = None  # what every call is refused with that finds no key

    def of(self, action: str) -> list[tuple[Any, ...]]:
        """What an action was called with."""
        return [what for _, name, what in self.calls if name == action]

    def times(self, action: str) -> list[float]:
        """When an action was called."""
        return [when for when, name, _ in self.calls if name == action]

    async def _call(self, sending: Sending, action: str, *what: Any) -> Any:
        if self.keyless:
            return self.keyless
        sending()
        self.calls.append((self.time.now, action, what))
        given = self.answers[action]
        answer = given[min(len(self.of(action)), len(given)) - 1]
        if self.delay:
            await asyncio.sleep(self.delay)
        if isinstance(answer, Exception):
            raise answer
        return answer(*what) if callable(answer) else answer

    async def create(
        self, creation: Creation, description: str, nonce: str, sending: Sending
    ) -> Ending[RunId]:
        """See Pipelines."""
        if self.held_up:
            await asyncio.sleep(self.held_up)
        return await self._call(sending, "create", creation, description, nonce)  # type: ignore[no-any-return]

    async def page(
        self, object_id: ObjectId | None, number: int, sending: Sending = unheeded
    ) -> Ending[Page]:
        """See Pipelines."""
        return await self._call(sending, "page", object_id, number)  # type: ignore[no-any-return]

    async def run(self, run_id: RunId, sending: Sending = unheeded) -> Ending[Run]:
        """See Pipelines."""
        return await self._call(sending, "run", run_id)  # type: ignore[no-any-return]

    async def execute(self, run_id: RunId, stage: str, sending: Sending) -> Ending[None]:
        """See Pipelines."""
        if self.held_up:
            await asyncio.sleep(self.held_up)
        return await self._call(sending, "execute", run_id, stage)  # type: ignore[no-any-return]

    async def abolish(self, run_id: RunId, sending: Sending = unheeded) -> Ending[None]:
        """See Pipelines."""
        return await self._call(sending, "abolish", run_id)  # type: ignore[no-any-return]

    async def node(self, object_id: ObjectId, sending: Sending = unheeded) -> Ending[Node]:
        """See Pipelines."""
        return await self._call(sending, "node", object_id)  # type: ignore[no-any-return]


@dataclass
class Notes:
    """The journal."""

    told: list[tuple[str | None, str]] = field(default_factory=list)
    warned: list[tuple[str | None, str]] = field(default_factory=list)
    over: list[tuple[str | None, str]] = field(default_factory=list)
    written: list[tuple[ObjectResult, ...]] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)  # as they were written
    debugged: list[str] = field(default_factory=list)
    drawn: list[tuple[tuple[ObjectResult, ...], int, datetime]] = field(default_factory=list)

    def known(self, results: Sequence[ObjectResult], calls: int) -> None:
        """See Journal."""
        self.written.append(tuple(results))
        self.calls.append(calls)

    def draw(self, results: Sequence[ObjectResult], calls: int, now: datetime) -> None:
        """See Journal."""
        self.drawn.append((tuple(results), calls, now))

    def tell(self, object_id: ObjectId | None, text: str) -> None:
        """See Journal."""
        self.told.append((object_id, text))

    def ended(self, result: ObjectResult) -> None:
        """See Journal."""
        self.over.append((result.object_id, result.message))

    def debug(self, text: str) -> None:
        """See Journal."""
        self.debugged.append(text)

    def warn(self, object_id: ObjectId | None, text: str) -> None:
        """See Journal."""
        self.warned.append((object_id, text))


class Scripted:
    """A scripted world, and the loop that it runs on."""

    def __init__(self, **answers: Sequence[Any]) -> None:
        self.time = Time()
        self.loop = VirtualLoop(self.time)  # type: ignore[abstract]
        self.service, self.clock, self.notes = Script(self.time, answers), Clock(self.time), Notes()
        self.world = World(self.service, self.clock, self.notes)
        self.ended_at = math.nan  # when what was played came to its end

    def play(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to its end, on virtual time."""
        found: list[T] = []

        async def carry() -> None:
            found.append(await work)
            self.ended_at = self.time.now

        task = self.loop.start(carry())
        self.time.run()
        task.result()
        return found[0]
