"""How a call ended, and what the service's errors mean for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto, unique
from typing import Generic, TypeVar

from . import frozen

T_co = TypeVar("T_co", covariant=True)


class Refusal(Enum):
    """Why a call provably did nothing, as far as the reason changes what happens next."""

    THROTTLED = auto()  # too fast for DataWorks: may be repeated after a pause
    QUOTA_SPENT = auto()  # the calls of the day or of the edition are used up: repeating does not help
    NONCE_USED = auto()  # this nonce was received before: that alone does not show how that request ended
    NOT_RUNNING = auto()  # the state of the run does not allow the call
    UNREACHABLE = auto()  # no byte of the request was sent
    EXPIRED = auto()  # the security token has expired; the request itself is not wrong
    DENIED = auto()  # by the key, its policy or its role
    INNER = auto()  # the object may be a node inside a workflow, which is deployed only as a whole
    OTHER = auto()


# Repeating within this step does not help against these refusals.
HOPELESS = frozenset({Refusal.QUOTA_SPENT, Refusal.EXPIRED, Refusal.DENIED, Refusal.INNER, Refusal.OTHER})
# Those of them that depend on the key or the account alone, not on the request.
CERTAIN = frozenset({Refusal.DENIED, Refusal.EXPIRED, Refusal.QUOTA_SPENT})


class Source(Enum):
    """Who was asked: the service, or STS or GitHub, which a role's session needs first."""

    DATAWORKS = auto()
    STS = auto()
    GITHUB = auto()


class Symptom(Enum):
    """What was observed when no answer explains the failure. The comments say what `Fault.detail` holds."""

    # No byte of the request was sent. The detail is the requested host, with its port if that is not the usual one. It
    # is empty if the host is unknown.
    NAME_UNKNOWN = auto()
    NAME_UNANSWERED = auto()  # for now: the name server does not answer
    CONNECTION_REFUSED = auto()
    CONNECTION_UNANSWERED = auto()
    NOT_TRUSTED = auto()  # the certificate is not trusted
    PROXY_ADDRESS = auto()  # the address of the proxy cannot be used
    PROXY_REFUSES = auto()
    NO_DESCRIPTOR = auto()  # the process may not open more files and connections
    NO_THREAD = auto()  # the container may not start more threads; no detail
    PROXY_UNREACHABLE = auto()  # detail: the proxy's host and port or nothing, a space, the host as above

    # No complete answer came.
    NO_ANSWER = auto()
    NO_ANSWER_WITHIN = auto()  # detail: seconds
    CUT_SHORT = auto()
    RESET = auto()
    CLOSED = auto()
    TLS_FAILED = auto()
    UNEXPECTED = auto()  # detail: the type of the exception

    # What came is not a valid answer. If the status matters, it is in `Fault.http_status`.
    GATEWAY = auto()  # a status of 500 or more, without an error code or message of the service
    NOT_JSON = auto()
    NEITHER = auto()  # a status that is no success and no error
    WORDLESS = auto()  # an error of the service without a message; it may have a code
    NO_RUN_ID = auto()
    NO_SUCCESS = auto()
    OTHER_RUN = auto()
    NO_LIST = auto()
    NO_FLOWSPEC = auto()
    RUN_WITHOUT = auto()  # a run without an ID or a status
    STAGE_WITHOUT = auto()  # a stage without a code or a step

    # The pages do not make one complete list.
    LIST_UNSTABLE = auto()  # it changed at every reading
    LIST_SHORT = auto()  # detail: how many runs it shows out of how many, as in "3 of 5"
    LIST_ENDLESS = auto()  # detail: the most pages that are read

    # GitHub or STS returns nothing usable. Here the detail holds the status.
    LACKING = auto()  # the answer lacks what was asked for
    ID_TOKEN_DENIED = auto()  # detail: the status, 401, 403 or 404
    ID_TOKEN_REFUSED = auto()  # detail: another status
    NOT_AN_ID_TOKEN = auto()
    NO_CODE = auto()  # STS does not give an error code; detail: the status
    NO_KEY = auto()  # the session has no usable key
    SESSION_OVER = auto()  # it ended before it began, for example because this machine's clock is wrong
    NO_SESSION = auto()  # detail: the type of an unexpected exception
    NO_SESSION_WITHIN = auto()  # detail: seconds


@dataclass(frozen=True, slots=True)
class Fault:
    """What is known about a failed call. `retry_after` is in seconds.

    `message` and `code` are exactly what `source` said. If it said nothing, `symptom` says what was observed, and
    `detail` adds to it. `http_status` is the status from DataWorks or STS. `request_id` belongs to a call to DataWorks.
    For an error of STS, `detail` is the RequestId of STS, or empty. `renewal`: a session has ended, and this error
    stopped its renewal. `recommend` is the vendor's link that explains the error, or empty.
    """

    message: str = ""
    code: str = ""
    request_id: str | None = None
    http_status: int | None = None
    retry_after: float | None = None
    symptom: Symptom | None = None
    detail: str = ""
    source: Source = Source.DATAWORKS
    renewal: bool = False
    recommend: str = ""

    @property
    def throttles(self) -> bool:
        """Whether DataWorks or STS refused because calls come too fast. Later it will accept them."""
        return self.http_status == 429 or self.code.startswith("Throttling")

    @property
    def kind(self) -> tuple[object, ...]:
        """What two equal errors have in common. If there is a code, it decides: messages may differ."""
        said = self.code or self.http_status
        return (self.source, said or (self.symptom, self.detail, self.message, self.renewal))

    def scrubbed(self, scrub: Callable[[str], str]) -> "Fault":
        """The same fault with `scrub` applied to every text."""
        return replace(
            self,
            message=scrub(self.message),
            code=scrub(self.code),
            request_id=self.request_id and scrub(self.request_id),
            detail=scrub(self.detail),
            recommend=scrub(self.recommend),
        )


@dataclass(frozen=True, slots=True)
class Ok(Generic[T_co]):
    """The call succeeded."""

    value: T_co
    request_id: str | None = None


@frozen
class Refused:
    """The call provably did nothing."""

    why: Refusal
    fault: Fault


@frozen
class Unclear:
    """The call may have succeeded, or may still succeed. Everything that is not proven otherwise is unclear."""

    fault: Fault


Ending = Ok[T_co] | Refused | Unclear


_ALL = tuple(Symptom)


@frozen
class Row:
    """The conditions for a known error: words of the message, a code, a status, or a symptom. One is enough.

    A code also matches with `.More` behind it. With a `source`, only faults of that source match. `means` is what such
    an answer says about the call, or None.
    """

    words: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    statuses: Sequence[int] = ()
    symptoms: tuple[Symptom, ...] = ()
    source: Source | None = None
    means: Refusal | None = None

    def fits(self, fault: Fault) -> bool:
        """Whether the fault is this error."""
        return self.source in {None, fault.source} and (
            any(words in fault.message for words in self.words)
            or any(fault.code == code or fault.code.startswith(f"{code}.") for code in self.codes)
            or fault.http_status in self.statuses
            or fault.symptom in self.symptoms
        )


@unique
class Known(Enum):
    """The known errors. The first match wins, so specific errors come first."""

    NESTED_LIST = Row(words=("未找到发布对象: [[",), means=Refusal.INNER)
    NO_OBJECT = Row(words=("未找到发布对象",), means=Refusal.INNER)
    ONLY_WHOLE = Row(words=("WorkflowDefinition只允许作为整体发布",), means=Refusal.INNER)
    NOT_RUNNING = Row(words=("流水线不是正在运行",), means=Refusal.NOT_RUNNING)
    STAGE_NOT_NOW = Row(words=("阶段不允许执行",))
    OUTPUT_TAKEN = Row(words=("multiple nodes into the same output",))
    HAS_CHILDREN = Row(words=("节点存在子节点",))
    UPSTREAM_MISSING = Row(words=("上游节点未发布",))
    NO_NODE = Row(words=("未找到节点",), codes=("5801488441564725286",))
    # It comes with the code Forbidden.Access, but it is a throttling refusal.
    KEPT_OUT = Row(words=("您被限制访问",), means=Refusal.THROTTLED)

    NO_THREAD = Row(symptoms=(Symptom.NO_THREAD,))
    NO_DESCRIPTOR = Row(symptoms=(Symptom.NO_DESCRIPTOR,))
    NOT_TRUSTED = Row(symptoms=(Symptom.NOT_TRUSTED,))
    PROXY_UNREACHABLE = Row(symptoms=(Symptom.PROXY_UNREACHABLE,))
    PROXY_ADDRESS = Row(symptoms=(Symptom.PROXY_ADDRESS,))
    PROXY_REFUSES = Row(symptoms=(Symptom.PROXY_REFUSES,))
    ID_TOKEN_DENIED = Row(symptoms=(Symptom.ID_TOKEN_DENIED,))
    NO_ID_TOKEN = Row(symptoms=_ALL, source=Source.GITHUB)
    STS_THROTTLES = Row(codes=("Throttling",), statuses=(429,), source=Source.STS)
    NO_SESSION = Row(symptoms=_ALL, source=Source.STS)
    NAME_UNKNOWN = Row(symptoms=(Symptom.NAME_UNKNOWN,))
    NAME_UNANSWERED = Row(symptoms=(Symptom.NAME_UNANSWERED,))
    UNREACHABLE = Row(symptoms=(Symptom.CONNECTION_UNANSWERED, Symptom.CONNECTION_REFUSED))
    NOT_THE_SERVICE = Row(symptoms=(Symptom.NOT_JSON,))

    DAY_SPENT = Row(codes=("Throttling.Api.Risk",), means=Refusal.QUOTA_SPENT)
    # It may mean "too fast" or "none left". Only time tells which: see `may_be_spent`.
    EDITION_SPENT = Row(codes=("Throttling.Resource",), means=Refusal.THROTTLED)
    TOO_FREQUENT = Row(words=("Your request is too frequent",), means=Refusal.THROTTLED)
    THROTTLED = Row(
        codes=("Throttling", "9990020002", "9990040001", "9990040003", "ServiceUnavailable.Throttling"),
        means=Refusal.THROTTLED,
    )
    NOT_ACTIVATED = Row(codes=("9990010001",))
    NOT_AUTHORIZED = Row(codes=("ResourceNotAuthorized", "403030"), means=Refusal.DENIED)
    NO_POLICY = Row(codes=("Forbidden.RAM",), means=Refusal.DENIED)
    NO_PERMISSION = Row(codes=("NoPermission",), means=Refusal.DENIED)
    NO_ACCESS = Row(codes=("Forbidden.Access",), means=Refusal.DENIED)
    # The service answers these with status 500, like OTHER_REGION.
    NO_MEMBER = Row(codes=("Forbidden.Wkbench", "InternalError.UserId.Missing"), means=Refusal.DENIED)
    WRONG_WORKSPACE = Row(codes=("Invalid.Wkbench",), means=Refusal.DENIED)
    OTHER_REGION = Row(codes=("Forbidden.Not.Server",), means=Refusal.DENIED)
    NO_ACCESS_KEY = Row(codes=("InvalidAccessKeyId",), means=Refusal.DENIED)
    WRONG_SIGNATURE = Row(codes=("SignatureDoesNotMatch", "IncompleteSignature"), means=Refusal.DENIED)
    TOKEN_NOT_ACCEPTED = Row(codes=("InvalidSecurityToken",), means=Refusal.EXPIRED)
    WRONG_CLOCK = Row(codes=("InvalidTimeStamp",))
    NONCE_USED = Row(codes=("SignatureNonceUsed",), means=Refusal.NONCE_USED)
    WRONG_AUDIENCE = Row(codes=("AuthenticationFail.OIDCToken.AudienceNotMatch",))
    WRONG_ISSUER = Row(codes=("AuthenticationFail.OIDCToken.IssuerNotMatch",))
    OLD_FINGERPRINT = Row(codes=("AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch",))
    NOT_TRUSTED_BY_ROLE = Row(codes=("AuthenticationFail.NoPermission",))
    ID_TOKEN_NOT_ACCEPTED = Row(codes=("AuthenticationFail",))
    NO_ROLE = Row(codes=("EntityNotExist.Role",))
    NOT_FOUND = Row(codes=("EntityNotExist",))
    PAGE_SIZE = Row(codes=("InvalidPageSize",))
    WRONG_PARAMETER = Row(codes=("InvalidParameter", "MissingParameter"))
    WRONG_API = Row(codes=("InvalidAction", "InvalidVersion"))
    FAILED_INSIDE = Row(codes=("InternalError", "ServiceUnavailable"))

    # Only the source, or the kind of error, is known.
    STS_REFUSES = Row(statuses=range(1000), source=Source.STS)
    DENIED = Row(codes=("Forbidden",), statuses=(401, 403), means=Refusal.DENIED)
    UNKNOWN_THING = Row(statuses=(404,))
    LATE = Row(statuses=(408,))
    BUSY = Row(statuses=(429,), means=Refusal.THROTTLED)
    REFUSED = Row(statuses=range(400, 500))
    FAILED = Row(statuses=range(500, 600))


# An answer may match several rows. The first meaning in this order counts: a status alone may show a limit.
_FIRST = (
    Refusal.QUOTA_SPENT,
    Refusal.THROTTLED,
    Refusal.NONCE_USED,
    Refusal.NOT_RUNNING,
    Refusal.INNER,
    Refusal.EXPIRED,
    Refusal.DENIED,
)


def row_of(fault: Fault) -> Known | None:
    """The first row that matches, or None."""
    return next((known for known in Known if known.value.fits(fault)), None)


def row_in(text: str) -> Known | None:
    """The first row whose words are in another text of the service, such as the message of a stage."""
    return next((known for known in Known if any(words in text for words in known.value.words)), None)


def is_absent(fault: Fault) -> bool:
    """Whether the answer to a reading says that the thing does not exist."""
    return row_of(fault) in {Known.NO_NODE, Known.NOT_FOUND, Known.UNKNOWN_THING}


_OF_THE_KEY = frozenset(
    {
        Known.NO_MEMBER,
        Known.WRONG_WORKSPACE,
        Known.OTHER_REGION,
        Known.NO_ACCESS_KEY,
        Known.WRONG_SIGNATURE,
    }
)


def denies_all(fault: Fault) -> bool:
    """Whether a denial holds for every call, because the cause is the key, the region or the workspace."""
    return row_of(fault) in _OF_THE_KEY


def may_be_spent(fault: Fault) -> bool:
    """Whether a refusal may mean "too fast" or "none left". Only further tries show which."""
    return row_of(fault) in {Known.EDITION_SPENT, Known.TOO_FREQUENT}


def refusal_of(fault: Fault) -> Refusal:
    """What an error from DataWorks means for the call."""
    means = {known.value.means for known in Known if known.value.fits(fault)}
    return next((why for why in _FIRST if why in means), Refusal.OTHER)
