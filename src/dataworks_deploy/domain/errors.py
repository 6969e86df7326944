"""What is known of errors, one row for each: how it is recognised, and what it means. Its words are in render.

Codes: the error codes and guides of API version 2024-05-18 and of STS 2015-04-01. Chinese texts are as captured in
public repositories, those in English the service's. A new error is a new row here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, unique

from .ending import Fault, Refusal, Source, Symptom

_ALL = tuple(Symptom)


@dataclass(frozen=True, slots=True)
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

    NOT_TRUSTED = Row(symptoms=(Symptom.NOT_TRUSTED,))
    PROXY_UNREACHABLE = Row(symptoms=(Symptom.PROXY_UNREACHABLE,))
    PROXY_ADDRESS = Row(symptoms=(Symptom.PROXY_ADDRESS,))
    PROXY_REFUSES = Row(symptoms=(Symptom.PROXY_REFUSES,))
    ID_TOKEN_DENIED = Row(symptoms=(Symptom.ID_TOKEN_DENIED,))
    NO_ID_TOKEN = Row(symptoms=_ALL, source=Source.GITHUB)
    STS_THROTTLES = Row(codes=("Throttling",), statuses=(429,), source=Source.STS)
    NO_SESSION = Row(symptoms=_ALL, source=Source.STS)
    NAME_UNKNOWN = Row(symptoms=(Symptom.NAME_UNKNOWN,))
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


def may_be_spent(fault: Fault) -> bool:
    """Whether a refusal says that calls come too fast, or that there are no more: only patience tells which."""
    return row_of(fault) in {Known.EDITION_SPENT, Known.TOO_FREQUENT}


def says_spent(fault: Fault) -> bool:
    """Whether a refusal says that a quota is used up."""
    return row_of(fault) in {Known.DAY_SPENT, Known.EDITION_SPENT, Known.TOO_FREQUENT}


def refusal_of(fault: Fault) -> Refusal:
    """What an error that DataWorks has answered means for the call."""
    means = {known.value.means for known in Known if known.value.fits(fault)}
    return next((why for why in _FIRST if why in means), Refusal.OTHER)
