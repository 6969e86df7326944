"""The course of a run: stages, executions, approvals, failures, and actions of other people. All on virtual time."""

from collections.abc import Callable
from typing import Any

import pytest

from dataworks_emulator import Failure

Desk = Callable[..., Any]


def test_a_simple_run_builds_by_itself_and_waits_for_each_execution(desk: Desk) -> None:
    d = desk()
    run = d.create(Description="[mark] text")
    assert d.stages(run) == {"BUILD_PACKAGE": "Running", "PROD_CHECK": "Init", "PROD": "Init"}
    d.clock.forward(60)
    assert d.stages(run) == {"BUILD_PACKAGE": "Success", "PROD_CHECK": "Init", "PROD": "Init"}
    for code in ("PROD_CHECK", "PROD"):
        assert d.run(run)["Status"] == "Running"
        assert d.execute(run, code)[1]["Success"] is True
        d.clock.forward(1)
    shown = d.run(run)
    assert (shown["Status"], shown["Description"], shown["ProjectId"]) == ("Success", "[mark] text", 42)
    assert shown["CreateTime"] == 1_750_000_000_000
    assert shown["ModifyTime"] == 1_750_000_062_000, "stages end when they are due, not when somebody looks"


def test_of_several_objects_only_the_first_gets_a_run(desk: Desk) -> None:
    """The service documents that it ignores the others, and its answer says nothing about them."""
    d = desk()
    status, body = d.ask("CreatePipelineRun", Type="Online", ObjectIds='["1","2","3"]')

    assert (status, body.keys()) == (200, {"RequestId", "Id"})
    assert [run["object"] for run in d.truth.runs()] == ["1"]


def test_the_standard_mode_goes_through_development(desk: Desk) -> None:
    d = desk(stages="standard")
    run = d.run(d.create())
    assert [s["Code"] for s in run["Stages"]] == ["BUILD_PACKAGE", "DEV_CHECK", "DEV", "PROD_CHECK", "PROD"]
    assert [s["Step"] for s in run["Stages"]] == [1, 2, 3, 4, 5]


def test_stages_can_be_neither_skipped_nor_repeated(desk: Desk) -> None:
    d = desk()
    run = d.create()
    assert d.execute(run, "PROD_CHECK")[0] == 400, "the build still runs"
    d.clock.forward(1)
    assert d.execute(run, "PROD")[0] == 400, "skipped"
    assert d.execute(run, "PROD_CHECK")[0] == 200
    assert d.execute(run, "PROD_CHECK")[0] == 400, "repeated while it runs"
    d.clock.forward(1)
    assert d.execute(run, "PROD_CHECK")[0] == 400, "repeated after it"
    assert d.execute(run, "NOPE")[0] == 400
    assert d.truth.executed(run) == ["PROD_CHECK"]


def test_a_run_that_has_ended_says_so(desk: Desk) -> None:
    d = desk()
    run = d.create()
    d.service.runs.stop(run, "Termination", d.clock(), "by an admin")
    status, body = d.execute(run, "PROD_CHECK")
    assert (status, body["Message"]) == (400, "流水线不是正在运行")
    shown = d.run(run)
    assert (shown["Status"], shown["Message"]) == ("Termination", "by an admin")
    assert d.stages(run)["BUILD_PACKAGE"] == "Termination"


@pytest.mark.parametrize("message", ["", "no quota"])
def test_a_stage_fails_with_or_without_a_message(desk: Desk, message: str) -> None:
    d = desk(failures=(Failure("123", "BUILD_PACKAGE", message),))
    failing, fine = d.create("123"), d.create("124")
    d.clock.forward(1)
    shown = d.run(failing)
    assert (shown["Status"], shown["Message"]) == ("Fail", message)
    assert ("Message" in shown["Stages"][0]) is bool(message)
    assert d.run(fine)["Status"] == "Running"


def test_run_mode_auto_executes_up_to_the_named_stage_and_no_further(desk: Desk) -> None:
    d = desk()
    run = d.create(RunMode="Auto", AutoRunUntilStage="PROD_CHECK")
    d.clock.forward(10)
    assert d.stages(run) == {"BUILD_PACKAGE": "Success", "PROD_CHECK": "Success", "PROD": "Init"}
    whole = d.create(RunMode="Auto", AutoRunUntilStage="PROD")
    d.clock.forward(10)
    assert d.run(whole)["Status"] == "Success"
    wrong = d.ask(
        "CreatePipelineRun", Type="Online", ObjectIds='["1"]', RunMode="Auto", AutoRunUntilStage="X"
    )
    assert wrong[0] == 400


def test_an_approval_waits_for_a_person(desk: Desk) -> None:
    d = desk(approval=True)
    run = d.create()
    d.clock.forward(1)
    d.execute(run, "PROD_CHECK")
    d.clock.forward(1)
    assert d.execute(run, "APPROVAL")[0] == 400
    d.clock.forward(1000)
    assert d.stages(run)["APPROVAL"] == "Init"
    d.service.runs.approve(run, d.clock())
    assert d.stages(run)["APPROVAL"] == "Success"
    assert d.execute(run, "PROD")[0] == 200


@pytest.mark.parametrize(
    ("settings", "after_execution"),
    [
        ({"approval_exec": "stay"}, "Init"),
        ({"approval_exec": "run"}, "Running"),
        ({"approval_status": "Running"}, "Running"),
    ],
)
def test_an_approval_may_be_shown_as_running(
    desk: Desk, settings: dict[str, str], after_execution: str
) -> None:
    d = desk(approval=True, approve_after=30.0, **settings)
    run = d.create(RunMode="Auto", AutoRunUntilStage="PROD_CHECK")
    d.clock.forward(2)
    d.execute(run, "APPROVAL")
    assert d.stages(run)["APPROVAL"] == after_execution
    d.clock.forward(30)
    assert d.stages(run)["APPROVAL"] == "Success", "approved after its time"


def test_an_abolished_run_is_terminated_once(desk: Desk) -> None:
    d = desk()
    run = d.create()
    assert d.ask("AbolishPipelineRun", Id=run)[1]["Success"] is True
    assert d.run(run)["Status"] == "Termination"
    assert d.ask("AbolishPipelineRun", Id=run)[0] == 400
    assert len(d.truth.of("abolished")) == 1


@pytest.mark.parametrize(
    ("choice", "status", "ends_as"),
    [("refuse", 400, "Success"), ("ignore", 200, "Success"), ("stop", 200, "Termination")],
)
def test_a_setting_decides_whether_a_deployment_can_be_abolished(
    desk: Desk, choice: str, status: int, ends_as: str
) -> None:
    d = desk(abolish_during_deploy=choice)
    run = d.create(RunMode="Auto", AutoRunUntilStage="PROD")
    d.clock.forward(2.5)
    assert d.stages(run)["PROD"] == "Running"
    assert d.ask("AbolishPipelineRun", Id=run)[0] == status
    d.clock.forward(5)
    assert d.run(run)["Status"] == ends_as


def test_undeploying_has_its_own_stages_and_respects_downstream_objects(desk: Desk) -> None:
    d = desk(upstreams={"2": ("1",)})

    def deploy(object_id: str, kind: str) -> dict[str, Any]:
        run = d.create(object_id, Type=kind, RunMode="Auto", AutoRunUntilStage="PROD")
        d.clock.forward(10)
        shown: dict[str, Any] = d.run(run)
        return shown

    assert deploy("2", "Online")["Message"] == "上游节点未发布: node_1 (1)"
    assert deploy("1", "Online")["Status"] == "Success"
    assert deploy("2", "Online")["Status"] == "Success"
    refused = deploy("1", "Offline")
    assert [stage["Code"] for stage in refused["Stages"]] == ["OfflineCheck", "PROD_CHECK", "PROD"]
    assert refused["Message"] == "节点存在子节点,导致任务删除或下线失败"
    assert deploy("2", "Offline")["Status"] == "Success"
    assert deploy("1", "Offline")["Status"] == "Success"


@pytest.mark.parametrize(("by_itself", "status"), [(False, "Init"), (True, "Success")])
def test_the_first_check_of_an_undeployment_waits_or_runs_by_itself(
    desk: Desk, by_itself: bool, status: str
) -> None:
    d = desk(offline_check_runs=by_itself)
    run = d.create(Type="Offline")
    d.clock.forward(5)
    assert d.stages(run) == {"OfflineCheck": status, "PROD_CHECK": "Init", "PROD": "Init"}


def test_unknown_types_and_statuses_can_be_shown(desk: Desk) -> None:
    d = desk(odd_stage="SMOKE", odd_status="Paused", shuffle_stages=True)
    run = d.create()
    shown = d.run(run)
    assert shown["Status"] == "Paused"
    assert {stage["Type"] for stage in shown["Stages"]} == {"Build", "Check", "Canary", "Deploy"}
    orders = {tuple(stage["Step"] for stage in d.run(run)["Stages"]) for _ in range(20)}
    assert len(orders) > 1
    assert all(sorted(order) == [1, 2, 3, 4] for order in orders)


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ('[["7"]]', '未找到发布对象: [["7"]]'),
        (r'["[\"7\"]"]', '未找到发布对象: [["7"]]'),
        ("7", "未找到发布对象: [7]"),
        ("null", "未找到发布对象: [null]"),
        ('["99"]', "未找到发布对象: [99]"),
        ('["inner"]', "未找到发布对象: [inner]"),
    ],
)
def test_an_id_without_an_object_is_refused_in_the_words_of_the_service(
    desk: Desk, listed: str, message: str
) -> None:
    d = desk(known_objects=("7",), inner_nodes={"inner": "flow"})
    status, body = d.ask("CreatePipelineRun", Type="Online", ObjectIds=listed)
    assert (status, body["Code"], body["Message"]) == (400, "5801489541076353033", message)
    assert d.truth.runs() == []


def test_a_run_of_another_workspace_does_not_exist_here(desk: Desk) -> None:
    d = desk()
    run = d.create()
    for action in ("GetPipelineRun", "AbolishPipelineRun"):
        assert d.ask(action, Id=run, ProjectId="43")[0] == 404
    assert d.listed(ProjectId="43") == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"ProjectId": ""}, "MissingParameter"),
        ({"ProjectId": "name"}, "InvalidParameter"),
        ({"ProjectId": "43"}, "EntityNotExist"),
        ({"Type": ""}, "MissingParameter"),
        ({"Type": "online"}, "InvalidParameter"),
        ({"ObjectIds": ""}, "MissingParameter"),
        ({"RunMode": "Fast"}, "InvalidParameter"),
    ],
)
def test_wrong_parameters_are_refused(desk: Desk, params: dict[str, str], code: str) -> None:
    d = desk(projects=("42",))
    status, body = d.ask("CreatePipelineRun", **{"Type": "Online", "ObjectIds": '["1"]', **params})
    assert status in (400, 404)
    assert body["Code"] == code
    assert body["RequestId"]
