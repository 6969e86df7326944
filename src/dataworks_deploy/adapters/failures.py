"""What went wrong in a call, told apart by what it proves. No text of a library's exception gets out.

Exceptions of the SDK hold the request with its signature and token, and some quote headers; only the
service's own code and message, and our own words for the rest, go into a Fault.
"""

import re
import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import requests.exceptions as network
import urllib3.exceptions as wire
from darabonba.exceptions import ResponseException

from dataworks_deploy.domain.ending import Fault, Refusal, Refused, Unclear

from .answers import MOST_TEXT, GarbledAnswerError, whole

# docs of API version 2024-05-18, "Error codes" and "Throttling".
_QUOTA = frozenset({"Throttling.Api.Risk", "Throttling.Resource"})
_THROTTLED = frozenset({"9990020002", "Throttling", "ServiceUnavailable.Throttling"})
_DENIED = (
    "Forbidden",
    "NoPermission",
    "ResourceNotAuthorized",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
)
_EXPIRED = ("InvalidSecurityToken",)
_SIGNED = re.compile(r"server[\s-]*string[\s-]*to[\s-]*sign\b.*", re.IGNORECASE | re.DOTALL)
MOST_CODE = 100
MOST_WAIT = 24 * 3600 * 1000  # milliseconds; a header may hold any number, also one that no float takes
_NOT_RUNNING = "流水线不是正在运行"
_INNER = ("未找到发布对象", "WorkflowDefinition只允许作为整体发布")

# Raised before the first byte of a request leaves: no name, no connection, no proxy, no trust.
_UNSENT = (
    wire.NewConnectionError,
    wire.ConnectTimeoutError,
    wire.ProxyError,
    network.ConnectTimeout,
    ssl.SSLCertVerificationError,
    network.InvalidProxyURL,  # see Line
)
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
        return Unclear(Fault(str(error), request_id=asked, http_status=200))
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, _UNSENT):
            return Refused(Refusal.UNREACHABLE, Fault(_unreachable(cause, causes) + _host(causes)))
    status = _status(error)
    return Unclear(Fault(_silence(causes, status), request_id=asked, http_status=status))


def _of_answer(error: Any, *, reading: bool) -> Refused | Unclear:
    """A JSON error of the service. It proves a refusal if it is whole, and not a server's own failure."""
    fault = Fault(
        message=_said(error),
        code=_field(error, "Code"),
        request_id=_field(error, "RequestId") or None,
        http_status=error.status_code,
        retry_after=_seconds(error.retry_after),
    )
    why = _why(fault)
    whole = fault.code and fault.request_id
    if whole and (why in {Refusal.THROTTLED, Refusal.QUOTA_SPENT} or (reading and why is Refusal.DENIED)):
        return Refused(why, fault)
    if whole and fault.http_status and 400 <= fault.http_status < 500 and fault.http_status != 408:
        return Refused(why, fault)
    return Unclear(fault)


def _why(fault: Fault) -> Refusal:
    code = fault.code
    if code in _QUOTA:
        return Refusal.QUOTA_SPENT
    if code in _THROTTLED or code.startswith("Throttling.") or fault.http_status == 429:
        return Refusal.THROTTLED
    if code == "SignatureNonceUsed":
        return Refusal.NONCE_USED
    if _NOT_RUNNING in fault.message:
        return Refusal.NOT_RUNNING
    if any(words in fault.message for words in _INNER):
        return Refusal.INNER
    if code.startswith(_EXPIRED):
        return Refusal.EXPIRED
    if code.startswith(_DENIED) or fault.http_status in {401, 403}:
        return Refusal.DENIED
    return Refusal.OTHER


def _said(error: Any) -> str:
    """The service's own message; the SDK wraps it in a sentence of its own."""
    data = error.data if isinstance(error.data, dict) else {}
    said = str(data.get("Message") or data.get("message") or f"HTTP status {error.status_code}")[:MOST_TEXT]
    if "Signature" in _field(error, "Code"):
        # What was signed is quoted whole, and says nothing to who has mistyped a secret.
        said = _SIGNED.sub("", said).rstrip(" ,;\n\t")
    return whole(said)


def _field(error: Any, name: str) -> str:
    """A field of the answer, empty where it is no text: the SDK makes text of whatever stands there, or of nothing.

    The SDK reads names with a small letter as well; some codes are numbers.
    """
    data = error.data if isinstance(error.data, dict) else {}
    value = data.get(name) or data.get(name[0].lower() + name[1:])
    if not isinstance(value, str) and not (type(value) is int and name == "Code"):
        return ""
    return whole(str(value)[:MOST_CODE])


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


def _unreachable(cause: BaseException, causes: list[BaseException]) -> str:
    if isinstance(cause, network.InvalidProxyURL):
        return "the proxy's address cannot be used for the endpoint"
    proxied = any(isinstance(each, wire.ProxyError) for each in causes)
    unconnected = next((each for each in causes if isinstance(each, wire.ConnectTimeoutError)), None)
    if proxied and unconnected:
        return f"the proxy cannot be reached ({_peer(unconnected)}) for the endpoint"
    if any(isinstance(each, wire.NameResolutionError) for each in causes):
        return "the endpoint's name does not resolve"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return "the endpoint's certificate is not trusted"
    if proxied:
        return "the proxy refuses to connect to the endpoint"
    # urllib3 counts a refused connection among its connect timeouts.
    if isinstance(cause, wire.ConnectTimeoutError | network.ConnectTimeout) and not isinstance(
        cause, wire.NewConnectionError
    ):
        return "the endpoint does not answer the connection"
    return "the endpoint refuses the connection"


def _peer(error: Any) -> str:
    """Whom a connection was to be made to. A proxy's login is not part of it: Line refuses what could be misread."""
    connection = getattr(error, "conn", None) or error.args[0]
    return f"{getattr(connection, 'host', 'its host')}:{getattr(connection, 'port', '')}".rstrip(":")


def _host(causes: list[BaseException]) -> str:
    """The host that was asked for, and its port if it is not the usual one; behind a proxy not the proxy's."""
    request = next((each.request for each in causes if isinstance(each, network.RequestException)), None)
    host = urlsplit(getattr(request, "url", None) or "").netloc.rpartition("@")[2]
    return f": {host}" if host else ""


def _silence(causes: list[BaseException], status: int | None) -> str:
    """Our words for an answer that did not come, or was none."""
    for kind, text in (
        ((network.ReadTimeout, wire.ReadTimeoutError, TimeoutError), "no answer in time"),
        ((wire.IncompleteRead, network.ChunkedEncodingError), "the answer is cut short"),
        ((ConnectionResetError,), "the connection was reset"),
        ((wire.ProtocolError, network.ConnectionError), "the connection was closed without a whole answer"),
        ((ssl.SSLError, network.SSLError), "TLS failed"),
        (_GARBLED, _garbled(status)),
    ):
        if any(isinstance(cause, kind) for cause in causes):
            return text
    return f"the call failed in an unexpected way ({type(causes[0]).__name__})"


def _garbled(status: int | None) -> str:
    """A gateway in front of the service says in HTML that it fails; with another status it is not the service."""
    if status and status >= 500:
        return f"HTTP status {status} without the service's answer"
    return "the answer is not the JSON that was expected"
