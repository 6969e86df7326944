"""The grammar of `objects`: what people ask for, one object or pattern a line."""

import re
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum, auto

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import ObjectId

from .catalog import Kind, whole_path

# With more objects from lines a pattern has taken what nobody meant.
MOST_OBJECTS = 100
# Object IDs have 19 digits, scheduling tasks' 12. A name may also be all digits, such as a date, but shorter.
_ID = re.compile(r"[0-9]{10,64}")
_TASK_ID = re.compile(r"[0-9]{12}")
# What the runner makes of a plain YAML integer of 16 digits or more.
_FLOAT = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+")
# A name may hold a `#`: a comment has the line for itself, or a blank before it.
_COMMENT = re.compile(r"(^|\s)#.*$")
# A Chinese keyboard has a colon and an exclamation mark of its own, which look the same to its user.
_PREFIX = re.compile(r"([A-Za-z]+)\s*[:：]\s*(.*)", re.DOTALL)
_MARK = re.compile(r"[!！]\s*")
_WILD = re.compile(r"((?:^|(?<=/))(?:\*\*+/)+|\*+)")


class Form(Enum):
    """How a line names what it means."""

    ID = auto()
    TEXT = auto()  # an exact name, or a whole path
    PATTERN = auto()


@frozen
class Line:
    """One line of a request. `text` is the line as written, without its comment; `number` counts from 1.

    `source` is the input that holds it. `sought` is what it looks for, without mark, kind and leading `/`. It takes
    objects, or takes them away again where it begins with `!`.
    """

    text: str
    number: int
    source: str = "objects"
    sought: str = ""
    kind: Kind | None = None
    takes: bool = True

    @property
    def form(self) -> Form:
        """How the line names what it means."""
        if "*" in self.sought:
            return Form.PATTERN
        return Form.ID if _ID.fullmatch(self.sought) else Form.TEXT

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds among which it looks."""
        return frozenset({self.kind}) if self.kind else frozenset(Kind)

    @property
    def pattern(self) -> re.Pattern[str]:
        """What a whole path has to match, upper and lower case apart.

        `*` stays within a segment, `**` crosses `/`, and `**/` may also stand for no segment at all.
        """
        return re.compile("".join(map(_piece, _WILD.split(self.sought))), re.DOTALL)


@frozen
class NothingSought:
    """The line holds a mark or a kind, and nothing behind it."""

    line: Line


@frozen
class UnknownKind:
    """What stands before the colon is no kind of object."""

    line: Line
    word: str


@frozen
class LostDigits:
    """An ID that YAML has turned into a float."""

    line: Line


@frozen
class Quoted:
    """The quotes would be part of the name."""

    line: Line


@frozen
class Dashed:
    """An item of a YAML list in a block scalar, where the dash is text."""

    line: Line


@frozen
class ExcludesFirst:
    """The line takes away, and no line before it takes."""

    line: Line


@frozen
class PatternOffline:
    """Objects are taken out of production by name, never by a pattern."""

    line: Line


Fault = NothingSought | UnknownKind | LostDigits | Quoted | Dashed | ExcludesFirst | PatternOffline


@frozen
class Parsed:
    """The lines in their order, and all that is wrong with them; with a fault no line is to be used."""

    lines: tuple[Line, ...]
    faults: tuple[Fault, ...] = ()


@frozen
class Request:
    """What is asked for: the `ids` of `object-ids` first, then what the `lines` select, at most `most` of these."""

    ids: tuple[ObjectId, ...] = ()
    lines: tuple[Line, ...] = ()
    allow_empty: bool = False
    most: int = MOST_OBJECTS


def is_task_id(object_id: str) -> bool:
    """Whether this looks like the ID of a scheduling task, which people take for the node's."""
    return _TASK_ID.fullmatch(object_id) is not None


def parse_lines(text: str, source: str = "objects", *, offline: bool = False) -> Parsed:
    """Read one object or pattern a line. With `offline` the objects are to be taken out of production."""
    lines, faults, takes = list[Line](), list[Fault](), False
    for number, written in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        bare = _COMMENT.sub("", written.strip()).strip()
        if not bare:
            continue
        line = _line(Line(bare, number, source))
        takes = takes or line.takes
        lines.append(line)
        faults += _faults(line, offline=offline, first=not takes)
    return Parsed(tuple(lines), tuple(faults))


def _line(line: Line) -> Line:
    mark = _MARK.match(line.text)
    sought = line.text[mark.end() :] if mark else line.text
    prefix = _PREFIX.fullmatch(sought)
    kind = _kind(prefix[1]) if prefix else None
    if prefix and kind:
        sought = prefix[2]
    return replace(line, sought=whole_path(sought), kind=kind, takes=not mark)


def _kind(word: str) -> Kind | None:
    return next((kind for kind in Kind if kind == word.casefold()), None)


def _faults(line: Line, *, offline: bool, first: bool) -> Iterator[Fault]:
    prefix = _PREFIX.fullmatch(line.sought)
    if not line.sought:
        yield NothingSought(line)
    elif prefix:
        yield UnknownKind(line, prefix[1])
    elif _FLOAT.fullmatch(line.sought):
        yield LostDigits(line)
    elif line.sought[0] in "\"'" and line.sought[-1] == line.sought[0]:
        yield Quoted(line)
    elif line.text.startswith("- "):
        yield Dashed(line)
    if first:
        yield ExcludesFirst(line)
    if offline and line.form is Form.PATTERN:
        yield PatternOffline(line)


def _piece(piece: str) -> str:
    if not piece.startswith("*"):
        return re.escape(piece)
    if piece.endswith("/"):
        return "(?:.*/)?"
    return "[^/]*" if piece == "*" else ".*"
