"""The grammar of the input `objects`: one object or pattern on each line."""

import re
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum, auto

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import ObjectId

from .catalog import Kind, whole_path

# If lines select more objects than this, a pattern probably matches too much.
MOST_OBJECTS = 100
# Object IDs have 19 digits, IDs of scheduling tasks 12. A name may be all digits too, such as a date, but is shorter.
_ID = re.compile(r"[0-9]{10,64}")
_TASK_ID = re.compile(r"[0-9]{12}")
# What the runner makes of an unquoted YAML integer with 16 digits or more.
_FLOAT = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+")
# A name may contain a `#`. A comment starts the line, or has a space before it.
_COMMENT = re.compile(r"(^|\s)#.*$")
# A Chinese keyboard has its own colon and exclamation mark, which look the same to its user.
_PREFIX = re.compile(r"([A-Za-z]+|节点|工作流|资源|函数)\s*[:：]\s*(.*)", re.DOTALL)
# It also has quotes and a slash of its own. Names and paths in Data Studio have none of these.
_QUOTES = re.compile("[“”‘’「」『』]")
_SLASH = re.compile(r"[／\\]")
_MARK = re.compile(r"[!！]\s*")
_WILD = re.compile(r"((?:^|(?<=/))(?:\*\*+/)+|\*+)")


class Form(Enum):
    """How a line names objects."""

    ID = auto()
    TEXT = auto()  # an exact name, or a complete path
    PATTERN = auto()


@frozen
class Line:
    """One line of a request. `text` is the line as written, without its comment. `number` counts from 1.

    `source` is the input that holds the line. `sought` is what it looks for, without mark, kind and leading `/`.
    `takes` is False if the line begins with `!`: then it excludes objects.
    """

    text: str
    number: int
    source: str = "objects"
    sought: str = ""
    kind: Kind | None = None
    takes: bool = True

    @property
    def form(self) -> Form:
        """How the line names objects."""
        if "*" in self.sought:
            return Form.PATTERN
        return Form.ID if _ID.fullmatch(self.sought) else Form.TEXT

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds to search."""
        return frozenset({self.kind}) if self.kind else frozenset(Kind)

    @property
    def pattern(self) -> re.Pattern[str]:
        """The pattern that a complete path must match. Case matters.

        `*` stays within one part of a path, `**` crosses `/`, and `**/` also matches nothing.
        """
        return re.compile("".join(map(_piece, _WILD.split(self.sought))), re.DOTALL)


@frozen
class NothingSought:
    """The line has a mark or a kind, but nothing after it."""

    line: Line


@frozen
class UnknownKind:
    """The word before the colon is not a kind of object."""

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
class WrongSlash:
    """A full-width slash or a backslash, which do not separate folders."""

    line: Line


@frozen
class Dashed:
    """An item of a YAML list inside a block scalar, where the dash is text."""

    line: Line


@frozen
class Folder:
    """The line ends with `/`. No object's path does."""

    line: Line


@frozen
class ExcludesFirst:
    """The line excludes objects, but no line before it selects any."""

    line: Line


@frozen
class PatternOffline:
    """Objects are undeployed by name, never by a pattern."""

    line: Line


Fault = (
    NothingSought
    | UnknownKind
    | LostDigits
    | Quoted
    | WrongSlash
    | Dashed
    | Folder
    | ExcludesFirst
    | PatternOffline
)


@frozen
class Parsed:
    """The lines in their order, and all faults in them. If there is a fault, use no line."""

    lines: tuple[Line, ...]
    faults: tuple[Fault, ...] = ()


@frozen
class Request:
    """What the user asks for: the `ids` from `object-ids`, then the objects that `lines` select, at most `most` of
    these.
    """

    ids: tuple[ObjectId, ...] = ()
    lines: tuple[Line, ...] = ()
    allow_empty: bool = False
    most: int = MOST_OBJECTS


def is_task_id(object_id: str) -> bool:
    """Whether this looks like the ID of a scheduling task, which people confuse with the node's ID."""
    return _TASK_ID.fullmatch(object_id) is not None


def parse_lines(text: str, source: str = "objects", *, offline: bool = False) -> Parsed:
    """Read one object or pattern from each line. `offline`: the objects will be undeployed.

    Every line end of Unicode ends a line. Otherwise a comment would swallow the lines behind it.
    """
    lines, faults, takes = list[Line](), list[Fault](), False
    for number, written in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
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
    elif _is_quoted(line.sought):
        yield Quoted(line)
    elif _SLASH.search(line.sought):
        yield WrongSlash(line)
    elif line.text.startswith("- "):
        yield Dashed(line)
    elif line.sought.endswith("/"):
        yield Folder(line)
    if first:
        yield ExcludesFirst(line)
    if offline and line.form is Form.PATTERN:
        yield PatternOffline(line)


def _is_quoted(text: str) -> bool:
    return (text[0] in "\"'" and text[-1] == text[0]) or _QUOTES.search(text) is not None


def _piece(piece: str) -> str:
    if not piece.startswith("*"):
        return re.escape(piece)
    if piece.endswith("/"):
        return "(?:.*/)?"
    return "[^/]*" if piece == "*" else ".*"
