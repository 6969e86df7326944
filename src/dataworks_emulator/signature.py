"""Verifies the signature of a request (ACS3-HMAC-SHA256), its security token and its date."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import parse_qsl, quote

from dataworks_emulator.answers import refusal
from dataworks_emulator.settings import Credential

ALGORITHM = "ACS3-HMAC-SHA256"
FRESH_SECONDS = 15 * 60
MAX_FIELDS = 1000
AUTHORIZATION = re.compile(ALGORITHM + r" Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]+)")


@dataclass(frozen=True)
class WireRequest:
    """A request as it arrived. Header names are in lower case. `closes`: it is the last one on its connection."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    closes: bool = False

    @cached_property
    def asked(self) -> list[tuple[str, str]]:
        """Return the fields of the query. Raises ValueError if there are too many."""
        return parse_qsl(self.query, keep_blank_values=True, max_num_fields=MAX_FIELDS)

    @cached_property
    def form(self) -> list[tuple[str, str]]:
        """Return the fields of the body. Raises ValueError if there are too many."""
        return parse_qsl(
            self.body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS
        )


class Verifier:
    """Knows the access keys, and decides whether one of them signed a request."""

    def __init__(self, credentials: Sequence[Credential], started: float) -> None:
        """Start the lifetimes of the credentials."""
        self._credentials = {each.access_key_id: (each, started) for each in credentials}
        self._started = started

    def accept(self, credential: Credential, since: float | None = None) -> None:
        """Accept one more access key, or another secret or token for a known one.

        Its lifetime counts from `since`, or from the start of the service.
        """
        self._credentials[credential.access_key_id] = (credential, self._started if since is None else since)

    def check(self, request: WireRequest, now: float) -> None:
        """Return if a known key signed the request and it is recent. Otherwise refuse it."""
        parts = AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if parts is None:
            raise refusal("IncompleteSignature")
        key, signed, signature = parts.groups()
        credential = self._known(key, request.headers.get("x-acs-security-token", ""), now)
        _check_date(request.headers.get("x-acs-date", ""), now)
        _check_signed(request, signed.split(";"))
        canonical = _canonical(request, signed)
        to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        mine = hmac.new(credential.secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(mine, signature):
            failed = refusal("SignatureDoesNotMatch")
            # The gateway quotes both, and so the headers too, with the security token.
            failed.message += f" server StringToSign is [{to_sign}], server CanonicalRequest is [{canonical}]"
            raise failed

    def _known(self, key: str, token: str, now: float) -> Credential:
        if key not in self._credentials:
            raise refusal("InvalidAccessKeyId.NotFound")
        credential, since = self._credentials[key]
        if token != credential.token:
            raise refusal("InvalidSecurityToken.Malformed")
        if credential.expires_after is not None and now - since >= credential.expires_after:
            raise refusal(
                "InvalidSecurityToken.Expired" if credential.token else "InvalidAccessKeyId.NotFound"
            )
        return credential


def claimed_key(request: WireRequest) -> str:
    """Return the access key ID that a request claims, signed or not."""
    found = re.search(r"Credential=([^,\s]+)", request.headers.get("authorization", ""))
    return found[1] if found else ""


def _check_date(text: str, now: float) -> None:
    try:
        sent = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise refusal("InvalidTimeStamp.Expired") from None
    if abs(now - sent) > FRESH_SECONDS:
        raise refusal("InvalidTimeStamp.Expired")


def _check_signed(request: WireRequest, signed: list[str]) -> None:
    # For a request without a body, aiohttp adds a Content-Type that nobody has signed.
    plain = {"host", "content-type"} if request.body else {"host"}
    must = {name for name in request.headers if name.startswith("x-acs-") or name in plain}
    digest = hashlib.sha256(request.body).hexdigest()
    complete = must <= set(signed) and bool(request.headers.get("x-acs-signature-nonce"))
    if not complete or request.headers.get("x-acs-content-sha256") != digest:
        raise refusal("IncompleteSignature")


def _canonical(request: WireRequest, signed: str) -> str:
    query = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(request.asked))
    headers = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in signed.split(";"))
    digest = hashlib.sha256(request.body).hexdigest()
    return f"{request.method}\n{request.path}\n{query}\n{headers}\n{signed}\n{digest}"


def _encoded(text: str) -> str:
    return quote(text, safe="~")
