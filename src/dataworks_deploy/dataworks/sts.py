"""The job's identity for a session of a role: an ID token from GitHub, exchanged at the Security Token Service.

No text of a package's exception gets out: some quote the token, or the URL that it stands in.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from tempfile import NamedTemporaryFile
from typing import Any

from actions_toolkit.oidc_utils import OidcClient
from alibabacloud_credentials.exceptions import CredentialException
from alibabacloud_credentials.provider import OIDCRoleArnCredentialsProvider

from dataworks_deploy.domain.ending import Fault, Refusal, Refused, Source, Symptom

from .answers import MOST_TEXT, cut
from .failures import MOST_CODE, ending_of

# STS takes tokens of 4 to 20,000 characters; these three parts make a token.
_ID_TOKEN = re.compile(r"(?=.{4,20000}\Z)[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
# What can stand in a header, and no more of it than headers may have.
_KEY_PART = re.compile(r"[!-~]{6,12000}")
# What the packages themselves raise where a whole answer lacks what they look for.
_OF_THE_PACKAGES = (Exception, TypeError)


@dataclass(frozen=True, slots=True)
class Session:
    """The key of a session, and how many seconds it lasts from when it was asked for."""

    id: str
    secret: str
    token: str
    seconds: float

    def __repr__(self) -> str:
        return "Session(...)"


@dataclass(frozen=True, slots=True)
class Exchange:
    """Everything that an exchange needs. `learn` is told every secret before it is used."""

    role_arn: str
    provider_arn: str
    audience: str
    session_name: str
    session_seconds: int
    sts_endpoint: str
    learn: Callable[[tuple[str, ...]], None]

    def session(self, now: float) -> Session | Refused:
        """Fetch an ID token and exchange it at once: it lives for some five minutes. `now` is in seconds of the epoch.

        Where there is no session, the refusal says whether trying again can help.
        """
        token = self._id_token()
        if isinstance(token, Refused):
            return token
        self.learn((token,))
        try:
            with _readable(token) as path:
                given = self._provider(path).get_credentials()
        except Exception as error:  # noqa: BLE001 - the package raises what comes, with the token in it
            return _refused(error)
        session = self._checked(given, now)
        if isinstance(session, Session):
            self.learn((session.secret, session.token))
        return session

    def _id_token(self) -> str | Refused:
        try:
            # Not core.get_id_token: it masks whatever comes, be it one letter.
            token = OidcClient.get_id_token(self.audience)
        except Exception as error:  # noqa: BLE001 - the toolkit raises nothing else
            return _no_token(error)
        if not isinstance(token, str) or not _ID_TOKEN.fullmatch(token):
            return _nothing(Source.GITHUB, Symptom.NOT_AN_ID_TOKEN)
        return token

    def _provider(self, path: str) -> Any:
        """One for each exchange: it would renew a session of 900 s with every call."""
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
        # Where this machine's clock is behind, the end seems further away than what was asked for.
        seconds = min(given.get_expiration() - now, self.session_seconds)
        if seconds <= 0:
            return _nothing(Source.STS, Symptom.SESSION_OVER)
        return Session(*parts, seconds)


def _no_token(error: Exception) -> Refused:
    """GitHub's refusals are told by their HTTP status, which the toolkit puts in front of the answer's text."""
    found = re.search(r"Error Code: (\d{3})", str(error)[:500])
    if not found:
        return _silence(Source.GITHUB, error)
    status = int(found[1])
    symptom = Symptom.ID_TOKEN_DENIED if status in {401, 403, 404} else Symptom.ID_TOKEN_REFUSED
    final = 400 <= status < 500 and status not in {408, 429}
    fault = Fault(symptom=symptom, detail=str(status), source=Source.GITHUB)
    return Refused(Refusal.DENIED if final else Refusal.UNREACHABLE, fault)


def _refused(error: Exception) -> Refused:
    """What STS said, if it said anything."""
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
    # No Refusal.THROTTLED: that is by DataWorks, of a request that has arrived, and changes nonce and pace.
    final = 400 <= status < 500 and not fault.throttles
    return Refused(Refusal.DENIED if final else Refusal.UNREACHABLE, fault)


def _silence(source: Source, error: Exception) -> Refused:
    """What was seen where an answer did not come, or was none."""
    cause: BaseException | None = error
    while cause and type(cause) in _OF_THE_PACKAGES:
        cause = cause.__context__
    if cause is None:
        return _nothing(source, Symptom.LACKING)
    seen = ending_of(error).fault
    return _nothing(source, seen.symptom or Symptom.LACKING, seen.detail)


def _nothing(source: Source, symptom: Symptom, detail: str = "") -> Refused:
    """There is no session for now: trying again may help."""
    return Refused(Refusal.UNREACHABLE, Fault(symptom=symptom, detail=detail, source=source))


def _text(value: Any, most: int) -> str:
    return cut(value, most) if isinstance(value, str) else ""


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
