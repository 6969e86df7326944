"""Carries out assignments with a scripted service."""

import asyncio
from dataclasses import replace
from typing import Any

from dataworks_deploy.domain.advance import Goal
from dataworks_deploy.domain.ending import Ok
from dataworks_deploy.domain.model import (
    CreatePipelineRun,
    Creation,
    DeployType,
    GetPipelineRun,
    ObjectId,
    OnActiveRun,
    RunId,
)
from dataworks_deploy.domain.outcome import End, Outcome
from dataworks_deploy.domain.reconcile import Origin
from dataworks_deploy.domain.record import Record
from dataworks_deploy.engine.assignment import Assignment, Task
from dataworks_deploy.engine.create import Policy
from dataworks_deploy.engine.deploy import Deployment
from dataworks_deploy.engine.ledger import Ledger
from dataworks_deploy.engine.select import Problems, Wanted

from .world import Scripted, run_of

ONE, TWO, THREE = (ObjectId(each) for each in ("1", "2", "3"))
ASSIGNMENT = Assignment(
    project_id=10001,
    type=DeployType.ONLINE,
    tasks=(),
    wanted=None,
    creation=Creation(10001, ObjectId(""), DeployType.ONLINE),
    origin=Origin("1", "2", "deploy", "__self"),
    policy=Policy(settle=8.0, on_active_run=OnActiveRun.WARN, redeploy=False, attempt=1, looks=False),
    goal=Goal(),
    wait=True,
    timeout=600.0,
    poll=1.0,
    max_parallel=1,
    fail_fast=True,
    dry_run=False,
    abolish_on=frozenset({End.CANCEL}),
)
RERUN = replace(ASSIGNMENT.policy, attempt=2)
ADOPTS = replace(ASSIGNMENT.policy, on_active_run=OnActiveRun.ADOPT)
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
    script: Scripted, *tasks: Task, stop: float | None = None, broken: bool = False, **changes: Any
) -> tuple[End, list[Record]]:
    """Carry out an assignment. `stop` is when the step is told to end. `broken` ends it with an internal error."""
    ledger = script.ledger(*(task.record for task in tasks))
    step = Deployment(
        script.service, script.clock, script.notes, ledger, replace(ASSIGNMENT, tasks=tasks, **changes)
    )
    return played(script, step, ledger, stop, broken=broken)


def deployed(
    script: Scripted, what: Wanted, *, stop: float | None = None, **changes: Any
) -> tuple[End, list[Record], Problems]:
    """Carry out an assignment that selects its objects itself. Also returns the problems that prevent that."""
    tasks = tuple(map(creation, what.request.ids))
    usual: dict[str, Any] = {"max_parallel": None, "tasks": tasks, "wanted": what}
    ledger = Ledger((task.record for task in tasks), script.notes)
    step = Deployment(
        script.service, script.clock, script.notes, ledger, replace(ASSIGNMENT, **{**usual, **changes})
    )
    return (*played(script, step, ledger, stop), step.problems)


def played(
    script: Scripted, step: Deployment, ledger: Ledger, stop: float | None, *, broken: bool = False
) -> tuple[End, list[Record]]:
    """Run a step in virtual time."""
    stopped = asyncio.Event()

    async def work() -> End:
        if stop is not None:
            script.time.at(stop, lambda: script.loop.call_soon(stopped.set))
        try:
            return await step.run(stopped)
        except ExceptionGroup:
            assert broken
            return End.FAILURE

    end = script.play(work())
    assert ledger.calls == len(script.service.calls)
    return end, list(ledger.records)


def outcomes(records: list[Record]) -> list[Outcome]:
    return [record.outcome for record in records]


def create(name: str) -> Ok[RunId]:
    return Ok(RunId(name), "R")


def by_object(answers: dict[ObjectId, Any]) -> Any:
    """The answers to the creation of each of these objects, in order."""
    left = {each: [*given] if isinstance(given, list) else [given] for each, given in answers.items()}

    def answer(operation: CreatePipelineRun) -> Any:
        given = left[operation.creation.object_id]
        return given.pop(0) if len(given) > 1 else given[0]

    return answer


def done(operation: GetPipelineRun) -> Any:
    return Ok(run_of(operation.run_id, "Success", "Success", "Success", "Success"))


def waits(operation: GetPipelineRun) -> Any:
    return Ok(run_of(operation.run_id, "Running", "Running"))


def built(operation: GetPipelineRun) -> Any:
    return Ok(run_of(operation.run_id, "Running", "Success"))


def checked(operation: GetPipelineRun) -> Any:
    """Everything except the deployment has succeeded."""
    return Ok(run_of(operation.run_id, "Running", "Success", "Success"))


def deploys(operation: GetPipelineRun) -> Any:
    return Ok(run_of(operation.run_id, "Running", "Success", "Success", "Running"))


def fails(operation: GetPipelineRun) -> Any:
    return Ok(run_of(operation.run_id, "Fail", "Fail"))
