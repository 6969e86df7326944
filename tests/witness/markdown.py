"""Finds what GitHub's Markdown would make active in a text that must be plain."""

import html
import re

# An entity is a character without its special meaning. The rest is read as GitHub reads it.
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
# Searched in the finished page, where entities are characters again.
_MENTION = re.compile(r"@[A-Za-z0-9]")


def alive(text: str) -> list[str]:
    """Return the kinds of active parts in the text."""
    found = [name for name, pattern in _ALIVE.items() if pattern.search(_ENTITY.sub("x", text))]
    return [*found, "a mention"] if _MENTION.search(html.unescape(text)) else found


_KINDS = {
    "heading": re.compile(r"#{1,6} "),
    "row": re.compile(r"\|.*\|$"),
    "point": re.compile(r"[-*+] |\d+[.)] "),
    "quote": re.compile(r" {0,3}>"),
    "fold": re.compile(r"</?(?:details|summary)>"),
    "code": re.compile(r"\t| {4}"),
    "rule": re.compile(r" {0,3}(?:[-_*=] *)+$"),
    "empty": re.compile(r"\s*$"),
}
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)$")


def fences(page: str) -> list[tuple[str, str]]:
    """Return the fenced blocks of a page: the word after the fence, and the text in the block."""
    return [
        (info, "".join(f"{line}\n" for line in lines)) for info, lines in _parts(page) if info is not None
    ]


def skeleton(page: str) -> list[tuple[str, int]]:
    """Return the kind of each line and the number of its active characters. Plain texts do not change the result.

    Only the fences of a fenced block count.
    """
    bones = []
    for info, lines in _parts(page):
        if info is not None:
            bones.append((f"fence {info}", 0))
            continue
        for line in lines:
            kind = next((name for name, pattern in _KINDS.items() if pattern.match(line)), "text")
            bones.append((kind, _lives(line)))
    return bones


def _lives(line: str) -> int:
    bare = _ENTITY.sub("x", line)
    mentions = len(_MENTION.findall(html.unescape(line)))
    return sum(len(pattern.findall(bare)) for pattern in _ALIVE.values()) + mentions


def _parts(page: str) -> list[tuple[str | None, list[str]]]:
    """Split a page at its fences. A fence ends with one of the same sign and length, or with the page."""
    parts: list[tuple[str | None, list[str]]] = [(None, [])]
    fence = ""
    for line in page.split("\n"):
        found = _FENCE.match(line)
        if not fence and found:
            fence = found[1]
            parts.append((found[2].strip(), []))
        elif fence and found and found[1].startswith(fence) and not found[2].strip():
            fence = ""
            parts.append((None, []))
        else:
            parts[-1][1].append(line)
    assert not fence, "a fence is open to the end of the page"
    return parts
