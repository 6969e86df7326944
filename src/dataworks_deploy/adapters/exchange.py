"""The job's identity for a session of a role: an ID token from GitHub, exchanged at the Security Token Service.

No text of a package's exception gets out: some quote the token, or the URL that it stands in.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from tempfile import NamedTemporaryFile
from typing import Any

from actions_toolkit.oidc_utils import OidcClient
from alibabacloud_credentials.exceptions import CredentialException
from alibabacloud_credentials.provider import OIDCRoleArnCredentialsProvider

from dataworks_deploy.domain.ending import Fault, Refusal

from .answers import MOST_TEXT, whole
from .failures import MOST_CODE, ending_of

# STS takes tokens of 4 to 20,000 characters; these three parts make a token.
_ID_TOKEN = re.compile(r"(?=.{4,20000}\Z)[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
# What can stand in a header, and no more of it than headers may have.
_KEY_PART = re.compile(r"[!-~]{6,12000}")
_ASK = "the job's ID token could not be fetched from GitHub"
_EXCHANGE = "the role could not be assumed"
# What the packages themselves raise where a whole answer lacks what they look for.
_OF_THE_PACKAGES = (Exception, TypeError)
_PERMISSION = "the job needs permissions: id-token: write"
_THROTTLES = "STS lets no more sessions be had at a time"
# What a person does about what STS says. Codes: docs of AssumeRoleWithOIDC, version 2015-04-01.
_HINTS = {
    "AuthenticationFail.OIDCToken.AudienceNotMatch": (
        "oidc-audience must be among the client IDs of the OIDC provider, and be the oidc:aud of the role's trust "
        "policy"
    ),
    "AuthenticationFail.OIDCToken.IssuerNotMatch": (
        "the OIDC provider's issuer must be https://token.actions.githubusercontent.com"
    ),
    "AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch": (
        "the OIDC provider's fingerprint in RAM is that of an older certificate of the issuer"
    ),
    "AuthenticationFail.OIDCToken.Expired": "check the OIDC provider's limit on the token's age, and run again",
    "AuthenticationFail.NoPermission": (
        "check oidc-provider-arn, and that the role's trust policy has exactly this job's oidc:sub; since July "
        "2026 GitHub writes numeric IDs into that of a new repository"
    ),
    "EntityNotExist.Role": "check role-arn",
    "InvalidParameter.DurationSeconds": (
        "role-session-seconds must not be longer than the role's maximum session duration"
    ),
}


class ExchangeError(Exception):
    """There is no session. `why` says whether trying again can help."""

    def __init__(self, why: Refusal, fault: Fault) -> None:
        super().__init__(fault.message)
        self.why = why
        self.fault = fault


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

    def session(self, now: float) -> Session:
        """Fetch an ID token and exchange it at once: it lives for some five minutes.

        `now` is in seconds of the epoch. Raises ExchangeError.
        """
        token = self._id_token()
        self.learn((token,))
        try:
            with _readable(token) as path:
                given = self._provider(path).get_credentials()
        except Exception as error:  # noqa: BLE001 - the package raises what comes, with the token in it
            raise _refused(error) from None
        session = self._checked(given, now)
        self.learn((session.secret, session.token))
        return session

    def _id_token(self) -> str:
        try:
            # Not core.get_id_token: it masks whatever comes, be it one letter.
            token = OidcClient.get_id_token(self.audience)
        except Exception as error:  # noqa: BLE001 - the toolkit raises nothing else
            raise _no_token(error) from None
        if not isinstance(token, str) or not _ID_TOKEN.fullmatch(token):
            raise ExchangeError(Refusal.UNREACHABLE, Fault(f"{_ASK}: what came is no ID token"))
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

    def _checked(self, given: Any, now: float) -> Session:
        parts = (
            given.get_access_key_id(),
            given.get_access_key_secret(),
            given.get_security_token(),
        )
        if not all(isinstance(part, str) and _KEY_PART.fullmatch(part) for part in parts):
            raise _no_answer("the session has no usable key")
        # Where this machine's clock is behind, the end seems further away than what was asked for.
        seconds = min(given.get_expiration() - now, self.session_seconds)
        if seconds <= 0:
            raise _no_answer("the session has ended before it began; check this machine's clock")
        return Session(*parts, seconds)


def _no_token(error: Exception) -> ExchangeError:
    """GitHub's refusals are told by their HTTP status, which the toolkit puts in front of the answer's text."""
    found = re.search(r"Error Code: (\d{3})", str(error)[:500])
    if not found:
        return ExchangeError(Refusal.UNREACHABLE, Fault(f"{_ASK}: {_silence(error)}"))
    status = int(found[1])
    final = 400 <= status < 500 and status not in {408, 429}
    text = f"{_ASK}: it answers with HTTP status {status}"
    # In the words alone: the statuses of faults are what DataWorks and STS say.
    fault = Fault(f"{text}; {_PERMISSION}" if status in {401, 403, 404} else text)
    return ExchangeError(Refusal.DENIED if final else Refusal.UNREACHABLE, fault)


def _refused(error: Exception) -> ExchangeError:
    """What STS said, if it said anything."""
    if not isinstance(error, CredentialException):
        return _no_answer(_silence(error))
    text = str(error)
    found = re.search(r"http_code: (\d{3})", text[:200])
    status = int(found[1]) if found else 200
    said: Any = None
    with suppress(ValueError, RecursionError):
        said = json.loads(text[text.index("{") :])
    code = _text(said.get("Code"), MOST_CODE) if isinstance(said, dict) else ""
    if not code:
        return _no_answer(f"HTTP status {status} without an answer to the question")
    fault = Fault("", code, http_status=status)
    request_id = _text(said.get("RequestId"), MOST_CODE)
    # In the words alone: the RequestIds of faults are those of calls to DataWorks.
    asked = f" (RequestId {request_id} of STS)" if request_id else ""
    hint = _THROTTLES if fault.throttles else _HINTS.get(code, "")
    words = [f"{_EXCHANGE}{asked}: {_text(said.get('Message'), MOST_TEXT)}", hint]
    fault = replace(fault, message="; ".join(each for each in words if each))
    # No Refusal.THROTTLED: that is by DataWorks, of a request that has arrived, and changes nonce and pace.
    final = 400 <= status < 500 and not fault.throttles
    return ExchangeError(Refusal.DENIED if final else Refusal.UNREACHABLE, fault)


def _no_answer(why: str) -> ExchangeError:
    return ExchangeError(Refusal.UNREACHABLE, Fault(f"{_EXCHANGE}: STS gives no usable answer: {why}"))


def _silence(error: Exception) -> str:
    """Our words for an answer that did not come, or was none."""
    cause: BaseException | None = error
    while cause and type(cause) in _OF_THE_PACKAGES:
        cause = cause.__context__
    return ending_of(error).fault.message if cause else "what it answers does not hold what was asked for"


def _text(value: Any, most: int) -> str:
    return whole(value[:most]) if isinstance(value, str) else ""


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
