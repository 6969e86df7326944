"""What Data Studio shows of a workspace: lists, filters, FlowSpecs."""

from typing import Any

import pytest

from .warehouse import ALL, WAREHOUSE, Desk, ids, rows, spec


@pytest.fixture
def d(desk: Desk) -> Any:
    return desk(workspace=WAREHOUSE)


def test_only_the_objects_of_the_file_exist(d: Any) -> None:
    assert ids(d) == ALL
    assert d.ask("CreatePipelineRun", Type="Online", ObjectIds='["99"]')[1]["Code"] == "5801489541076353033"
    assert d.ask("CreatePipelineRun", Type="Online", ObjectIds='["2002"]')[1]["Code"] == "5801489541076353033"
    assert d.ask("GetNode", Id="99")[1]["Code"] == "5801488441564725286"
    assert d.ask("ListNodes", ProjectId="43")[1]["Code"] == "EntityNotExist"
    assert d.ask("GetProject", Id="42")[1]["Project"]["Name"] == "warehouse"


def test_a_row_shows_the_inputs_and_outputs_of_a_node(d: Any) -> None:
    row = rows(d, "ListNodes", "Nodes", Name="ads_orders")[0]
    assert (row["Id"], row["Script"]["Path"], row["Script"]["Runtime"]) == (
        "1003",
        "报表/ads_orders",
        {"Command": "ODPS_SQL"},
    )
    assert row["Inputs"]["NodeOutputs"] == [{"Data": "1002"}, {"Data": "other.dim_date"}]
    assert [each["Data"] for each in row["Outputs"]["NodeOutputs"]] == ["1003", "warehouse.ads_orders"]
    assert (row["Trigger"]["Type"], row["Trigger"]["Cron"]) == ("Scheduler", "00 30 01 * * ?")
    assert (row["Recurrence"], row["ProjectId"]) == ("Normal", 42)
    assert "TaskId" not in row, "it is not in production"
    root = rows(d, "ListNodes", "Nodes", Name="ods_orders")[0]
    assert root["Inputs"]["NodeOutputs"] == [{"Data": "warehouse_root"}]
    assert len(str(root["TaskId"])) == 12


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"Name": "dwd"}, ["1002", "1004"]),
        ({"Name": "orders"}, ["1001", "1002", "1003"]),
        ({"Name": "nothing"}, []),
        ({"ContainerId": "2001"}, ["2002", "2003"]),
        ({"ContainerId": "none"}, []),
        ({"Recurrence": "Pause"}, []),
        ({"Scene": "DataworksManualWorkflow"}, ["2011"]),
        ({"Scene": "DATAWORKS_PROJECT"}, ALL[:-1]),
        ({"PageSize": "10", "PageNumber": "2"}, []),
    ],
)
def test_a_list_of_nodes_is_filtered(d: Any, asked: dict[str, str], found: list[str]) -> None:
    assert ids(d, **asked) == found


def test_counts_of_nodes_are_texts_and_of_workflows_numbers(d: Any) -> None:
    page = d.ask("ListNodes", PageSize="10")[1]["PagingInfo"]
    assert (page["TotalCount"], page["PageNumber"], page["PageSize"]) == ("7", "1", "10")
    assert d.ask("ListWorkflowDefinitions")[1]["PagingInfo"]["TotalCount"] == 1


@pytest.mark.parametrize("size", ["1", "9", "101"])
@pytest.mark.parametrize("action", ["ListNodes", "ListWorkflowDefinitions", "ListResources", "ListFunctions"])
def test_a_page_has_ten_to_a_hundred_rows(d: Any, action: str, size: str) -> None:
    status, body = d.ask(action, PageSize=size)
    assert (status, body["Code"]) == (400, "InvalidPageSize")


def test_workflows_are_listed_by_type(d: Any) -> None:
    def found(**params: str) -> list[tuple[str, str]]:
        listed = rows(d, "ListWorkflowDefinitions", "WorkflowDefinitions", **params)
        return [(row["Id"], row["Type"]) for row in listed]

    assert found() == [("2001", "CycleWorkflow")]
    assert found(Type="ManualWorkflow") == [("2010", "ManualWorkflow")]
    assert found(Name="REP", Type="ManualWorkflow") == [("2010", "ManualWorkflow")]


def test_a_workflow_shows_its_nodes_and_their_edges(d: Any) -> None:
    shown = d.ask("GetWorkflowDefinition", Id="2001")[1]["WorkflowDefinition"]
    assert (shown["Name"], shown.get("WorkflowId")) == ("etl", None)
    (whole,) = spec(d, "2001", "GetWorkflowDefinition", "WorkflowDefinition")["workflows"]
    assert [node["id"] for node in whole["nodes"]] == ["2002", "2003"]
    assert [(each["nodeId"], each["depends"][0]["output"]) for each in whole["dependencies"]] == [
        ("2002", "1002"),
        ("2003", "2002"),
    ]
    assert [node["script"]["path"] for node in whole["nodes"]] == ["etl/etl_first", "etl/etl_last"]
    assert "content" not in whole["nodes"][0]["script"]
    asked = {"IncludeScriptContent": "true"}
    (whole,) = spec(d, "2001", "GetWorkflowDefinition", "WorkflowDefinition", **asked)["workflows"]
    assert whole["nodes"][0]["script"]["content"] == ""
    assert d.ask("GetWorkflowDefinition", Id="1001")[0] == 404


def test_a_node_shows_its_script_and_what_it_uses(d: Any) -> None:
    assert spec(d, "1001")["nodes"][0]["script"]["content"] == "SELECT 1;"
    (node,) = spec(d, "1002")["nodes"]
    assert (node["fileResources"], node["functions"]) == ([{"name": "tools.jar"}], [{"name": "to_cny"}])
    types = [each["type"] for each in spec(d, "1004")["dependencies"][0]["depends"]]
    assert types == ["Normal", "CrossCycleDependsOnSelf"]
    assert spec(d, "2003")["workflows"][0]["id"] == "2001"


def test_resources_and_functions_are_separate_objects(d: Any) -> None:
    assert [row["Id"] for row in rows(d, "ListResources", "Resources")] == ["3001"]
    assert [row["Id"] for row in rows(d, "ListFunctions", "Functions", Name="cny")] == ["4001"]
    assert (
        spec(d, "3001", "GetResource", "Resource")["fileResources"][0]["script"]["path"] == "资源/tools.jar"
    )
    (function,) = spec(d, "4001", "GetFunction", "Function")["functions"]
    assert (function["name"], function["fileResources"]) == ("to_cny", [{"name": "tools.jar"}])
    assert d.ask("GetNode", Id="3001")[1]["Code"] == "5801488441564725286"
    run = d.create("3001")
    items = rows(d, "ListPipelineRunItems", "PipelineRunItems", PipelineRunId=run)
    assert [(item["Id"], item["Type"]) for item in items] == [("3001", "Resource")]


def test_pages_can_change_while_they_are_read(desk: Desk) -> None:
    nodes = [{"name": f"n{number:03}"} for number in range(300)]

    def index(d: Any) -> list[str]:
        pages = (ids(d, PageSize="100", PageNumber=str(number)) for number in (1, 2, 3))
        return [node for page in pages for node in page]

    still, moving = desk(workspace={"nodes": nodes}), desk(workspace={"nodes": nodes}, list_drift=5)
    assert index(still) == index(still)
    first, second = index(moving), index(moving)
    assert first != second
    assert any(len(set(found)) < 300 for found in (first, second)), (
        "a row is seen twice, and another one missed"
    )
    assert set(first) <= set(index(still))


def test_inner_nodes_can_be_missing_from_the_list(desk: Desk) -> None:
    d = desk(workspace=WAREHOUSE, inner_listed=False)
    assert ids(d) == ["1001", "1002", "1003", "1004"]
    assert ids(d, ContainerId="2001") == ["2002", "2003"]
