"""Finds a secret in a text, in all forms that may come back from a service or a library."""

import base64
from urllib.parse import quote, quote_plus

LEAST = 4  # shorter pieces are in every text


def traces(secret: str, text: str) -> list[str]:
    """Return the forms of the secret that the text contains."""
    return [form for form in spellings(secret) if form in text]


def spellings(secret: str) -> list[str]:
    """Return the secret raw, URL-encoded once and twice, in hex, and in base64 at any offset."""
    raw = secret.encode()
    once = {quote(secret, safe=""), quote_plus(secret), quote(secret)}
    twice = {quote(text, safe="") for text in once}
    # Within a longer text base64 has three shifts. The middle of each is the same, whatever is around it.
    shifts = {base64.b64encode(b"\0" * shift + raw).decode()[4:-4] for shift in range(3)}
    forms = {secret, raw.hex(), raw.hex().upper()} | once | twice | shifts
    return sorted(form for form in forms if len(form) >= LEAST)
