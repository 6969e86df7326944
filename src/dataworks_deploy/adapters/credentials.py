"""Keys for the service: a given one, or sessions of a role that the job's GitHub identity may assume.

The package's default chain is never used: it reads profiles and asks the metadata service.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from tempfile import NamedTemporaryFile
from typing import Any, Protocol

from actions_toolkit import core
from alibabacloud_credentials.exceptions import CredentialException
from alibabacloud_credentials.models import CredentialModel
from alibabacloud_credentials.provider import OIDCRoleArnCredentialsProvider

from dataworks_deploy.domain.ending import Fault, Refusal

ID_TOKEN_SECONDS = 15.0
# A session is renewed in its last quarter, and fifteen minutes before its end at the latest.
MOST_AHEAD = 15 * 60
RETRY_SECONDS = 20.0
# With less than this left, a call could arrive after the end.
LEAST_LEFT = 20.0


class CredentialsError(Exception):
    """There is no valid key now, so nothing can be sent. `why` tells whether it may come back."""

    def __init__(self, why: Refusal, fault: Fault) -> None:
        super().__init__(fault.message)
        self.why = why
        self.fault = fault


@dataclass(frozen=True, slots=True)
class SessionKey:
    """A key as calls are signed with it. Times are in seconds since the epoch."""

    id: str
    secret: str
    token: str = ""
    renew_at: float = float("inf")
    ends_at: float = float("inf")

    def __repr__(self) -> str:
        return "SessionKey(...)"


class KeySource(Protocol):
    """Where the client takes its key from, before each call."""

    def key(self) -> SessionKey:
        """A key that is valid now. May block for a renewal; raises CredentialsError."""


class GivenKey:
    """The key that the user gave. It cannot be renewed."""

    def __init__(self, key_id: str, secret: str, token: str) -> None:
        self._key = SessionKey(key_id, secret, token)

    def key(self) -> SessionKey:
        """See KeySource."""
        return self._key


class AssumedRole:
    """Sessions of a role, renewed in the background before they end."""

    def __init__(
        self,
        *,
        role_arn: str,
        provider_arn: str,
        audience: str,
        session_name: str,
        session_seconds: int,
        sts_endpoint: str,
        learn: Callable[[tuple[str, ...]], None],
    ) -> None:
        """`learn` is told every secret before it is used."""
        self._role = {
            "role_arn": role_arn,
            "oidc_provider_arn": provider_arn,
            "role_session_name": session_name,
            "duration_seconds": session_seconds,
            "sts_endpoint": sts_endpoint,
        }
        self._audience = audience
        self._learn = learn
        self._current: SessionKey | None = None
        self._renewing = threading.Lock()

    def key(self) -> SessionKey:
        """See KeySource. Blocks only while there is no valid session at all."""
        current, now = self._current, time.time()
        if current and now < current.renew_at:
            return current
        if current and now < current.ends_at - LEAST_LEFT:
            if self._renewing.acquire(blocking=False):
                threading.Thread(target=self._renew_ahead, args=(current,), daemon=True).start()
            return current
        with self._renewing:
            return self._renewed_meanwhile(current) or self._assume(expired=current is not None)

    def _renewed_meanwhile(self, before: SessionKey | None) -> SessionKey | None:
        return self._current if self._current is not before else None

    def _renew_ahead(self, current: SessionKey) -> None:
        try:
            self._assume(expired=False)
        except CredentialsError:
            # The session is still good; the next attempt comes with a call after a pause.
            self._current = SessionKey(
                current.id, current.secret, current.token, time.time() + RETRY_SECONDS, current.ends_at
            )
        finally:
            self._renewing.release()

    def _assume(self, *, expired: bool) -> SessionKey:
        """Fetch an ID token and exchange it at once: it lives for some five minutes."""
        try:
            token = _bounded(lambda: core.get_id_token(self._audience), ID_TOKEN_SECONDS)
        except Exception as error:
            raise CredentialsError(_why(Refusal.UNREACHABLE, expired=expired), _no_token()) from error
        self._learn((token,))
        try:
            with _readable(token) as path:
                session = OIDCRoleArnCredentialsProvider(
                    **self._role, oidc_token_file_path=path
                ).get_credentials()
        except Exception as error:
            fault, why = _refusal(error)
            raise CredentialsError(_why(why, expired=expired), fault) from error
        self._current = _session_key(session)
        self._learn((self._current.secret, self._current.token))
        return self._current


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


def _session_key(session: Any) -> SessionKey:
    ends, now = float(session.get_expiration()), time.time()
    ahead = min(MOST_AHEAD, max(0.0, ends - now) / 4)
    return SessionKey(
        session.get_access_key_id(),
        session.get_access_key_secret(),
        session.get_security_token(),
        ends - ahead,
        ends,
    )


def _why(why: Refusal, *, expired: bool) -> Refusal:
    """Once a session has ended, what could not be renewed has expired: the runs themselves are not refused."""
    return Refusal.EXPIRED if expired else why


def _no_token() -> Fault:
    return Fault(
        "the job's ID token could not be fetched from GitHub; the job needs permissions: id-token: write"
    )


def _refusal(error: Exception) -> tuple[Fault, Refusal]:
    """What STS said. The exception's own text is never shown: it may quote the token."""
    if isinstance(error, CredentialException):
        with suppress(ValueError, AttributeError):
            text = str(error)
            said = json.loads(text[text.index("{") :])
            code, message = str(said.get("Code") or ""), str(said.get("Message") or "")
            if code:
                request_id = said.get("RequestId")
                text = f"the role could not be assumed: {message}"
                return Fault(text, code, request_id if isinstance(request_id, str) else None), Refusal.DENIED
        return Fault("the role could not be assumed: STS gave no usable answer"), Refusal.UNREACHABLE
    return Fault("the role could not be assumed: STS cannot be reached"), Refusal.UNREACHABLE


def _bounded(call: Callable[[], str], seconds: float) -> str:
    """The result of a call that has no time limit of its own. Raises its error, or TimeoutError."""
    results: SimpleQueue[str | BaseException] = SimpleQueue()

    def carry_out() -> None:
        try:
            results.put(call())
        except BaseException as error:  # noqa: BLE001 - raised again in the caller
            results.put(error)

    threading.Thread(target=carry_out, daemon=True).start()
    try:
        result = results.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if isinstance(result, BaseException):
        raise result
    return result


@contextmanager
def _readable(token: str) -> Iterator[str]:
    """A path under which the provider can read the token: in memory where the system can, never left behind."""
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
