"""Runs the step: inputs, deployment, report, exit status."""

import asyncio
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from dataworks_deploy.app.deploy import Deployment
from dataworks_deploy.app.end import End
from dataworks_deploy.app.ledger import Ledger
from dataworks_deploy.app.plan import Plan
from dataworks_deploy.app.ports import Clock
from dataworks_deploy.app.trace import Traced
from dataworks_deploy.domain.choices import AbolishOn
from dataworks_deploy.domain.outcome import GOOD, ObjectResult, Outcome, Report, Verdict, verdict_of
from dataworks_deploy.domain.secrets import Secrets
from dataworks_deploy.hosts.clock import SystemClock
from dataworks_deploy.hosts.here import host_of
from dataworks_deploy.hosts.host import Level
from dataworks_deploy.hosts.inputs import Inputs, Invalid, parse, secrets_of
from dataworks_deploy.hosts.stop import Stop
from dataworks_deploy.hosts.trust import unusable
from dataworks_deploy.journal import StepJournal
from dataworks_deploy.render.problems import said
from dataworks_deploy.report.explain import explain
from dataworks_deploy.report.late import LATE, is_late
from dataworks_deploy.report.lines import counted, number
from dataworks_deploy.wiring import about_of, plan_of, service_of


def main(stop: Stop | None = None) -> None:
    """Run the step on this process's environment and end the process."""
    end_process(lambda: run(isolated_environment(), stop=stop))


def isolated_environment() -> Mapping[str, str]:
    """This process's environment; what would change a library behind our back is taken out of it."""
    environment = dict(os.environ)
    # With DEBUG=sdk the SDK logs every header, the signature and the token among them. With SSLKEYLOGFILE the
    # keys of each connection are written to a file.
    for name in ("DEBUG", "SSLKEYLOGFILE"):
        os.environ.pop(name, None)
    return environment


def end_process(work: Callable[[], int]) -> None:
    """Do the work and end: a call that is still waiting in its thread must not keep the process."""
    try:
        status = work()
    except Exception as error:  # noqa: BLE001 - a traceback could quote a key: its text is never shown
        status = 1
        host_of(os.environ).annotate(Level.ERROR, "Internal error", _internal(error))
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # nobody reads it any more
            stream.flush()
    os._exit(status)


def _internal(error: Exception) -> str:
    """What to report of an error of our own, without its text."""
    return f"{', '.join(dict.fromkeys(_places(error)))}. Please report this."


def _places(error: BaseException) -> Iterator[str]:
    """Where each of the errors was raised that a group is made of."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _places(each)
    else:
        place = ""
        for frame, line in traceback.walk_tb(error.__traceback__):
            place = f" at {frame.f_code.co_filename.rpartition('/')[2]}:{line}"
        yield f"{type(error).__name__}{place}"


def run(environment: Mapping[str, str], clock: Clock | None = None, stop: Stop | None = None) -> int:
    """Run the step and return its exit status. Reads nothing of the environment but the mapping."""
    runner = host_of(environment)
    secrets = Secrets(secrets_of(runner.source))
    runner.mask(secrets.masks)
    match parse(runner.source):
        case Invalid() as invalid:
            return _refuse(StepJournal(runner, secrets), invalid)
        case Inputs() as inputs:
            names = inputs.object_ids or inputs.run_ids
            # One object alone is watched as it goes; of several in a row each folds away.
            grouped = inputs.max_parallel == 1 and len(names) > 1
            abolishes = AbolishOn.CANCEL in inputs.abolish_on  # which a kill mostly is
            told = [str(name) for name in names]
            journal = StepJournal(runner, secrets, told, about_of(inputs), grouped, abolishes)
            for doubt in (*inputs.doubts, *unusable(environment)):
                journal.warn(None, said(doubt))
            return _deploy(journal, inputs, clock or SystemClock(), stop)


def _refuse(journal: StepJournal, invalid: Invalid) -> int:
    for doubt in invalid.doubts:
        journal.warn(None, said(doubt))
    problems = tuple(map(said, invalid.problems))
    shown = problems[: journal.errors_left - 1]
    for problem in shown:
        journal.fail("Invalid input", problem)
    rest = problems[len(shown) :]
    for problem in rest:
        journal.tell(None, problem)
    if rest:
        journal.fail("Invalid input", f"{number(len(rest), 'more mistake')}, listed in the log")
    report = Report(Verdict.INVALID, problems=problems)
    journal.publish(report, over=True)
    return report.verdict.exit_status


def _deploy(journal: StepJournal, inputs: Inputs, clock: Clock, stop: Stop | None) -> int:
    service, plan = service_of(inputs, journal, clock), plan_of(inputs)
    ledger = Ledger((task.entry for task in plan.tasks), journal, clock)
    ledger.write()
    if journal.broken:
        return _refuse_to_start(journal, ledger)
    what = "Dry run of " if plan.dry_run else ""
    journal.tell(None, f"{what}{inputs.type} of {number(len(plan.tasks), 'object')} at {service.host}")
    if is_late(clock.utc()) and plan.deploys:
        journal.caution("Takes effect a day later", LATE)
    pipelines = Traced(service, clock, journal) if journal.debugs else service
    deployment = Deployment(pipelines, clock, journal, ledger, plan)

    async def until_stopped() -> int:
        stopped, loop = asyncio.Event(), asyncio.get_running_loop()
        if stop:
            stop.on_request(lambda: loop.call_soon_threadsafe(stopped.set))
        return await carry_out(deployment, ledger, journal, plan, stopped)

    return asyncio.run(until_stopped())


def _refuse_to_start(journal: StepJournal, ledger: Ledger) -> int:
    """Without its outputs or its state a step could not even say which runs it has left behind."""
    problem = (
        "The step's outputs or its state cannot be written, so nothing was started. Mend the runner's disk or "
        "permissions."
    )
    report = Report(Verdict.FAILED, ledger.results, problems=(problem,))
    journal.publish(report, over=True)
    if not journal.broken:  # by now they can be, and nothing has said yet why the step fails
        journal.fail("Outputs", problem)
    return report.verdict.exit_status


async def carry_out(
    deployment: Deployment, ledger: Ledger, journal: StepJournal, plan: Plan, stopped: asyncio.Event
) -> int:
    """Deploy, report what came of it, and return the exit status."""
    end = End.NORMAL
    try:
        end = await deployment.run(stopped)
    except Exception as error:  # noqa: BLE001 - the last line of defence: what is known must be reported
        end = End.FAILURE
        journal.fail("Internal error", _internal(error))
    report = Report(_verdict(end, ledger), ledger.results, ledger.calls)
    told = journal.publish(report, over=end not in plan.abolish_on)
    _conclude(journal, told)
    return told.verdict.exit_status


def _verdict(end: End, ledger: Ledger) -> Verdict:
    worst = verdict_of(result.outcome for result in ledger.results)
    if end is End.CANCEL and worst is not Verdict.UNKNOWN:
        return Verdict.CANCELLED
    # What the deadline kept from starting was not refused by anybody.
    if end is End.TIMEOUT and worst is Verdict.FAILED and not _broke(ledger):
        return Verdict.TIMED_OUT
    # A step that failed by an error of our own is never good, whatever was reached before.
    return Verdict.FAILED if end is End.FAILURE and not worst.exit_status else worst


def _broke(ledger: Ledger) -> bool:
    return any(result.outcome not in GOOD | {Outcome.SKIPPED} for result in ledger.results)


def _conclude(journal: StepJournal, report: Report) -> None:
    """One annotation for each object that failed while there is room, then one that counts the rest."""
    failed = [result for result in report.results if result.outcome not in GOOD | {Outcome.SKIPPED}]
    shown = failed if len(failed) <= journal.errors_left else failed[: journal.errors_left - 1]
    for result in shown:
        journal.fail(_title(result), *_lines(result))
    rest = failed[len(shown) :]
    for result in rest:
        journal.tell(None, f"{_title(result)}: {' '.join(_lines(result))}")
    if rest:
        names = ", ".join(f"{result.object_id} ({result.outcome.words})" for result in rest)
        journal.fail(f"{number(len(rest), 'more object')} failed", f"They are in the log: {names}")
    if report.verdict.exit_status:
        journal.tell(None, counted(report))
    else:
        journal.remark("DataWorks Deploy", counted(report))


def _title(result: ObjectResult) -> str:
    return f"{'Run' if result.alone else 'Object'} {result.object_id}: {result.outcome.words}"


def _lines(result: ObjectResult) -> list[str]:
    found = explain(result)
    lines = [f"{found.what} {result.message}".strip()]
    lines += [f"Likely cause: {found.cause}"] if found.cause else []
    return lines + ([f"Fix: {found.fix}"] if found.fix else [])
