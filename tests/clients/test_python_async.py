"""The asynchronous methods of the official Python package, which use aiohttp and not requests."""

import asyncio
from typing import Any

import pytest
from alibabacloud_dataworks_public20240518 import models
from alibabacloud_dataworks_public20240518.client import Client
from alibabacloud_tea_openapi.models import Config

from dataworks_emulator import Emulator, Settings

OBJECT = "7567482277219412494"


def client(emulator: Emulator) -> Any:
    """The client of the product package."""
    config = Config(
        access_key_id="emulator-key-id",
        access_key_secret="emulator-key-secret",
        endpoint=emulator.endpoint,
        protocol="HTTP",
    )
    return Client(config)


async def deploy(sdk: Any) -> tuple[str, str]:
    """Create, execute, list and abolish a run, and return the status and the description of the last reading."""
    asked = models.CreatePipelineRunRequest(
        project_id=42, type="Online", object_ids=[OBJECT], description="你好"
    )
    run = (await sdk.create_pipeline_run_async(asked)).body.id
    stage = models.ExecPipelineRunStageRequest(project_id=42, id=run, code="PROD_CHECK")
    assert (await sdk.exec_pipeline_run_stage_async(stage)).body.success is True
    page = await sdk.list_pipeline_runs_async(models.ListPipelineRunsRequest(project_id=42, page_size=10))
    assert [each.id for each in page.body.paging_info.pipeline_runs] == [run]
    nodes = await sdk.list_nodes_async(models.ListNodesRequest(project_id=42))
    assert nodes.body.paging_info.total_count == "0"
    node = await sdk.get_node_async(models.GetNodeRequest(id=OBJECT))
    assert node.body.node.id == OBJECT
    await sdk.abolish_pipeline_run_async(models.AbolishPipelineRunRequest(project_id=42, id=run))
    shown = await sdk.get_pipeline_run_async(models.GetPipelineRunRequest(project_id=42, id=run))
    return shown.body.pipeline.status, shown.body.pipeline.description


def test_the_asynchronous_client_can_create_and_end_a_run() -> None:
    with Emulator(Settings(stage_seconds=0.0)) as emulator:
        assert asyncio.run(deploy(client(emulator))) == ("Termination", "你好")
        assert {event["how"] for event in emulator.truth.of("answered")} == {"200"}


def test_the_asynchronous_client_raises_an_error_for_a_refusal() -> None:
    asked = models.GetPipelineRunRequest(project_id=42, id="none")
    with Emulator() as emulator, pytest.raises(Exception, match="EntityNotExist"):
        asyncio.run(client(emulator).get_pipeline_run_async(asked))
