"""What answers show about Data Studio: one object with its FlowSpec, or one page of a list."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from dataworks_deploy.domain.ending import Symptom
from dataworks_deploy.domain.model import PAGE_SIZE, ObjectId
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject, whole_path
from dataworks_deploy.domain.studio.fingerprint import content_of
from dataworks_deploy.domain.studio.flowspec import Described, NoFlowSpecError, describe_spec, parse_spec
from dataworks_deploy.domain.studio.operations import Shown

from .answers import GarbledAnswerError, cut, id_of, number_of, text_of

MOST_NAME = 1000
MOST_SPEC = 8_000_000  # characters: it holds the scripts, for a workflow those of all its nodes
# The field of the answer that holds the object, and the field with the ID of its task in production.
_PLACES = {
    Kind.NODE: ("node", "task_id"),
    Kind.WORKFLOW: ("workflow_definition", "workflow_id"),
    Kind.RESOURCE: ("resource", None),
    Kind.FUNCTION: ("function", None),
}
_LISTS = {
    Kind.NODE: "nodes",
    Kind.WORKFLOW: "workflow_definitions",
    Kind.RESOURCE: "resources",
    Kind.FUNCTION: "functions",
}


def described(kind: Kind, wanted: ObjectId, body: Any) -> Described:
    """The object in a Get… body, and the other objects in its FlowSpec. Raises GarbledAnswerError."""
    place, task = _PLACES[kind]
    found = getattr(body, place, None)
    named = text_of(getattr(found, "id", None)).strip()
    if found is None or named not in ({wanted} if kind is Kind.WORKFLOW else {wanted, ""}):
        raise GarbledAnswerError(Symptom.NO_FLOWSPEC)
    try:
        root = parse_spec(text_of(found.spec, MOST_SPEC))
        spec = describe_spec(root, wanted)
        inside = spec.object.workflow is not None
        # The content of a node inside a workflow is part of the workflow's content.
        content = None if inside else content_of(root, number_of(found.modify_time))
    except NoFlowSpecError:
        raise GarbledAnswerError(Symptom.NO_FLOWSPEC) from None
    shown = spec.object.completed(_head(wanted, Kind.NODE if inside else kind, found))
    shown = replace(shown, content=content)
    if task:
        number = number_of(getattr(found, task, None)) or None  # 0 means no task
        shown = replace(shown, task_id=number, in_production=number is not None)
    return Described(_trimmed(shown), tuple(map(_trimmed, spec.others)))


def page(kind: Kind, body: Any) -> Shown:
    """The objects in a List… body. A missing PagingInfo is not an empty list. Raises GarbledAnswerError."""
    paging = getattr(body, "paging_info", None)
    total = number_of(getattr(paging, "total_count", None))
    rows = getattr(paging, _LISTS[kind], None)
    if total is None or not isinstance(rows, list):
        raise GarbledAnswerError(Symptom.NO_LIST)
    size = number_of(getattr(paging, "page_size", None))
    return Shown(
        tuple(_row(kind, row) for row in rows), total, size if size and 0 < size <= PAGE_SIZE else PAGE_SIZE
    )


def _row(kind: Kind, row: Any) -> StudioObject:
    own = id_of(getattr(row, "id", None))
    if not own:
        raise GarbledAnswerError(Symptom.NO_LIST)
    shown = _head(ObjectId(own), kind, row)
    if kind is not Kind.NODE:
        return _trimmed(shown)
    task = number_of(row.task_id) or None
    return _trimmed(
        replace(
            shown,
            task_id=task,
            in_production=task is not None,
            inputs=tuple(_data(row.inputs)),
            outputs=tuple(_data(row.outputs)),
        )
    )


def _head(own: ObjectId, kind: Kind, found: Any) -> StudioObject:
    """The fields outside the FlowSpec."""
    return StudioObject(
        own,
        kind,
        text_of(found.name),
        whole_path(text_of(getattr(getattr(found, "script", None), "path", None))),
        text_of(found.owner),
        number_of(found.modify_time),
    )


def _data(ends: Any) -> Iterator[str]:
    listed = getattr(ends, "node_outputs", None)
    for each in listed if isinstance(listed, list) else ():
        if data := text_of(getattr(each, "data", None)):
            yield data


def _trimmed(shown: StudioObject) -> StudioObject:
    """Without a limit, every later output would contain a text of any length."""
    return replace(
        shown,
        name=cut(shown.name, MOST_NAME),
        path=cut(shown.path, MOST_NAME),
        owner=cut(shown.owner, MOST_NAME),
    )
