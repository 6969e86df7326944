"""Forms in which a service may quote a secret that it was sent."""

import base64
from functools import cache
from urllib.parse import quote, quote_plus


@cache
def echoes(secret: str) -> tuple[str, ...]:
    """The secret raw, URL-encoded once and twice, in hex, and in base64 wherever it begins in a longer text."""
    once = tuple(dict.fromkeys((quote(secret, safe=""), quote(secret), quote_plus(secret))))
    twice = tuple(dict.fromkeys(quote(text, safe="") for text in once))
    raw = secret.encode()
    shifts = tuple(base64.b64encode(b"x" * shift + raw + b"y" * shift).decode() for shift in range(3))
    return secret, *once, *twice, raw.hex(), raw.hex().upper(), *shifts
