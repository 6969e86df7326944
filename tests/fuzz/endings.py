"""What must be true of the ending that an answer comes to, and of what is shown of it."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from dataworks_deploy.engine.ledger import Ledger
from dataworks_deploy.app.wording import words
from dataworks_deploy.app.wording_creation import inside
from dataworks_deploy.domain.ending import Ending, Ok, Refused, Unclear
from dataworks_deploy.domain.model import Node, ObjectId, Run
from dataworks_deploy.domain.model import Page as RunPage
from dataworks_deploy.domain.outcome import ObjectResult, Outcome, Report, verdict_of
from dataworks_deploy.domain.secrets import Secrets
from dataworks_deploy.journal import StepJournal
from dataworks_deploy.main import _conclude

from .answers import OBJECT, Answer
from .proofs import unproven, writable
from .seam import Identity
from .shown import Clock, Page, faults
from .texts import SECRETS


def broken(answer: Answer, ending: Ending[Any]) -> Iterator[str]:
    """What is wrong with an ending, and with what is shown of it."""
    yield from unproven(answer, ending)
    for found in texts_of(ending):
        if not writable(found):
            yield f"{found!r} cannot be written"
    page = shown(ending)
    yield from faults(page, [OBJECT], list(texts_of(ending)))


def texts_of(value: Any) -> Iterator[str]:
    """All texts of an ending, however deep."""
    if isinstance(value, str):
        yield str(value)
    elif isinstance(value, tuple):
        for each in value:
            yield from texts_of(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts_of(getattr(value, field.name))


def shown(ending: Ending[Any]) -> Page:
    """The page of a step that has met this ending."""
    page = Page()
    with page.recorded():
        journal = StepJournal(page, Secrets(SECRETS), [OBJECT])
        ledger = Ledger([ObjectResult(ObjectId(OBJECT))], journal, Clock())
        _note(ledger, journal, ending)
        report = Report(verdict_of(each.outcome for each in ledger.results), ledger.results, 1)
        journal.publish(report, over=True)
        _conclude(journal, report)
    return page


def _note(ledger: Ledger, journal: StepJournal, ending: Ending[Any]) -> None:
    """As the app does with what it has read."""
    object_id = ObjectId(OBJECT)
    ledger.begin(object_id)
    match ending:
        case Ok(Run() as run, request_id):
            ledger.note(object_id, run_id=run.id, request_id=request_id)
            ledger.see(object_id, run)
            journal.tell(object_id, f"run {run.id} {run.status}")
            ledger.end(object_id, Outcome.FAILED, run.message)
        case Ok(RunPage(runs), request_id):
            ledger.note(object_id, request_id=request_id)
            text = ", ".join(f"{run.id} {run.creator} {run.description}" for run in runs)
            ledger.end(object_id, Outcome.CONFLICT, text)
        case Ok(Node() as node):
            journal.tell(object_id, inside(node))
            ledger.end(object_id, Outcome.REJECTED, inside(node))
        case Ok(Identity()):
            ledger.end(object_id, Outcome.CREATED, "")
        case Ok(value, request_id):
            ledger.note(object_id, run_id=value, request_id=request_id, outcome=Outcome.CREATED)
        case Refused(_, fault) | Unclear(fault):
            outcome = Outcome.REJECTED if isinstance(ending, Refused) else Outcome.UNKNOWN
            journal.tell(object_id, words(fault))
            ledger.end(object_id, outcome, words(fault), fault=fault, request_id=fault.request_id)
