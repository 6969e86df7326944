"""When a call may be sent: the pauses between calls, the poll policy, and the rate learnt from refusals."""

import math
from collections.abc import Iterator
from dataclasses import replace

from . import frozen

BACKOFF_FIRST = 1.0
BACKOFF_MOST = 30.0
# A refusal may mean that calls come too fast, or that a quota is spent. It counts as a spent quota after this many
# refusals in a row, over this many seconds. By then the pauses between them have grown to 8 s.
SPENT_TRIES = 5
SPENT_PATIENCE = 10.0
# Seconds in which a stage may still show `Init` after its execution. The execution only starts the stage, and lists
# lag.
EXECUTION_REST = 15.0
# Pauses in seconds before a refused execution is repeated: this long for each refusal, such as one by an approval.
# After an unclear answer the second execution comes soon. The third waits longer, because a service that failed twice
# needs time to recover.
REFUSED_REST = 4.5
UNCLEAR_RESTS = (4.5, 60.0)
# A stage has not started by itself this many seconds after all stages before it ended: report it (Alibaba's deploy
# guide).
STILL = 60.0
# The longest pause between two readings of a run, in seconds. So a stage of ten minutes ends unseen for less than a
# minute.
SLOWEST_POLL = 30.0
# The shortest pause between two readings of a run, in seconds, when its stage should have ended.
SOONEST = 0.2
# A poll waits for this share of the time since the last change: what takes long may be seen late.
PATIENCE = 0.13
# Nothing new is expected of a run within so many seconds after it has changed.
FRESH = 0.6
# The service counts calls per second. The rest is a margin for the delay that the network adds between two calls.
WINDOW = 1.05
# A call must leave within so many seconds after its turn came. Later it needs a new turn. Less than the margin above.
TURN = 0.02
# This share of the reads is reserved for finding creations whose answer was lost. Following runs must not use it.
HELD_BACK = 0.1
# An account that serves so few calls in a window also counts them by the day (docs, "Limits", Basic: 5 a second and 100
# a day). So its runs are read less often, by the factor SCARCE_PATIENCE.
SCARCE_RATE = 10.0
SCARCE_PATIENCE = 2.5
# The most that any edition allows (docs, "Limits", Enterprise).
MOST_READS = 50.0
MOST_WRITES = 20.0


def looks(settle: float) -> Iterator[float]:
    """When to read the list after a lost answer, in seconds after it: 2, 4, 8, …, and last at `settle`."""
    moment = 2.0
    while moment < settle:
        yield moment
        moment *= 2
    yield settle


def backoff(tries: int, spread: float, retry_after: float | None = None) -> float:
    """Return how many seconds to pause after this many refusals (from 1).

    `spread` in [0, 1) is the jitter: the pause is between half and all of a doubling delay. It is never shorter than
    `retry_after`, which the service asks for (seconds).
    """
    full = min(BACKOFF_MOST, BACKOFF_FIRST * 2.0 ** min(tries - 1, 30))
    pause = full * (0.5 + spread / 2)
    return max(pause, retry_after or 0.0)


def poll_pause(since_change: float, watched: int, spread: float, *, scarce: bool = False) -> float:
    """Return how many seconds to wait before the next reading of the runs.

    `since_change` is the time in seconds since the run changed. `watched` is the number of runs. One page shows many
    runs, so with many runs a reading is cheap for each of them and comes sooner. `spread` in [0, 1) is the jitter. If
    calls are `scarce`, every pause is longer.
    """
    stretch = SCARCE_PATIENCE if scarce else 1.0
    pause = max(FRESH - since_change, stretch * max(_usual(watched), PATIENCE * since_change))
    return min(SLOWEST_POLL, pause) * (0.95 + spread / 10)


def poll_rest(watched: int, *, scarce: bool = False) -> float:
    """Return the shortest pause in seconds between two readings of the `watched` runs, whatever the last one showed.

    A run may be read as soon as its stage should have ended. If calls are `scarce`, runs share their readings.
    """
    if not scarce:
        return SOONEST
    return SCARCE_PATIENCE * (_usual(watched) if watched > 1 else SOONEST)


def _usual(watched: int) -> float:
    return max(0.36, 0.75 - watched / 80)


@frozen
class Rate:
    """How many calls may be sent within `WINDOW` seconds. The service does not say, so this is learnt from its
    refusals.

    It grows by one, up to `most`, with each window without a refusal. With each window that has a refusal it falls: to
    half, or to the number of calls served in that window if that is lower.
    """

    most: float
    allowed: float
    changed_at: float = 0.0
    refused_at: float = -WINDOW
    few: int = 0  # windows in a row that had a refusal and left few calls

    @property
    def scarce(self) -> bool:
        """Whether refusals have shown that the service serves only few calls."""
        return self.allowed < SCARCE_RATE

    @property
    def surely_scarce(self) -> bool:
        """Whether more than one window has shown that."""
        return self.scarce and self.few > 1

    @property
    def growing(self) -> bool:
        """Whether a higher rate may still be possible."""
        return self.allowed < self.most

    def after_refusal(self, now: float, served: float = math.inf) -> "Rate":
        """Allow fewer calls from now on. Refusals of calls that were sent together count once."""
        if now - self.refused_at < WINDOW:
            return self
        allowed = max(1.0, min(self.allowed / 2, served))
        return Rate(self.most, allowed, now, now, self.few + 1 if allowed < SCARCE_RATE else 0)

    def after_success(self, now: float) -> "Rate":
        """Allow one more call, if a whole window has passed since the last change."""
        if now - self.changed_at < WINDOW or not self.growing:
            return self
        return replace(self, allowed=min(self.most, self.allowed + 1), changed_at=now)
