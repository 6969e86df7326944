"""How a call ended, and what the errors of the service mean for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto, unique
from typing import Generic, TypeVar

from . import frozen

T_co = TypeVar("T_co", covariant=True)


class Refusal(Enum):
    """Why a call was provably not carried out, as far as it changes what is done next."""

    THROTTLED = auto()  # too fast for DataWorks: may be repeated after a pause
    QUOTA_SPENT = auto()  # the day's or the edition's calls are used up: a repeat cannot help
    NONCE_USED = auto()  # a request with this nonce has been received before: by itself it tells nothing
    NOT_RUNNING = auto()  # the run is not in a state in which the call makes sense
    UNREACHABLE = auto()  # no byte of the request was sent
    EXPIRED = auto()  # the security token has expired; what it was used for is not wrong
    DENIED = auto()  # key, policy or role
    INNER = auto()  # the object may be a node inside a workflow, which is deployed only as a whole
    OTHER = auto()


# Refusals that a repeat within this step cannot turn into success.
HOPELESS = frozenset({Refusal.QUOTA_SPENT, Refusal.EXPIRED, Refusal.DENIED, Refusal.INNER, Refusal.OTHER})
# Of these those that are the key's or the account's, whatever was asked for.
CERTAIN = frozenset({Refusal.DENIED, Refusal.EXPIRED, Refusal.QUOTA_SPENT})


class Source(Enum):
    """Who was asked: the service, or one of the two that stand before a session of a role."""

    DATAWORKS = auto()
    STS = auto()
    GITHUB = auto()


class Symptom(Enum):
    """What was seen where nobody said what is wrong. A comment says what `Fault.detail` holds with it."""

    # No byte of the request was sent. The detail is the host that was asked for, with its port if that is not the usual
    # one; it is empty where the host is not known.
    NAME_UNKNOWN = auto()
    NAME_UNANSWERED = auto()  # for now: nobody says that there is no such name
    CONNECTION_REFUSED = auto()
    CONNECTION_UNANSWERED = auto()
    NOT_TRUSTED = auto()  # the certificate
    PROXY_ADDRESS = auto()  # the address cannot be used
    PROXY_REFUSES = auto()
    NO_DESCRIPTOR = auto()  # the process may open no more files and connections
    NO_THREAD = auto()  # the container may start no thread; no detail
    PROXY_UNREACHABLE = auto()  # detail: the proxy's host and port or nothing, a blank, the host as above

    # No whole answer came.
    NO_ANSWER = auto()
    NO_ANSWER_WITHIN = auto()  # detail: seconds
    CUT_SHORT = auto()
    RESET = auto()
    CLOSED = auto()
    TLS_FAILED = auto()
    UNEXPECTED = auto()  # detail: the type of the exception

    # What came is not the answer. Where the status matters, it is in `Fault.http_status`.
    GATEWAY = auto()  # a status of 500 or more, and no words of the service
    NOT_JSON = auto()
    NEITHER = auto()  # a status that is neither a success nor an error
    WORDLESS = auto()  # an error of the service without a message; it may have a code
    NO_RUN_ID = auto()
    NO_SUCCESS = auto()
    OTHER_RUN = auto()
    NO_LIST = auto()
    NO_FLOWSPEC = auto()
    RUN_WITHOUT = auto()  # a run without an ID or a status
    STAGE_WITHOUT = auto()  # a stage without a code or a step

    # The pages of a list do not make one list.
    LIST_UNSTABLE = auto()  # it changed each time that it was read
    LIST_SHORT = auto()  # detail: how many runs it shows of how many, as in "3 of 5"
    LIST_ENDLESS = auto()  # detail: the most pages that are read

    # GitHub or STS gives nothing that can be used. Here a status is in the detail.
    LACKING = auto()  # the answer does not hold what was asked for
    ID_TOKEN_DENIED = auto()  # detail: the status, 401, 403 or 404
    ID_TOKEN_REFUSED = auto()  # detail: another status
    NOT_AN_ID_TOKEN = auto()
    NO_CODE = auto()  # STS does not say what it answers; detail: the status
    NO_KEY = auto()  # the session has none that can be used
    SESSION_OVER = auto()  # it ended before it began, as where this machine's clock is wrong
    NO_SESSION = auto()  # detail: the type of an exception that nobody expects
    NO_SESSION_WITHIN = auto()  # detail: seconds


@dataclass(frozen=True, slots=True)
class Fault:
    """What came of a failed call. `retry_after` is in seconds.

    `message` and `code` are the words of `source`, and only theirs. Where it said nothing, `symptom` says what was seen
    instead, with `detail`. `http_status` is what DataWorks or STS answered, and `request_id` that of a call to
    DataWorks; with words of STS `detail` is the RequestId of STS, or empty. `renewal` says that a session has ended
    which could not be renewed because of this. `recommend` is a link of the vendor's that explains the error, or empty.
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
        """Whether who has answered lets no more pass at a time, DataWorks or STS: later it will."""
        return self.http_status == 429 or self.code.startswith("Throttling")

    @property
    def kind(self) -> tuple[object, ...]:
        """What makes it the same error as another one: of two words of one code the code counts."""
        said = self.code or self.http_status
        return (self.source, said or (self.symptom, self.detail, self.message, self.renewal))

    def scrubbed(self, scrub: Callable[[str], str]) -> "Fault":
        """The same with `scrub` applied to every text."""
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
    """The call was carried out."""

    value: T_co
    request_id: str | None = None


@frozen
class Refused:
    """The call was provably not carried out."""

    why: Refusal
    fault: Fault


@frozen
class Unclear:
    """The call may have been carried out, now or later. What is not proven otherwise ends here."""

    fault: Fault


Ending = Ok[T_co] | Refused | Unclear


_ALL = tuple(Symptom)


@frozen
class Row:
    """A fault fits by words in what was said, by a code with or without `.More` behind it, by status or by symptom.

    With a `source` it fits only faults of that one. `means` is what an answer that fits says of the call, if it does.
    """

    words: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    statuses: Sequence[int] = ()
    symptoms: tuple[Symptom, ...] = ()
    source: Source | None = None
    means: Refusal | None = None

    def fits(self, fault: Fault) -> bool:
        """Whether a fault is this error."""
        return self.source in {None, fault.source} and (
            any(words in fault.message for words in self.words)
            or any(fault.code == code or fault.code.startswith(f"{code}.") for code in self.codes)
            or fault.http_status in self.statuses
            or fault.symptom in self.symptoms
        )


@unique
class Known(Enum):
    """The errors. The first that fits wins, so what is more particular stands first."""

    NESTED_LIST = Row(words=("未找到发布对象: [[",), means=Refusal.INNER)
    NO_OBJECT = Row(words=("未找到发布对象",), means=Refusal.INNER)
    ONLY_WHOLE = Row(words=("WorkflowDefinition只允许作为整体发布",), means=Refusal.INNER)
    NOT_RUNNING = Row(words=("流水线不是正在运行",), means=Refusal.NOT_RUNNING)
    STAGE_NOT_NOW = Row(words=("阶段不允许执行",))
    OUTPUT_TAKEN = Row(words=("multiple nodes into the same output",))
    HAS_CHILDREN = Row(words=("节点存在子节点",))
    UPSTREAM_MISSING = Row(words=("上游节点未发布",))
    NO_NODE = Row(words=("未找到节点",), codes=("5801488441564725286",))
    # It comes with the code Forbidden.Access, and yet it is no denial.
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
    # Nobody knows at first whether calls come too fast here, or whether there are no more: see `may_be_spent`.
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
    # The service answers these with the status 500, like the one for another region.
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

    # Nothing is known but who said it, or the kind of error.
    STS_REFUSES = Row(statuses=range(1000), source=Source.STS)
    DENIED = Row(codes=("Forbidden",), statuses=(401, 403), means=Refusal.DENIED)
    UNKNOWN_THING = Row(statuses=(404,))
    LATE = Row(statuses=(408,))
    BUSY = Row(statuses=(429,), means=Refusal.THROTTLED)
    REFUSED = Row(statuses=range(400, 500))
    FAILED = Row(statuses=range(500, 600))


# An answer may fit several rows. Of what they mean the first here counts: a limit may be told by a status alone.
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
    """The first row that fits, or None."""
    return next((known for known in Known if known.value.fits(fault)), None)


def row_in(text: str) -> Known | None:
    """The first row whose words are in a text that the service wrote elsewhere, such as the message of a stage."""
    return next((known for known in Known if any(words in text for words in known.value.words)), None)


def is_absent(fault: Fault) -> bool:
    """Whether an answer to a reading says that there is no such thing."""
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
    """Whether a denial holds for every call, because it is about the key, the region or the workspace."""
    return row_of(fault) in _OF_THE_KEY


def may_be_spent(fault: Fault) -> bool:
    """Whether a refusal says that calls come too fast, or that there are no more: only patience tells which."""
    return row_of(fault) in {Known.EDITION_SPENT, Known.TOO_FREQUENT}


def refusal_of(fault: Fault) -> Refusal:
    """What an error that DataWorks has answered means for the call."""
    means = {known.value.means for known in Known if known.value.fits(fault)}
    return next((why for why in _FIRST if why in means), Refusal.OTHER)
