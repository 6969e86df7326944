"""One step from its environment to its end, and the post step after it: the real code on virtual time."""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, partial

from dataworks_deploy import main, post
from dataworks_deploy.domain.secrets import Secrets
from dataworks_deploy.engine.deploy import Deployment
from dataworks_deploy.engine.ledger import Ledger
from dataworks_deploy.hosts.github import Variables
from dataworks_deploy.hosts.inputs import Inputs, parse, secrets_of
from dataworks_deploy.journal import StepJournal
from dataworks_deploy.render.state import Left, restored
from dataworks_deploy.wiring import assignment_of
from dataworks_emulator.service import Service

from ..integration.job import KEY, PROJECT
from .runner import MemoryRunner
from .schedule import Schedule, Step
from .virtual import EPOCH, Time, VirtualLoop
from .wire import Sent, Wire


@dataclass
class Scene:
    """What all steps of a schedule share."""

    schedule: Schedule
    service: Service
    time: Time
    rng: random.Random
    deployment: type[Deployment]
    loops: list[VirtualLoop] = field(default_factory=list)

    def loop(self) -> VirtualLoop:
        """A loop for one process."""
        self.loops.append(VirtualLoop(self.time))  # type: ignore[abstract]
        return self.loops[-1]


@dataclass
class Clock:
    """The clock of one step."""

    time: Time
    skew: float
    rng: random.Random

    def monotonic(self) -> float:
        """See Clock."""
        return self.time.now

    def utc(self) -> datetime:
        """See Clock. The clock of a machine may be wrong."""
        return datetime.fromtimestamp(EPOCH + self.time.now + self.skew, UTC)

    async def sleep(self, seconds: float) -> None:
        """See Clock."""
        await asyncio.sleep(seconds)

    def spread(self) -> float:
        """See Clock."""
        return self.rng.random()


@dataclass
class Attempt:
    """What one step has left for the judges. `copy` distinguishes parallel copies of a job."""

    job: int
    number: int
    copy: int
    step: Step
    inputs: Inputs
    began: float
    runner: MemoryRunner = field(default_factory=MemoryRunner)
    sent: list[Sent] = field(default_factory=list)
    post_sent: list[Sent] = field(default_factory=list)
    action: str = ""
    ended: float | None = None
    stopped: float | None = None
    status: int | None = None
    killed: bool = False
    post_began: float | None = None
    post_ended: float | None = None
    post_killed: bool = False
    post_runner: MemoryRunner = field(default_factory=MemoryRunner)

    @property
    def named(self) -> dict[str, str | None]:
        """The runs that the step must continue, with their objects if those were given too."""
        runs, objects = self.inputs.run_ids, self.inputs.object_ids or (None,) * len(self.inputs.run_ids)
        return dict(zip(runs, objects, strict=True)) if runs else {}

    @property
    def objects(self) -> list[str | None]:
        """The objects of its results in order, or None for a run that was given without an object."""
        return [*self.named.values()] or [*self.inputs.object_ids]

    @property
    def caller(self) -> str:
        """The key of the step. Each step here has its own key, so that the log distinguishes the steps."""
        return f"key-{self.copy}-{self.number}"


class Actor:
    """Carries out one attempt. `over` is called when it has ended, in any way."""

    def __init__(
        self, scene: Scene, attempt: Attempt, variables: Mapping[str, str], over: Callable[[], None]
    ) -> None:
        self._scene, self._attempt, self._variables, self._over = scene, attempt, variables, over
        self._time, self._loop = scene.time, scene.loop()
        self._stopped = asyncio.Event()
        self._clock = Clock(scene.time, attempt.step.skew, scene.rng)

    def start(self) -> None:
        """Start the attempt, and arrange the events for it."""
        step, now = self._attempt.step, self._time.now
        self._loop.start(self._deploy())
        if step.kill and step.kill.at is not None:
            self._time.at(now + step.kill.at, self._die)
        if step.stop is not None:
            self._time.at(now + step.stop, self._stop)

    async def _deploy(self) -> None:
        """Do what main does between the inputs and the exit status."""
        attempt = self._attempt
        journal, assignment = self._journal(attempt.runner), assignment_of(attempt.inputs)
        ledger = Ledger((task.record for task in assignment.tasks), journal)
        ledger.write()
        wire = self._wire(self._loop, attempt.step, attempt.caller, self._die, attempt.sent)
        deployment = self._scene.deployment(wire, self._clock, journal, ledger, assignment)
        attempt.status = await main.carry_out(deployment, ledger, journal, assignment, self._stopped)
        self._end()

    def _stop(self) -> None:
        if self._attempt.ended is None:
            self._attempt.stopped = self._time.now
            self._loop.call_soon(self._stopped.set)

    def _die(self) -> None:
        if self._attempt.ended is None:
            self._attempt.killed = True
            self._end()

    def _end(self) -> None:
        """End the process: it writes nothing more, and nothing that waits in it happens."""
        self._attempt.ended = self._time.now
        self._attempt.runner.sealed = True
        self._loop.kill()
        self._time.at(self._time.now, self._after)

    def _after(self) -> None:
        left = restored(lambda name: self._attempt.runner.state.get(name, ""))
        if self._attempt.step.post and left:
            self._start_post(left)
        self._over()

    def _start_post(self, left: Left) -> None:
        """Start the post step in another process, and arrange its kill if there is one."""
        attempt, runner, loop = self._attempt, self._attempt.post_runner, self._scene.loop()
        attempt.post_began = self._time.now

        def end(*, killed: bool) -> None:
            if attempt.post_ended is None:
                attempt.post_ended, attempt.post_killed = self._time.now, killed
                attempt.runner.lines.extend(runner.lines)
                runner.sealed = True
                loop.kill()

        die = partial(end, killed=True)

        async def work() -> None:
            await self._look_after(left, loop, die)
            end(killed=False)

        loop.start(work())
        kill = attempt.step.post_kill
        if kill and kill.at is not None:
            self._time.at(self._time.now + kill.at, die)

    async def _look_after(self, left: Left, loop: VirtualLoop, die: Callable[[], None]) -> None:
        """Do what post does between the inputs and the exit status, which is always 0."""
        attempt, runner = self._attempt, self._attempt.post_runner
        step = replace(attempt.step, kill=attempt.step.post_kill)
        wire = self._wire(loop, step, f"{attempt.caller}-post", die, attempt.post_sent)
        await post.look_after(self._journal(runner), attempt.inputs, left, wire, self._clock)

    def _journal(self, runner: MemoryRunner) -> StepJournal:
        inputs = self._attempt.inputs
        names = [str(name) for name in inputs.object_ids or inputs.run_ids]
        abolishes = "cancel" in inputs.abolish_on
        return StepJournal(
            runner, _secrets(tuple(secrets_of(Variables(self._variables)))), names, abolishes=abolishes
        )

    def _wire(
        self, loop: VirtualLoop, step: Step, caller: str, die: Callable[[], None], sent: list[Sent]
    ) -> Wire:
        return Wire(
            time=self._time,
            service=self._scene.service,
            schedule=self._scene.schedule,
            step=step,
            caller=caller,
            project=int(PROJECT),
            secret=KEY.token,
            loop=loop,
            rng=self._scene.rng,
            die=die,
            sent=sent,
            began=self._time.now,
        )


@cache
def _secrets(values: tuple[str, ...]) -> Secrets:
    """The secrets, which are the same for all steps. No step here receives another one."""
    return Secrets(values)


class ImpossibleError(ValueError):
    """Inputs with which no step can begin."""


def inputs_of(variables: Mapping[str, str]) -> Inputs:
    """The inputs, which must be valid, because invalid inputs are refused before anything is sent."""
    inputs = parse(Variables(variables))
    if not isinstance(inputs, Inputs):
        raise ImpossibleError(*inputs.problems)
    return inputs
