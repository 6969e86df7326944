"""What the lines of `objects` mean, as the README explains them, without code of the action."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

ID = re.compile(r"[0-9]{10,64}")
KINDS = ("node", "workflow", "resource", "function")


@dataclass(frozen=True)
class Thing:
    """An object of Data Studio. `workflow` is the one that contains a node."""

    id: str
    kind: str
    name: str
    path: str
    workflow: str = ""


@dataclass(frozen=True)
class Meant:
    """The selected objects in order, or what is wrong, in a few words."""

    ids: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


def meant(
    ids: Sequence[str], lines: Sequence[str], things: Sequence[Thing], *, allow_empty: bool, most: int
) -> Meant:
    """What `ids` and `lines` select, if these are all objects."""
    by_id = {thing.id: thing for thing in things}
    standing = sorted((each for each in things if not each.workflow), key=lambda each: (each.path, each.id))
    wrong = [f"{each} is not there" for each in ids if each not in by_id]
    wrong += [f"{each} lies in a workflow" for each in ids if each in by_id and by_id[each].workflow]
    taken: dict[str, None] = {}
    for line in lines:
        found = [each for each in standing if fits(line, each)]
        inner = any(each.workflow and fits(line, each) for each in things) and not is_pattern(line)
        if line.startswith("!"):
            for each in found:
                taken.pop(each.id, None)
        if not is_pattern(line) and len(found) > 1:
            wrong.append(f"{line} means several objects")
        elif not found and inner:
            wrong.append(f"{line} lies in a workflow")
        elif not (found or allow_empty or (is_pattern(line) and line.startswith("!"))):
            wrong.append(f"{line} means nothing")
        elif not line.startswith("!"):
            taken |= {each.id: None for each in found if each.id not in ids}
    if len(taken) > most:
        wrong.append(f"{len(taken)} objects are too many")
    if not (ids or taken or wrong or allow_empty):
        wrong.append("nothing is selected")
    return Meant(() if wrong else (*ids, *taken), tuple(wrong))


def takes(lines: Sequence[str], thing: Thing) -> bool:
    """Whether the lines select this object, whatever other objects exist: the last line that fits decides."""
    last = _deciding(lines, thing)
    return bool(last) and not (thing.workflow or last.startswith("!"))


def leaves_out(lines: Sequence[str], thing: Thing) -> bool:
    """Whether the lines exclude this object: the last line that fits decides."""
    return _deciding(lines, thing).startswith("!")


def _deciding(lines: Sequence[str], thing: Thing) -> str:
    """The last line that fits, or an empty text."""
    return next((line for line in reversed(lines) if fits(line, thing)), "")


def is_pattern(line: str) -> bool:
    """Whether a line can select any number of objects."""
    return "*" in line


def fits(line: str, thing: Thing) -> bool:
    """Whether a line fits this object, to select or to exclude it."""
    sought = line.removeprefix("!")
    kind, colon, rest = sought.partition(":")
    if colon and kind in KINDS:
        if kind != thing.kind:
            return False
        sought = rest.strip()
    sought = sought.removeprefix("/")
    if is_pattern(line):
        return covers(sought, thing.path)
    return sought in (
        {thing.id, thing.name, thing.path} if ID.fullmatch(sought) else {thing.name, thing.path}
    )


@cache
def covers(pattern: str, path: str, *, starts: bool = True) -> bool:
    """Whether a pattern fits a whole path: `*` stays within a folder, `**` does not, and `**/` may be empty.

    `starts` says that a segment of the pattern starts here.
    """
    if not pattern:
        return not path
    if pattern.startswith("**/") and starts:
        cuts = [0, *(place + 1 for place, sign in enumerate(path) if sign == "/")]
        return any(covers(pattern[3:], path[cut:]) for cut in cuts)
    if pattern.startswith("*"):
        crosses, rest = pattern.startswith("**"), pattern.lstrip("*")
        free = path if crosses else path.partition("/")[0]
        return any(covers(rest, path[cut:], starts=False) for cut in range(len(free) + 1))
    return path[:1] == pattern[0] and covers(pattern[1:], path[1:], starts=pattern[0] == "/")
