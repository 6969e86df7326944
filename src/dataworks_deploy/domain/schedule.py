"""Delays as arithmetic, all in seconds: when to look again, when to try again."""

from collections.abc import Iterator

# Within this time of the first request a lost creation may be sent once more under the same nonce: the
# gateway remembers a nonce for about thirty minutes, and accepts a request's date for fifteen.
RETRY_WINDOW = 600.0
BACKOFF_FIRST = 1.0
BACKOFF_MOST = 30.0
UNREACHABLE_TRIES = 3


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
