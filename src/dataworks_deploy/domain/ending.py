"""How a call ended: it succeeded, it provably did nothing, or that is unclear."""

from collections.abc import Callable
from dataclasses import replace
from enum import Enum, auto
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


@frozen
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
    def unsent(self) -> bool:
        """Whether a refused call did not come to DataWorks: it gave no answer.

        The call needs a connection, and a role's session before that.
        """
        return self.source is not Source.DATAWORKS or not (self.code or self.http_status)

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


@frozen
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


def did_nothing(ending: Ending[object]) -> bool:
    """Whether the request provably did nothing, also if it was received before. A used nonce is refused as well, and
    tells nothing of the first use.
    """
    return isinstance(ending, Refused) and ending.why is not Refusal.NONCE_USED
