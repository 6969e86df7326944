"""What answers show about Data Studio, through the SDK's own models: numbers as texts, missing parts, and garbage."""

import contextlib
import json
from typing import Any

import pytest
from alibabacloud_dataworks_public20240518 import models
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.dataworks.answers import GarbledAnswerError
from dataworks_deploy.dataworks.studio import MOST_NAME, described, page
from dataworks_deploy.domain.ending import Symptom
from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject
from dataworks_deploy.domain.studio.flowspec import Described
from dataworks_deploy.domain.studio.operations import Shown

NODE, FLOW = ObjectId("7567482277219412494"), ObjectId("8604388726201130001")
GETS: dict[Kind, tuple[Any, str]] = {
    Kind.NODE: (models.GetNodeResponseBody, "Node"),
    Kind.WORKFLOW: (models.GetWorkflowDefinitionResponseBody, "WorkflowDefinition"),
    Kind.RESOURCE: (models.GetResourceResponseBody, "Resource"),
    Kind.FUNCTION: (models.GetFunctionResponseBody, "Function"),
}
LISTS: dict[Kind, tuple[Any, str]] = {
    Kind.NODE: (models.ListNodesResponseBody, "Nodes"),
    Kind.WORKFLOW: (models.ListWorkflowDefinitionsResponseBody, "WorkflowDefinitions"),
    Kind.RESOURCE: (models.ListResourcesResponseBody, "Resources"),
    Kind.FUNCTION: (models.ListFunctionsResponseBody, "Functions"),
}
ENTRY = {
    "id": NODE,
    "name": "orders",
    "script": {"path": "dw/orders"},
    "outputs": {"nodeOutputs": [{"data": "dw.orders"}]},
}
INNER = {**ENTRY, "metadata": {"uuid": NODE}}
SPECS: dict[Kind, dict[str, Any]] = {
    Kind.NODE: {
        "kind": "Node",
        "spec": {
            "nodes": [ENTRY],
            "dependencies": [{"nodeId": NODE, "depends": [{"type": "Normal", "output": "dw.raw"}]}],
        },
    },
    Kind.WORKFLOW: {
        "kind": "CycleWorkflow",
        "spec": {"id": FLOW, "workflows": [{"id": FLOW, "name": "daily", "nodes": [INNER]}]},
    },
    Kind.RESOURCE: {"kind": "Resource", "spec": {"fileResources": [ENTRY]}},
    Kind.FUNCTION: {"kind": "Function", "spec": {"functions": [ENTRY]}},
}
HEAD = {"Id": NODE, "Name": "orders", "Owner": "42", "ModifyTime": 1_700_000_000_000}
ROW = {**HEAD, "Script": {"Id": "s", "Path": "/dw/orders"}}


def got(kind: Kind, wanted: ObjectId = NODE, spec: Any = None, **more: Any) -> Described:
    """What an answer about one object shows, with a typical FlowSpec."""
    body, place = GETS[kind]
    told = {**HEAD, "Id": wanted, "Spec": json.dumps(SPECS[kind]) if spec is None else spec, **more}
    return described(kind, wanted, body().from_map({place: told, "RequestId": "R"}))


def listed(kind: Kind, *rows: Any, **paging: Any) -> Shown:
    """What a page of a list shows."""
    body, place = LISTS[kind]
    told = {"TotalCount": len(rows), "PageNumber": 1, "PageSize": 100, place: [*rows], **paging}
    return page(kind, body().from_map({"PagingInfo": told}))


class TestOneObject:
    @pytest.mark.parametrize("kind", [Kind.NODE, Kind.RESOURCE, Kind.FUNCTION])
    def test_an_object_combines_its_fields_and_its_flowspec(self, kind: Kind) -> None:
        shown = got(kind).object

        assert (shown.id, shown.kind, shown.name, shown.path) == (NODE, kind, "orders", "dw/orders")
        assert (shown.owner, shown.modified_ms, shown.workflow) == ("42", 1_700_000_000_000, None)
        assert shown.inputs == (("dw.raw",) if kind is Kind.NODE else ())
        assert shown.in_production is (False if kind is Kind.NODE else None)

    def test_a_workflow_comes_with_its_nodes(self) -> None:
        shown = got(Kind.WORKFLOW, FLOW, WorkflowId=700000000001, Name="daily")

        assert (shown.object.kind, shown.object.name, shown.object.in_production) == (
            Kind.WORKFLOW,
            "daily",
            True,
        )
        assert [(each.id, each.workflow, each.name) for each in shown.others] == [(NODE, FLOW, "orders")]

    def test_a_node_inside_a_workflow_comes_with_the_workflow(self) -> None:
        shown = got(Kind.NODE, spec=json.dumps(SPECS[Kind.WORKFLOW]))

        assert (shown.object.id, shown.object.kind, shown.object.workflow) == (NODE, Kind.NODE, FLOW)
        assert [(each.id, each.kind) for each in shown.others] == [(FLOW, Kind.WORKFLOW)]

    @pytest.mark.parametrize(
        ("task", "number"),
        [
            (700000000001, 700000000001),
            ("700000000001", 700000000001),
            (0, None),
            ("", None),
            ("x", None),
            (None, None),
            ([], None),
        ],
    )
    def test_a_task_shows_that_the_object_is_in_production(self, task: Any, number: int | None) -> None:
        node, flow = got(Kind.NODE, TaskId=task).object, got(Kind.WORKFLOW, FLOW, WorkflowId=task).object
        (row,) = listed(Kind.NODE, {**ROW, "TaskId": task}).objects

        for each in (node, flow, row):
            assert (each.task_id, each.in_production) == (number, number is not None)

    def test_numbers_may_come_as_texts_and_texts_as_numbers(self) -> None:
        shown = got(Kind.NODE, Id=int(NODE), Owner=42, ModifyTime="1700000000000").object

        assert (shown.owner, shown.modified_ms) == ("42", 1_700_000_000_000)

    def test_missing_fields_come_from_the_flowspec(self) -> None:
        shown = got(Kind.NODE, Name=None, Owner=None, ModifyTime=None, Id=None).object

        assert (shown.name, shown.owner, shown.modified_ms) == ("orders", "", None)

    @pytest.mark.parametrize(
        "spec", ["", "[", "{}", "[]", "null", '{"spec":{}}', '{"spec":[]}', "[" * 100_000, {}, 7]
    )
    @pytest.mark.usefixtures("swept")
    def test_an_answer_without_a_valid_flowspec_is_none(self, spec: Any) -> None:
        for kind in Kind:
            with pytest.raises(GarbledAnswerError) as caught:
                got(kind, spec=spec)
            assert caught.value.symptom is Symptom.NO_FLOWSPEC

    @pytest.mark.parametrize("kind", Kind)
    def test_an_answer_without_the_object_or_about_another_is_none(self, kind: Kind) -> None:
        body, _ = GETS[kind]
        for answer in (body().from_map({}), None, object()):
            with pytest.raises(GarbledAnswerError):
                described(kind, NODE, answer)
        with pytest.raises(GarbledAnswerError):
            got(kind, Id="7567482277219412495")

    def test_an_answer_about_a_workflow_must_name_it(self) -> None:
        """Otherwise any workflow's FlowSpec would be accepted: its ID says what the answer is about."""
        with pytest.raises(GarbledAnswerError):
            got(Kind.WORKFLOW, FLOW, Id=None)

    def test_texts_are_cut(self) -> None:
        entry = {**ENTRY, "name": "n" * 5000, "script": {"path": "p" * 5000}}
        flow = {
            "kind": "CycleWorkflow",
            "spec": {"id": FLOW, "workflows": [{"id": FLOW, "nodes": [{**INNER, **entry}]}]},
        }

        shown = got(Kind.WORKFLOW, FLOW, json.dumps(flow), Name="m" * 5000, Owner="o" * 5000)

        assert [len(each) for each in (shown.object.name, shown.object.owner)] == [MOST_NAME] * 2
        assert [(len(each.name), len(each.path)) for each in shown.others] == [(MOST_NAME, MOST_NAME)]


class TestPage:
    @pytest.mark.parametrize("kind", Kind)
    def test_a_page_has_rows_a_total_and_a_size(self, kind: Kind) -> None:
        shown = listed(kind, ROW, TotalCount="250", PageSize="10")

        (row,) = shown.objects
        assert (shown.total, shown.size) == (250, 10)
        assert (row.id, row.kind, row.name, row.path, row.owner) == (NODE, kind, "orders", "dw/orders", "42")
        # Lists show what an object needs only for nodes.
        assert row.inputs == (() if kind is Kind.NODE else None)
        assert row.in_production is (False if kind is Kind.NODE else None)

    def test_a_node_has_its_inputs_and_outputs(self) -> None:
        ends = {
            "Inputs": {"NodeOutputs": [{"Data": "dw.raw"}, {"Data": ""}, {}, {"Data": 7}]},
            "Outputs": {"NodeOutputs": [{"Data": "dw.orders"}], "Tables": []},
        }
        (row,) = listed(Kind.NODE, {**ROW, **ends}).objects

        assert (row.inputs, row.outputs) == (("dw.raw", "7"), ("dw.orders",))

    def test_a_bare_row_is_enough(self) -> None:
        for kind in Kind:
            (row,) = listed(kind, {"Id": int(NODE)}).objects
            assert (row.id, row.name, row.path, row.modified_ms) == (NODE, "", "", None)

    @pytest.mark.parametrize("size", [0, -1, 101, "x", None, 10**30])
    def test_an_impossible_page_size_is_ignored(self, size: Any) -> None:
        assert listed(Kind.NODE, ROW, PageSize=size).size == 100

    def test_an_empty_page_may_leave_out_its_list(self) -> None:
        body, _ = LISTS[Kind.NODE]

        assert page(Kind.NODE, body().from_map({"PagingInfo": {"TotalCount": "0"}})) == Shown((), 0, 100)

    @pytest.mark.parametrize("kind", Kind)
    @pytest.mark.parametrize("total", [None, "", "x", [], {}, True])
    def test_a_page_without_a_total_is_no_answer(self, kind: Kind, total: Any) -> None:
        with pytest.raises(GarbledAnswerError) as caught:
            listed(kind, ROW, TotalCount=total)
        assert caught.value.symptom is Symptom.NO_LIST

    @pytest.mark.parametrize("kind", Kind)
    def test_a_page_without_its_parts_is_no_answer(self, kind: Kind) -> None:
        body, _ = LISTS[kind]
        for answer in (body().from_map({}), body().from_map({"PagingInfo": {}}), None, object()):
            with pytest.raises(GarbledAnswerError):
                page(kind, answer)

    @pytest.mark.parametrize(
        "row", [{}, {"Id": ""}, {"Id": " "}, {"Id": None}, {"Id": []}, {"Name": "x"}, None]
    )
    def test_a_page_with_a_row_without_an_id_is_no_answer(self, row: Any) -> None:
        for kind in Kind:
            with pytest.raises(GarbledAnswerError):
                listed(kind, ROW, row)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["0", "12", NODE]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*HEAD, "Script", "Path"]), inner)
    ),
    max_leaves=8,
)


@given(kind=st.sampled_from(Kind), field=st.sampled_from([*HEAD, "Script", "Inputs", "TaskId"]), value=JSON)
def test_any_value_in_any_field_is_read_or_refused(kind: Kind, field: str, value: Any) -> None:
    """A value that the SDK itself cannot accept raises there. That is no answer either."""
    told = {**ROW, "Spec": json.dumps(SPECS[kind]), field: value}
    shown = list[StudioObject]()
    for (body, place), is_list in ((GETS[kind], False), (LISTS[kind], True)):
        inside = {"PagingInfo": {"TotalCount": 1, place: [told]}} if is_list else {place: told}
        answer = None
        with contextlib.suppress(AttributeError, TypeError):
            answer = body.from_map(body(), inside)
        with contextlib.suppress(GarbledAnswerError):
            found = page(kind, answer).objects if is_list else (described(kind, NODE, answer).object,)
            shown += found

    for each in shown:
        assert all(isinstance(text, str) for text in (each.id, each.name, each.path, each.owner))
        assert isinstance(each.modified_ms, int | None)
