"""Delays as arithmetic, all in seconds: when to look again, when to try again."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

# Within this time of the first request a lost creation may be sent once more under the same nonce: the
# gateway remembers a nonce for about thirty minutes, and accepts a request's date for fifteen.
RETRY_WINDOW = 600.0
BACKOFF_FIRST = 1.0
BACKOFF_MOST = 30.0
UNREACHABLE_TRIES = 3
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

    `since_change` is the time since any of the `watched` runs changed. Where one page shows many runs a
    reading is cheap for each of them, and comes sooner. `spread` in [0, 1) is the jitter. Where calls are
    `scarce` every pause is longer.
    """
    soonest = max(0.4, 0.75 - watched / 80)
    stretch = SCARCE_PATIENCE if scarce else 1.0
    pause = min(SLOWEST_POLL, stretch * max(soonest, PATIENCE * since_change))
    return pause * (0.95 + spread / 10)


@dataclass(frozen=True, slots=True)
class Rate:
    """How many calls may be sent within `WINDOW` seconds: found out, because the client is not told.

    Grows by one with each window without a refusal, up to `most`; halves with each window that has one, or falls
    to what was served in that window where this is less.
    """

    most: float
    allowed: float
    changed_at: float = 0.0
    refused_at: float = -WINDOW

    @property
    def scarce(self) -> bool:
        """Whether refusals have shown that few calls are served."""
        return self.allowed < SCARCE_RATE

    @property
    def growing(self) -> bool:
        """Whether there is more to be found out."""
        return self.allowed < self.most

    def after_refusal(self, now: float, served: float = math.inf) -> "Rate":
        """Fewer calls from now on. Refusals of calls that were sent together count once."""
        if now - self.refused_at < WINDOW:
            return self
        return Rate(self.most, max(1.0, min(self.allowed / 2, served)), now, now)

    def after_success(self, now: float) -> "Rate":
        """One more call, if a whole window has passed since the last change."""
        if now - self.changed_at < WINDOW or not self.growing:
            return self
        return Rate(self.most, min(self.most, self.allowed + 1), now, self.refused_at)
