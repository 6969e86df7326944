"""Lists: order, paging, filters, lag, and the odd numbers that were seen. All on virtual time."""

from collections.abc import Callable
from typing import Any

import pytest

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


def test_a_run_shows_up_after_the_lag_and_can_be_read_before(desk: Desk) -> None:
    d = desk(list_lag=3.0)
    run = d.create()
    assert d.listed() == []
    assert d.run(run)["Id"] == run
    d.clock.forward(3)
    assert d.listed() == [run]


def test_numbers_may_be_strings_over_a_total_of_nothing(desk: Desk) -> None:
    d = desk(string_counts=True)
    d.create()
    page = d.page(PageSize="5")
    assert (page["TotalCount"], page["PageNumber"], page["PageSize"]) == ("0", "1", "5")
    assert len(page["PipelineRuns"]) == 1


def test_items_name_the_object(desk: Desk) -> None:
    d = desk(inner_nodes={"inner": "flow"})
    item = d.ask("ListPipelineRunItems", PipelineRunId=d.create("flow"))[1]["PagingInfo"]["PipelineRunItems"][
        0
    ]
    assert (item["Id"], item["Type"], item["Status"]) == ("flow", "WorkflowDefinition", "Running")
    assert "inner" in item["Spec"]


def test_the_catalog_tells_nodes_from_workflows(desk: Desk) -> None:
    d = desk(known_objects=("1", "2"), inner_nodes={"inner": "flow"}, upstreams={"2": ("1",)})

    def ids(action: str, rows: str, **params: str) -> list[str]:
        return [row["Id"] for row in d.ask(action, **params)[1]["PagingInfo"][rows]]

    assert ids("ListNodes", "Nodes") == ["1", "2", "inner"]
    assert ids("ListNodes", "Nodes", ContainerId="flow") == ["inner"]
    assert ids("ListNodeDependencies", "Nodes", Id="1") == ["2"]
    assert ids("ListWorkflowDefinitions", "WorkflowDefinitions") == ["flow"]
    assert ids("ListWorkflowDefinitions", "WorkflowDefinitions", Type="ManualWorkflow") == []
    assert d.ask("GetNode", Id="2")[1]["Node"]["Name"] == "node_2"
    assert d.ask("GetNode", Id="flow")[0] == 404
    assert d.ask("GetNode", Id="99")[0] == 404
    assert d.ask("GetProject", Id="42")[1]["Project"]["Status"] == "Available"
