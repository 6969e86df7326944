"""What must be true of the ending that an answer comes to, judged by the documented rules and not by our code."""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from dataworks_deploy.app.ledger import Ledger
from dataworks_deploy.app.wording import words
from dataworks_deploy.domain.ending import Ending, Ok, Refusal, Refused, Unclear
from dataworks_deploy.domain.model import ObjectId, Run
from dataworks_deploy.domain.model import Page as RunPage
from dataworks_deploy.domain.outcome import ObjectResult, Outcome, Report, verdict_of
from dataworks_deploy.domain.secrets import Secrets
from dataworks_deploy.journal import StepJournal
from dataworks_deploy.main import _conclude

from .answers import OBJECT, RUN, Answer
from .shown import Clock, Page, faults
from .texts import SECRETS

NAMES = (("Code", "code"), ("RequestId", "requestId"))  # the service has been seen to write them either way
LIMITS = ("Throttling", "9990020002", "ServiceUnavailable.Throttling")


def broken(answer: Answer, ending: Ending[Any]) -> Iterator[str]:
    """What is wrong with an ending, and with what is shown of it."""
    yield from _unproven(answer, ending)
    for found in texts_of(ending):
        if not _writable(found):
            yield f"{found!r} cannot be written"
    page = shown(ending)
    yield from faults(page, [OBJECT], list(texts_of(ending)))


def _unproven(answer: Answer, ending: Ending[Any]) -> Iterator[str]:
    body = _meaning(answer)
    match ending:
        case Ok(value):
            if answer.body is not None and not (answer.status == "200" and isinstance(body, dict)):
                yield "Ok, and the answer is none"
            yield from _wrong_value(answer, body, value)
        case Refused(why):
            if why is Refusal.UNREACHABLE:
                yield "unreachable, and yet it has answered"
            if answer.body is not None and not _refuses(answer.status, body):
                yield f"refused ({why.name}), and the answer does not prove it"
        case Unclear(fault):
            if "unexpected" in fault.message and not fault.code:
                yield f"nobody has thought of this: {fault.message}"


def _wrong_value(answer: Answer, body: Any, value: Any) -> Iterator[str]:
    match answer.operation:
        case "create":
            if not isinstance(value, str) or not value.strip():
                yield "created, and there is no run ID"
            elif answer.body is not None and not _same(value, body.get("Id")):
                yield f"created {value!r}, and the answer says {body.get('Id')!r}"
        case "run":
            if not isinstance(value, Run) or value.id != RUN:
                yield "a run that was not asked for"
        case "page":
            if not isinstance(value, RunPage) or not all(run.id and run.status for run in value.runs):
                yield "a page with a run that is none"
        case _:
            if answer.body is not None and body.get("Success") not in (True, "true", "True"):
                yield f"carried out, and the answer says {body.get('Success')!r}"


def _same(value: str, given: Any) -> bool:
    """Whether it is that ID, but for secrets that were hidden in it and halves of characters."""
    return isinstance(given, str) and (value == given.strip() or "***" in value or not _writable(given))


def _refuses(status: str, body: Any) -> bool:
    """A refusal is whole, with code and RequestId, and no failure of the server's own."""
    if not isinstance(body, dict):
        return False
    code, request_id = (body.get(name) or body.get(other) for name, other in NAMES)
    whole = code and type(code) in (str, int) and request_id and isinstance(request_id, str)
    return bool(whole) and (str(code).startswith(LIMITS) or ("400" <= status < "500" and status != "408"))


def _meaning(answer: Answer) -> Any:
    try:
        return json.loads((answer.body or b"").decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        return None


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


def _writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


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
        case Ok(value, request_id):
            ledger.note(object_id, run_id=value, request_id=request_id, outcome=Outcome.CREATED)
        case Refused(_, fault) | Unclear(fault):
            outcome = Outcome.REJECTED if isinstance(ending, Refused) else Outcome.UNKNOWN
            journal.tell(object_id, words(fault))
            ledger.end(object_id, outcome, words(fault), fault=fault, request_id=fault.request_id)
