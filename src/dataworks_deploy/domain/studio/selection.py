"""Finds the objects that a request selects, or all problems with it."""

from collections.abc import Collection, Generator, Iterable, Iterator

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import ObjectId

from .catalog import Catalog, StudioObject
from .nearest import Nearest
from .request import Form, Line, Request

# If a selection is too large, so many of its objects are shown.
MOST_SHOWN = 10
# Similar names are looked for only for so many lines that find nothing.
MOST_SUGGESTED = 20
# With more objects, the outputs could exceed GitHub's limit of one megabyte for a job.
MOST_IN_ALL = 1000


@frozen
class NothingFound:
    """No object has this name or path, or none matches the pattern. `nearest` are similar objects.

    `folder` is the path of a folder that has this name or path, or empty.
    """

    line: Line
    nearest: tuple[StudioObject, ...] = ()
    folder: str = ""


@frozen
class NotHere:
    """No object of the workspace has this ID. `line` is None if the ID was given in `object-ids`."""

    object_id: ObjectId
    line: Line | None = None


@frozen
class Ambiguous:
    """Several objects have this name or path."""

    line: Line
    candidates: tuple[StudioObject, ...]


@frozen
class InnerNode:
    """The node is inside a workflow, which is deployed as a whole. `line` is None for an ID from `object-ids`."""

    node: StudioObject
    workflow: StudioObject
    line: Line | None = None


@frozen
class Undecided:
    """Only the ID is known of an object that `line` selects. So it is unknown whether the line `by` excludes it."""

    object_id: ObjectId
    line: Line
    by: Line


@frozen
class TooMany:
    """The lines select `count` objects, but only `most` are allowed. `first` are some of them."""

    count: int
    most: int
    first: tuple[StudioObject, ...]


@frozen
class TooManyInAll:
    """IDs and lines together select `count` objects, but one step allows `most`."""

    count: int
    most: int


@frozen
class Empty:
    """Nothing is selected, although no single line has a problem."""


Problem = NothingFound | NotHere | Ambiguous | InnerNode | Undecided | TooMany | TooManyInAll | Empty


@frozen
class Selected:
    """An object, and the line that selects it. None if its ID was given in `object-ids`."""

    object: StudioObject
    line: Line | None = None


@frozen
class Selection:
    """The selected objects, each once: the given IDs first, then in the order of the lines, then by path.

    `fruitless` are lines that matched nothing, which `allow_empty` allows. `excluded` are the objects that the lines
    leave out.
    """

    objects: tuple[Selected, ...] = ()
    fruitless: tuple[Line, ...] = ()
    excluded: frozenset[ObjectId] = frozenset()


@frozen
class Unselectable:
    """All problems with the request."""

    problems: tuple[Problem, ...]


_Found = tuple[StudioObject, ...]


def select(
    request: Request, catalog: Catalog, absent: Collection[ObjectId] = (), *, any_number: bool = False
) -> Generator[None, None, Selection | Unselectable]:
    """Find what a request selects among what was read for it, in one step for each line: thousands take seconds.

    `absent` are IDs that were looked up as every kind and do not exist. An ID that is not absent and was not read could
    not be looked up: it is accepted as given. `any_number` ignores the limits.
    """
    finder = _Finder(catalog, frozenset(absent))
    given, taken, excluded = dict[ObjectId, Selected](), dict[ObjectId, Selected](), set[ObjectId]()
    problems, fruitless = list[Problem](), list[Line]()
    for object_id in dict.fromkeys(request.ids):
        found = finder.by_id(object_id)
        problems += _not_one(found)
        given |= {each.id: Selected(each) for each in _good(found)}
    for line in request.lines:
        yield
        found = finder.by_line(line)
        problems += _undecided(line, taken.values())
        if request.allow_empty and isinstance(found, NothingFound | NotHere):
            fruitless.append(line)
            continue
        problems += _not_one(found)
        for each in _good(found):
            if not line.takes:
                taken.pop(each.id, None)
                excluded.add(each.id)
            elif each.id not in given:
                taken.setdefault(each.id, Selected(each, line))
                excluded.discard(each.id)
    problems += () if any_number else _size(request, given, taken, problems)
    if problems:
        return Unselectable(tuple(problems))
    return Selection((*given.values(), *taken.values()), tuple(fruitless), frozenset(excluded))


def _undecided(line: Line, taken: Iterable[Selected]) -> Iterator[Undecided]:
    if not line.takes and line.form is not Form.ID:
        for each in taken:
            if each.object.kind is None and each.line:
                yield Undecided(each.object.id, each.line, line)


def _not_one(found: "_Found | Problem") -> Iterable[Problem]:
    return () if isinstance(found, tuple) else (found,)


def _good(found: "_Found | Problem") -> _Found:
    return found if isinstance(found, tuple) else ()


def _size(
    request: Request,
    given: Collection[ObjectId],
    taken: dict[ObjectId, Selected],
    problems: Collection[Problem],
) -> Iterator[Problem]:
    """The problems with the selection as a whole."""
    if len(taken) > request.most:
        first = tuple(each.object for each in [*taken.values()][:MOST_SHOWN])
        yield TooMany(len(taken), request.most, first)
    elif len(taken) + len(given) > MOST_IN_ALL:
        yield TooManyInAll(len(taken) + len(given), MOST_IN_ALL)
    elif not (given or taken or problems or request.allow_empty):
        yield Empty()


class _Finder:
    """Finds what one line or ID selects. It knows nothing else of the request."""

    def __init__(self, catalog: Catalog, absent: frozenset[ObjectId]) -> None:
        self._catalog = catalog
        self._absent = absent
        self._nearest, self._suggestions = Nearest(catalog.objects), MOST_SUGGESTED
        standing = (each for each in catalog.objects if each.workflow is None)
        self._by_path = sorted(standing, key=lambda each: (each.path or each.name, each.id))

    def by_id(self, object_id: ObjectId, line: Line | None = None) -> _Found | Problem:
        """The object with this ID, even if it could not be looked up."""
        if object_id in self._absent:
            return NotHere(object_id, line)
        found = self._catalog.by_id.get(object_id, StudioObject(object_id))
        if found.workflow is not None:
            return InnerNode(found, self._catalog.around(found))
        return (found,)

    def by_line(self, line: Line) -> _Found | Problem:
        """The objects that a line selects: any number for a pattern, otherwise exactly one."""
        if line.form is Form.PATTERN:
            return self._fitting(line)
        found = self._called(line)
        standing = [each for each in found if each.workflow is None]
        if len(standing) == 1:
            return tuple(standing)
        if len(found) > 1:
            return Ambiguous(line, tuple(standing or found))
        if found:
            return InnerNode(found[0], self._catalog.around(found[0]), line)
        if line.form is not Form.ID:
            return self._nothing(line)
        other = self._catalog.by_id.get(ObjectId(line.sought))
        return NothingFound(line, (other,)) if other else self.by_id(ObjectId(line.sought), line)

    def _fitting(self, line: Line) -> _Found | NothingFound:
        """The objects that match a pattern, without nodes inside workflows. A pattern that excludes may match
        nothing.
        """
        fits = line.pattern.fullmatch
        found = tuple(
            each for each in self._by_path if _has_kind(each, line) and fits(each.path or each.name)
        )
        return found if found or not line.takes else self._nothing(line)

    def _nothing(self, line: Line) -> NothingFound:
        """What somebody may have meant, for the first lines that find nothing: finding it takes long."""
        self._suggestions -= 1
        if self._suggestions < 0:
            return NothingFound(line)
        return NothingFound(line, self._nearest.to(line), self._folder(line))

    def _folder(self, line: Line) -> str:
        """The path of the folder with this name or path, if a known object lies in it."""
        inside = f"/{line.sought}/"
        path = next((each.path for each in self._by_path if inside in f"/{each.path}"), "")
        return path[: f"/{path}".find(inside) + len(line.sought)] if path else ""

    def _called(self, line: Line) -> list[StudioObject]:
        """The objects with this ID, name or path."""
        known = self._catalog
        by_id = known.by_id.get(ObjectId(line.sought))
        called = (
            *([by_id] if by_id else ()),
            *known.by_name.get(line.sought, ()),
            *known.by_path.get(line.sought, ()),
        )
        return [each for each in dict.fromkeys(called) if _has_kind(each, line)]


def _has_kind(each: StudioObject, line: Line) -> bool:
    return line.kind is None or each.kind in {line.kind, None}
