"""When a creation may be repeated, and with which nonce: what happened to its requests so far."""

from dataclasses import replace

from . import frozen
from .ending import Fault, Refusal, Source, Symptom
from .reconcile import Mark, nonce_of

# Seconds after the first request in which a lost creation may be sent again under the same nonce. The gateway remembers
# a nonce for about thirty minutes, and accepts the date of a request for fifteen minutes.
RETRY_WINDOW = 600.0
UNREACHABLE_TRIES = 3
# Waiting fixes none of these.
_LASTING = frozenset({Symptom.NAME_UNKNOWN, Symptom.NOT_TRUSTED, Symptom.PROXY_ADDRESS})


@frozen
class Requests:
    """What happened to the requests of one creation.

    `tries` counts all requests, also those that never left. `lost` has the faults of those without a clear answer.
    `unanswered` counts those of them that a used nonce would not have stopped. `unsent_at` is when a request could not
    be sent for the first time. `began` is when the first lost request left, or the last request if none is lost. Both
    are in monotonic seconds. `attempt` is the job's attempt, once it is known that the requests of earlier attempts
    created nothing. Until then it is 0.
    """

    tries: int = 0
    throttled: int = 0
    unreachable: int = 0
    lost: tuple[Fault, ...] = ()
    unanswered: int = 0
    began: float = 0.0
    unsent_at: float | None = None
    attempt: int = 0

    def nonce(self, mark: Mark) -> str:
        """The nonce of the next request. It stays the same after a lost answer, so that the lost request cannot run
        too.
        """
        return nonce_of(mark, self.throttled, self.attempt)

    def in_time(self, now: float) -> bool:
        """Whether a request may leave at this time. After the window the gateway may have forgotten the nonce."""
        return not self.lost or now <= self.latest

    @property
    def latest(self) -> float:
        """When the window of a lost request ends (monotonic seconds)."""
        return self.began + RETRY_WINDOW

    def tried(self) -> "Requests":
        """One more request is about to leave."""
        return replace(self, tries=self.tries + 1)

    def left(self, now: float) -> "Requests":
        """The request leaves now."""
        return self if self.lost else replace(self, began=now)

    def lose(self, fault: Fault, *, answered: bool) -> "Requests":
        """The answer was lost or proves nothing. `answered`: there was a refusal that proves nothing."""
        return replace(self, lost=(*self.lost, fault), unanswered=self.unanswered + (not answered))

    @property
    def are_new(self) -> bool:
        """Whether a used nonce proves a request of an earlier attempt or of a copy: this attempt has lost none."""
        return not self.lost and not self.attempt

    def anew(self, attempt: int) -> "Requests":
        """The requests of earlier attempts created nothing: this attempt continues with nonces of its own."""
        return replace(self, attempt=attempt)

    def refused(self, why: Refusal, now: float) -> "Requests":
        """The request provably created nothing.

        A throttled request may have used its nonce, so the next one needs another. A request that never left has not
        used it. It keeps its nonce, because the gateway then also stops the same request of other attempts.
        """
        used_up = why is Refusal.THROTTLED and not self.lost
        unsent = why is Refusal.UNREACHABLE
        return replace(
            self,
            throttled=self.throttled + used_up,
            unreachable=self.unreachable + unsent,
            unsent_at=(now if self.unsent_at is None else self.unsent_at) if unsent else None,
        )

    def may_follow(self, why: Refusal, fault: Fault, now: float, settle: float) -> bool:
        """Whether the same request can still succeed after this refusal.

        An unreachable service is retried for `settle` seconds from the first request that could not be sent: if nothing
        was sent, waiting is safe. `now` is in monotonic seconds.
        """
        if why is not Refusal.UNREACHABLE:
            return why is Refusal.THROTTLED
        if fault.symptom in _LASTING and fault.source is Source.DATAWORKS:
            return self.unreachable < UNREACHABLE_TRIES
        # STS may throttle the request for a key: then nothing has left.
        return fault.throttles or self.unsent_at is None or now - self.unsent_at < settle
