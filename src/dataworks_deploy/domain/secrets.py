"""Keeps secrets out of everything that is written, in every form in which one may come back."""

import base64
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

# A mask for a short or common string would blank out half of the log, and drop outputs that contain it.
LEAST = 6
HIDDEN = "***"


class Secrets:
    """The secrets of one step. Built from their values; blanks around a value do not belong to it."""

    def __init__(self, values: Iterable[str]) -> None:
        self._plain: list[str] = []
        self._forms: list[str] = []
        self.add(values)

    def add(self, values: Iterable[str]) -> None:
        """Learn of more secrets, such as a session that was renewed."""
        stripped = [value.strip() for value in values]
        self._plain += [value for value in dict.fromkeys(stripped) if len(value) >= LEAST]
        forms = {form for value in self._plain for form in _forms(value)}
        self._forms = sorted(forms, key=lambda form: (-len(form), form))

    @property
    def masks(self) -> tuple[str, ...]:
        """What the runner is told to hide: each value, its lines, and the forms that it does not derive."""
        lines = [line.strip() for value in self._plain for line in value.splitlines()]
        wanted = dict.fromkeys([*self._plain, *lines, *self._forms])
        return tuple(mask for mask in wanted if len(mask) >= LEAST and "\n" not in mask and "\r" not in mask)

    def scrub(self, text: str) -> str:
        """The text without any form of any secret."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        return text


def _forms(secret: str) -> Iterable[str]:
    """The secret raw, URL-encoded once and twice, in hexadecimal, and in base64 at each of three offsets."""
    raw = secret.encode()
    yield secret
    for encode in (quote, quote_plus):
        once = encode(secret, safe="")
        yield once
        yield encode(once, safe="")
    yield raw.hex()
    yield raw.hex().upper()
    yield base64.b64encode(raw).decode()
    for offset in range(3):
        # Inside a longer text the characters at the ends depend on the neighbours; the rest does not.
        inner = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
        cut = inner[(0, 2, 3)[offset] : -1 if len(raw + b"\0" * offset) % 3 else None]
        yield cut
        yield cut.replace("+", "-").replace("/", "_")
