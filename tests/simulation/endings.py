"""Turns status and body of an answer into one of the three endings, by the documented rules, written a second time.

The real adapter does the same with the SDK, and this code uses nothing of it. The domain reads a FlowSpec.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from dataworks_deploy.domain.ending import Ending, Fault, Ok, Refusal, Refused, Symptom, Unclear
from dataworks_deploy.domain.model import ObjectId, Page, Run, RunId, Stage
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject
from dataworks_deploy.domain.studio.fingerprint import content_of
from dataworks_deploy.domain.studio.flowspec import Described, describe_spec
from dataworks_deploy.domain.studio.operations import Shown
from dataworks_emulator.answers import Response

T = TypeVar("T")
Body = Mapping[str, Any]
FAST = ("Throttling", "9990020002", "9990040001", "9990040003")
TOO_MANY = ("您被限制访问", "Your request is too frequent")
DENIED = (
    "403030",
    "Forbidden",
    "InternalError.UserId.Missing",
    "Invalid.Wkbench",
    "NoPermission",
    "ResourceNotAuthorized",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
)
INNER = ("未找到发布对象", "WorkflowDefinition只允许作为整体发布")
NOT_RUNNING = "流水线不是正在运行"
# Where an answer contains its object, and where it names the object's task in production.
PLACES = {
    Kind.NODE: ("Node", "TaskId"),
    Kind.WORKFLOW: ("WorkflowDefinition", "WorkflowId"),
    Kind.RESOURCE: ("Resource", ""),
    Kind.FUNCTION: ("Function", ""),
}
LISTS = {
    Kind.NODE: "Nodes",
    Kind.WORKFLOW: "WorkflowDefinitions",
    Kind.RESOURCE: "Resources",
    Kind.FUNCTION: "Functions",
}


class NoAnswerError(ValueError):
    """The body is no answer to the question."""

    def __init__(self, symptom: Symptom) -> None:
        super().__init__(symptom.name)
        self.symptom = symptom


def ending_of(response: Response, read: Callable[[Body], T], *, reading: bool) -> Ending[T]:
    """Ok, surely not carried out, or else unclear. For a `reading`, a denial is enough."""
    body = _json(response)
    if response.status == 200:
        if not isinstance(body, Mapping):
            return Unclear(Fault(symptom=Symptom.NOT_JSON))
        try:
            return Ok(read(body), body.get("RequestId"))
        except NoAnswerError as error:
            return Unclear(Fault(symptom=error.symptom, request_id=body.get("RequestId"), http_status=200))
    if not isinstance(body, Mapping) or response.status < 400:
        return Unclear(Fault(symptom=Symptom.NOT_JSON, http_status=response.status))
    return _error(response, body, reading)


def _error(response: Response, body: Body, reading: bool) -> Refused | Unclear:
    code, request_id = str(body.get("Code") or ""), body.get("RequestId")
    retry = response.headers.get("x-acs-retry-after")
    message = str(body.get("Message") or "")[:2000]
    fault = Fault(message, code, request_id, response.status, int(retry) / 1000 if retry else None)
    its_own = response.status >= 500 or response.status == 408
    why = _why(code, "" if its_own else message, response.status)
    proves = not its_own or (
        why in {Refusal.THROTTLED, Refusal.QUOTA_SPENT} or (reading and why is Refusal.DENIED)
    )
    return Refused(why, fault) if code and request_id and proves else Unclear(fault)


def _why(code: str, message: str, status: int) -> Refusal:
    if code == "Throttling.Api.Risk":
        return Refusal.QUOTA_SPENT
    if code.startswith(FAST) or status == 429 or any(words in message for words in TOO_MANY):
        return Refusal.THROTTLED
    if code == "SignatureNonceUsed":
        return Refusal.NONCE_USED
    if NOT_RUNNING in message:
        return Refusal.NOT_RUNNING
    if any(words in message for words in INNER):
        return Refusal.INNER
    if code.startswith("InvalidSecurityToken"):
        return Refusal.EXPIRED
    return Refusal.DENIED if code.startswith(DENIED) or status in {401, 403} else Refusal.OTHER


def request_id_of(response: Response) -> str:
    """The RequestId of the answer, if it has one."""
    body = _json(response)
    return str(body.get("RequestId") or "") if isinstance(body, Mapping) else ""


def _json(response: Response) -> Any:
    if response.raw is None:
        return response.body
    try:
        return json.loads(response.raw)
    except ValueError:
        return None


def run_id(body: Body) -> RunId:
    """The answer to a creation."""
    found = body.get("Id")
    if not isinstance(found, str) or not found:
        raise NoAnswerError(Symptom.NO_RUN_ID)
    return RunId(found)


def success(body: Body) -> None:
    """The answer to an execution or an abolition."""
    if body.get("Success") is not True:
        raise NoAnswerError(Symptom.NO_SUCCESS)


def pipeline(body: Body) -> Run:
    """The answer to a reading."""
    return _run(body.get("Pipeline"))


def described(kind: Kind, wanted: ObjectId, body: Body) -> Described:
    """The answer to a lookup in Data Studio. The domain reads the FlowSpec in it, as it does behind the SDK."""
    place, task = PLACES[kind]
    found = body.get(place)
    if not isinstance(found, Mapping):
        raise NoAnswerError(Symptom.NO_FLOWSPEC)
    spec = describe_spec(found["Spec"], wanted)
    shown = spec.object.completed(_head(found, Kind.NODE if spec.object.workflow else kind))
    if not spec.object.workflow:
        shown = replace(shown, content=content_of(found["Spec"], found["ModifyTime"]))
    if task:
        shown = replace(shown, task_id=found.get(task), in_production=task in found)
    return Described(shown, spec.others)


def listed(kind: Kind, body: Body) -> Shown:
    """One page of a list of Data Studio."""
    paging = body.get("PagingInfo")
    if not isinstance(paging, Mapping):
        raise NoAnswerError(Symptom.NO_LIST)
    rows = tuple(_row(row, kind) for row in paging[LISTS[kind]])
    return Shown(rows, int(paging["TotalCount"]), int(paging["PageSize"]))


def _row(row: Body, kind: Kind) -> StudioObject:
    shown = replace(_head(row, kind), path=row["Script"]["Path"])
    if kind is not Kind.NODE:
        return shown
    needs, gives = (
        tuple(each["Data"] for each in row[ends]["NodeOutputs"]) for ends in ("Inputs", "Outputs")
    )
    task = row.get("TaskId")
    return replace(shown, task_id=task, in_production=task is not None, inputs=needs, outputs=gives)


def _head(found: Body, kind: Kind) -> StudioObject:
    own, modified = ObjectId(found["Id"]), found["ModifyTime"]
    return StudioObject(own, kind, found["Name"], owner=found["Owner"], modified_ms=modified)


def page(body: Body) -> Page:
    """The answer to a listing."""
    paging = body.get("PagingInfo")
    rows = paging.get("PipelineRuns") if isinstance(paging, Mapping) else None
    if not isinstance(paging, Mapping) or not isinstance(rows, list):
        raise NoAnswerError(Symptom.NO_LIST)
    return Page(tuple(_run(row) for row in rows), int(paging["TotalCount"]), int(paging["PageSize"]))


def _run(row: Any) -> Run:
    if not isinstance(row, Mapping) or not row.get("Id"):
        raise NoAnswerError(Symptom.RUN_WITHOUT)
    return Run(
        id=RunId(row["Id"]),
        status=row["Status"],
        message=row.get("Message", "")[:2000],
        description=row.get("Description", ""),
        creator=row.get("Creator", ""),
        created_ms=row["CreateTime"],
        modified_ms=row["ModifyTime"],
        project_id=row.get("ProjectId"),
        stages=tuple(_stage(stage) for stage in row["Stages"]),
    )


def _stage(row: Body) -> Stage:
    return Stage(
        row["Code"], row["Name"], row["Step"], row["Type"], row["Status"], row.get("Message", "")[:2000]
    )
