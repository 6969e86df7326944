"""What must be read for a request, and how many calls that takes."""

from collections.abc import Iterable

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import ObjectId

from .catalog import Kind
from .request import Form, Line, Request

# ListWorkflowDefinitions shows one type at a time: scheduled workflows, or manual ones.
_LISTS = {Kind.NODE: 1, Kind.WORKFLOW: 2, Kind.RESOURCE: 1, Kind.FUNCTION: 1}


@frozen
class Name:
    """A name to look up, and the kinds whose lists are searched. The service's filter is fuzzy."""

    text: str
    kinds: frozenset[Kind]


@frozen
class Reading:
    """The least that must be read.

    Each of `ids` is read by itself, unless a list shows it. Each of `names` takes one filtered list for each kind. The
    `lists` of these kinds are read completely.
    """

    ids: tuple[ObjectId, ...] = ()
    names: tuple[Name, ...] = ()
    lists: frozenset[Kind] = frozenset()

    @property
    def calls(self) -> int:
        """The number of calls for IDs and names. Each page of a list is one more."""
        return len(self.ids) + sum(_LISTS[kind] for name in self.names for kind in name.kinds)

    @property
    def by_lists(self) -> "Reading":
        """The same reading with whole lists instead of names: cheaper for many names in a small workspace."""
        kinds = frozenset(kind for name in self.names for kind in name.kinds)
        return Reading(self.ids, (), self.lists | kinds)


def reading_for(request: Request) -> Reading:
    """Return what to read for a request. A pattern that only excludes needs no reading of its own: it applies to what
    the other lines select.
    """
    by_id = [*request.ids, *(ObjectId(line.sought) for line in request.lines if line.form is Form.ID)]
    patterns = [line for line in request.lines if line.form is Form.PATTERN and line.takes]
    lists = frozenset(kind for line in patterns for kind in line.kinds)
    names = _names(line for line in request.lines if line.form is Form.TEXT)
    return Reading(
        tuple(dict.fromkeys(by_id)),
        tuple(Name(text, kinds - lists) for text, kinds in names.items() if kinds - lists),
        lists,
    )


def _names(lines: Iterable[Line]) -> dict[str, frozenset[Kind]]:
    """Each name with the kinds to search. The last part of a path is the object's name."""
    found = dict[str, frozenset[Kind]]()
    for line in lines:
        name = line.sought.rpartition("/")[2]
        found[name] = found.get(name, frozenset()) | line.kinds
    return found
