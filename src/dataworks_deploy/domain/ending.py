"""The three endings of a call: it was carried out, it provably was not, or nobody can tell."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Generic, TypeVar

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
    """What was seen in place of an answer that says something. `Fault.detail` has what belongs to it."""

    NAME_UNKNOWN = auto()  # detail: the host
    CONNECTION_REFUSED = auto()  # detail: the host
    CONNECTION_UNANSWERED = auto()  # detail: the host
    NOT_TRUSTED = auto()  # the certificate; detail: the host
    PROXY_ADDRESS = auto()  # it cannot be used; detail: the host
    PROXY_UNREACHABLE = auto()  # detail: the proxy's host and port, a blank, the host
    PROXY_REFUSES = auto()  # detail: the host
    NO_ANSWER = auto()  # in time; detail: seconds, or empty
    CUT_SHORT = auto()
    RESET = auto()
    CLOSED = auto()
    TLS_FAILED = auto()
    GATEWAY = auto()  # a status of 500 or more, and not the service's answer
    NOT_JSON = auto()
    NEITHER = auto()  # a status that is neither a success nor an error
    UNEXPECTED = auto()  # detail: the type of the exception
    NO_RUN_ID = auto()
    NO_SUCCESS = auto()
    OTHER_RUN = auto()
    NO_LIST = auto()
    NO_FLOWSPEC = auto()
    RUN_WITHOUT = auto()  # a run without an ID or a status
    STAGE_WITHOUT = auto()  # a stage without a code or a step
    LIST_UNSTABLE = auto()  # it changed each time that it was read
    LIST_SHORT = auto()  # detail: "3 of 5"
    LIST_ENDLESS = auto()  # detail: the most pages that are read
    NO_ID_TOKEN = auto()  # what came is none
    NO_SESSION = auto()  # STS gives no usable answer; detail: see render
    NO_SESSION_YET = auto()


@dataclass(frozen=True, slots=True)
class Fault:
    """What came of a failed call. `retry_after` is in seconds.

    `message` and `code` are the words of `source`, and only theirs. Where it said nothing, `symptom` says what was seen
    instead. `renewal` says that a session has ended which could not be renewed because of this.
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

    @property
    def throttles(self) -> bool:
        """Whether who has answered lets no more pass at a time, DataWorks or STS: later it will."""
        return self.http_status == 429 or self.code.startswith("Throttling")

    @property
    def kind(self) -> tuple[object, ...]:
        """What makes it the same error as another one: of two words of one code the code counts."""
        return (self.source, self.code or self.http_status or (self.symptom, self.message))


@dataclass(frozen=True, slots=True)
class Ok(Generic[T_co]):
    """The call was carried out."""

    value: T_co
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The call was provably not carried out."""

    why: Refusal
    fault: Fault


@dataclass(frozen=True, slots=True)
class Unclear:
    """The call may have been carried out, now or later. What is not proven otherwise ends here."""

    fault: Fault


Ending = Ok[T_co] | Refused | Unclear
