"""A workspace from a file: what Data Studio shows of it, what its checks want, and people who edit it meanwhile."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dataworks_emulator import Emulator, Settings
from dataworks_emulator.workspace import Edit

Desk = Callable[..., Any]

WAREHOUSE: dict[str, Any] = {
    "id": "42",
    "name": "warehouse",
    "nodes": [
        {"id": "1001", "name": "ods_orders", "path": "订单/ods_orders", "script": "SELECT 1;", "production": True},
        {"id": "1002", "name": "dwd_orders", "path": "订单/dwd_orders", "after": ["ods_orders"],
         "uses": ["tools.jar", "to_cny"]},
        {"id": "1003", "name": "ads_orders", "path": "报表/ads_orders", "after": ["1002", "other.dim_date"],
         "outputs": ["warehouse.ads_orders"], "cron": "00 30 01 * * ?"},
        {"id": "1004", "name": "Dwd_Users",
         "after": ["etl_last", {"output": "1004", "type": "CrossCycleDependsOnSelf"}]},
    ],
    "workflows": [
        {"id": "2001", "name": "etl", "nodes": [
            {"id": "2002", "name": "etl_first", "after": ["dwd_orders"]},
            {"id": "2003", "name": "etl_last", "after": ["etl_first"]},
        ]},
        {"id": "2010", "name": "repair", "type": "ManualWorkflow", "nodes": [{"id": "2011", "name": "repair_all"}]},
    ],
    "resources": [{"id": "3001", "name": "tools.jar", "path": "资源/tools.jar"}],
    "functions": [{"id": "4001", "name": "to_cny", "uses": ["tools.jar"]}],
}  # fmt: skip
ALL = ["1001", "1002", "1003", "1004", "2002", "2003", "2011"]


def rows(d: Any, action: str, name: str, **params: str) -> list[dict[str, Any]]:
    """The rows of one page."""
    status, body = d.ask(action, **params)
    assert status == 200, body
    found: list[dict[str, Any]] = body["PagingInfo"][name]
    return found


def ids(d: Any, **params: str) -> list[str]:
    """The IDs that ListNodes shows."""
    return [row["Id"] for row in rows(d, "ListNodes", "Nodes", **params)]


def spec(d: Any, object_id: str, action: str = "GetNode", what: str = "Node", **params: str) -> Any:
    """The FlowSpec that is shown of an object."""
    return json.loads(d.ask(action, Id=object_id, **params)[1][what]["Spec"])["spec"]


def deploy(d: Any, object_id: str, run_type: str = "Online", **where: str) -> dict[str, Any]:
    """Deploy it as far as it goes, and return the run."""
    run = d.create(object_id, Type=run_type, **where)
    for code in ("OfflineCheck", "PROD_CHECK", "PROD"):
        d.clock.forward(10)
        d.ask("ExecPipelineRunStage", Id=run, Code=code, **where)
    d.clock.forward(10)
    shown: dict[str, Any] = d.ask("GetPipelineRun", Id=run, **where)[1]["Pipeline"]
    return shown


@pytest.fixture
def d(desk: Desk) -> Any:
    return desk(workspace=WAREHOUSE)


def test_only_what_the_file_names_is_there(d: Any) -> None:
    assert ids(d) == ALL
    assert d.ask("CreatePipelineRun", Type="Online", ObjectIds='["99"]')[1]["Code"] == "5801489541076353033"
    assert d.ask("CreatePipelineRun", Type="Online", ObjectIds='["2002"]')[1]["Code"] == "5801489541076353033"
    assert d.ask("GetNode", Id="99")[1]["Code"] == "5801488441564725286"
    assert d.ask("ListNodes", ProjectId="43")[1]["Code"] == "EntityNotExist"
    assert d.ask("GetProject", Id="42")[1]["Project"]["Name"] == "warehouse"


def test_a_row_tells_what_a_node_needs_and_makes(d: Any) -> None:
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


def test_resources_and_functions_are_objects_of_their_own(d: Any) -> None:
    assert [row["Id"] for row in rows(d, "ListResources", "Resources")] == ["3001"]
    assert [row["Id"] for row in rows(d, "ListFunctions", "Functions", Name="cny")] == ["4001"]
    assert spec(d, "3001", "GetResource", "Resource")["resources"][0]["script"]["path"] == "资源/tools.jar"
    assert spec(d, "4001", "GetFunction", "Function")["functions"][0]["name"] == "to_cny"
    assert d.ask("GetNode", Id="3001")[1]["Code"] == "5801488441564725286"
    run = d.create("3001")
    items = rows(d, "ListPipelineRunItems", "PipelineRunItems", PipelineRunId=run)
    assert [(item["Id"], item["Type"]) for item in items] == [("3001", "Resource")]


def test_a_node_whose_upstream_is_not_in_production_fails_its_check(d: Any) -> None:
    assert deploy(d, "1003")["Message"] == "上游节点未发布: dwd_orders (1002)"
    assert deploy(d, "1002")["Message"] == "引用的资源或函数未发布: tools.jar (3001), to_cny (4001)"
    failed = deploy(d, "2001")
    assert [stage["Code"] for stage in failed["Stages"] if stage["Status"] == "Fail"] == ["PROD_CHECK"]
    assert deploy(d, "4001")["Message"] == "引用的资源或函数未发布: tools.jar (3001)"
    for object_id in ("3001", "4001", "1002", "1003", "2001", "1004"):
        assert deploy(d, object_id)["Status"] == "Success", object_id
    for inner in ("2001", "2002", "2003"):
        assert d.service.catalog.task(inner), "a workflow is deployed as a whole"
    assert d.ask("GetNode", Id="2003")[1]["Node"]["TaskId"] == d.service.catalog.task("2003")


def test_what_others_need_cannot_be_taken_out_of_production(d: Any) -> None:
    for object_id in ("3001", "4001", "1002", "2001"):
        deploy(d, object_id)
    assert deploy(d, "1002", "Offline")["Message"] == "节点存在子节点,导致任务删除或下线失败"
    assert deploy(d, "2001", "Offline")["Status"] == "Success"
    assert deploy(d, "1002", "Offline")["Status"] == "Success"
    assert "TaskId" not in d.ask("GetNode", Id="1002")[1]["Node"]


def test_two_nodes_with_one_output_fail_late(desk: Desk) -> None:
    nodes = [{"id": number, "name": number, "outputs": ["w.t"]} for number in ("1", "2")]
    d = desk(workspace={"nodes": nodes})
    assert deploy(d, "1")["Status"] == "Success"
    failed = deploy(d, "2")
    assert failed["Message"] == "w.t can not exported multiple nodes into the same output"
    assert failed["Stages"][-1]["Status"] == "Fail"


def test_people_edit_between_calls(d: Any) -> None:
    before = d.ask("GetNode", Id="1002")[1]["Node"]
    d.clock.forward(1)
    for name in ("dwd_orders_v2", "dwd_orders_v3"):
        d.service.edit(Edit(("", 0), "1002", {"name": name, "script": "SELECT 2;"}))
    after = d.ask("GetNode", Id="1002")[1]["Node"]
    assert (before["Name"], after["Name"]) == ("dwd_orders", "dwd_orders_v3")
    assert after["ModifyTime"] == 1_750_000_001_001
    assert after["CreateTime"] == before["CreateTime"]
    assert json.loads(after["Spec"])["spec"]["nodes"][0]["script"]["content"] == "SELECT 2;"
    assert ids(d, Name="dwd_orders_v3") == ["1002"]
    d.service.edit(Edit(("", 0), "1002", removes=True))
    assert "1002" not in ids(d)
    assert d.ask("CreatePipelineRun", Type="Online", ObjectIds='["1002"]')[0] == 400
    assert [event["changed"] for event in d.truth.of("edited")] == [["name", "script"]] * 2 + [["removed"]]


def test_what_was_edited_looks_as_before_in_a_stale_list(d: Any) -> None:
    d.clock.forward(10)
    d.service.edit(Edit(("", 0), "1002", {"name": "new"}))
    d.clock.forward(1)
    d.service.schedule.add("ListNodes:1:stale")

    def names() -> list[str]:
        body = d.service.deliver("ListNodes", {"ProjectId": "42"}).response().body
        return [row["Name"] for row in body["PagingInfo"]["Nodes"]]

    assert "dwd_orders" in names()
    assert "new" in names()


def test_the_file_can_say_what_is_edited_before_which_call(desk: Desk) -> None:
    edits = [
        {"before": "GetNode:2", "object": "dwd_orders", "name": "renamed", "after": ["etl"]},
        {"before": "GetNode:3", "object": "1003", "outputs": ["w.other"], "uses": ["tools.jar"]},
        {"before": "ListNodes:1", "object": "1004", "remove": True},
    ]
    d = desk(workspace={**WAREHOUSE, "edits": edits})
    assert d.ask("GetNode", Id="1002")[1]["Node"]["Name"] == "dwd_orders"
    renamed = d.ask("GetNode", Id="1002")[1]["Node"]
    assert renamed["Name"] == "renamed"
    assert json.loads(renamed["Spec"])["spec"]["dependencies"][0]["depends"][0]["output"] == "2001"
    (node,) = spec(d, "1003")["nodes"]
    assert [each["data"] for each in node["outputs"]["nodeOutputs"]] == ["1003", "w.other"]
    assert ids(d) == [each for each in ALL if each != "1004"]
    events = [event["event"] for event in d.truth.events if event.get("action", "GetNode") == "GetNode"]
    assert events.count("edited") == 3


def test_pages_drift_while_they_are_read(desk: Desk) -> None:
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


def test_the_whole_workspace_may_be_in_production(desk: Desk) -> None:
    d = desk(workspace={**WAREHOUSE, "production": True})
    assert all("TaskId" in row for row in rows(d, "ListNodes", "Nodes"))
    assert d.ask("GetWorkflowDefinition", Id="2001")[1]["WorkflowDefinition"]["WorkflowId"]
    assert deploy(d, "1003")["Status"] == "Success"


def test_ids_and_paths_need_not_be_written(desk: Desk) -> None:
    nodes = [{"name": "a"}, {"name": "b", "after": ["a"]}]
    d = desk(
        workspace={"nodes": nodes, "workflows": [{"name": "w", "path": "x/w", "nodes": [{"name": "c"}]}]}
    )
    found = rows(d, "ListNodes", "Nodes")
    assert [len(row["Id"]) for row in found] == [19] * 3
    assert [row["Script"]["Path"] for row in found] == ["a", "b", "x/w/c"]
    assert found[1]["Inputs"]["NodeOutputs"] == [{"Data": found[0]["Id"]}]
    assert found[0]["Inputs"]["NodeOutputs"] == [{"Data": "workspace_root"}]
    assert found[2]["Inputs"]["NodeOutputs"] == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"nodse": []}, "the workspace: unknown key 'nodse'"),
        ({"nodes": {}}, "the workspace: nodes is no list"),
        ({"nodes": [[]]}, r"nodes\[0\]: it is no JSON object"),
        ({"nodes": [{"id": "1"}]}, r"nodes\[0\]: it has no name"),
        ({"nodes": [{"name": "a", "id": "订"}]}, r"nodes\[0\]: '订' is no ID"),
        ({"nodes": [{"name": "a", "id": "1"}, {"name": "b", "id": "1"}]}, r"nodes\[1\]: '1' is .* of two objects"),
        ({"nodes": [{"name": "a", "after": ["b"]}]}, r"nodes\[0\]: after 'b': no such node"),
        ({"nodes": [{"name": "a", "after": [{"outptu": "x"}]}]}, r"nodes\[0\].after: unknown key 'outptu'"),
        ({"nodes": [{"name": "a"}, {"name": "a"}, {"name": "b", "after": ["a"]}]}, "the name of 2 objects"),
        ({"nodes": [{"name": "a", "uses": ["x"]}]}, r"nodes\[0\]: uses 'x': no such resource"),
        ({"nodes": [{"name": "a", "outputs": [1]}]}, r"nodes\[0\]: outputs is no list of texts"),
        ({"workflows": [{"name": "w", "nodes": [{"nmae": "a"}]}]}, r"workflows\[0\].nodes\[0\]: unknown key"),
        ({"workflows": [{"name": "w", "type": "Cycle"}]}, r"workflows\[0\]: type is 'Cycle'"),
        ({"edits": [{"before": "GetNode"}]}, r"edits\[0\]: before is no ACTION:N"),
        ({"edits": [{"before": "GetNode:1", "object": "x"}]}, r"edits\[0\]: object 'x' is 0 objects"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_file_is_named(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Emulator(Settings(workspace=given))


def test_a_file_is_read(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "warehouse.json"
    file.write_text(json.dumps(WAREHOUSE, ensure_ascii=False), "utf-8")
    assert ids(desk(workspace=str(file))) == ALL
    file.write_text("{nodes: []}", "utf-8")
    with pytest.raises(ValueError, match=r"warehouse\.json: no JSON"):
        desk(workspace=str(file))


def test_the_example_is_a_workspace_to_rehearse(desk: Desk) -> None:
    d = desk(workspace=str(Path(__file__).parents[2] / "examples" / "workspace.json"))

    def deployed(name: str) -> str:
        listed = {"ListNodes": "Nodes", "ListWorkflowDefinitions": "WorkflowDefinitions"}
        listed |= {"ListResources": "Resources", "ListFunctions": "Functions"}
        found = [
            row
            for action, what in listed.items()
            for row in rows(d, action, what, ProjectId="12345", Name=name)
            if row["Name"] == name
        ]
        return str(deploy(d, found[0]["Id"], ProjectId="12345")["Message"])

    assert deployed("ads_orders") == (
        "上游节点未发布: dwd_orders (7567482277219412402), etl_users (7600000000000000002)"
    )
    for name in ("rates.jar", "to_cny", "dwd_orders", "users", "ads_orders"):
        assert deployed(name) == ""


def test_flags_and_a_file_do_not_both_say_what_there_is() -> None:
    with pytest.raises(ValueError, match="workspace says what there is"):
        Settings(workspace="w.json", known_objects=("1",))


@pytest.mark.parametrize(
    ("spec_", "shown"), [("short-page", 3), ("garbled-page", None), ("json:{}", None), ("commit+drop", None)]
)
def test_faults_meet_these_lists_too(d: Any, spec_: str, shown: int | None) -> None:
    d.service.schedule.add(f"ListNodes:1:{spec_}")
    delivery = d.service.deliver("ListNodes", {"ProjectId": "42"})
    page: Any = (delivery.response().body or {}).get("PagingInfo")
    assert delivery.how == ("drop" if spec_ == "commit+drop" else "answer")
    if shown is not None:
        assert (len(page["Nodes"]), page["TotalCount"]) == (shown, "7")


def test_a_test_edits_through_the_emulator() -> None:
    with Emulator(Settings(workspace=WAREHOUSE)) as emulator:
        emulator.edit("1001", name="renamed")
        emulator.remove("1002")
        assert [event["object"] for event in emulator.truth.of("edited")] == ["1001", "1002"]
        for gone in ("1002", "99"):
            with pytest.raises(ValueError, match="does not exist"):
                emulator.edit(gone, name="x")


def test_where_any_object_exists_an_edited_one_is_known_by_it(desk: Desk) -> None:
    d = desk()
    d.service.edit(Edit(("", 0), "7", {"name": "seven"}))
    assert d.ask("GetNode", Id="7")[1]["Node"]["Name"] == "seven"
    d.service.edit(Edit(("", 0), "7", removes=True))
    assert d.ask("GetNode", Id="7")[0] == 400
    assert d.ask("GetNode", Id="8")[0] == 200
