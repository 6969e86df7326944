"""The official SDK against the emulator: every operation, and the exceptions that the SDK raises for answers."""

from typing import Any

import pytest
from alibabacloud_dataworks_public20240518 import models
from alibabacloud_dataworks_public20240518.client import Client
from alibabacloud_tea_openapi.models import Config

from dataworks_emulator import Emulator, Settings

CREATE = models.CreatePipelineRunRequest(
    project_id=42, type="Online", object_ids=["123"], description="[mark] 你好 & a=b+c% ~*'"
)


def client(emulator: Emulator, **config: str) -> Any:
    return Client(
        Config(
            endpoint=emulator.endpoint,
            protocol="HTTP",
            **{"access_key_id": "emulator-key-id", "access_key_secret": "emulator-key-secret", **config},
        )
    )


def test_the_sdk_can_make_a_whole_deployment() -> None:
    with Emulator(Settings(stage_seconds=0.0)) as emulator:
        sdk = client(emulator)
        run = sdk.create_pipeline_run(CREATE).body.id
        for code in ("PROD_CHECK", "PROD"):
            asked = models.ExecPipelineRunStageRequest(project_id=42, id=run, code=code)
            assert sdk.exec_pipeline_run_stage(asked).body.success is True
        shown = sdk.get_pipeline_run(models.GetPipelineRunRequest(project_id=42, id=run)).body.pipeline
        assert (shown.status, shown.description, shown.project_id) == ("Success", CREATE.description, 42)
        assert [(s.code, s.type, s.step) for s in shown.stages][1:] == [
            ("PROD_CHECK", "Check", 2),
            ("PROD", "Deploy", 3),
        ]
        listed = models.ListPipelineRunsRequest(project_id=42, object_id="123", page_size=100, page_number=1)
        page = sdk.list_pipeline_runs(listed).body.paging_info
        assert (page.total_count, [each.id for each in page.pipeline_runs]) == (1, [run])
        wanted = models.ListPipelineRunItemsRequest(project_id=42, pipeline_run_id=run)
        (item,) = sdk.list_pipeline_run_items(wanted).body.paging_info.pipeline_run_items
        assert (item.id, item.type, item.status) == ("123", "Node", "Success")
        assert [event["params"]["ObjectIds"] for event in emulator.truth.posts("CreatePipelineRun")] == [
            '["123"]'
        ]


def test_the_sdk_can_make_the_readings_of_a_preflight() -> None:
    settings = Settings(known_objects=("1",), inner_nodes={"inner": "flow"}, upstreams={"1": ("inner",)})
    with Emulator(settings) as emulator:
        sdk = client(emulator)
        assert sdk.get_project(models.GetProjectRequest(id=42)).body.project.id == 42
        assert sdk.get_node(models.GetNodeRequest(project_id=42, id="1")).body.node.name == "node_1"
        nodes = sdk.list_nodes(models.ListNodesRequest(project_id=42, container_id="flow")).body.paging_info
        assert [node.id for node in nodes.nodes] == ["inner"]
        asked = models.ListNodeDependenciesRequest(project_id=42, id="inner")
        assert [node.id for node in sdk.list_node_dependencies(asked).body.paging_info.nodes] == ["1"]
        flows = sdk.list_workflow_definitions(
            models.ListWorkflowDefinitionsRequest(project_id=42)
        ).body.paging_info
        assert [flow.id for flow in flows.workflow_definitions] == ["flow"]


def test_the_sdk_reads_a_list_of_strings_as_strings() -> None:
    with Emulator(Settings(string_counts=True)) as emulator:
        sdk = client(emulator)
        sdk.create_pipeline_run(CREATE)
        page = sdk.list_pipeline_runs(models.ListPipelineRunsRequest(project_id=42)).body.paging_info
        assert (page.total_count, len(page.pipeline_runs)) == ("0", 1)


def test_the_sdk_can_abolish_a_run_and_a_second_time_is_refused() -> None:
    with Emulator() as emulator:
        sdk = client(emulator)
        asked = models.AbolishPipelineRunRequest(project_id=42, id=sdk.create_pipeline_run(CREATE).body.id)
        assert sdk.abolish_pipeline_run(asked).body.success is True
        with pytest.raises(Exception, match="流水线不是正在运行") as refused:
            sdk.abolish_pipeline_run(asked)
        assert (type(refused.value).__name__, vars(refused.value)["status_code"]) == ("ClientException", 400)
