"""The keys that sign calls: a given one, or sessions of a role that the job's identity is exchanged for."""

import asyncio
import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from tempfile import NamedTemporaryFile
from typing import Any, Protocol

from actions_toolkit.oidc_utils import OidcClient
from alibabacloud_credentials.exceptions import CredentialException
from alibabacloud_credentials.models import CredentialModel
from alibabacloud_credentials.provider import OIDCRoleArnCredentialsProvider

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.ending import Fault, Refusal, Refused, Source, Symptom

from .answers import MOST_CODE, MOST_TEXT, cut, ending_of

# STS accepts tokens of 4 to 20,000 characters. A token has these three parts.
_ID_TOKEN = re.compile(r"(?=.{4,20000}\Z)[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
# What a header may hold, with a length that headers may have.
_KEY_PART = re.compile(r"[!-~]{6,12000}")
# What the packages raise if a complete answer lacks the value that they look for.
_OF_THE_PACKAGES = (Exception, TypeError)


@frozen
class Session:
    """The key of a session, and for how many seconds it is valid from its request on."""

    id: str
    secret: str
    token: str
    seconds: float

    def __repr__(self) -> str:
        return "Session(...)"


@frozen
class Exchange:
    """Everything that an exchange needs. `learn` receives every secret before it is used."""

    role_arn: str
    provider_arn: str
    audience: str
    session_name: str
    session_seconds: int
    sts_endpoint: str
    learn: Callable[[tuple[str, ...]], None]

    def session(self, now: float) -> Session | Refused:
        """Fetch an ID token and exchange it at once, because it is valid for only about five minutes.

        `now` is in seconds since 1970. Without a session, the refusal says whether another try can help.
        """
        token = self._id_token()
        if isinstance(token, Refused):
            return token
        self.learn((token,))
        try:
            with _readable(token) as path:
                given = self._provider(path).get_credentials()
        except Exception as error:  # noqa: BLE001 - the package raises any error, with the token in it
            return _refused(error)
        session = self._checked(given, now)
        if isinstance(session, Session):
            self.learn((session.secret, session.token))
        return session

    def _id_token(self) -> str | Refused:
        try:
            # Not core.get_id_token: it masks any value, even a single letter.
            token = OidcClient.get_id_token(self.audience)
        except Exception as error:  # noqa: BLE001 - the toolkit raises nothing more specific
            return _no_token(error)
        if not isinstance(token, str) or not _ID_TOKEN.fullmatch(token):
            return _nothing(Source.GITHUB, Symptom.NOT_AN_ID_TOKEN)
        return token

    def _provider(self, path: str) -> Any:
        """A new provider for each exchange: an old one would renew a session of 900 s with every call."""
        return OIDCRoleArnCredentialsProvider(
            role_arn=self.role_arn,
            oidc_provider_arn=self.provider_arn,
            oidc_token_file_path=path,
            role_session_name=self.session_name,
            duration_seconds=self.session_seconds,
            sts_endpoint=self.sts_endpoint,
        )

    def _checked(self, given: Any, now: float) -> Session | Refused:
        parts = (
            given.get_access_key_id(),
            given.get_access_key_secret(),
            given.get_security_token(),
        )
        if not all(isinstance(part, str) and _KEY_PART.fullmatch(part) for part in parts):
            return _nothing(Source.STS, Symptom.NO_KEY)
        # If this machine's clock is slow, the end seems later than the requested length.
        seconds = min(given.get_expiration() - now, self.session_seconds)
        if seconds <= 0:
            return _nothing(Source.STS, Symptom.SESSION_OVER)
        return Session(*parts, seconds)


def _no_token(error: Exception) -> Refused:
    """Read a refusal of GitHub from its HTTP status, which the toolkit puts before the text of the answer."""
    found = re.search(r"Error Code: (\d{3})", str(error)[:500])
    if not found:
        return _silence(Source.GITHUB, error)
    status = int(found[1])
    symptom = Symptom.ID_TOKEN_DENIED if status in {401, 403, 404} else Symptom.ID_TOKEN_REFUSED
    final = 400 <= status < 500 and status not in {408, 429}
    fault = Fault(symptom=symptom, detail=str(status), source=Source.GITHUB)
    return Refused(Refusal.DENIED if final else Refusal.UNREACHABLE, fault)


def _refused(error: Exception) -> Refused:
    """What STS answered, if it did."""
    if not isinstance(error, CredentialException):
        return _silence(Source.STS, error)
    text = str(error)
    found = re.search(r"http_code: (\d{3})", text[:200])
    status = int(found[1]) if found else 200
    said: Any = None
    with suppress(ValueError, RecursionError):
        said = json.loads(text[text.index("{") :])
    code = _text(said.get("Code"), MOST_CODE) if isinstance(said, dict) else ""
    if not code:
        return _nothing(Source.STS, Symptom.NO_CODE, str(status))
    message, asked = _text(said.get("Message"), MOST_TEXT), _text(said.get("RequestId"), MOST_CODE)
    fault = Fault(message, code, http_status=status, detail=asked, source=Source.STS)
    # Not Refusal.THROTTLED: that is DataWorks' answer to a request that arrived, and changes the nonce and the rate.
    final = 400 <= status < 500 and not fault.throttles
    return Refused(Refusal.DENIED if final else Refusal.UNREACHABLE, fault)


def _silence(source: Source, error: Exception) -> Refused:
    """What was observed about an answer that did not come, or was not one."""
    cause: BaseException | None = error
    while cause and type(cause) in _OF_THE_PACKAGES:
        cause = cause.__context__
    if cause is None:
        return _nothing(source, Symptom.LACKING)
    seen = ending_of(error).fault
    return _nothing(source, seen.symptom or Symptom.LACKING, seen.detail)


def _nothing(source: Source, symptom: Symptom, detail: str = "") -> Refused:
    """There is no session for now. Another try may help."""
    return Refused(Refusal.UNREACHABLE, Fault(symptom=symptom, detail=detail, source=source))


def _text(value: Any, most: int) -> str:
    return cut(value, most) if isinstance(value, str) else ""


@contextmanager
def _readable(token: str) -> Iterator[str]:
    """A path where the provider can read the token: in memory if the system allows it, and never left behind."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("id-token")
        try:
            os.write(descriptor, token.encode())
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
    else:
        with NamedTemporaryFile("w", encoding="utf-8") as file:
            file.write(token)
            file.flush()
            yield file.name


# Renew a session in its last quarter, but not earlier than fifteen minutes before its end. In seconds.
MOST_AHEAD = 15 * 60
# With less time left (seconds), a call could arrive after the end.
LEAST_LEFT = 20.0
# After a renewal has failed early, the next one is tried after so many seconds.
RETRY_SECONDS = 20.0
# Seconds: longer than both calls of an exchange can take together.
RENEWAL_SECONDS = 30.0


class Clock(Protocol):
    """The time, as an assumed role needs it."""

    def monotonic(self) -> float:
        """Seconds that never jump."""

    def utc(self) -> datetime:
        """The time of day."""


@frozen
class SessionKey:
    """A key for signing calls. Times are in monotonic seconds."""

    id: str
    secret: str
    token: str = ""
    renew_at: float = float("inf")
    good_until: float = float("inf")

    def __repr__(self) -> str:
        return "SessionKey(...)"


class KeySource(Protocol):
    """Where the client gets its key before each call."""

    async def ready(self) -> Refused | None:
        """Wait until there is a valid key, or until it is known why there is none."""

    def key(self) -> SessionKey:
        """The current key, without waiting. Call `ready` first."""


class GivenKey:
    """The key that the user gave. It cannot be renewed."""

    def __init__(self, key_id: str, secret: str, token: str) -> None:
        self._key = SessionKey(key_id, secret, token)

    async def ready(self) -> None:
        """See KeySource. The key is always ready."""

    def key(self) -> SessionKey:
        """See KeySource."""
        return self._key


class AssumedRole:
    """Sessions of a role, renewed in the background before they end. At most one exchange runs at a time."""

    def __init__(self, exchange: Exchange, clock: Clock) -> None:
        self._exchange = exchange
        self._clock = clock
        self._current: SessionKey | None = None
        self._renewal: _Renewal | None = None
        self._rest_until = 0.0

    async def ready(self) -> Refused | None:
        """See KeySource. It waits only if there is no valid session at all."""
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
        """Use the session from a finished renewal."""
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
    """One exchange in its own thread. Calls wait for it only if they must, and the process can end before it does.

    It is given up after RENEWAL_SECONDS, because the next one cannot begin before that.
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
        except Exception as error:  # noqa: BLE001 - report it, but never its text
            end = _none(Symptom.NO_SESSION, type(error).__name__)
        with suppress(RuntimeError):  # the step has ended
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
    """Times count from the request for the session: the session cannot end earlier than that."""
    ahead = min(MOST_AHEAD, session.seconds / 4)
    ends = began + session.seconds
    left = min(LEAST_LEFT, ahead / 3)
    return SessionKey(session.id, session.secret, session.token, ends - ahead, ends - left)


def _none(symptom: Symptom, detail: str) -> Refused:
    return Refused(Refusal.UNREACHABLE, Fault(symptom=symptom, detail=detail, source=Source.STS))


def _over(failed: Refused) -> Refused:
    """After a session has ended, a failed renewal means "expired": the service has not refused the runs themselves."""
    return Refused(Refusal.EXPIRED, replace(failed.fault, renewal=True))


class Signer:
    """Where the SDK gets its credentials: the current key of a source."""

    def __init__(self, source: KeySource) -> None:
        self._source = source

    def get_credential(self) -> CredentialModel:
        """The key for one call."""
        key = self._source.key()
        kind = "sts" if key.token else "access_key"
        return CredentialModel(
            access_key_id=key.id, access_key_secret=key.secret, security_token=key.token or None, type=kind
        )
