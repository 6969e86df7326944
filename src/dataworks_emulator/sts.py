"""The Security Token Service: it takes an ID token, and returns the access key of a role's session."""

import base64
import math
import random
import re
import string
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

from dataworks_emulator import jwt
from dataworks_emulator.answers import refusal
from dataworks_emulator.request import NUMBER, Request, required
from dataworks_emulator.settings import Credential, Settings
from dataworks_emulator.truth import Truth

Body = dict[str, Any]
Listener = Callable[[Credential, float], object]
ROLE = re.compile(r"acs:ram::[0-9]+:role/[A-Za-z0-9._-]{1,64}")
PROVIDER = re.compile(r"acs:ram::[0-9]+:oidc-provider/[A-Za-z0-9._-]{1,128}")
SESSION_NAME = re.compile(r"[A-Za-z0-9.@_-]{2,64}")
SHORTEST_SECONDS, USUAL_SECONDS = 900, 3600
LAST_MOMENT = 2**35
ROLE_ID = "300000000000000001"
LETTERS = string.ascii_letters + string.digits


class Sts:
    """Opens sessions. Without a list of roles or providers, every valid ARN exists and trusts everybody."""

    def __init__(self, settings: Settings, truth: Truth, rng: random.Random) -> None:
        """Draw the keys from `rng`. `on_session` receives each key, and when its lifetime began."""
        self._settings, self._truth, self._rng = settings, truth, rng
        self.on_session: Listener = lambda _credential, _since: None

    def assume(self, request: Request, now: float) -> Body:
        """AssumeRoleWithOIDC. The same token may be exchanged again until it expires."""
        params = request.params
        role, session_name = _names(params)
        seconds: float = self._seconds(params.get("DurationSeconds", ""))
        self._check_provider(required(params, "OIDCProviderArn"))
        claims = self._claims(params.get("OIDCToken", ""), now)
        self._check_trust(role, claims)
        if self._settings.sts_seconds is not None:
            seconds = self._settings.sts_seconds
        # The answer has whole seconds, and the session ends exactly then.
        expires = math.ceil(now + seconds)
        session = self._open(now, expires)
        told = {"role": role, "session_name": session_name, "access_key_id": session.access_key_id}
        self._truth.record(
            "assumed", now, **told, expires=expires, jti=claims.get("jti"), call=request.number
        )
        return {
            "AssumedRoleUser": {
                "AssumedRoleId": f"{ROLE_ID}:{session_name}",
                "Arn": f"{role}/{session_name}",
            },
            "Credentials": _credentials(session, expires),
            "OIDCTokenInfo": _token_info(claims),
        }

    def _seconds(self, text: str) -> int:
        seconds = int(text) if NUMBER.fullmatch(text) else (0 if text else USUAL_SECONDS)
        if not SHORTEST_SECONDS <= seconds <= self._settings.sts_max_seconds:
            raise refusal("InvalidParameter.DurationSeconds")
        return seconds

    def _check_provider(self, provider: str) -> None:
        if not PROVIDER.fullmatch(provider):
            raise refusal("provider-form")
        if self._settings.oidc_providers and provider not in self._settings.oidc_providers:
            raise refusal("no-provider")

    def _claims(self, token: str, now: float) -> Body:
        claims = jwt.read(token, self._settings.id_token_key)
        expires = claims.get("exp")
        if not _is_moment(expires):
            raise refusal("AuthenticationFail.OIDCToken.Invalid")
        if now >= expires:
            raise refusal("AuthenticationFail.OIDCToken.Expired")
        if claims.get("iss") != self._settings.sts_issuer:
            raise refusal("AuthenticationFail.OIDCToken.IssuerNotMatch")
        if self._settings.sts_audience not in _audiences(claims):
            raise refusal("AuthenticationFail.OIDCToken.AudienceNotMatch")
        return claims

    def _check_trust(self, arn: str, claims: Body) -> None:
        if not self._settings.roles:
            return
        trusts = [role for role in self._settings.roles if role.arn == arn]
        if not trusts:
            raise refusal("EntityNotExist.Role", arn)
        subject, issuer = str(claims.get("sub", "")), str(claims["iss"])
        if not any(_like(role.subject, subject) and _like(role.issuer, issuer) for role in trusts):
            raise refusal("AuthenticationFail.NoPermission")

    def _open(self, now: float, expires: int) -> Credential:
        key = "STS." + "".join(self._rng.choices(LETTERS, k=25))
        secret = "".join(self._rng.choices(LETTERS, k=44))
        # As long as real tokens, and with as many characters that a URL must escape.
        token = "CAIS" + base64.b64encode(self._rng.randbytes(451)).decode()
        session = Credential(key, secret, token, expires - now)
        self.on_session(session, now)
        return session


def _names(params: Mapping[str, str]) -> tuple[str, str]:
    role, session_name = required(params, "RoleArn"), required(params, "RoleSessionName")
    if not ROLE.fullmatch(role):
        raise refusal("InvalidParameter.RoleArn")
    if not SESSION_NAME.fullmatch(session_name):
        raise refusal("InvalidParameter.RoleSessionName")
    return role, session_name


def _credentials(session: Credential, expires: int) -> Body:
    return {
        "AccessKeyId": session.access_key_id,
        "AccessKeySecret": session.secret,
        "SecurityToken": session.token,
        "Expiration": _written(expires),
    }


def _audiences(claims: Body) -> list[str]:
    audience = claims.get("aud")
    return [str(each) for each in audience] if isinstance(audience, list) else [str(audience)]


def _token_info(claims: Body) -> Body:
    info = {
        "Subject": str(claims.get("sub", "")),
        "Issuer": claims["iss"],
        "ClientIds": ",".join(_audiences(claims)),
        "ExpirationTime": _written(claims["exp"]),
        "VerificationInfo": "Success",
    }
    issued = claims.get("iat")
    return info | ({"IssuanceTime": _written(issued)} if _is_moment(issued) else {})


def _is_moment(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and 0 <= value < LAST_MOMENT


def _written(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def _like(pattern: str, text: str) -> bool:
    """Compare like StringLike in a trust policy: `*` is any text, and `?` any character."""
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(escaped, text, re.DOTALL) is not None
