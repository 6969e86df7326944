"""The bodies of answers as values. The SDK raises nothing for a body that is not what was asked for.

Numbers may come as strings and fields may be missing (seen in captures of this API's older twin), so values
are read leniently; but what makes an answer an answer must be there.
"""

import json
import re
from collections.abc import Iterator
from itertools import chain
from sys import intern
from typing import Any

from dataworks_deploy.domain.ending import Symptom
from dataworks_deploy.domain.model import Node, ObjectId, Page, Run, RunId, Stage

MOST_TEXT = 2000
MOST_PATH = 200
MOST_SPEC = 1_000_000  # it holds the node's script
LATEST_MS = 4_102_444_800_000  # 2100
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class GarbledAnswerError(ValueError):
    """The body is not an answer to the question; `symptom` says what is missing."""

    def __init__(self, symptom: Symptom) -> None:
        super().__init__(symptom.name)
        self.symptom = symptom


def request_id(body: Any) -> str | None:
    """The RequestId of any body."""
    return _text(getattr(body, "request_id", None)) or None


def run_id(body: Any) -> RunId:
    """The Id of a created run."""
    found = getattr(body, "id", None)
    if not isinstance(found, str) or not found.strip():
        raise GarbledAnswerError(Symptom.NO_RUN_ID)
    return RunId(whole(found.strip()))


def success(body: Any) -> None:
    """Nothing but the confirmation."""
    if getattr(body, "success", None) not in (True, "true", "True"):  # no set: it takes no list
        raise GarbledAnswerError(Symptom.NO_SUCCESS)


def pipeline(wanted: RunId, body: Any) -> Run:
    """The run of a GetPipelineRun body, if it is the one that was asked for."""
    run = _run(getattr(body, "pipeline", None))
    if run.id != wanted:
        raise GarbledAnswerError(Symptom.OTHER_RUN)
    return run


def page(body: Any) -> Page:
    """The runs of a ListPipelineRuns body. No PagingInfo is not an empty list."""
    paging = getattr(body, "paging_info", None)
    total = _number(getattr(paging, "total_count", None))
    if paging is None or total is None or not isinstance(paging.pipeline_runs, list):
        raise GarbledAnswerError(Symptom.NO_LIST)
    return Page(tuple(_run(run) for run in paging.pipeline_runs), total)


def node(wanted: ObjectId, body: Any) -> Node:
    """Where the node of a GetNode body lies, as its FlowSpec says.

    Of a node inside a workflow the service was seen to show the whole workflow, in `spec.workflows[0]`: its ID, and the
    node among its nodes by `metadata.uuid`. Else the node is `spec.nodes[0]`, and other names of a workflow are guesses
    from the documents. Nothing depends on it but a text.
    """
    try:
        spec = json.loads(_text(getattr(getattr(body, "node", None), "spec", None), MOST_SPEC))
    except (ValueError, RecursionError):
        raise GarbledAnswerError(Symptom.NO_FLOWSPEC) from None
    inner = _at(spec, "spec")
    workflow = next(_items(inner, "workflows"), None)
    if workflow is None:
        found = next(_items(inner, "nodes"), None)
    else:
        nodes = _items(workflow, "nodes")
        found = next((each for each in nodes if _text(_at(_at(each, "metadata"), "uuid")) == wanted), None)
    path = _text(_at(_at(found, "script"), "path"), MOST_PATH)
    places = (_at(spec, "metadata"), found, _at(found, "metadata"), inner)
    named = chain(_ids(_at(workflow, "id")), *map(_containers, places))
    return Node(path, next((each for each in named if each != wanted), ""))


def workflow(wanted: ObjectId, body: Any) -> None:
    """That a GetWorkflowDefinition body holds the workflow that was asked for."""
    found = getattr(body, "workflow_definition", None)
    if _text(getattr(found, "id", None)).strip() != wanted:
        raise GarbledAnswerError(Symptom.NO_FLOWSPEC)


def _containers(place: Any) -> Iterator[str]:
    container = _at(place, "container")
    return _ids(
        *(_at(container, key) for key in ("uuid", "id")),
        container,
        _at(place, "containerId"),
        _at(place, "workflowId"),
    )


def _ids(*values: Any) -> Iterator[str]:
    return (_text(value) for value in values if _ID.fullmatch(_text(value)))


def _items(value: Any, key: str) -> Iterator[Any]:
    found = _at(value, key)
    return iter(found if isinstance(found, list) else ())


def _at(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _run(raw: Any) -> Run:
    found, status = _text(getattr(raw, "id", None)), _text(getattr(raw, "status", None))
    if not (found and status):
        raise GarbledAnswerError(Symptom.RUN_WITHOUT)
    return Run(
        id=RunId(found),
        status=status,
        message=_text(raw.message),
        description=_text(raw.description),
        creator=_text(raw.creator),
        created_ms=_moment(raw.create_time),
        project_id=_number(raw.project_id),
        stages=tuple(_stage(stage) for stage in raw.stages or () if stage is not None),
    )


def _moment(value: Any) -> int:
    """Milliseconds of the epoch, 0 where they are not known: nobody else meets a number that no calendar takes."""
    number = _number(value) or 0
    return number if 0 <= number <= LATEST_MS else 0


def _stage(raw: Any) -> Stage:
    code, step = _text(raw.code), _number(raw.step)
    if not code or step is None:
        raise GarbledAnswerError(Symptom.STAGE_WITHOUT)
    # A step keeps the codes and statuses of all its runs to the end, and each answer has texts of its own.
    code, status = intern(code), intern(_text(raw.status))
    return Stage(code, _text(raw.name), step, _text(raw.type), status, _text(raw.message))


def whole(text: str) -> str:
    """The text without halves of characters, which JSON can hold and nothing can write."""
    return text.encode("utf-8", "replace").decode()


def _text(value: Any, most: int = MOST_TEXT) -> str:
    """A text of any length would be carried into every output that is written from now on."""
    known = isinstance(value, str | int) and not isinstance(value, bool)
    return whole(str(value)[:most]) if known else ""


def _number(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal() and len(value) < 20:
        return int(value)
    return None
