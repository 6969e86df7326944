"""When a call may go, and under which nonce: pauses, the pace, and the requests of one creation so far."""

import math
from collections.abc import Iterator
from dataclasses import replace

from . import frozen
from .ending import Fault, Refusal, Source, Symptom
from .reconcile import Mark, nonce_of

# Within this time of the first request a lost creation may be sent once more under the same nonce: the
# gateway remembers a nonce for about thirty minutes, and accepts a request's date for fifteen.
RETRY_WINDOW = 600.0
BACKOFF_FIRST = 1.0
BACKOFF_MOST = 30.0
UNREACHABLE_TRIES = 3
# Waiting changes nothing about these.
_LASTING = frozenset({Symptom.NAME_UNKNOWN, Symptom.NOT_TRUSTED, Symptom.PROXY_ADDRESS})
# A refusal that may be for the pace or for a spent quota is taken for the quota after so many in a row, over so many
# seconds. By then the pauses between them have grown to 8 s.
SPENT_TRIES = 5
SPENT_PATIENCE = 10.0
# An execution only triggers a stage, and lists lag: so long a stage may still show `Init` afterwards.
EXECUTION_REST = 15.0
# One that was refused, as by an approval, rests so long for each time. Where no answer was clear the second one comes
# soon, and the last one when what has failed twice may be there again.
REFUSED_REST = 4.5
UNCLEAR_RESTS = (4.5, 60.0)
# A stage that has not started by itself so long after all before it are done wants a look: Alibaba's deploy guide.
STILL = 60.0
# Slower than this no run is watched; a stage of ten minutes then ends unseen for less than a minute.
SLOWEST_POLL = 30.0
# A run that is read when its stage should be over is read no sooner than this after the last reading.
SOONEST = 0.2
# A poll comes when so much more of the time since the last change has passed: what takes long may be seen late.
PATIENCE = 0.15
# The service counts within a second; the rest is for what the network adds between two calls.
WINDOW = 1.05
# This part of the reads is held back from following runs, for finding creations whose answer was lost.
HELD_BACK = 0.1
# An account that serves so few calls within a window counts them by the day as well (docs, "Limits", Basic: 5 a
# second and 100 a day): there runs are read so much more rarely.
SCARCE_RATE = 10.0
SCARCE_PATIENCE = 2.5
# The most that any edition allows: docs, "Limits", Enterprise.
MOST_READS = 50.0
MOST_WRITES = 20.0


def looks(settle: float) -> Iterator[float]:
    """The moments after a lost answer at which the list is read: 2, 4, 8, … and last at `settle`."""
    moment = 2.0
    while moment < settle:
        yield moment
        moment *= 2
    yield settle


def backoff(tries: int, spread: float, retry_after: float | None = None) -> float:
    """How long to pause after the given number of refusals (from 1).

    `spread` in [0, 1) is the jitter: between half and all of a doubling delay. What the service asks for by
    `retry_after` is never undercut.
    """
    full = min(BACKOFF_MOST, BACKOFF_FIRST * 2.0 ** min(tries - 1, 30))
    pause = full * (0.5 + spread / 2)
    return max(pause, retry_after or 0.0)


def poll_pause(since_change: float, watched: int, spread: float, *, scarce: bool = False) -> float:
    """How long to wait before the runs are read again.

    `since_change` is the time since the run in question changed, one of the `watched`. Where one page shows many runs
    a reading is cheap for each of them, and comes sooner. `spread` in [0, 1) is the jitter. Where calls are
    `scarce` every pause is longer.
    """
    stretch = SCARCE_PATIENCE if scarce else 1.0
    pause = min(SLOWEST_POLL, stretch * max(_usual(watched), PATIENCE * since_change))
    return pause * (0.95 + spread / 10)


def poll_rest(watched: int, *, scarce: bool = False) -> float:
    """How long there is to be no other reading after one, whatever was learnt about the `watched` runs.

    One run alone is read no more often than its stages ask for; the readings of several are to be shared.
    """
    stretch = SCARCE_PATIENCE if scarce else 1.0
    return stretch * (_usual(watched) if watched > 1 else SOONEST)


def _usual(watched: int) -> float:
    return max(0.4, 0.75 - watched / 80)


@frozen
class Rate:
    """How many calls may be sent within `WINDOW` seconds: found out, because the client is not told.

    Grows by one with each window without a refusal, up to `most`; halves with each window that has one, or falls
    to what was served in that window where this is less.
    """

    most: float
    allowed: float
    changed_at: float = 0.0
    refused_at: float = -WINDOW
    few: int = 0  # windows in a row that had a refusal and left few calls

    @property
    def scarce(self) -> bool:
        """Whether refusals have shown that few calls are served."""
        return self.allowed < SCARCE_RATE

    @property
    def surely_scarce(self) -> bool:
        """Whether more than one window has shown it."""
        return self.scarce and self.few > 1

    @property
    def growing(self) -> bool:
        """Whether there is more to be found out."""
        return self.allowed < self.most

    def after_refusal(self, now: float, served: float = math.inf) -> "Rate":
        """Fewer calls from now on. Refusals of calls that were sent together count once."""
        if now - self.refused_at < WINDOW:
            return self
        allowed = max(1.0, min(self.allowed / 2, served))
        return Rate(self.most, allowed, now, now, self.few + 1 if allowed < SCARCE_RATE else 0)

    def after_success(self, now: float) -> "Rate":
        """One more call, if a whole window has passed since the last change."""
        if now - self.changed_at < WINDOW or not self.growing:
            return self
        return replace(self, allowed=min(self.most, self.allowed + 1), changed_at=now)


@frozen
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
        return not self.lost or now <= self.latest

    @property
    def latest(self) -> float:
        """When the window of a lost one ends (monotonic seconds)."""
        return self.began + RETRY_WINDOW

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
