"""The known errors: how to recognise each, and what it means for the call. `render/errors.py` has the advice on it."""

from collections.abc import Sequence
from enum import Enum, unique

from . import frozen
from .ending import Fault, Refusal, Source, Symptom

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
    """Whether a denial holds for every call, because the cause is the key or role, the region or the workspace."""
    return fault.source is not Source.DATAWORKS or row_of(fault) in _OF_THE_KEY


# What these have in common: no other call of the step gets further, whatever it asks for.
_OF_THE_STEP = _OF_THE_KEY | {
    Known.NO_THREAD,
    Known.NO_DESCRIPTOR,
    Known.NOT_TRUSTED,
    Known.PROXY_UNREACHABLE,
    Known.PROXY_ADDRESS,
    Known.PROXY_REFUSES,
    Known.NAME_UNKNOWN,
    Known.NAME_UNANSWERED,
    Known.UNREACHABLE,
    Known.NOT_ACTIVATED,
    Known.TOKEN_NOT_ACCEPTED,
    Known.WRONG_CLOCK,
    Known.NOT_FOUND,
    Known.UNKNOWN_THING,
    Known.WRONG_API,
}


def stops_all(fault: Fault) -> bool:
    """Whether a list cannot be read for a reason that holds for every other reading too, so IDs help no more than names
    do.
    """
    return fault.source is not Source.DATAWORKS or row_of(fault) in _OF_THE_STEP


def may_be_spent(fault: Fault) -> bool:
    """Whether a refusal may mean "too fast" or "none left". Only further tries show which."""
    return row_of(fault) in {Known.EDITION_SPENT, Known.TOO_FREQUENT}


def refusal_of(fault: Fault) -> Refusal:
    """What an error from DataWorks means for the call."""
    means = {known.value.means for known in Known if known.value.fits(fault)}
    return next((why for why in _FIRST if why in means), Refusal.OTHER)
