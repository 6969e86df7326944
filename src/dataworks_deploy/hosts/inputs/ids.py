"""The grammar of object IDs: strings from end to end, because a float has already lost the last digits."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

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
    TooManyIds,
)

from .reader import shown as cut

Show = Callable[[str], str]  # how problems quote the user's text
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# An item of a YAML list in a block scalar, where it is text: its dash alone, or with the ID behind it.
_DASHED = re.compile(r"-+(\d.*)?")
# With more objects the outputs could exceed the megabyte that GitHub takes of a job.
MOST_IDS = 1000
# What the runner makes of a plain YAML integer of 16 digits or more, and what JSON calls a float.
E_NOTATION = re.compile(r"\d(\.\d+)?[eE]\+?\d+|\d+\.\d+")
# With the comma of a Chinese keyboard, which looks the same to its user.
_SEPARATORS = re.compile(r"[\s,，]+")
_COMMENTS = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
# JavaScript and jq keep 53 bits: a longer ID comes out of them with zeros at its end.
_ROUNDED = re.compile(r"\d{14,}000")


@dataclass(frozen=True, slots=True)
class ParsedIds:
    """The IDs in the order given, each once; `problems` refuse the input, `doubts` do not."""

    ids: tuple[ObjectId, ...]
    problems: tuple[IdFault, ...] = ()
    doubts: tuple[Repeated | Rounded, ...] = ()


def parse_ids(text: str, name: str = "object-ids", shown: Show = cut) -> ParsedIds:
    """Read IDs separated by new lines, commas or blanks, or a JSON array of strings or integers.

    A line that begins with `#` is a comment, and a byte order mark in front of all means nothing.
    """
    stripped = _COMMENTS.sub("", text.strip().removeprefix("\ufeff")).strip()
    problems: list[IdFault] = []
    if stripped.startswith(("[", "{", '"')):
        tokens = _from_json(stripped, name, problems, shown)
    else:
        tokens = [token for token in _SEPARATORS.split(stripped) if token]
    problems.extend(filter(None, (_fault(token, name, shown) for token in dict.fromkeys(tokens))))
    if not tokens and not problems:
        problems.append(NotAList(name, ListFault.EMPTY))
    unique = tuple(dict.fromkeys(ObjectId(token) for token in tokens))
    if len(unique) > MOST_IDS:
        problems.append(TooManyIds(name, len(unique), MOST_IDS))
    return ParsedIds(unique, tuple(problems), tuple(_doubts(tokens, name)))


class _Float(str):
    """A number of a JSON text that is not an integer, as it was written."""

    __slots__ = ()


def _from_json(text: str, name: str, problems: list[IdFault], shown: Show) -> list[str]:
    """Numbers stay the text that they were written as, and only integers are numbers here."""
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
    """Why this is no ID."""
    if E_NOTATION.fullmatch(token):
        return LostDigits(name, token)
    if _DASHED.fullmatch(token):
        return Dashed(name, shown(token))
    return None if _ID.fullmatch(token) else NotAnId(name, shown(token), _oddity(token))


def _oddity(token: str) -> str:
    """A character that looks like one of an ID, or like nothing at all; or the sign of a comment in front."""
    odd = next((char for char in token if not char.isascii()), "")
    return odd or ("#" if token.startswith("#") else "")


def _doubts(tokens: list[str], name: str) -> Iterator[Repeated | Rounded]:
    for token, times in Counter(tokens).items():
        if times > 1 and not _fault(token, name):
            yield Repeated(name, token, times)
        if _ROUNDED.fullmatch(token):
            yield Rounded(name, token)
