"""Builds the real objects from the inputs. Only this module names concrete classes."""

import uuid
from collections.abc import Callable

from dataworks_deploy import __version__
from dataworks_deploy.dataworks.keys import AssumedRole, Exchange, GivenKey, KeySource
from dataworks_deploy.dataworks.service import DataWorks
from dataworks_deploy.domain.advance import Goal
from dataworks_deploy.domain.model import Creation, ObjectId, OnApproval, OnRerun, RunMode
from dataworks_deploy.domain.outcome import End
from dataworks_deploy.domain.reconcile import Origin
from dataworks_deploy.engine.assignment import Assignment, Task
from dataworks_deploy.engine.calls import Clock
from dataworks_deploy.engine.create import Policy
from dataworks_deploy.engine.select import Wanted
from dataworks_deploy.hosts.here import SystemClock
from dataworks_deploy.hosts.inputs import Inputs, Key, Role
from dataworks_deploy.journal import StepJournal
from dataworks_deploy.render.report import About
from dataworks_deploy.render.texts import data_studio

USER_AGENT = f"dataworks-deploy/{__version__}"


def about_of(inputs: Inputs) -> About:
    """What the job summary says about the whole step."""
    region, follow = inputs.endpoint.region, inputs.follow
    url = data_studio(region, inputs.project_id)
    return About(
        inputs.type.value,
        inputs.project_id,
        region,
        url,
        follow.until_stage,
        follow.changes_to_continue,
        redeploy=inputs.on_rerun is OnRerun.REDEPLOY,
        rerun=inputs.job.attempt > 1,
        outside=not inputs.job.is_in_workflow,
        dry_run=inputs.dry_run,
        start=inputs.job.start,
    )


def service_of(inputs: Inputs, journal: StepJournal, clock: Clock | None = None) -> DataWorks:
    """The service that the inputs name. The journal receives every new secret."""
    return DataWorks(
        project_id=inputs.project_id,
        region=inputs.endpoint.region,
        host=inputs.endpoint.host,
        protocol=inputs.endpoint.protocol,
        keys=_keys(inputs.credentials, clock or SystemClock(), journal.learn),
        user_agent=USER_AGENT,
        scrub=journal.secrets.scrub,
    )


def _keys(credentials: Key | Role, clock: Clock, learn: Callable[[tuple[str, ...]], None]) -> KeySource:
    if isinstance(credentials, Key):
        return GivenKey(credentials.id, credentials.secret, credentials.token)
    exchange = Exchange(
        role_arn=credentials.role_arn,
        provider_arn=credentials.provider_arn,
        audience=credentials.audience,
        session_name=credentials.session_name,
        session_seconds=credentials.session_seconds,
        sts_endpoint=credentials.sts_endpoint,
        learn=learn,
    )
    return AssumedRole(exchange, clock)


def origin_of(inputs: Inputs) -> Origin:
    """The origin of this job's runs."""
    job = inputs.job
    # Outside a workflow, no later run can find these, so every start is an intent of its own.
    return Origin(job.repository_id, job.workflow_run_id or uuid.uuid4().hex, job.job, job.action)


def creation_of(inputs: Inputs, object_id: ObjectId) -> Creation:
    """The request for one object."""
    return Creation(
        inputs.project_id,
        object_id,
        inputs.type,
        inputs.description,
        inputs.follow.run_mode,
        inputs.follow.auto_run_until_stage,
    )


def assignment_of(inputs: Inputs) -> Assignment:
    """The step's assignment."""
    follow = inputs.follow
    return Assignment(
        project_id=inputs.project_id,
        type=inputs.type,
        tasks=_tasks(inputs),
        wanted=_wanted(inputs),
        creation=creation_of(inputs, ObjectId("")),
        origin=origin_of(inputs),
        policy=Policy(
            settle=inputs.settle_seconds,
            on_active_run=inputs.on_active_run,
            redeploy=inputs.on_rerun is OnRerun.REDEPLOY,
            attempt=inputs.job.attempt,
            looks=inputs.preflight,
        ),
        goal=Goal(
            advance=follow.advance,
            until_stage=follow.until_stage,
            automatic=follow.run_mode is RunMode.AUTO,
            automatic_until=follow.auto_run_until_stage,
            leaves=follow.on_approval is OnApproval.LEAVE,
        ),
        wait=follow.wait,
        timeout=inputs.timeout_seconds,
        poll=follow.poll_seconds,
        max_parallel=inputs.max_parallel,
        fail_fast=inputs.fail_fast,
        dry_run=inputs.dry_run,
        abolish_on=frozenset(End(each.value) for each in inputs.abolish_on),
    )


def _wanted(inputs: Inputs) -> Wanted | None:
    """What to read before the first creation. None if the runs are already named, or nothing needs a lookup."""
    looks_up = inputs.preflight or inputs.only_changed
    if inputs.run_ids or not (looks_up or inputs.request.lines):
        return None
    return Wanted(
        inputs.request,
        inputs.project_id,
        inputs.type,
        inputs.order,
        inputs.upstream,
        checks=looks_up,
        settle=inputs.settle_seconds,
        only_changed=inputs.only_changed,
    )


def _tasks(inputs: Inputs) -> tuple[Task, ...]:
    if not inputs.run_ids:
        return tuple(Task(each, creation_of(inputs, each)) for each in inputs.object_ids)
    names = inputs.object_ids or tuple(ObjectId(run_id) for run_id in inputs.run_ids)
    alone = not inputs.object_ids
    return tuple(Task(name, run_id, alone) for name, run_id in zip(names, inputs.run_ids, strict=True))
