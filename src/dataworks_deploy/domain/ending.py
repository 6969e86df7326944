"""The three endings of a call: it was carried out, it provably was not, or nobody can tell."""

from collections.abc import Callable
from dataclasses import dataclass, replace
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
