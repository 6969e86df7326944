"""What the checks of a deployment need in a workspace, and people who edit it at the same time."""

import json
from typing import Any

import pytest

from dataworks_emulator import Emulator, Settings
from dataworks_emulator.workspace import Edit, made_up

from .warehouse import ALL, WAREHOUSE, Desk, deploy, ids, spec


@pytest.fixture
def d(desk: Desk) -> Any:
    return desk(workspace=WAREHOUSE)


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


def test_an_object_that_others_need_cannot_be_undeployed(d: Any) -> None:
    for object_id in ("3001", "4001", "1002", "2001"):
        deploy(d, object_id)
    assert deploy(d, "1002", "Offline")["Message"] == "节点存在子节点,导致任务删除或下线失败"
    assert deploy(d, "2001", "Offline")["Status"] == "Success"
    assert deploy(d, "1002", "Offline")["Status"] == "Success"
    assert "TaskId" not in d.ask("GetNode", Id="1002")[1]["Node"]


def test_two_nodes_with_the_same_output_fail_only_in_a_later_stage(desk: Desk) -> None:
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


def test_a_stale_list_shows_an_edited_object_as_before_the_edit(d: Any) -> None:
    d.clock.forward(10)
    d.service.edit(Edit(("", 0), "1002", {"name": "new"}))
    d.clock.forward(1)
    d.service.schedule.add("ListNodes:1:stale")

    def names() -> list[str]:
        body = d.service.deliver("ListNodes", {"ProjectId": "42"}).response().body
        return [row["Name"] for row in body["PagingInfo"]["Nodes"]]

    assert "dwd_orders" in names()
    assert "new" in names()


def test_the_workspace_file_can_contain_edits_before_named_calls(desk: Desk) -> None:
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


@pytest.mark.parametrize(
    ("spec_", "shown"), [("short-page", 3), ("garbled-page", None), ("json:{}", None), ("commit+drop", None)]
)
def test_faults_apply_to_the_lists_of_data_studio_too(d: Any, spec_: str, shown: int | None) -> None:
    d.service.schedule.add(f"ListNodes:1:{spec_}")
    delivery = d.service.deliver("ListNodes", {"ProjectId": "42"})
    page: Any = (delivery.response().body or {}).get("PagingInfo")
    assert delivery.how == ("drop" if spec_ == "commit+drop" else "answer")
    if shown is not None:
        assert (len(page["Nodes"]), page["TotalCount"]) == (shown, "7")


def test_a_test_can_edit_objects_through_the_emulator() -> None:
    with Emulator(Settings(workspace=WAREHOUSE)) as emulator:
        emulator.edit("1001", name="renamed")
        emulator.remove("1002")
        assert [event["object"] for event in emulator.truth.of("edited")] == ["1001", "1002"]
        for gone in ("1002", "99"):
            with pytest.raises(ValueError, match="does not exist"):
                emulator.edit(gone, name="x")


def test_without_a_workspace_file_an_edit_decides_what_is_known_of_its_object(desk: Desk) -> None:
    d = desk()
    d.service.edit(Edit(("", 0), "7", {"name": "seven"}))
    assert d.ask("GetNode", Id="7")[1]["Node"]["Name"] == "seven"
    d.service.edit(Edit(("", 0), "7", removes=True))
    assert d.ask("GetNode", Id="7")[0] == 400
    assert d.ask("GetNode", Id="8")[0] == 200


def scripts(d: Any, object_id: str, *when: float) -> list[str]:
    """The scripts of an object and its parts in production."""
    return [draft.script for draft in d.service.catalog.live(object_id, *when)]


def test_production_has_an_object_as_it_was_when_its_run_was_built(desk: Desk) -> None:
    d = desk(workspace=WAREHOUSE, stage_seconds=2.0)
    assert scripts(d, "1001") == ["SELECT 1;"], "it was there from the beginning"
    assert scripts(d, "3001") == []
    began = d.clock()
    run = d.create("3001")
    for script in ("at the build", "after it"):
        d.clock.forward(1)
        d.service.edit(Edit(("", 0), "3001", {"script": script}))
        d.clock.forward(1)
    for code in ("PROD_CHECK", "PROD"):
        d.ask("ExecPipelineRunStage", Id=run, Code=code)
        assert scripts(d, "3001") == []
        d.clock.forward(3)
        d.service.settle()
    assert scripts(d, "3001") == ["at the build"]
    assert scripts(d, "3001", began) == []
    for object_id in ("4001", "1002", "2001"):
        deploy(d, object_id)
    assert [draft.id for draft in d.service.catalog.live("2001")] == ["2001", "2002", "2003"]
    d.service.edit(Edit(("", 0), "2003", removes=True))
    deploy(d, "2001")
    assert [draft.id for draft in d.service.catalog.live("2001")] == ["2001", "2002"]
    assert d.service.catalog.task("2003") is None
    deploy(d, "2001", "Offline")
    assert d.service.catalog.live("2001") == ()
    assert d.service.catalog.task("2002") is None


def test_every_version_of_a_draft_is_kept_with_its_time(d: Any) -> None:
    d.clock.forward(1)
    at = d.clock()
    d.service.edit(Edit(("", 0), "1002", {"name": "new"}))
    d.clock.forward(1)
    d.service.edit(Edit(("", 0), "1002", removes=True))

    (_, first), (then, second), (last, gone) = d.service.catalog.drafts.versions("1002")

    assert (first.name, second.name, gone) == ("dwd_orders", "new", None)
    assert (then, last) == (at, at + 1)
    assert d.service.catalog.drafts.versions("99") == ()


def test_people_can_add_objects_and_lists_may_show_them_later(desk: Desk) -> None:
    d = desk(workspace=WAREHOUSE, draft_lag=5.0)
    d.clock.forward(10)
    d.service.add(made_up("5001"))
    d.service.edit(Edit(("", 0), "1002", {"name": "new"}))
    assert "5001" not in ids(d)
    assert ids(d, Name="dwd_orders") == ["1002"]
    assert d.ask("GetNode", Id="1002")[1]["Node"]["Name"] == "new"
    d.clock.forward(5)
    assert "5001" in ids(d)
    assert ids(d, Name="new") == ["1002"]
    assert d.truth.of("edited", object="5001")[0]["changed"] == ["added"]


def test_a_page_of_a_list_may_have_fewer_rows_than_requested(desk: Desk) -> None:
    d = desk(workspace=WAREHOUSE, page_rows=3)
    assert [ids(d, PageSize="100", PageNumber=str(number)) for number in (1, 2, 3, 4)] == [
        ALL[:3],
        ALL[3:6],
        ALL[6:],
        [],
    ]
    page = d.ask("ListNodes", PageSize="100")[1]["PagingInfo"]
    assert (page["PageSize"], page["TotalCount"]) == ("3", "7")


def test_if_a_workflow_is_removed_its_nodes_are_removed_too(d: Any) -> None:
    d.service.edit(Edit(("", 0), "2001", removes=True))
    assert ids(d) == ["1001", "1002", "1003", "1004", "2011"]


def test_an_edit_of_an_object_that_was_removed_before_has_no_effect(desk: Desk) -> None:
    edit = {"object": "1002", "before": "ListNodes:2", "name": "new"}
    removed = edit | {"before": "ListNodes:1", "remove": True}
    d = desk(workspace=WAREHOUSE | {"edits": [edit, removed, removed]})
    assert "1002" not in ids(d)
    assert "1002" not in ids(d)
    assert [event["changed"] for event in d.truth.of("edited")] == [["removed"]]
