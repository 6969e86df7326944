"""The grammar of object IDs: strings from end to end, because a float has already lost the last digits."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from dataworks_deploy.domain.model import ObjectId

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# What the runner makes of a plain YAML integer of 16 digits or more, and what JSON calls a float.
E_NOTATION = re.compile(r"\d(\.\d+)?[eE]\+?\d+|\d+\.\d+")
# With the comma of a Chinese keyboard, which looks the same to its user.
_SEPARATORS = re.compile(r"[\s,，]+")
# JavaScript and jq keep 53 bits: a longer ID comes out of them with zeros at its end.
_ROUNDED = re.compile(r"\d{14,}000")

QUOTE_THE_ID = (
    "YAML has turned the number into a float and its last digits are lost: quote the ID, or put the IDs in a "
    "block scalar (object-ids: |)"
)


@dataclass(frozen=True, slots=True)
class ParsedIds:
    """The IDs in the order given, each once; `problems` refuse the input, `warnings` do not."""

    ids: tuple[ObjectId, ...]
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def parse_ids(text: str, name: str = "object-ids") -> ParsedIds:
    """Read IDs separated by new lines, commas or blanks, or a JSON array of strings or integers."""
    stripped = text.strip()
    if stripped.startswith(("[", "{", '"')):
        tokens, problem = _from_json(stripped, name)
        if problem:
            return ParsedIds((), (problem,))
    else:
        tokens = [token for token in _SEPARATORS.split(stripped) if token]
    problems = tuple(_faults(tokens, name))
    if not tokens and not problems:
        problems = (f"{name}: the list is empty. Give at least one ID.",)
    unique = tuple(dict.fromkeys(ObjectId(token) for token in tokens))
    return ParsedIds(unique, problems, tuple(_doubts(tokens, name)))


def _from_json(text: str, name: str) -> tuple[list[str], str]:
    """Numbers stay the text that they were written as, and only integers are numbers here."""
    floats: list[str] = []
    try:
        value = json.loads(text, parse_int=str, parse_float=floats.append, parse_constant=floats.append)
    except (ValueError, RecursionError):
        return [], (
            f"{name}: begins like JSON, but is not a JSON array. "
            'Write the IDs one on a line, or as ["123", "456"].'
        )
    if floats:
        return [], f"{name}: {', '.join(floats)[:80]!a} is not an integer. {QUOTE_THE_ID}."
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return [], (
            f"{name}: a JSON value here must be one flat array of strings or integers, "
            'such as ["123", "456"].'
        )
    return [item.strip() for item in value], ""


def _faults(tokens: list[str], name: str) -> Iterator[str]:
    for token in dict.fromkeys(tokens):
        if E_NOTATION.fullmatch(token):
            yield f"{name}: {token} is not an ID. {QUOTE_THE_ID}."
        elif not _ID.fullmatch(token):
            shown = token if len(token) <= 80 else token[:77] + "..."
            yield (
                f"{name}: {shown!a} is not an ID. An ID has 1 to 64 characters of A-Z, a-z, 0-9, _ and -; "
                "separate IDs by new lines, commas or blanks, without quotes or brackets around one."
            )


def _doubts(tokens: list[str], name: str) -> Iterator[str]:
    for token, times in Counter(tokens).items():
        if times > 1:
            yield f"{name}: {token} is given {times} times; it is deployed once."
        if _ROUNDED.fullmatch(token):
            yield (
                f"{name}: {token} ends in 000, as IDs do that JavaScript or jq has rounded. "
                "If this is not the ID that DataWorks shows, keep IDs as strings on their way here."
            )
