"""Removes secrets from everything that is written, in every form in which they may appear."""

import base64
import re
from collections.abc import Callable, Iterable
from dataclasses import is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar, cast
from urllib.parse import quote, quote_plus

from . import fields_of

T = TypeVar("T")

# Masking a short or common text would hide half of the log. The runner would also drop outputs that contain it.
LEAST = 6
HIDDEN = "***"
_NO_TEXT = re.compile("[\ud800-\udfff]+")
_ESCAPE = re.compile(r"%(?:25)?[0-9A-F]{2}")


class Secrets:
    """The secrets of one step. Spaces around a value are not part of the secret."""

    def __init__(self, values: Iterable[str]) -> None:
        self._plain: list[str] = []
        self._forms: list[str] = []
        self.add(values)

    def add(self, values: Iterable[str]) -> None:
        """Add more secrets, such as those of a renewed session."""
        whole = [piece for value in values for piece in (value, *value.splitlines())]
        # Bytes that are not text arrive as surrogates, which cannot be written. So the text between them is hidden.
        pieces = [piece.strip() for text in whole for piece in _NO_TEXT.split(text)]
        new = [piece for piece in dict.fromkeys(pieces) if len(piece) >= LEAST]
        self._plain += [piece for piece in new if piece not in self._plain]
        forms = {form for value in self._plain for form in _forms(value)}
        self._forms = sorted(forms, key=lambda form: (-len(form), form))

    @property
    def masks(self) -> tuple[str, ...]:
        """What the runner must hide: each value, its lines, and the encodings that the runner does not derive
        itself.
        """
        # The runner takes `##[` for an old command anywhere in a line, even after `::add-mask::`.
        wanted = dict.fromkeys(part for form in (*self._plain, *self._forms) for part in form.split("##["))
        return tuple(mask for mask in wanted if len(mask) >= LEAST and "\n" not in mask and "\r" not in mask)

    def scrub(self, text: str) -> str:
        """The text without any form of any secret."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        return text


def _forms(secret: str) -> Iterable[str]:
    """The secret as it is, URL-encoded once and twice, in hexadecimal, and in base64 at each of three offsets."""
    raw = secret.encode()
    yield secret
    for once in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        for encoded in (once, quote(once, safe="")):
            yield encoded
            yield _ESCAPE.sub(lambda found: found[0].lower(), encoded)
    yield raw.hex()
    yield raw.hex().upper()
    yield base64.b64encode(raw).decode()
    for offset in range(3):
        # Inside a longer text, the characters at both ends depend on the text around them. The rest does not.
        inner = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
        cut = inner[(0, 2, 3)[offset] : -1 if len(raw + b"\0" * offset) % 3 else None]
        yield cut
        yield cut.replace("+", "-").replace("/", "_")


def scrubbed(value: T, scrub: Callable[[str], str]) -> T:
    """Return a frozen value with `scrub` applied to every text in it, at any depth. Without a change, the same value.

    Scrub values before encoding them: JSON and Markdown change some characters of a secret.
    """
    return cast("T", _clean(value, scrub))


def _clean(value: Any, scrub: Callable[[str], str]) -> Any:
    # The words of an enumeration are ours.
    if isinstance(value, str) and not isinstance(value, Enum):
        clean = scrub(value)
        return value if clean == value else clean
    if isinstance(value, tuple):
        parts = tuple(_clean(each, scrub) for each in value)
        # Do not compare with `==`: fields that it ignores may hold a secret too.
        return value if all(a is b for a, b in zip(value, parts, strict=True)) else parts
    if is_dataclass(value) and not isinstance(value, type):
        changes = {}
        for field in fields_of(value):
            before = getattr(value, field.name)
            after = _clean(before, scrub)
            if after is not before:
                changes[field.name] = after
        return replace(value, **changes) if changes else value
    return value
