"""The grammar of object IDs. IDs are always strings, because a float has already lost the last digits."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.problem import (
    Dashed,
    IdFault,
    ListFault,
    LostDigits,
    NotAList,
    NotAnId,
    NotAnItem,
    Nulls,
    Repeated,
    Rounded,
    Swallowed,
    TooManyIds,
)

from .reader import shown as cut

Show = Callable[[str], str]  # how problems quote the user's text
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# An item of a YAML list inside a block scalar, where the dash is text: a dash alone, or with an ID after it.
_DASHED = re.compile(r"-+(\d.*)?")
# With more objects, the outputs could exceed GitHub's limit of one megabyte for a job.
MOST_IDS = 1000
# What the runner makes of an unquoted YAML integer with 16 digits or more, and what JSON calls a float.
E_NOTATION = re.compile(r"\d(\.\d+)?[eE]\+?\d+|\d+\.\d+")
# Includes the two commas of a Chinese keyboard.
_SEPARATORS = re.compile(r"[\s,，、]+")
_LINE_END = re.compile(r"[\r\n]")
# Not directly after an ID or a comma: there it may be something else.
_COMMENT = re.compile(r"(?<!\S)#")
# A number in a comment that is as long as an ID.
_LONG = re.compile(r"(?<![A-Za-z0-9_-])\d{15,64}(?![A-Za-z0-9_-])", re.ASCII)
_QUOTED = re.compile(r"""(["'])([^"']+)\1""")
# JavaScript and jq keep 53 bits: they turn the end of a longer ID into zeros.
_ROUNDED = re.compile(r"\d{14,}000")


@frozen
class ParsedIds:
    """The IDs in the order given, each once. `problems` make the input invalid, `doubts` do not."""

    ids: tuple[ObjectId, ...]
    problems: tuple[IdFault, ...] = ()
    doubts: tuple[Repeated | Rounded, ...] = ()


def parse_ids(text: str, name: str = "object-ids", shown: Show = cut) -> ParsedIds:
    """Read IDs separated by new lines, commas or spaces, or a JSON array of strings or integers.

    A `#` at the start of a line or after a space begins a comment, up to the end of the line. Quotes around an ID and a
    byte order mark at the start are ignored.
    """
    text = text.strip().removeprefix("\ufeff")
    lines = [_COMMENT.split(line, 1) for line in _LINE_END.split(text)]
    stripped = "\n".join(line for line, *_ in lines).strip()
    problems: list[IdFault] = list(_swallowed(lines, name))
    if stripped.startswith(("[", "{")):
        tokens = _from_json(stripped, name, problems, shown)
    else:
        tokens = [_unquoted(token) for token in _SEPARATORS.split(stripped) if token]
    problems.extend(filter(None, (_fault(token, name, shown) for token in dict.fromkeys(tokens))))
    if not tokens and not problems:
        commented = bool(text) and not stripped
        problems.append(NotAList(name, ListFault.COMMENTS_ONLY if commented else ListFault.EMPTY))
    unique = tuple(dict.fromkeys(ObjectId(token) for token in tokens))
    if len(unique) > MOST_IDS:
        problems.append(TooManyIds(name, len(unique), MOST_IDS))
    return ParsedIds(unique, tuple(problems), tuple(_doubts(tokens, name)))


def _unquoted(token: str) -> str:
    quoted = _QUOTED.fullmatch(token)
    return quoted[2] if quoted else token


def _swallowed(lines: list[list[str]], name: str) -> Iterator[Swallowed]:
    """IDs in the comment after another ID. Each line holds its list and, if there is one, its comment."""
    for listed, *comment in lines:
        for number in _LONG.findall("".join(comment)) if listed.strip() else ():
            yield Swallowed(name, number)


class _Float(str):
    """A number in JSON that is not an integer, as it was written."""

    __slots__ = ()


def _from_json(text: str, name: str, problems: list[IdFault], shown: Show) -> list[str]:
    """Numbers keep the text as it was written. Only integers count as numbers."""
    try:
        value = json.loads(text, parse_int=str, parse_float=_Float, parse_constant=_Float)
    except (ValueError, RecursionError):
        problems.append(NotAList(name, ListFault.BROKEN))
        return []
    if not isinstance(value, list):
        problems.append(NotAList(name, ListFault.NOT_FLAT))
        return []
    floats = [item for item in value if isinstance(item, _Float)]
    if floats:
        problems.append(LostDigits(name, shown(", ".join(floats)), in_json=True))
    nulls = tuple(place for place, item in enumerate(value, 1) if item is None)
    if nulls:
        problems.append(Nulls(name, nulls))
    problems += (
        NotAnItem(name, place, shown(json.dumps(item)))
        for place, item in enumerate(value, 1)
        if not isinstance(item, str | None)
    )
    return [item.strip() for item in value if isinstance(item, str) and not isinstance(item, _Float)]


def _fault(token: str, name: str, shown: Show = cut) -> IdFault | None:
    """Why this is not an ID, or None."""
    if E_NOTATION.fullmatch(token):
        return LostDigits(name, token)
    if _DASHED.fullmatch(token):
        return Dashed(name, shown(token))
    return None if _ID.fullmatch(token) else NotAnId(name, shown(token), _oddity(token))


def _oddity(token: str) -> str:
    """A `#` without a space before it, or a character that looks like one of an ID but is not. Otherwise empty."""
    odd = next((char for char in token if not char.isascii()), "")
    return "#" if "#" in token else odd


def _doubts(tokens: list[str], name: str) -> Iterator[Repeated | Rounded]:
    for token, times in Counter(tokens).items():
        if times > 1 and not _fault(token, name):
            yield Repeated(name, token, times)
        if _ROUNDED.fullmatch(token):
            yield Rounded(name, token)
