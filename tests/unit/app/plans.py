"""Carries plans out on a scripted service."""

import asyncio
from dataclasses import replace
from typing import Any

from dataworks_deploy.app.create import Policy
from dataworks_deploy.app.deploy import Deployment
from dataworks_deploy.app.end import End
from dataworks_deploy.app.ledger import Ledger
from dataworks_deploy.app.plan import Plan, Task

from dataworks_deploy.domain.advance import Goal
from dataworks_deploy.domain.ending import Ok
from dataworks_deploy.domain.mark import Origin
from dataworks_deploy.domain.model import Creation, DeployType, ObjectId, RunId
from dataworks_deploy.domain.outcome import ObjectResult, Outcome

from .world import Scripted, run_of

ONE, TWO, THREE = (ObjectId(each) for each in ("1", "2", "3"))
PLAN = Plan(
    project_id=10001,
    type=DeployType.ONLINE,
    tasks=(),
    origin=Origin("1", "2", "deploy", "__self"),
    policy=Policy(settle=8.0, on_active_run="fail", redeploy=False, rerun=False),
    goal=Goal(),
    wait=True,
    timeout=600.0,
    poll=1.0,
    max_parallel=1,
    fail_fast=True,
    dry_run=False,
    abolish_on=frozenset({"cancel"}),
)
OK = Ok(None)


def creation(object_id: ObjectId) -> Task:
    return Task(object_id, Creation(10001, object_id, DeployType.ONLINE))


def run(name: str) -> Task:
    """A run to continue, given without its object."""
    return Task(ObjectId(name), RunId(name), alone=True)


def run_beside(object_id: ObjectId, name: str) -> Task:
    """A run to continue, given with its object."""
    return Task(object_id, RunId(name))


def carried_out(
    script: Scripted, *tasks: Task, stop: float | None = None, **plan: Any
) -> tuple[End, list[ObjectResult]]:
    """Carry a plan out; `stop` is when the step is told to end."""
    ledger = Ledger((task.entry for task in tasks), script.notes, script.clock)
    deployment = Deployment(
        script.service, script.clock, script.notes, ledger, replace(PLAN, tasks=tasks, **plan)
    )
    stopped = asyncio.Event()

    async def work() -> End:
        if stop is not None:
            script.time.at(stop, lambda: script.loop.call_soon(stopped.set))
        return await deployment.run(stopped)

    end = script.play(work())
    assert ledger.calls == len(script.service.calls)
    return end, list(ledger.results)


def outcomes(results: list[ObjectResult]) -> list[Outcome]:
    return [result.outcome for result in results]


def create(name: str) -> Ok[RunId]:
    return Ok(RunId(name), "R")


def done(run_id: RunId) -> Any:
    return Ok(run_of(run_id, "Success", "Success", "Success", "Success"))


def waits(run_id: RunId) -> Any:
    return Ok(run_of(run_id, "Running", "Running"))


def deploys(run_id: RunId) -> Any:
    return Ok(run_of(run_id, "Running", "Success", "Success", "Running"))


def fails(run_id: RunId) -> Any:
    return Ok(run_of(run_id, "Fail", "Fail"))
