"""The objects of Data Studio as readings show them, and an index of them."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import cached_property
from operator import attrgetter

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import ObjectId


class Kind(StrEnum):
    """The kind of an object. The value is the prefix that limits a line of `objects` to this kind."""

    NODE = "node"
    WORKFLOW = "workflow"
    RESOURCE = "resource"
    FUNCTION = "function"


@frozen
class Content:
    """What one reading shows about the whole content of an object: its fingerprint, and when it was last edited.

    `edited_ms` is UTC in milliseconds, None if unknown.
    """

    fingerprint: str
    edited_ms: int | None


@frozen
class StudioObject:
    """One object of a workspace. What a reading does not show is None, or empty if it is a text.

    `path` has no leading `/` and ends with the name (`Script.Path`). `modified_ms` is UTC in milliseconds.
    `in_production` is False if the answer shows no scheduling task. Lists of workflows do not show it. `inputs` and
    `outputs` are the data strings that give objects their order. A node's own ID is one of its outputs. `uses` names
    the resources and functions that the object needs. `workflow` is the workflow that contains a node. `content` comes
    from a reading of the object itself: lists do not show it.
    """

    id: ObjectId
    kind: Kind | None = None
    name: str = ""
    path: str = ""
    owner: str = ""
    modified_ms: int | None = None
    task_id: int | None = None
    in_production: bool | None = None
    inputs: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None
    uses: tuple[str, ...] | None = None
    workflow: ObjectId | None = None
    content: Content | None = None

    def completed(self, later: "StudioObject") -> "StudioObject":
        """This object after one more reading of it. The later reading wins in everything that it shows."""
        shown = {name: value for name in _FIELDS if (value := getattr(later, name)) not in (None, "")}
        return replace(self, **shown)


_FIELDS = tuple(field.name for field in fields(StudioObject))


def whole_path(path: str) -> str:
    """The path in the form used for comparing: a leading `/` makes no difference."""
    return path.strip().removeprefix("/")


@dataclass(frozen=True)
class Catalog:
    """All objects that were read, each once, in the order in which they first appeared."""

    objects: tuple[StudioObject, ...] = ()

    @classmethod
    def of(cls, readings: Iterable[StudioObject]) -> "Catalog":
        """Combine readings. Pages shift between two calls, and several answers may show the same object."""
        known = dict[ObjectId, StudioObject]()
        for each in readings:
            known[each.id] = known[each.id].completed(each) if each.id in known else each
        return cls(tuple(known.values()))

    @cached_property
    def by_id(self) -> dict[ObjectId, StudioObject]:
        """Each object by its ID."""
        return {each.id: each for each in self.objects}

    @cached_property
    def by_name(self) -> dict[str, tuple[StudioObject, ...]]:
        """The objects by name. Node names are unique in a workspace, but objects of two kinds may share a name."""
        return _grouped(self.objects, "name")

    @cached_property
    def by_path(self) -> dict[str, tuple[StudioObject, ...]]:
        """The objects by path."""
        return _grouped(self.objects, "path")

    @cached_property
    def by_output(self) -> dict[str, tuple[StudioObject, ...]]:
        """The objects that produce this data string. A node or workflow also produces its own ID."""
        found = dict[str, list[StudioObject]]()
        for each in self.objects:
            own = () if each.kind in {Kind.RESOURCE, Kind.FUNCTION} else (each.id,)
            for data in dict.fromkeys((*own, *(each.outputs or ()))):
                found.setdefault(data, []).append(each)
        return {data: tuple(objects) for data, objects in found.items()}

    @cached_property
    def inner(self) -> dict[ObjectId, tuple[StudioObject, ...]]:
        """The nodes inside each workflow, by the workflow's ID."""
        found = dict[ObjectId, list[StudioObject]]()
        for each in self.objects:
            if each.workflow:
                found.setdefault(each.workflow, []).append(each)
        return {workflow: tuple(nodes) for workflow, nodes in found.items()}

    def around(self, each: StudioObject) -> StudioObject:
        """Return what is deployed for this object: its workflow, or the object itself."""
        if each.workflow is None:
            return each
        return self.by_id.get(each.workflow, StudioObject(each.workflow, Kind.WORKFLOW))


def _grouped(objects: Iterable[StudioObject], key: str) -> dict[str, tuple[StudioObject, ...]]:
    found, of = dict[str, list[StudioObject]](), attrgetter(key)
    for each in objects:
        if of(each):
            found.setdefault(of(each), []).append(each)
    return {text: tuple(same) for text, same in found.items()}
