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

from dataworks_deploy.domain.ending import Fault, Refusal, Refused, Symptom, Unclear
from dataworks_deploy.domain.error import refusal_of
from dataworks_deploy.domain.model import PAGE_SIZE, Page, Run, RunId, Stage

from .connections import NoThreadError

MOST_TEXT = 2000
LATEST_MS = 4_102_444_800_000  # 2100


# Removes secrets from a text before it is cut: half a secret would not be recognised after the cut. A short text stays
# as it came, because programs read it: a password may be a word such as a status.
scrub: Callable[[str], str] = str


def cut(text: str, most: int) -> str:
    """The text with at most so many characters, without halves of surrogate pairs: JSON may hold them, but nothing can
    write them.
    """
    return whole(text if len(text) <= most else scrub(text)[:most])


class GarbledAnswerError(ValueError):
    """The body does not answer the request. `symptom` says what is missing."""

    def __init__(self, symptom: Symptom) -> None:
        super().__init__(symptom.name)
        self.symptom = symptom


def request_id(body: Any) -> str | None:
    """The RequestId of any body."""
    return text_of(getattr(body, "request_id", None)) or None


def run_id(body: Any) -> RunId:
    """The Id of a created run."""
    found = id_of(getattr(body, "id", None))
    if not found:
        raise GarbledAnswerError(Symptom.NO_RUN_ID)
    return RunId(found)


def success(body: Any) -> None:
    """Only check that the answer says success."""
    if getattr(body, "success", None) not in (True, "true", "True"):  # no set: the value may be a list
        raise GarbledAnswerError(Symptom.NO_SUCCESS)


def pipeline(wanted: RunId, body: Any) -> Run:
    """The run in a GetPipelineRun body, if it is the requested one."""
    run = _run(getattr(body, "pipeline", None))
    if run.id != wanted:
        raise GarbledAnswerError(Symptom.OTHER_RUN)
    return run


def page(body: Any) -> Page:
    """The runs in a ListPipelineRuns body. A missing PagingInfo is not an empty list."""
    paging = getattr(body, "paging_info", None)
    total = number_of(getattr(paging, "total_count", None))
    if paging is None or total is None or not isinstance(paging.pipeline_runs, list):
        raise GarbledAnswerError(Symptom.NO_LIST)
    return Page(tuple(_run(run) for run in paging.pipeline_runs), total, _size(paging))


def _size(paging: Any) -> int:
    """The size of a full page, from the answer. It may be less than requested."""
    size = number_of(paging.page_size)
    return size if size and 0 < size <= PAGE_SIZE else PAGE_SIZE


def _run(raw: Any) -> Run:
    found, status = id_of(getattr(raw, "id", None)), text_of(getattr(raw, "status", None))
    if not (found and status):
        raise GarbledAnswerError(Symptom.RUN_WITHOUT)
    return Run(
        id=RunId(found),
        status=status,
        message=text_of(raw.message),
        description=text_of(raw.description),
        creator=text_of(raw.creator),
        created_ms=_moment(raw.create_time),
        modified_ms=_moment(raw.modify_time),
        project_id=number_of(raw.project_id),
        stages=tuple(_stage(stage) for stage in raw.stages or () if stage is not None),
    )


def id_of(value: Any) -> str:
    """An ID, or an empty text.

    Before SDK 8, IDs came as numbers, and an example in the docs ends with a line feed. A text that is too long is not
    an ID: a part of it would name nothing, or something else.
    """
    text = text_of(value, MOST_TEXT + 1)
    named = text.strip()
    return named if named.strip("-0") and len(text) <= MOST_TEXT else ""


def _moment(value: Any) -> int:
    """Milliseconds since 1970, 0 if unknown or if no calendar can show the number. So no other code meets such a
    number.
    """
    number = number_of(value) or 0
    return number if 0 <= number <= LATEST_MS else 0


def _stage(raw: Any) -> Stage:
    code, step = text_of(raw.code), number_of(raw.step)
    if not code or step is None:
        raise GarbledAnswerError(Symptom.STAGE_WITHOUT)
    # A step keeps the codes and statuses of all its runs to the end, and each answer brings new strings. So intern
    # them.
    code, status = intern(code), intern(text_of(raw.status))
    return Stage(code, text_of(raw.name), step, text_of(raw.type), status, text_of(raw.message))


def whole(text: str) -> str:
    """The text without halves of surrogate pairs: JSON may hold them, but nothing can write them."""
    return text.encode("utf-8", "replace").decode()


def text_of(value: Any, most: int = MOST_TEXT) -> str:
    """A text or a number as text, cut to this length. Empty for any other value.

    Without a limit, every later output would contain a text of any length.
    """
    known = isinstance(value, str | int) and not isinstance(value, bool)
    return cut(str(value), most) if known else ""


def number_of(value: Any) -> int | None:
    """An integer, also from a text. None for any other value."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().removeprefix("-").isdecimal() and len(value) < 20:
        return int(value)
    return None


_SIGNED = re.compile(r"server[\s-]*string[\s-]*to[\s-]*sign\b.*", re.IGNORECASE | re.DOTALL)
# A link on the vendor's own site. It has no characters with a meaning in Markdown, except those that a URL needs.
_LINK = re.compile(r"https://(?:[a-z0-9-]+\.)*(?:aliyun|alibabacloud)\.com(?:/[A-Za-z0-9._~/?&=%#:+,;-]*)?")
MOST_CODE = 100
MOST_LINK = 500
MOST_WAIT = 24 * 3600 * 1000  # milliseconds; a header may hold any number, even one too large for a float

# Raised before the first byte of a request leaves: by the name, connection, proxy or certificate.
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
# Raised while an answer is read: not JSON, too deep, not an object, a wrong length, or another encoding than its header
# says.
_GARBLED = (ValueError, RecursionError, AttributeError, OverflowError, wire.DecodeError)


def ending_of(error: Exception, asked: str | None = None, *, reading: bool = False) -> Refused | Unclear:
    """The ending of a call that raised an exception. If nothing is proven, it is unclear.

    `asked` is the RequestId of an otherwise unreadable answer. A `reading` changes nothing, whatever happened to it. So
    for a reading, a denial counts even if it comes as the service's own failure, as it does for a wrong region.
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
    """A JSON error of the service. It proves a refusal if it is complete and is not a server failure."""
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
    # A server failure is a refusal only if its code says so: words prove nothing.
    why = refusal_of(replace(fault, message=""))
    if whole and (why in {Refusal.THROTTLED, Refusal.QUOTA_SPENT} or (reading and why is Refusal.DENIED)):
        return Refused(why, fault)
    return Unclear(fault)


def _said(error: Any) -> str | None:
    """The service's own message, or None. The SDK puts a sentence of its own around it."""
    data = error.data if isinstance(error.data, dict) else {}
    message = data.get("Message") or data.get("message")
    if not message:
        return None
    said = str(message)
    if "Signature" in _field(error, "Code"):
        # The service quotes everything that was signed, which does not help a user who mistyped a secret.
        said = _SIGNED.sub("", said).rstrip(" ,;\n\t")
    return cut(said, MOST_TEXT)


def _field(error: Any, name: str) -> str:
    """A field of the answer, empty if it is not a text. The SDK turns any value into text, even a missing one.

    As in the SDK, the name may begin with a small letter. Some codes are numbers.
    """
    data = error.data if isinstance(error.data, dict) else {}
    value = data.get(name) or data.get(name[0].lower() + name[1:])
    if not isinstance(value, str) and not (type(value) is int and name == "Code"):
        return ""
    return cut(str(value), MOST_CODE)


def _link(error: Any) -> str:
    """The link with which Alibaba Cloud explains the error. Empty for any other address, and for text that may be more
    than one link.
    """
    data = error.data if isinstance(error.data, dict) else {}
    link = data.get("Recommend") or data.get("recommend")
    if not isinstance(link, str) or len(link) > MOST_LINK:
        return ""
    return link if _LINK.fullmatch(link) else ""


def _seconds(milliseconds: Any) -> float | None:
    known = isinstance(milliseconds, int) and milliseconds > 0
    return min(milliseconds, MOST_WAIT) / 1000 if known else None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """All causes of the error, through every way in which the libraries wrap one error in another."""
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
    """The status of an unreadable answer. The SDK keeps it only in the retry context."""
    context = error.args[0] if error.args else None
    status = getattr(getattr(context, "http_response", None), "status_code", None)
    return status if isinstance(status, int) else None


def _unreachable(cause: BaseException, causes: list[BaseException]) -> Fault:
    """Why the first byte could not be sent."""
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
    # urllib3 counts a refused connection as a connect timeout.
    if isinstance(cause, wire.ConnectTimeoutError | network.ConnectTimeout) and not isinstance(
        cause, wire.NewConnectionError
    ):
        return Symptom.CONNECTION_UNANSWERED
    return Symptom.CONNECTION_REFUSED


def _peer(error: Any) -> str:
    """The host and port of a failed connection, empty if unknown.

    It does not contain a proxy's login: Line refuses addresses that could be misread.
    """
    connection = getattr(error, "conn", None) or error.args[0]
    return f"{getattr(connection, 'host', '')}:{getattr(connection, 'port', '')}".rstrip(":")


def _host(causes: list[BaseException]) -> str:
    """The requested host, and its port if that is not the usual one. With a proxy, this is not the proxy."""
    request = next((each.request for each in causes if isinstance(each, network.RequestException)), None)
    return urlsplit(getattr(request, "url", None) or "").netloc.rpartition("@")[2]


def _silence(causes: list[BaseException], status: int | None) -> Symptom:
    """What was observed about an answer that did not come, or was not one."""
    for kind, symptom in (
        ((network.ReadTimeout, wire.ReadTimeoutError, TimeoutError), Symptom.NO_ANSWER),
        ((wire.IncompleteRead, network.ChunkedEncodingError), Symptom.CUT_SHORT),
        ((ConnectionResetError,), Symptom.RESET),
        ((wire.ProtocolError, network.ConnectionError), Symptom.CLOSED),
        ((ssl.SSLError, network.SSLError), Symptom.TLS_FAILED),
        # A gateway in front of the service reports its failures in HTML. With a lower status it is not the service.
        (_GARBLED, Symptom.GATEWAY if status and status >= 500 else Symptom.NOT_JSON),
    ):
        if any(isinstance(cause, kind) for cause in causes):
            return symptom
    return Symptom.UNEXPECTED
