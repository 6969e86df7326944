"""What went wrong in a call, told apart by what it proves. No text of a library's exception gets out.

Exceptions of the SDK hold the request with its signature and token, and some quote headers. Only the service's own
code and message go into a Fault, and a symptom for the rest.
"""

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import requests.exceptions as network
import urllib3.exceptions as wire
from darabonba.exceptions import ResponseException

from dataworks_deploy.domain.ending import Fault, Refusal, Refused, Symptom, Unclear
from dataworks_deploy.domain.errors import refusal_of

from .answers import MOST_TEXT, GarbledAnswerError, cut
from .line import NoThreadError

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
