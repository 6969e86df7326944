"""The requests of one creation so far: under which nonce the next one goes, and whether it may."""

from dataclasses import dataclass, replace

from .ending import Fault, Refusal, Source, Symptom
from .mark import Mark, nonce_of
from .schedule import RETRY_WINDOW, UNREACHABLE_TRIES

# Waiting changes nothing about these.
_LASTING = frozenset({Symptom.NAME_UNKNOWN, Symptom.NOT_TRUSTED, Symptom.PROXY_ADDRESS})


@dataclass(frozen=True, slots=True)
class Requests:
    """What became of them. `tries` counts also those that never left.

    `lost` are those that nobody can tell the end of, `unanswered` counts those of them that a fence would not have
    kept out. `unsent_at` is when one could not be sent for the first time. `began` is when the first of these left, or
    the last one before any was lost (monotonic seconds). `attempt` is that of the job, once it is known that nothing
    came of what the earlier ones have sent; 0 until then.
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
        """The next one's nonce. Once an answer is lost it stays: only so a lost request is not carried out twice."""
        return nonce_of(mark, self.throttled, self.attempt)

    def in_time(self, now: float) -> bool:
        """Whether one may leave at that moment: by the end of the window the gateway may have forgotten a nonce."""
        return not self.lost or now - self.began <= RETRY_WINDOW

    def tried(self) -> "Requests":
        """One more is to leave."""
        return replace(self, tries=self.tries + 1)

    def left(self, now: float) -> "Requests":
        """It leaves now."""
        return self if self.lost else replace(self, began=now)

    def lose(self, fault: Fault, *, answered: bool) -> "Requests":
        """Nobody can tell its end, although it was `answered`, by a refusal that proves nothing, or was not."""
        return replace(self, lost=(*self.lost, fault), unanswered=self.unanswered + (not answered))

    @property
    def are_new(self) -> bool:
        """Whether a nonce that was used before this was used by an earlier attempt, or a copy, and not by this one."""
        return not self.lost and not self.attempt

    def anew(self, attempt: int) -> "Requests":
        """Nothing came of what earlier attempts have sent: this one goes on under nonces of its own."""
        return replace(self, attempt=attempt)

    def refused(self, why: Refusal, now: float) -> "Requests":
        """It provably created nothing.

        A throttled request may have used its nonce up. One that never left has not, and under the same nonce the fence
        also holds against other attempts of the job.
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
        """Whether the same request can succeed after this refusal. Where nothing was sent, waiting costs nothing.

        `now` and `settle` are in seconds: so long what is out of reach is waited for.
        """
        if why is not Refusal.UNREACHABLE:
            return why is Refusal.THROTTLED
        if fault.symptom in _LASTING and fault.source is Source.DATAWORKS:
            return self.unreachable < UNREACHABLE_TRIES
        # A key may be throttled as well, by STS: then nothing has left.
        return fault.throttles or self.unsent_at is None or now - self.unsent_at < settle
