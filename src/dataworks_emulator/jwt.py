"""JSON Web Tokens: written like an identity provider, and checked like a service that trusts it."""

import base64
import hashlib
import hmac
import json
from typing import Any

from dataworks_emulator.answers import refusal

ALGORITHM = "HS256"
HEADER = {"typ": "JWT", "alg": ALGORITHM, "kid": "emulator"}
SHORTEST, LONGEST = 4, 20_000


def write(claims: dict[str, Any], key: str) -> str:
    """Return `header.payload.signature`."""
    parts = ".".join(_encoded(json.dumps(part).encode()) for part in (HEADER, claims))
    return f"{parts}.{_encoded(_signature(parts, key))}"


def read(token: str, key: str) -> dict[str, Any]:
    """Return the claims of a token signed with this key. Refuse any other token in the words of STS."""
    if not token:
        raise refusal("token-empty")
    parts = token.split(".")
    if len(parts) != 3:
        raise refusal("token-parts")
    header, claims, signature = map(_decoded, parts)
    algorithm = _object(header).get("alg")
    if algorithm != ALGORITHM:
        raise refusal("token-algorithm", str(algorithm))
    read_claims = _object(claims)
    if not SHORTEST <= len(token) <= LONGEST:
        raise refusal("AuthenticationFail.OIDCToken.Invalid")
    if not hmac.compare_digest(signature, _signature(f"{parts[0]}.{parts[1]}", key)):
        raise refusal("AuthenticationFail.OIDCToken.InvalidSignature")
    return read_claims


def _signature(text: str, key: str) -> bytes:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise refusal("token-base64") from None


def _object(part: bytes) -> dict[str, Any]:
    try:
        value = json.loads(part)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise refusal("AuthenticationFail.OIDCToken.Invalid")
    return value
