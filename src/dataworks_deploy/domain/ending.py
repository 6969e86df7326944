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
    EXPIRED = auto()  # the security token is over; what it was used for is not wrong
    DENIED = auto()  # key, policy or role
    INNER = auto()  # the object may be a node inside a workflow, which is deployed only as a whole
    OTHER = auto()


# Refusals that a repeat within this step cannot turn into success.
HOPELESS = frozenset({Refusal.QUOTA_SPENT, Refusal.EXPIRED, Refusal.DENIED, Refusal.INNER, Refusal.OTHER})
# Of these those that are the key's or the account's, whatever was asked for.
CERTAIN = frozenset({Refusal.DENIED, Refusal.EXPIRED, Refusal.QUOTA_SPENT})


@dataclass(frozen=True, slots=True)
class Fault:
    """What the service or the network said of a failed call; `retry_after` is in seconds."""

    message: str
    code: str = ""
    request_id: str | None = None
    http_status: int | None = None
    retry_after: float | None = None

    @property
    def throttles(self) -> bool:
        """Whether who has answered lets no more pass at a time, DataWorks or STS: later it will."""
        return self.http_status == 429 or self.code.startswith("Throttling")


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
