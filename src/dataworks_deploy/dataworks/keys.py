"""Keys for the service: a given one, or sessions of a role that the job's GitHub identity may assume.

The package's default chain is never used: it reads profiles and asks the metadata service.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from alibabacloud_credentials.models import CredentialModel

from dataworks_deploy.domain.ending import Fault, Refusal, Refused, Source, Symptom

from .sts import Exchange, Session

# A session is renewed in its last quarter, and fifteen minutes before its end at the latest.
MOST_AHEAD = 15 * 60
# With less than this left, a call could arrive after the end.
LEAST_LEFT = 20.0
# After a renewal ahead of the end has failed, the next one is tried so much later.
RETRY_SECONDS = 20.0
# Longer than both calls of an exchange may take together.
RENEWAL_SECONDS = 30.0


class Clock(Protocol):
    """The time, as an assumed role needs it."""

    def monotonic(self) -> float:
        """Seconds that never jump."""

    def utc(self) -> datetime:
        """The time of day."""


@dataclass(frozen=True, slots=True)
class SessionKey:
    """A key as calls are signed with it. Times are of a clock that never jumps."""

    id: str
    secret: str
    token: str = ""
    renew_at: float = float("inf")
    good_until: float = float("inf")

    def __repr__(self) -> str:
        return "SessionKey(...)"


class KeySource(Protocol):
    """Where the client takes its key from, before each call."""

    async def ready(self) -> Refused | None:
        """Wait until there is a valid key, or until it is known why there is none."""

    def key(self) -> SessionKey:
        """The key of now, at once. `ready` comes first."""


class GivenKey:
    """The key that the user gave. It cannot be renewed."""

    def __init__(self, key_id: str, secret: str, token: str) -> None:
        self._key = SessionKey(key_id, secret, token)

    async def ready(self) -> None:
        """See KeySource. It always is."""

    def key(self) -> SessionKey:
        """See KeySource."""
        return self._key


class AssumedRole:
    """Sessions of a role, renewed in the background before they end. One exchange is under way at most."""

    def __init__(self, exchange: Exchange, clock: Clock) -> None:
        self._exchange = exchange
        self._clock = clock
        self._current: SessionKey | None = None
        self._renewal: _Renewal | None = None
        self._rest_until = 0.0

    async def ready(self) -> Refused | None:
        """See KeySource. Waits only while there is no valid session at all."""
        now = self._clock.monotonic()
        self._take(now)
        current = self._current
        if current and now < current.renew_at:
            return None
        if current and now < current.good_until:
            if not self._renewal and now >= self._rest_until:
                self._renewal = self._begin(now)
            return None
        self._renewal = self._renewal or self._begin(now)
        return await self._renewed(self._renewal)

    def key(self) -> SessionKey:
        """See KeySource."""
        if not self._current:
            raise RuntimeError("key() before ready()")
        return self._current

    def _begin(self, now: float) -> "_Renewal":
        return _Renewal(self._exchange.session, now, self._clock.utc().timestamp())

    async def _renewed(self, renewal: "_Renewal") -> Refused | None:
        ended = self._current is not None
        await renewal.done.wait()
        self._take(self._clock.monotonic())
        return _over(renewal.failed) if ended and renewal.failed else renewal.failed

    def _take(self, now: float) -> None:
        """Take over what a renewal that is done has brought."""
        renewal, current = self._renewal, self._current
        if not renewal or not renewal.done.is_set():
            return
        self._renewal = None
        if renewal.session:
            self._current = _key_of(renewal.session, renewal.began)
        elif current:
            # Short sessions have no twenty seconds to lose.
            self._rest_until = now + min(RETRY_SECONDS, (current.good_until - current.renew_at) / 4)


class _Renewal:
    """One exchange in a thread of its own: nothing waits for it that need not, and it does not hold the exit.

    It is given up after RENEWAL_SECONDS: no later one could begin as long as it is under way.
    """

    def __init__(self, exchange: Callable[[float], Session | Refused], began: float, moment: float) -> None:
        self.began = began
        self.done = asyncio.Event()
        self.session: Session | None = None
        self.failed: Refused | None = None
        self._exchange, self._moment = exchange, moment
        loop = asyncio.get_running_loop()
        late = _none(Symptom.NO_SESSION_WITHIN, f"{RENEWAL_SECONDS:.0f}")
        self._limit = loop.call_later(RENEWAL_SECONDS, self._end, late)
        try:
            threading.Thread(target=self._carry_out, args=(loop,), name="renewal", daemon=True).start()
        except RuntimeError:
            self._end(_none(Symptom.NO_THREAD, ""))

    def _carry_out(self, loop: asyncio.AbstractEventLoop) -> None:
        end: Session | Refused
        try:
            end = self._exchange(self._moment)
        except Exception as error:  # noqa: BLE001 - it must be told, and never by its own text
            end = _none(Symptom.NO_SESSION, type(error).__name__)
        with suppress(RuntimeError):  # the step is over
            loop.call_soon_threadsafe(self._end, end)

    def _end(self, end: Session | Refused) -> None:
        """Only the first end counts."""
        self._limit.cancel()
        if self.done.is_set():
            return
        if isinstance(end, Refused):
            self.failed = end
        else:
            self.session = end
        self.done.set()


def _key_of(session: Session, began: float) -> SessionKey:
    """Times run from the moment at which the session was asked for: it cannot end earlier than that tells."""
    ahead = min(MOST_AHEAD, session.seconds / 4)
    ends = began + session.seconds
    left = min(LEAST_LEFT, ahead / 3)
    return SessionKey(session.id, session.secret, session.token, ends - ahead, ends - left)


def _none(symptom: Symptom, detail: str) -> Refused:
    return Refused(Refusal.UNREACHABLE, Fault(symptom=symptom, detail=detail, source=Source.STS))


def _over(failed: Refused) -> Refused:
    """Once a session has ended, what could not be renewed has expired: the runs themselves are not refused."""
    return Refused(Refusal.EXPIRED, replace(failed.fault, renewal=True))


class Signer:
    """What the SDK takes credentials from: the current key of a source."""

    def __init__(self, source: KeySource) -> None:
        self._source = source

    def get_credential(self) -> CredentialModel:
        """The key for one call."""
        key = self._source.key()
        kind = "sts" if key.token else "access_key"
        return CredentialModel(
            access_key_id=key.id, access_key_secret=key.secret, security_token=key.token or None, type=kind
        )
