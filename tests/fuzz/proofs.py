"""What an answer must say to prove its ending, by the documented rules and without our code."""

import json
import time
from collections.abc import Iterator
from typing import Any

from dataworks_deploy.domain.ending import Ending, Ok, Refusal, Refused, Symptom, Unclear
from dataworks_deploy.domain.model import Page as RunPage
from dataworks_deploy.domain.model import Run
from dataworks_deploy.domain.studio.flowspec import Described
from dataworks_deploy.domain.studio.operations import Shown

from .answers import IDENTITY, OBJECT, RUN, Answer
from .seam import NOW, SESSION_SECONDS, Identity

NAMES = (("Code", "code"), ("RequestId", "requestId"))  # the service has used both spellings
READINGS = {"page", "run", "node", "workflow", "nodes"}
DENIALS = (
    "Forbidden", "NoPermission", "ResourceNotAuthorized", "InvalidAccessKeyId", "SignatureDoesNotMatch",
    "IncompleteSignature", "403030", "InternalError.UserId.Missing", "Invalid.Wkbench",
)  # fmt: skip
LIMITS = ("Throttling", "9990020002", "9990040001", "9990040003", "ServiceUnavailable.Throttling")


def unproven(answer: Answer, ending: Ending[Any]) -> Iterator[str]:
    """What the ending claims although the answer does not prove it."""
    body = _meaning(answer)
    match ending:
        case Ok(value):
            if answer.body is not None and not (answer.status == "200" and isinstance(body, dict)):
                yield "Ok, and the answer is none"
            else:
                yield from _wrong_value(answer, body, value)
        case Refused(why) if answer.operation in IDENTITY:
            if answer.body is not None and not _denies(answer, body, why):
                yield f"no session ({why.name}), and the answer does not prove it"
        case Refused(why):
            if why is Refusal.UNREACHABLE:
                yield "unreachable, and yet it has answered"
            if answer.body is not None and not _refuses(answer, body):
                yield f"refused ({why.name}), and the answer does not prove it"
    if isinstance(ending, Refused | Unclear):
        fault = ending.fault
        if fault.symptom in {Symptom.UNEXPECTED, Symptom.NO_SESSION}:
            yield f"nobody has thought of this: {fault.detail}"


def _wrong_value(answer: Answer, body: Any, value: Any) -> Iterator[str]:
    match answer.operation:
        case "create":
            yield from _wrong_id(answer, body, value)
        case "run":
            if not isinstance(value, Run) or value.id != RUN:
                yield "a run that was not asked for"
        case "page" | "nodes":
            yield from _wrong_page(answer.operation, value)
        case "node" | "workflow":
            yield from (
                _wrong_node(value, body) if answer.operation == "node" else _wrong_workflow(answer, body)
            )
        case "token" | "session":
            yield from _wrong_identity(answer, body, value)
        case _:
            if answer.body is not None and body.get("Success") not in (True, "true", "True"):
                yield f"carried out, and the answer says {body.get('Success')!r}"


def _wrong_page(operation: str, value: Any) -> Iterator[str]:
    if operation == "nodes":
        whole = isinstance(value, Shown) and all(each.id and each.kind for each in value.objects)
    else:
        whole = isinstance(value, RunPage) and all(run.id and run.status for run in value.runs)
    if not whole:
        yield "a page with something that is none"


def _wrong_id(answer: Answer, body: Any, value: Any) -> Iterator[str]:
    if not isinstance(value, str) or not value.strip():
        yield "created, and there is no run ID"
    elif answer.body is not None and not _same(value, body.get("Id")):
        yield f"created {value!r}, and the answer says {body.get('Id')!r}"


def _wrong_node(node: Any, body: Any) -> Iterator[str]:
    if not isinstance(node, Described):
        yield "a node that is none"
    elif isinstance(body, dict):
        found = node.object
        said = list(_texts_in(json.loads(str(body["Node"]["Spec"]))))
        if found.workflow and not (found.workflow in said and found.workflow != OBJECT):
            yield f"in the workflow {found.workflow!r}, and the FlowSpec does not say so"
        if not any(_within(found.path, text) for text in (*said, "")):
            yield f"at {found.path!r}, and the FlowSpec does not say so"


def _wrong_workflow(answer: Answer, body: Any) -> Iterator[str]:
    if answer.body is not None and str(body["WorkflowDefinition"]["Id"]).strip() != OBJECT:
        yield "a workflow that was not asked for"


def _texts_in(content: Any) -> Iterator[str]:
    if isinstance(content, str | int):
        yield str(content)
    elif isinstance(content, dict | list):
        for each in content.values() if isinstance(content, dict) else content:
            yield from _texts_in(each)


def _wrong_identity(answer: Answer, body: Any, identity: Any) -> Iterator[str]:
    if not isinstance(identity, Identity) or not 0 < identity.session.seconds <= SESSION_SECONDS:
        yield "a session that is none"
    elif answer.body is not None and answer.operation == "token":
        if not _same(identity.token, body.get("value")):
            yield f"the token {identity.token!r}, and the answer says {body.get('value')!r}"
    elif answer.body is not None:
        given, session = body["Credentials"], identity.session
        names = ("AccessKeyId", "AccessKeySecret", "SecurityToken")
        for part, name in zip((session.id, session.secret, session.token), names, strict=True):
            if not _same(part, given.get(name)):
                yield f"{name} is {part!r}, and the answer says {given.get(name)!r}"
        if time.strptime(given["Expiration"], "%Y-%m-%dT%H:%M:%SZ") <= time.gmtime(NOW):
            yield f"a session that ended at {given['Expiration']}"


def _denies(answer: Answer, body: Any, why: Refusal) -> bool:
    """Whether the step may stop trying. GitHub denies with its status, and STS with its status and a code."""
    if why is Refusal.UNREACHABLE:
        return True
    final = "400" <= answer.status < "500"
    if answer.operation == "token":
        return why is Refusal.DENIED and final and answer.status not in {"408", "429"}
    code = body.get("Code") if isinstance(body, dict) else None
    if not isinstance(code, str) or not code:
        return False
    throttled = answer.status == "429" or code.startswith("Throttling")
    return why is Refusal.DENIED and final and not throttled


def _same(value: str, given: Any) -> bool:
    """Whether both texts are equal, apart from spaces around an ID and halves of characters. A number counts too."""
    if type(given) is int:
        return value == str(given)
    return isinstance(given, str) and (value in {given, given.strip()} or not writable(given))


def _within(path: str, given: str) -> bool:
    """Whether the given text begins with the path, apart from spaces, a leading `/`, and halves of characters."""
    shown = given.strip().removeprefix("/").strip()
    return shown.startswith(path) or not writable(given)


def _refuses(answer: Answer, body: Any) -> bool:
    """Whether the answer is a complete refusal, with code and RequestId, and no server failure.

    For a reading, which changes nothing, the code of a denial is enough.
    """
    if not isinstance(body, dict):
        return False
    code, request_id = (body.get(name) or body.get(other) for name, other in NAMES)
    whole = code and type(code) in (str, int) and request_id and isinstance(request_id, str)
    believed = (*LIMITS, *DENIALS) if answer.operation in READINGS else LIMITS
    final = "400" <= answer.status < "500" and answer.status != "408"
    return bool(whole) and (str(code).startswith(believed) or final)


def _meaning(answer: Answer) -> Any:
    text = (answer.body or b"").decode("utf-8", "surrogateescape")
    if answer.operation == "session" and answer.status != "200":
        text = text[max(0, text.find("{")) :]  # the answer of STS, whatever is before it
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def writable(text: str) -> bool:
    """Whether a text has no halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
