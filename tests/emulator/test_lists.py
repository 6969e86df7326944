"""Lists: order, pages, filters, delay, and the unusual numbers of the real service. All on virtual time."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from dataworks_emulator import Failure
from dataworks_emulator.runs import Order
from dataworks_emulator.stages import Machine, Run

Desk = Callable[..., Any]


def test_runs_are_paged_newest_first_and_without_objects_or_types(desk: Desk) -> None:
    d = desk()
    made = []
    for number in range(12):
        made.append(d.create(str(number)))
        d.clock.forward(0.001)
    page = d.page()
    assert [run["Id"] for run in page["PipelineRuns"]] == made[:1:-1]
    assert (page["TotalCount"], page["PageSize"], page["PageNumber"]) == (12, 10, 1)
    assert d.listed(PageNumber="2") == made[1::-1]
    assert d.listed(PageNumber="3") == []
    assert not {"ObjectIds", "ObjectId", "Type"} & page["PipelineRuns"][0].keys()
    assert page["PipelineRuns"][0]["Stages"][0]["Code"] == "BUILD_PACKAGE"
    assert desk(oldest_first=True).page()["TotalCount"] == 0


def test_filters_by_object_status_and_creator(desk: Desk) -> None:
    d = desk()
    one, two = d.create("1"), d.create("2")
    d.service.runs.stop(one, "Cancel", d.clock())
    creator = d.run(two)["Creator"]
    assert d.listed(ObjectId="1") == [one]
    assert d.listed(Status="Running") == [two]
    assert d.listed(Creator=creator) == [two, one]
    assert d.listed(Creator="alice") == []
    assert creator.isdigit()
    assert "emulator-key-id" not in creator


@pytest.mark.parametrize("params", [{"PageSize": "101"}, {"PageNumber": "0"}, {"PageSize": "ten"}])
def test_pages_have_limits(desk: Desk, params: dict[str, str]) -> None:
    assert desk().ask("ListPipelineRuns", **params)[0] == 400


def test_a_list_shows_a_run_after_the_lag_and_the_run_can_be_read_before(desk: Desk) -> None:
    d = desk(list_lag=3.0)
    run = d.create()
    assert d.listed() == []
    assert d.run(run)["Id"] == run
    d.clock.forward(3)
    assert d.listed() == [run]


def test_numbers_may_be_strings_and_the_total_may_be_zero(desk: Desk) -> None:
    d = desk(string_counts=True)
    d.create()
    page = d.page(PageSize="5")
    assert (page["TotalCount"], page["PageNumber"], page["PageSize"]) == ("0", "1", "5")
    assert len(page["PipelineRuns"]) == 1


def test_descriptions_may_not_be_shown(desk: Desk) -> None:
    d = desk(show_descriptions=False)
    run = d.create(Description="text")
    assert "Description" not in d.run(run)
    assert ["Description" in row for row in d.page()["PipelineRuns"]] == [False]


def test_items_name_the_object_and_the_nodes_inside_it(desk: Desk) -> None:
    d = desk(inner_nodes={"a": "flow", "b": "flow", "c": "other"})
    run = d.create("flow")
    items = d.ask("ListPipelineRunItems", PipelineRunId=run)[1]["PagingInfo"]["PipelineRunItems"]
    assert [(item["Id"], item["Type"], item["Status"]) for item in items] == [
        ("flow", "WorkflowDefinition", "Running"),
        ("a", "Node", "Running"),
        ("b", "Node", "Running"),
    ]
    assert [
        item["Id"]
        for item in d.ask("ListPipelineRunItems", PipelineRunId=d.create("7"))[1]["PagingInfo"][
            "PipelineRunItems"
        ]
    ] == ["7"]


def test_for_a_node_inside_a_workflow_the_whole_workflow_is_shown(desk: Desk) -> None:
    d = desk(inner_nodes={"a": "flow", "b": "flow"}, upstreams={"b": ("a", "7")})
    node = d.ask("GetNode", Id="b")[1]["Node"]
    spec = json.loads(node["Spec"])
    (workflow,) = spec["spec"]["workflows"]
    assert (node["Id"], spec["kind"], spec["spec"]["id"], workflow["id"]) == (
        "b",
        "CycleWorkflow",
        "flow",
        "flow",
    )
    assert [each["metadata"]["uuid"] for each in workflow["nodes"]] == ["a", "b"]
    assert workflow["nodes"][1]["script"]["path"] == "workflow_flow/node_b"
    assert workflow["dependencies"] == [
        {
            "nodeId": "b",
            "depends": [{"type": "Normal", "output": "a"}, {"type": "Normal", "output": "7"}],
        }
    ]
    assert "container" not in node["Spec"].lower()
    assert "nodes" not in spec["spec"]


@pytest.mark.parametrize(("version", "edges"), [("2.0.0", "dependencies"), ("1.1.0", "flow")])
def test_a_node_outside_of_workflows_is_shown_alone(desk: Desk, version: str, edges: str) -> None:
    d = desk(upstreams={"2": ("1",)}, flowspec=version)
    spec = json.loads(d.ask("GetNode", Id="2")[1]["Node"]["Spec"])
    (node,) = spec["spec"]["nodes"]
    assert (spec["version"], node["id"], node["script"]["path"]) == (version, "2", "nodes/node_2")
    assert node["outputs"]["nodeOutputs"][0]["data"] == "2"
    assert spec["spec"][edges] == [{"nodeId": "2", "depends": [{"type": "Normal", "output": "1"}]}]


def test_the_catalog_distinguishes_nodes_and_workflows(desk: Desk) -> None:
    d = desk(known_objects=("1", "2"), inner_nodes={"inner": "flow"}, upstreams={"2": ("1",)})

    def ids(action: str, rows: str, **params: str) -> list[str]:
        return [row["Id"] for row in d.ask(action, **params)[1]["PagingInfo"][rows]]

    assert ids("ListNodes", "Nodes") == ["1", "2", "inner"]
    assert ids("ListNodes", "Nodes", ContainerId="flow") == ["inner"]
    assert ids("ListNodeDependencies", "Nodes", Id="1") == ["2"]
    assert ids("ListWorkflowDefinitions", "WorkflowDefinitions") == ["flow"]
    assert ids("ListWorkflowDefinitions", "WorkflowDefinitions", Type="ManualWorkflow") == []
    assert d.ask("GetNode", Id="2")[1]["Node"]["Name"] == "node_2"
    for other in ("flow", "99"):
        assert d.ask("GetNode", Id=other)[1]["Code"] == "5801488441564725286"
    assert d.ask("GetProject", Id="42")[1]["Project"]["Status"] == "Available"


def test_runs_that_nobody_asks_for_cost_no_work(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    d = desk(stage_seconds=0.0, failures=(Failure("*", "BUILD_PACKAGE"),))
    made = [d.create(str(number % 7)) for number in range(500)]
    looked: list[str] = []
    view, due = Run.view, Machine.due

    def noted(run: Run) -> Run:
        looked.append(run.id)
        return run

    monkeypatch.setattr(Run, "view", lambda run, when: view(noted(run), when))
    monkeypatch.setattr(Machine, "due", lambda machine, run: due(machine, noted(run)))

    d.run(made[3])
    assert looked == [made[3]]
    looked.clear()
    assert d.listed(PageNumber="2") == looked == made[-11:-21:-1]
    looked.clear()
    assert d.listed(ObjectId="3", PageSize="2") == looked == [made[493], made[486]]
    looked.clear()
    assert d.page(Status="Fail", PageNumber="50")["TotalCount"] == 500
    assert looked == made[9::-1]


def test_people_can_create_runs_in_the_past_and_without_a_workspace(desk: Desk) -> None:
    d = desk()
    mine = d.create("1")

    def opened(object_id: str, project: str, age: float) -> str:
        order = Order(project, object_id, "Online", "", "alice", who="alice")
        return str(d.service.runs.open(order, d.clock() - age).id)

    old, everywhere, elsewhere = opened("1", "42", 60), opened("1", "", 30), opened("1", "43", 10)
    d.clock.forward(1)
    new = d.create("2")
    assert d.listed() == [new, mine, everywhere, old]
    assert d.listed(ObjectId="1") == [mine, everywhere, old]
    assert d.listed(ProjectId="43") == [elsewhere, everywhere]


def test_events_of_all_runs_happen_in_the_order_of_time(desk: Desk) -> None:
    d = desk(upstreams={"2": ("1",)}, stage_overrides={"BUILD_PACKAGE": 0.0, "PROD": 1.0, "PROD_CHECK": 3.0})
    below = d.create("2", RunMode="Auto", AutoRunUntilStage="PROD")
    above = d.create("1", RunMode="Auto", AutoRunUntilStage="PROD")
    d.clock.forward(60)
    assert d.run(above)["Status"] == "Success"
    assert d.run(below)["Status"] == "Fail", "its check had ended before the other was in production"
    times = [event["time"] for event in d.truth.of("stage_finished")]
    assert times == sorted(times)
