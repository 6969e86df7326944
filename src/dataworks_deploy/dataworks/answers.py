"""How a call ends: what the body of an answer holds, and what a failure proves."""

import errno
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from sys import intern
from typing import Any
from urllib.parse import urlsplit

import requests.exceptions as network
import urllib3.exceptions as wire
from darabonba.exceptions import ResponseException

from dataworks_deploy.domain.ending import Fault, Refusal, Refused, Symptom, Unclear, refusal_of
from dataworks_deploy.domain.model import PAGE_SIZE, Page, Run, RunId, Stage

from .line import NoThreadError

MOST_TEXT = 2000
LATEST_MS = 4_102_444_800_000  # 2100


# Takes secrets out of a text before it is cut: after the cut, nobody would know a secret that the service quotes.
# What is not cut stays as it came, because machines read it: a password may be a word such as a status.
scrub: Callable[[str], str] = str


def cut(text: str, most: int) -> str:
    """The text without halves of characters, which JSON can hold and nothing can write; so many characters of it."""
    return whole(text if len(text) <= most else scrub(text)[:most])


class GarbledAnswerError(ValueError):
    """The body is not an answer to the question; `symptom` says what is missing."""

    def __init__(self, symptom: Symptom) -> None:
        super().__init__(symptom.name)
        self.symptom = symptom


def request_id(body: Any) -> str | None:
    """The RequestId of any body."""
    return text_of(getattr(body, "request_id", None)) or None


def run_id(body: Any) -> RunId:
    """The Id of a created run."""
    found = _id(getattr(body, "id", None))
    if not found:
        raise GarbledAnswerError(Symptom.NO_RUN_ID)
    return found


def success(body: Any) -> None:
    """Nothing but the confirmation."""
    if getattr(body, "success", None) not in (True, "true", "True"):  # no set: it takes no list
        raise GarbledAnswerError(Symptom.NO_SUCCESS)


def pipeline(wanted: RunId, body: Any) -> Run:
    """The run of a GetPipelineRun body, if it is the one that was asked for."""
    run = _run(getattr(body, "pipeline", None))
    if run.id != wanted:
        raise GarbledAnswerError(Symptom.OTHER_RUN)
    return run


def page(body: Any) -> Page:
    """The runs of a ListPipelineRuns body. No PagingInfo is not an empty list."""
    paging = getattr(body, "paging_info", None)
    total = number_of(getattr(paging, "total_count", None))
    if paging is None or total is None or not isinstance(paging.pipeline_runs, list):
        raise GarbledAnswerError(Symptom.NO_LIST)
    return Page(tuple(_run(run) for run in paging.pipeline_runs), total, _size(paging))


def _size(paging: Any) -> int:
    """The size of a full page: what the answer says, which may be less than was asked for."""
    size = number_of(paging.page_size)
    return size if size and 0 < size <= PAGE_SIZE else PAGE_SIZE


def _run(raw: Any) -> Run:
    found, status = _id(getattr(raw, "id", None)), text_of(getattr(raw, "status", None))
    if not (found and status):
        raise GarbledAnswerError(Symptom.RUN_WITHOUT)
    return Run(
        id=found,
        status=status,
        message=text_of(raw.message),
        description=text_of(raw.description),
        creator=text_of(raw.creator),
        created_ms=_moment(raw.create_time),
        modified_ms=_moment(raw.modify_time),
        project_id=number_of(raw.project_id),
        stages=tuple(_stage(stage) for stage in raw.stages or () if stage is not None),
    )


def _id(value: Any) -> RunId:
    """An ID, empty where there is none.

    IDs came as numbers before SDK 8, and an example in the docs ends in a line feed. What is too long to be carried is
    none either: a part of an ID names nothing, or something else.
    """
    text = text_of(value, MOST_TEXT + 1).strip()
    return RunId(text if text.strip("-0") and len(text) <= MOST_TEXT else "")


def _moment(value: Any) -> int:
    """Milliseconds of the epoch, 0 where they are not known: nobody else meets a number that no calendar takes."""
    number = number_of(value) or 0
    return number if 0 <= number <= LATEST_MS else 0


def _stage(raw: Any) -> Stage:
    code, step = text_of(raw.code), number_of(raw.step)
    if not code or step is None:
        raise GarbledAnswerError(Symptom.STAGE_WITHOUT)
    # A step keeps the codes and statuses of all its runs to the end, and each answer has texts of its own.
    code, status = intern(code), intern(text_of(raw.status))
    return Stage(code, text_of(raw.name), step, text_of(raw.type), status, text_of(raw.message))


def whole(text: str) -> str:
    """The text without halves of characters, which JSON can hold and nothing can write."""
    return text.encode("utf-8", "replace").decode()


def text_of(value: Any, most: int = MOST_TEXT) -> str:
    """A text or a number as text, so long at most; empty where it is neither.

    A text of any length would be carried into every output that is written from now on.
    """
    known = isinstance(value, str | int) and not isinstance(value, bool)
    return cut(str(value), most) if known else ""


def number_of(value: Any) -> int | None:
    """An integer, also where it came as text; None where it is neither."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().removeprefix("-").isdecimal() and len(value) < 20:
        return int(value)
    return None


_SIGNED = re.compile(r"server[\s-]*string[\s-]*to[\s-]*sign\b.*", re.IGNORECASE | re.DOTALL)
# A link of the vendor's own; nothing in it has a meaning in Markdown, but for what an address needs.
_LINK = re.compile(r"https://(?:[a-z0-9-]+\.)*(?:aliyun|alibabacloud)\.com(?:/[A-Za-z0-9._~/?&=%#:+,;-]*)?")
MOST_CODE = 100
MOST_LINK = 500
MOST_WAIT = 24 * 3600 * 1000  # milliseconds; a header may hold any number, also one that no float takes

# Raised before the first byte of a request leaves: no name, no connection, no proxy, no trust.
_UNSENT = (
    wire.NewConnectionError,
    wire.ConnectTimeoutError,
    wire.ProxyError,
    network.ConnectTimeout,
    ssl.SSLCertVerificationError,
    network.InvalidProxyURL,  # see Line
    NoThreadError,
)
_NO_DESCRIPTOR = frozenset({errno.EMFILE, errno.ENFILE})
# Raised by those who read an answer: no JSON, too deep, no object, no length that there is, or packed otherwise than
# its header says.
_GARBLED = (ValueError, RecursionError, AttributeError, OverflowError, wire.DecodeError)


def ending_of(error: Exception, asked: str | None = None, *, reading: bool = False) -> Refused | Unclear:
    """The ending of a call that raised. What proves nothing is unclear.

    `asked` is the RequestId of an answer that is garbled otherwise. A `reading` changes nothing, whatever became of it:
    a denial is believed there that comes as the service's own failure, as that of a wrong region does.
    """
    if isinstance(error, ResponseException):
        return _of_answer(error, reading=reading)
    if isinstance(error, GarbledAnswerError):
        return Unclear(Fault(symptom=error.symptom, request_id=asked, http_status=200))
    causes = list(_causes(error))
    unsent = next((cause for cause in causes if isinstance(cause, _UNSENT)), None)
    if unsent:
        return Refused(Refusal.UNREACHABLE, _unreachable(unsent, causes))
    status = _status(error)
    symptom = _silence(causes, status)
    detail = type(error).__name__ if symptom is Symptom.UNEXPECTED else ""
    return Unclear(Fault(symptom=symptom, detail=detail, request_id=asked, http_status=status))


def _of_answer(error: Any, *, reading: bool) -> Refused | Unclear:
    """A JSON error of the service. It proves a refusal if it is whole, and not a server's own failure."""
    said = _said(error)
    fault = Fault(
        message=said or "",
        code=_field(error, "Code"),
        request_id=_field(error, "RequestId") or None,
        http_status=error.status_code,
        retry_after=_seconds(error.retry_after),
        recommend=_link(error),
        symptom=Symptom.WORDLESS if said is None else None,
    )
    whole = fault.code and fault.request_id
    if whole and fault.http_status and 400 <= fault.http_status < 500 and fault.http_status != 408:
        return Refused(refusal_of(fault), fault)
    # What the service calls its own failure is a refusal by its code alone: words prove nothing.
    why = refusal_of(replace(fault, message=""))
    if whole and (why in {Refusal.THROTTLED, Refusal.QUOTA_SPENT} or (reading and why is Refusal.DENIED)):
        return Refused(why, fault)
    return Unclear(fault)


def _said(error: Any) -> str | None:
    """The service's own message, None where it has none; the SDK wraps it in a sentence of its own."""
    data = error.data if isinstance(error.data, dict) else {}
    message = data.get("Message") or data.get("message")
    if not message:
        return None
    said = str(message)
    if "Signature" in _field(error, "Code"):
        # What was signed is quoted whole, and says nothing to who has mistyped a secret.
        said = _SIGNED.sub("", said).rstrip(" ,;\n\t")
    return cut(said, MOST_TEXT)


def _field(error: Any, name: str) -> str:
    """A field of the answer, empty where it is no text: the SDK makes text of whatever stands there, or of nothing.

    The SDK reads names with a small letter as well; some codes are numbers.
    """
    data = error.data if isinstance(error.data, dict) else {}
    value = data.get(name) or data.get(name[0].lower() + name[1:])
    if not isinstance(value, str) and not (type(value) is int and name == "Code"):
        return ""
    return cut(str(value), MOST_CODE)


def _link(error: Any) -> str:
    """Where Alibaba Cloud explains the error; empty for any other address, and for what could be more than one."""
    data = error.data if isinstance(error.data, dict) else {}
    link = data.get("Recommend") or data.get("recommend")
    if not isinstance(link, str) or len(link) > MOST_LINK:
        return ""
    return link if _LINK.fullmatch(link) else ""


def _seconds(milliseconds: Any) -> float | None:
    known = isinstance(milliseconds, int) and milliseconds > 0
    return min(milliseconds, MOST_WAIT) / 1000 if known else None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Everything that led to the error, through the ways in which the libraries wrap each other."""
    seen: set[int] = set()
    waiting: list[Any] = [error]
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            inner = (getattr(cause, "inner_exception", None), getattr(cause, "reason", None))
            waiting += [cause.__context__, cause.__cause__, *inner, *cause.args]


def _status(error: Any) -> int | None:
    """The status of an answer that could not be read; the SDK keeps it in the retry context only."""
    context = error.args[0] if error.args else None
    status = getattr(getattr(context, "http_response", None), "status_code", None)
    return status if isinstance(status, int) else None


def _unreachable(cause: BaseException, causes: list[BaseException]) -> Fault:
    """What stood in the way of the first byte."""
    host = _host(causes)
    proxied = any(isinstance(each, wire.ProxyError) for each in causes)
    unconnected = next((each for each in causes if isinstance(each, wire.ConnectTimeoutError)), None)
    if proxied and unconnected and not isinstance(cause, network.InvalidProxyURL):
        return Fault(symptom=Symptom.PROXY_UNREACHABLE, detail=f"{_peer(unconnected)} {host}")
    return Fault(symptom=_obstacle(cause, causes, proxied=proxied), detail=host)


def _obstacle(cause: BaseException, causes: list[BaseException], *, proxied: bool) -> Symptom:
    if isinstance(cause, NoThreadError):
        return Symptom.NO_THREAD
    if any(isinstance(each, OSError) and each.errno in _NO_DESCRIPTOR for each in causes):
        return Symptom.NO_DESCRIPTOR
    if isinstance(cause, network.InvalidProxyURL):
        return Symptom.PROXY_ADDRESS
    if any(isinstance(each, wire.NameResolutionError) for each in causes):
        later = any(isinstance(each, socket.gaierror) and each.errno == socket.EAI_AGAIN for each in causes)
        return Symptom.NAME_UNANSWERED if later else Symptom.NAME_UNKNOWN
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Symptom.NOT_TRUSTED
    if proxied:
        return Symptom.PROXY_REFUSES
    # urllib3 counts a refused connection among its connect timeouts.
    if isinstance(cause, wire.ConnectTimeoutError | network.ConnectTimeout) and not isinstance(
        cause, wire.NewConnectionError
    ):
        return Symptom.CONNECTION_UNANSWERED
    return Symptom.CONNECTION_REFUSED


def _peer(error: Any) -> str:
    """Whom a connection was to be made to, empty where that is not known.

    A proxy's login is not part of it: Line refuses what could be misread.
    """
    connection = getattr(error, "conn", None) or error.args[0]
    return f"{getattr(connection, 'host', '')}:{getattr(connection, 'port', '')}".rstrip(":")


def _host(causes: list[BaseException]) -> str:
    """The host that was asked for, and its port if it is not the usual one; behind a proxy not the proxy's."""
    request = next((each.request for each in causes if isinstance(each, network.RequestException)), None)
    return urlsplit(getattr(request, "url", None) or "").netloc.rpartition("@")[2]


def _silence(causes: list[BaseException], status: int | None) -> Symptom:
    """What was seen of an answer that did not come, or was none."""
    for kind, symptom in (
        ((network.ReadTimeout, wire.ReadTimeoutError, TimeoutError), Symptom.NO_ANSWER),
        ((wire.IncompleteRead, network.ChunkedEncodingError), Symptom.CUT_SHORT),
        ((ConnectionResetError,), Symptom.RESET),
        ((wire.ProtocolError, network.ConnectionError), Symptom.CLOSED),
        ((ssl.SSLError, network.SSLError), Symptom.TLS_FAILED),
        # A gateway in front of the service says in HTML that it fails; with another status it is not the service.
        (_GARBLED, Symptom.GATEWAY if status and status >= 500 else Symptom.NOT_JSON),
    ):
        if any(isinstance(cause, kind) for cause in causes):
            return symptom
    return Symptom.UNEXPECTED
