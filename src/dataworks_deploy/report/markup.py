"""Texts as Markdown that shows them and does nothing else, and parts of a page that end before it is too long."""

import re
from collections.abc import Iterable, Iterator

from .harmless import one_line

# A name that begins with www. is linked without any of them.
_MEANING = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&@:]|(?<=www)\.)", re.IGNORECASE)


def markdown(text: str) -> str:
    """Foreign text as text: nothing in it is Markdown, HTML, a link or a mention.

    Words of our own stand in front of it: a number or a dash means something at the start of a line.
    """
    # Most are IDs, and a summary has thousands of them.
    return text if text.isascii() and text.isalnum() else _MEANING.sub(_entity, one_line(text, most=1000))


def _entity(found: re.Match[str]) -> str:
    # Mentions are looked for in the finished page, where an entity is its character again: a word joiner ends them.
    return "&#64;&#8288;" if found[1] == "@" else f"&#{ord(found[1])};"


def link(text: str, url: str | None) -> str:
    """The text, as a link where there is an address. Addresses are made by us, of parts that were encoded."""
    return f"[{markdown(text)}]({url})" if url else markdown(text)


def folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines that are shown when somebody asks for them."""
    yield from ("<details>", f"<summary>{title}</summary>", "")
    yield from lines
    yield from ("", "</details>", "")


def within(most: int, lines: Iterable[str], rest: str) -> Iterator[str]:
    """As many of the lines as go into so many bytes; `rest` stands for the others."""
    size = 0
    for line in lines:
        size += len(line.encode(errors="replace")) + 1
        if size > most:
            yield rest
            return
        yield line
