"""Runs the step: inputs, deployment, report, exit status."""

import asyncio
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from dataworks_deploy.domain.model import AbolishOn
from dataworks_deploy.domain.outcome import End, Kind, Verdict, row_of
from dataworks_deploy.domain.record import concluded
from dataworks_deploy.domain.secrets import Secrets, scrubbed
from dataworks_deploy.domain.studio.problem import verdict_of
from dataworks_deploy.engine.assignment import Assignment
from dataworks_deploy.engine.calls import Clock
from dataworks_deploy.engine.deploy import Deployment
from dataworks_deploy.engine.ledger import Ledger
from dataworks_deploy.hosts import Level
from dataworks_deploy.hosts.here import SystemClock, host_of, unusable
from dataworks_deploy.hosts.inputs import Inputs, Invalid, parse, secrets_of
from dataworks_deploy.hosts.stop import Stop
from dataworks_deploy.journal import StepJournal
from dataworks_deploy.render import step
from dataworks_deploy.render.choosing import problem_of
from dataworks_deploy.render.language import speak, word
from dataworks_deploy.render.problems import said
from dataworks_deploy.render.report import Report
from dataworks_deploy.render.step import counted
from dataworks_deploy.render.texts import LATE, is_late
from dataworks_deploy.wiring import about_of, assignment_of, service_of


def main(stop: Stop | None = None) -> None:
    """Run the step in this process's environment, and end the process."""
    end_process(lambda: run(isolated_environment(), stop=stop))


def isolated_environment() -> Mapping[str, str]:
    """This process's environment. Variables that would change a library without our knowledge are removed from the
    process.
    """
    environment = dict(os.environ)
    # With DEBUG=sdk, the SDK logs every header, including the signature and the token. With SSLKEYLOGFILE, the keys of
    # each connection are written to a file.
    for name in ("DEBUG", "SSLKEYLOGFILE"):
        os.environ.pop(name, None)
    return environment


def end_process(work: Callable[[], int]) -> None:
    """Do the work and end the process, even if a call is still waiting in its thread."""
    try:
        status = work()
    except Exception as error:  # noqa: BLE001 - a traceback could quote a key: its text is never shown
        status = 1
        host_of(os.environ).annotate(Level.ERROR, step.INTERNAL, _internal(error))
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with suppress(OSError):  # nobody reads it any more
            stream.flush()
    os._exit(status)


def _internal(error: Exception) -> str:
    """What to report about an internal error, without its text."""
    return step.internal(", ".join(dict.fromkeys(_places(error))))


def _places(error: BaseException) -> Iterator[str]:
    """For each error in a group, where it was raised."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _places(each)
    else:
        place = ""
        for frame, line in traceback.walk_tb(error.__traceback__):
            place = f" at {frame.f_code.co_filename.rpartition('/')[2]}:{line}"
        yield f"{type(error).__name__}{place}"


def run(environment: Mapping[str, str], clock: Clock | None = None, stop: Stop | None = None) -> int:
    """Run the step and return its exit status. It reads only this mapping as its environment."""
    host = host_of(environment)
    secrets = Secrets(secrets_of(host.source))
    host.mask(secrets.masks)
    parsed = parse(host.source)
    speak(parsed.language)
    if parsed.summary_file:
        host.report_to(parsed.summary_file)
    match parsed:
        case Invalid() as invalid:
            journal = StepJournal(host, secrets)
            for doubt in invalid.doubts:
                journal.alert(None, said(doubt))
            return _refuse(journal, tuple(map(said, invalid.problems)))
        case Inputs() as inputs:
            names = inputs.object_ids or inputs.run_ids
            # People watch a single object live. Several in a row get a group each, which can be folded.
            grouped = (inputs.max_parallel or 1) == 1 and len(names) > 1
            abolishes = AbolishOn.CANCEL in inputs.abolish_on  # a kill is mostly a cancellation
            told = [str(name) for name in names]
            journal = StepJournal(host, secrets, told, about_of(inputs), grouped, abolishes)
            for doubt in (*inputs.doubts, *unusable(environment)):
                journal.alert(None, said(doubt))
            return _deploy(journal, inputs, clock or SystemClock(), stop)


def _refuse(
    journal: StepJournal, problems: tuple[str, ...], calls: int = 0, verdict: Verdict = Verdict.INVALID
) -> int:
    """Report everything that is wrong with the request, or that it could not be looked up. Nothing was created."""
    title = step.INVALID if verdict is Verdict.INVALID else step.NOT_LOOKED_UP
    shown = problems[: journal.errors_left - 1]
    for problem in shown:
        journal.fail(title, problem)
    rest = problems[len(shown) :]
    for problem in rest:
        journal.say(None, problem)
    if rest:
        journal.fail(title, step.more_mistakes(len(rest)))
    report = Report(verdict, api_calls=calls, problems=problems)
    journal.publish(report, over=True)
    return report.verdict.exit_status


def _deploy(journal: StepJournal, inputs: Inputs, clock: Clock, stop: Stop | None) -> int:
    service, assignment = service_of(inputs, journal, clock), assignment_of(inputs)
    ledger = Ledger(
        (task.record for task in assignment.tasks), journal, abolishes=journal.leaves_to_the_post_step
    )
    ledger.write()
    if journal.broken:
        return _refuse_to_start(journal, ledger)
    journal.say(None, _started(inputs, assignment, service.host))
    if is_late(clock.utc()) and assignment.deploys:
        journal.caution(step.LATE_TITLE, word(LATE))
    work = Deployment(service, clock, journal, ledger, assignment)

    async def until_stopped() -> int:
        stopped, loop = asyncio.Event(), asyncio.get_running_loop()
        if stop:
            stop.on_request(lambda: loop.call_soon_threadsafe(stopped.set))
        return await carry_out(work, ledger, journal, assignment, stopped)

    return asyncio.run(until_stopped())


def _started(inputs: Inputs, assignment: Assignment, host: str) -> str:
    lines = len(inputs.request.lines)
    objects, workspace = len(assignment.tasks), inputs.project_id
    return step.started(inputs.type, objects, workspace, host, lines=lines, dry_run=assignment.dry_run)


def _refuse_to_start(journal: StepJournal, ledger: Ledger) -> int:
    """Stop, because without outputs or state the step could not even name the runs that it leaves behind."""
    report = Report(Verdict.FAILED, ledger.records, problems=(word(step.NOT_WRITABLE),))
    journal.publish(report, over=True)
    if not journal.broken:  # now they can be written, but nothing has said yet why the step fails
        journal.fail(step.OUTPUTS, word(step.NOT_WRITABLE))
    return report.verdict.exit_status


async def carry_out(
    work: Deployment, ledger: Ledger, journal: StepJournal, assignment: Assignment, stopped: asyncio.Event
) -> int:
    """Deploy, report the results, and return the exit status."""
    end = End.NORMAL
    try:
        end = await work.run(stopped)
    except Exception as error:  # noqa: BLE001 - the last line of defence: report what is known
        end = End.FAILURE
        journal.fail(step.INTERNAL, _internal(error))
    if work.problems:
        # Their words may be cut in the middle of a secret.
        hidden = (scrubbed(each, journal.secrets.scrub) for each in work.problems)
        told = tuple(map(problem_of, hidden))
        return _refuse(journal, told, ledger.calls, verdict_of(work.problems))
    verdict, problems = concluded(end, ledger.records), tuple[str, ...]()
    if work.chooses and (unchosen := step.unchosen(end, ledger.calls, rerun=assignment.policy.rerun)):
        problems = (unchosen,)
        if end is End.TIMEOUT:
            journal.fail(step.NOT_LOOKED_UP, unchosen)
    published = journal.publish(
        Report(verdict, ledger.records, ledger.calls, problems), over=end not in assignment.abolish_on
    )
    _conclude(journal, published)
    return published.verdict.exit_status


def _conclude(journal: StepJournal, report: Report) -> None:
    """Write one annotation for each failed object while there is room, then one that counts the rest."""
    fine = {Kind.GOOD, Kind.SKIPPED}
    failed = [each for each in report.records if row_of(each.outcome).kind not in fine]
    room = len(failed) if len(failed) <= journal.errors_left else journal.errors_left - 1
    for place, record in enumerate(failed):
        title, told = step.title(record), step.told(record)
        if place < room:
            journal.fail(title, *told.annotation)
        if place >= room or told.is_long:
            journal.say(None, f"{title}: {' '.join(told.lines)}")
    rest = failed[room:]
    if rest:
        journal.fail(*step.more_failed(rest))
    if report.verdict.exit_status:
        journal.say(None, counted(report))
    else:
        journal.remark(step.ACTION, counted(report))
