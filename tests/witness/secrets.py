"""Finds a secret in a text, in the forms in which one may come back from a service or a library."""

import base64
from urllib.parse import quote, quote_plus

LEAST = 4  # of shorter pieces every text is full


def traces(secret: str, text: str) -> list[str]:
    """Return the forms of the secret that the text contains."""
    return [form for form in spellings(secret) if form in text]


def spellings(secret: str) -> list[str]:
    """Return the secret raw, URL-encoded once and twice, in hex, and in base64 wherever it may begin."""
    raw = secret.encode()
    once = {quote(secret, safe=""), quote_plus(secret), quote(secret)}
    twice = {quote(text, safe="") for text in once}
    # Within a longer text base64 shifts; the middle of each shift is the same whatever stands around it.
    shifts = {base64.b64encode(b"\0" * shift + raw).decode()[4:-4] for shift in range(3)}
    forms = {secret, raw.hex(), raw.hex().upper()} | once | twice | shifts
    return sorted(form for form in forms if len(form) >= LEAST)
