"""Finds what GitHub's Markdown would bring to life in a piece of text that is meant to be plain."""

import html
import re

# An entity is a character that has lost its meaning; what is left is read as GitHub does.
_ENTITY = re.compile(r"&#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6});|&[A-Za-z][A-Za-z0-9]*;")
_ALIVE = {
    "HTML or an autolink": re.compile(r"<"),
    "a link or an image": re.compile(r"[\[\]]"),
    "code": re.compile(r"`"),
    "a cell": re.compile(r"\|"),
    "emphasis": re.compile(r"[*_~]"),
    "an escape": re.compile(r"\\"),
    "mathematics": re.compile(r"\$"),
    "an entity": re.compile(r"&"),
    "an address": re.compile(r"(?:https?:|ftp:|mailto:|xmpp:|\bwww\.)\S", re.IGNORECASE),
    "more than one line": re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]"),
    "hidden characters": re.compile(
        r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
    ),
}
# Looked for in the finished page, where entities are characters again.
_MENTION = re.compile(r"@[A-Za-z0-9]")


def alive(text: str) -> list[str]:
    """Return what of the text is more than text."""
    found = [name for name, pattern in _ALIVE.items() if pattern.search(_ENTITY.sub("x", text))]
    return [*found, "a mention"] if _MENTION.search(html.unescape(text)) else found
