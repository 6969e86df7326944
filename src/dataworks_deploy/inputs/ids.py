"""The grammar of object IDs: strings from end to end, because a float has already lost the last digits."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dataworks_deploy.domain.model import ObjectId

from .reader import shown as cut

Show = Callable[[str], str]  # how problems quote the user's text
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# An item of a YAML list in a block scalar, where it is text: its dash alone, or with the ID behind it.
_DASHED = re.compile(r"-+(\d.*)?")
# With more objects the outputs could exceed the megabyte that GitHub takes of a job.
MOST_IDS = 1000
# What the runner makes of a plain YAML integer of 16 digits or more, and what JSON calls a float.
E_NOTATION = re.compile(r"\d(\.\d+)?[eE]\+?\d+|\d+\.\d+")
# With the two commas of a Chinese keyboard.
_SEPARATORS = re.compile(r"[\s,，、]+")
_LINE_END = re.compile(r"[\r\n]")
# Not right behind an ID or a comma: there it may be something else.
_COMMENT = re.compile(r"(?<!\S)#")
# A number that is as long as an ID, and stands in a comment.
_LONG = re.compile(r"(?<![A-Za-z0-9_-])\d{15,64}(?![A-Za-z0-9_-])", re.ASCII)
_QUOTED = re.compile(r"""(["'])([^"']+)\1""")
# JavaScript and jq keep 53 bits: a longer ID comes out of them with zeros at its end.
_ROUNDED = re.compile(r"\d{14,}000")

# Where a null comes from, and what has to go with it.
_NULLS = {
    "run-ids": (
        "the output run-ids has it for an object without a run",
        ", and where object-ids is given their objects",
    ),
    "object-ids": ("results have it where run-ids was given alone", ""),
}


@dataclass(frozen=True, slots=True)
class ParsedIds:
    """The IDs in the order given, each once; `problems` refuse the input, `warnings` do not."""

    ids: tuple[ObjectId, ...]
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def parse_ids(text: str, name: str = "object-ids", shown: Show = cut) -> ParsedIds:
    """Read IDs separated by new lines, commas or blanks, or a JSON array of strings or integers.

    A `#` at the start of a line or behind a blank begins a comment, up to the end of the line. Quotes around one ID and
    a byte order mark in front of all mean nothing.
    """
    text = text.strip().removeprefix("\ufeff")
    lines = [_COMMENT.split(line, 1) for line in _LINE_END.split(text)]
    stripped = "\n".join(line for line, *_ in lines).strip()
    problems = list(_swallowed(lines, name))
    if stripped.startswith(("[", "{")):
        tokens = _from_json(stripped, name, problems, shown)
    else:
        tokens = [_unquoted(token) for token in _SEPARATORS.split(stripped) if token]
    problems.extend(filter(None, (_fault(token, name, shown) for token in dict.fromkeys(tokens))))
    if not tokens and not problems:
        only = ": it has comments only" if text and not stripped else ""
        problems.append(f"{name}: the list is empty{only}. Give at least one ID.")
    unique = tuple(dict.fromkeys(ObjectId(token) for token in tokens))
    if len(unique) > MOST_IDS:
        problems.append(
            f"{name}: {len(unique):,} IDs are more than the {MOST_IDS:,} that one step takes: its outputs could exceed "
            "the 1 MB that GitHub takes of a job. Split them into several jobs."
        )
    return ParsedIds(unique, tuple(problems), tuple(_doubts(tokens, name)))


def _unquoted(token: str) -> str:
    quoted = _QUOTED.fullmatch(token)
    return quoted[2] if quoted else token


class _Float(str):
    """A number of a JSON text that is not an integer, as it was written."""

    __slots__ = ()


def _from_json(text: str, name: str, problems: list[str], shown: Show) -> list[str]:
    """Numbers stay the text that they were written as, and only integers are numbers here."""
    try:
        value = json.loads(text, parse_int=str, parse_float=_Float, parse_constant=_Float)
    except (ValueError, RecursionError):
        problems.append(
            f"{name}: begins like JSON, but is not a JSON array. "
            'Write the IDs one on a line, or as ["123", "456"].'
        )
        return []
    if not isinstance(value, list):
        problems.append(f'{name}: a JSON value here must be one flat array, such as ["123", "456"].')
        return []
    floats = [item for item in value if isinstance(item, _Float)]
    if floats:
        problems.append(f"{name}: {shown(', '.join(floats))} is not an integer. {_lost_digits(name)}")
    nulls = [str(place) for place, item in enumerate(value, 1) if item is None]
    if nulls:
        problems.append(_without(nulls, name))
    others = [(place, item) for place, item in enumerate(value, 1) if not isinstance(item, str | None)]
    problems += (
        f"{name}: place {place} of the JSON array is {shown(json.dumps(item))}, and not a string or an integer."
        for place, item in others
    )
    return [item.strip() for item in value if isinstance(item, str) and not isinstance(item, _Float)]


def _swallowed(lines: list[list[str]], name: str) -> Iterator[str]:
    """IDs that stand in the comment behind another: each line is what it lists and, if there is one, its comment."""
    for listed, *comment in lines:
        for number in _LONG.findall("".join(comment)) if listed.strip() else ():
            yield (
                f"{name}: {number} stands in a comment behind an ID, and would be left out. A block with > and a form "
                "on GitHub join lines to one: use a block with |, or leave the comments out."
            )


def _without(nulls: list[str], name: str) -> str:
    origin, more = _NULLS[name]
    places = ", ".join(nulls[:10]) + (", …" if len(nulls) > 10 else "")
    return (
        f"{name}: the JSON array has null at place {places}, as {origin}. Leave those out{more}: "
        "jq -c 'map(select(.))'."
    )


def _lost_digits(name: str) -> str:
    return (
        "YAML has turned the number into a float and its last digits are lost: quote the ID, or put the IDs in a "
        f"block scalar ({name}: |)."
    )


def _fault(token: str, name: str, shown: Show = cut) -> str:
    """Why this is no ID, or nothing."""
    if E_NOTATION.fullmatch(token):
        return f"{name}: {token} is not an ID. {_lost_digits(name)}"
    if _DASHED.fullmatch(token):
        return f"{name}: {shown(token)} is not an ID. Write the IDs one on a line, without a dash in front."
    if not _ID.fullmatch(token):
        return (
            f"{name}: {shown(token)} is not an ID{_oddity(token)}. An ID has 1 to 64 characters of A-Z, a-z, "
            "0-9, _ and -; separate IDs by new lines, commas or blanks, without brackets around one."
        )
    return ""


def _oddity(token: str) -> str:
    """What looks like a part of a list, or like nothing at all, and is neither."""
    if "#" in token:
        return ": a comment needs a blank before its #"
    odd = next((char for char in token if not char.isascii()), None)
    return f": {odd!a} is {unicodedata.name(odd, 'a character without a name')}" if odd else ""


def _doubts(tokens: list[str], name: str) -> Iterator[str]:
    for token, times in Counter(tokens).items():
        if times > 1 and not _fault(token, name):
            yield f"{name}: {token} is given {times} times; it is deployed once."
        if _ROUNDED.fullmatch(token):
            yield (
                f"{name}: {token} ends in 000, as IDs do that JavaScript or jq has rounded. "
                "If this is not the ID that DataWorks shows, keep IDs as strings on their way here."
            )
