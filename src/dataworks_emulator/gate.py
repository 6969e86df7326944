"""The checks before every operation: the fence against used nonces, and the limits of the edition."""

from collections import deque
from dataclasses import dataclass

from dataworks_emulator.answers import Refusal, refusal
from dataworks_emulator.settings import WRITES, Settings

NONCE_SECONDS = 30 * 60
SHANGHAI = 8 * 3600
DAY = 24 * 3600


class NonceFence:
    """Remembers nonces for half an hour."""

    def __init__(self) -> None:
        """Start with no nonce seen."""
        self._seen: dict[str, float] = {}

    def admit(self, nonce: str, now: float) -> None:
        """Refuse a nonce that was used within the last half hour. Later uses do not extend that time."""
        seen = self._seen.get(nonce)
        if seen is not None and now - seen < NONCE_SECONDS:
            raise refusal("SignatureNonceUsed")

    def register(self, nonce: str, now: float) -> None:
        """Remember a nonce, and forget those that are too old."""
        # In the order of arrival, so the oldest comes first.
        self._seen.pop(nonce, None)
        self._seen[nonce] = now
        while self._seen and now - next(iter(self._seen.values())) >= NONCE_SECONDS:
            del self._seen[next(iter(self._seen))]


@dataclass(frozen=True)
class Edition:
    """The limits of one edition. None means no limit. Enterprise has separate rates for reads and writes."""

    day: int | None
    reads_per_second: int | None
    writes_per_second: int | None
    shared: bool = True


EDITIONS = {
    "basic": Edition(100, 5, 5),
    "standard": Edition(None, 100, 100),
    "professional": Edition(None, 100, 100),
    "enterprise": Edition(None, 50, 20, shared=False),
    "unlimited": Edition(None, None, None),
}


class Quota:
    """Counts calls in each sliding second and each day in Shanghai, for all callers of the account together."""

    def __init__(self, settings: Settings) -> None:
        """Look up the limits of the edition."""
        self._settings = settings
        self._edition = EDITIONS[settings.edition]
        self._day_limit = self._edition.day if settings.day_calls is None else settings.day_calls
        self._day, self._used = -1, 0
        self._recent: dict[str, deque[float]] = {"read": deque(), "write": deque()}

    def spend(self, action: str, now: float) -> None:
        """Count one call, or refuse it. A refused call is not counted."""
        day = int((now + SHANGHAI) // DAY)
        if day != self._day:
            self._day, self._used = day, 0
        if self._day_limit is not None and self._used >= self._day_limit:
            raise refusal(self._settings.quota_code, status=self._settings.throttle_status)
        writes = action in WRITES
        edition = self._edition
        limit = edition.writes_per_second if writes else edition.reads_per_second
        recent = self._recent["write" if writes and not edition.shared else "read"]
        while recent and now - recent[0] >= 1:
            recent.popleft()
        if limit is not None and len(recent) >= limit:
            raise throttled(self._settings)
        recent.append(now)
        self._used += 1


def throttled(settings: Settings, retry_after_ms: int | None = None) -> Refusal:
    """Make the refusal for a call that came too soon, with the time to wait if the settings give one."""
    made = refusal("Throttling.User", status=settings.throttle_status)
    wait = settings.retry_after_ms if retry_after_ms is None else retry_after_ms
    if wait is not None:
        made.headers["x-acs-retry-after"] = str(wait)
    return made
