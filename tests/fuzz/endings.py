"""Rules for the ending of an answer, and for what the step shows of it."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dataworks_deploy.domain.ending import Ending, Fault, Ok, Refused, Symptom, Unclear
from dataworks_deploy.domain.event import CreationPutOff, RunShows
from dataworks_deploy.domain.model import Creation, DeployType, Node, ObjectId, Run, RunId
from dataworks_deploy.domain.model import Page as RunPage
from dataworks_deploy.domain.outcome import Outcome, verdict_of
from dataworks_deploy.domain.reason import (
    AnswerLost,
    Conflict,
    CreationRefused,
    InFlight,
    Inside,
    Planned,
    RunEnded,
)
from dataworks_deploy.domain.reconcile import Claim, Mark
from dataworks_deploy.domain.record import Record, Whose
from dataworks_deploy.domain.secrets import Secrets
from dataworks_deploy.domain.studio.flowspec import Described
from dataworks_deploy.domain.studio.operations import Shown
from dataworks_deploy.engine.ledger import Ledger
from dataworks_deploy.journal import StepJournal
from dataworks_deploy.main import _conclude
from dataworks_deploy.render.report import Report

from .answers import OBJECT, Answer
from .proofs import unproven, writable
from .seam import PROJECT, Identity
from .shown import Page, faults
from .texts import SECRETS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CLAIM = Claim(Mark("A" * 26, 1))
CREATION = Creation(PROJECT, ObjectId(OBJECT), DeployType.ONLINE)


def broken(answer: Answer, ending: Ending[Any], secrets: Secrets | None = None) -> Iterator[str]:
    """What is wrong with an ending, and with what the step shows of it."""
    yield from unproven(answer, ending)
    for found in texts_of(ending):
        if not writable(found):
            yield f"{found!r} cannot be written"
    page = shown(ending, secrets)
    yield from faults(page, [OBJECT], list(texts_of(ending)))


def texts_of(value: Any) -> Iterator[str]:
    """All texts of an ending, at any depth."""
    if isinstance(value, str):
        yield str(value)
    elif isinstance(value, tuple):
        for each in value:
            yield from texts_of(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts_of(getattr(value, field.name))


def shown(ending: Ending[Any], secrets: Secrets | None = None) -> Page:
    """The page of a step with this ending that knows these secrets."""
    page = Page()
    with page.recorded():
        journal = StepJournal(page, secrets or Secrets(SECRETS), [OBJECT])
        ledger = Ledger([Record(ObjectId(OBJECT))], journal)
        _note(ledger, journal, ending)
        report = Report(verdict_of(each.outcome for each in ledger.records), ledger.records, 1)
        journal.publish(report, over=True)
        _conclude(journal, report)
    return page


def _note(ledger: Ledger, journal: StepJournal, ending: Ending[Any]) -> None:
    """Change the ledger and the journal as the engine does after such an ending."""
    object_id, nobody = ObjectId(OBJECT), Mark("A" * 26, 1)
    record = ledger.put(ledger[object_id].begun(NOW))
    match ending:
        case Ok(Run() as run, request_id):
            record = (
                record.answered(request_id)
                .opened(run.id, Whose.OWN, adopted=False, claim=CLAIM)
                .read(run, NOW)
            )
            journal.tell(object_id, RunShows(run.id, run.status, run.reached, timedelta()))
            ledger.put(record.ended(Outcome.FAILED, RunEnded(run), NOW))
        case Ok(RunPage(runs), request_id):
            closed = Fault(symptom=Symptom.CLOSED)
            requested = record.requested(InFlight(nobody), "nonce", NOW).answered(request_id)
            unclear = requested.answer_lost(AnswerLost(CREATION, nobody, (closed,), NOW))
            for run in runs[:1]:
                conflict = Conflict(run, nobody, CREATION.type, closed)
                ledger.put(unclear.ended(Outcome.CONFLICT, conflict, NOW))
        case Ok(Described() | Shown() as shown):
            found = [shown.object] if isinstance(shown, Described) else [*shown.objects]
            for node in (Node(each.path, each.workflow or each.name) for each in found):
                journal.tell(object_id, Inside(node))
                record = record.noted(Inside(node))
            ledger.put(record.ended(Outcome.REJECTED, CreationRefused(Fault()), NOW))
        case Ok(Identity()):
            ledger.put(record.ended(Outcome.PLANNED, Planned(CREATION), NOW))
        case Ok(value, request_id):
            run_id = RunId(value or "none")
            ledger.put(record.answered(request_id).opened(run_id, Whose.OWN, adopted=False, claim=CLAIM))
        case Refused(_, fault):
            journal.tell(object_id, CreationPutOff(fault, 1.0))
            ledger.put(record.answered(fault.request_id).ended(Outcome.REJECTED, CreationRefused(fault), NOW))
        case Unclear(fault):
            journal.tell(object_id, CreationPutOff(fault, 1.0))
            lost = AnswerLost(CREATION, nobody, (fault,), NOW)
            requested = record.requested(InFlight(nobody), "nonce", NOW).answered(fault.request_id)
            ledger.put(requested.answer_lost(lost).ended(Outcome.UNKNOWN, lost, NOW))
