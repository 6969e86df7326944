"""Wires the parts together, runs the step, reports, and returns the exit status."""

import asyncio
import os
import sys
import uuid
from collections.abc import Mapping

from dataworks_deploy import __version__
from dataworks_deploy.adapters.actions import Runner
from dataworks_deploy.adapters.clock import SystemClock
from dataworks_deploy.adapters.dataworks import DataWorks
from dataworks_deploy.app.create import Policy
from dataworks_deploy.app.deploy import Deployment, Plan
from dataworks_deploy.app.ledger import Ledger
from dataworks_deploy.app.ports import Clock, World
from dataworks_deploy.domain.mark import Origin
from dataworks_deploy.domain.model import Creation
from dataworks_deploy.domain.outcome import GOOD, Outcome, Report, Verdict, verdict_of
from dataworks_deploy.domain.secrets import Secrets
from dataworks_deploy.inputs import Inputs, Invalid, parse, secrets_of
from dataworks_deploy.journal import StepJournal

USER_AGENT = f"dataworks-deploy/{__version__}"
MOST_ERRORS = 10  # annotations of a type that the runner shows for one step


def main() -> None:
    """Run the step on this process's environment and end the process."""
    environment = dict(os.environ)
    # With DEBUG=sdk the SDK logs every header, the signature and the token among them.
    os.environ.pop("DEBUG", None)
    status = run(environment)
    sys.stdout.flush()
    sys.stderr.flush()
    # A call that is still waiting in its thread must not keep the process.
    os._exit(status)


def run(environment: Mapping[str, str], clock: Clock | None = None) -> int:
    """Run the step and return its exit status. Reads nothing of the environment but the mapping."""
    runner = Runner(environment)
    secrets = Secrets(secrets_of(environment))
    runner.mask(secrets.masks)
    match parse(environment):
        case Invalid() as invalid:
            return _refuse(StepJournal(runner, secrets), invalid)
        case Inputs() as inputs:
            return _deploy(StepJournal(runner, secrets, inputs.object_ids), inputs, clock or SystemClock())


def _refuse(journal: StepJournal, invalid: Invalid) -> int:
    for warning in invalid.warnings:
        journal.warn(None, warning)
    shown = invalid.problems[: MOST_ERRORS - 1]
    for problem in shown:
        journal.fail("Invalid input", problem)
    rest = invalid.problems[len(shown) :]
    if rest:
        journal.fail("Invalid input", f"{len(rest)} more: {' '.join(rest)}")
    report = Report(Verdict.INVALID)
    journal.publish(report)
    return report.verdict.exit_status


def _deploy(journal: StepJournal, inputs: Inputs, clock: Clock) -> int:
    for warning in inputs.warnings:
        journal.warn(None, warning)
    dataworks = DataWorks(
        project_id=inputs.project_id,
        region=inputs.endpoint.region,
        host=inputs.endpoint.host,
        protocol=inputs.endpoint.protocol,
        key=(inputs.key.id, inputs.key.secret, inputs.key.token),
        user_agent=USER_AGENT,
    )
    ledger = Ledger(inputs.object_ids, journal, clock)
    journal.known(ledger.results)
    journal.tell(None, f"{inputs.type} of {len(inputs.object_ids)} objects at {dataworks.host}")
    deployment = Deployment(World(dataworks, clock, journal), ledger, _plan(inputs))
    try:
        asyncio.run(deployment.run())
    except Exception as error:  # noqa: BLE001 - the last line of defence: what is known must be reported
        journal.fail("Internal error", f"{type(error).__name__}. Please report this.")
    verdict = verdict_of(result.outcome for result in ledger.results)
    report = Report(verdict, ledger.results, dataworks.calls)
    journal.publish(report)
    _explain(journal, report)
    return report.verdict.exit_status


def _plan(inputs: Inputs) -> Plan:
    job = inputs.job
    return Plan(
        creations=tuple(
            Creation(inputs.project_id, object_id, inputs.type, inputs.description)
            for object_id in inputs.object_ids
        ),
        # Outside a workflow there is no run to be found again: every start is an intent of its own.
        origin=Origin(job.repository_id, job.workflow_run_id or uuid.uuid4().hex, job.job, job.action),
        policy=Policy(
            settle=inputs.settle_seconds,
            on_active_run=inputs.on_active_run,
            redeploy=inputs.on_rerun == "redeploy",
            rerun=job.attempt > 1,
        ),
        timeout=inputs.timeout_seconds,
    )


def _explain(journal: StepJournal, report: Report) -> None:
    """One annotation for each object that failed while there is room, then one that counts the rest."""
    failed = [result for result in report.results if result.outcome not in GOOD | {Outcome.SKIPPED}]
    shown = failed if len(failed) <= MOST_ERRORS else failed[: MOST_ERRORS - 1]
    for result in shown:
        title = f"{result.outcome}: object {result.object_id}"
        journal.fail(title, result.message or f"The run's status is {result.status}.")
    rest = failed[len(shown) :]
    if rest:
        journal.fail("More objects failed", ", ".join(f"{r.object_id} ({r.outcome})" for r in rest))
    good = sum(result.outcome in GOOD for result in report.results)
    skipped = sum(result.outcome is Outcome.SKIPPED for result in report.results)
    journal.tell(
        None,
        f"{report.verdict}: {good} of {len(report.results)} objects, {skipped} not started, "
        f"{report.api_calls} API calls",
    )
