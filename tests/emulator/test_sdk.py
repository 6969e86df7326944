"""The official SDK against the emulator: every operation, and the exceptions that it makes of answers."""

from typing import Any

import pytest
import requests
from alibabacloud_dataworks_public20240518 import models
from alibabacloud_dataworks_public20240518.client import Client
from alibabacloud_tea_openapi.models import Config
from darabonba import core
from darabonba.runtime import ExtendsParameters, RuntimeOptions

from dataworks_emulator import Credential, Emulator, Settings

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


def test_a_whole_deployment() -> None:
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


def test_the_reads_of_a_preflight() -> None:
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


def test_a_list_as_strings_is_read_as_strings() -> None:
    with Emulator(Settings(string_counts=True)) as emulator:
        sdk = client(emulator)
        sdk.create_pipeline_run(CREATE)
        page = sdk.list_pipeline_runs(models.ListPipelineRunsRequest(project_id=42)).body.paging_info
        assert (page.total_count, len(page.pipeline_runs)) == ("0", 1)


def test_abolish_and_the_refusal_after_it() -> None:
    with Emulator() as emulator:
        sdk = client(emulator)
        asked = models.AbolishPipelineRunRequest(project_id=42, id=sdk.create_pipeline_run(CREATE).body.id)
        assert sdk.abolish_pipeline_run(asked).body.success is True
        with pytest.raises(Exception, match="流水线不是正在运行") as refused:
            sdk.abolish_pipeline_run(asked)
        assert (type(refused.value).__name__, vars(refused.value)["status_code"]) == ("ClientException", 400)


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"access_key_secret": "wrong"}, "SignatureDoesNotMatch"),
        ({"access_key_id": "nobody"}, "InvalidAccessKeyId.NotFound"),
        ({"security_token": "wrong"}, "InvalidSecurityToken.Malformed"),
    ],
)
def test_wrong_credentials(config: dict[str, str], code: str) -> None:
    with Emulator() as emulator, pytest.raises(Exception, match=code):
        client(emulator, **config).create_pipeline_run(CREATE)


def test_a_token_is_signed_along() -> None:
    with Emulator(Settings(credentials=(Credential("id", "secret", "token"),))) as emulator:
        sdk = client(emulator, access_key_id="id", access_key_secret="secret", security_token="token")
        assert sdk.create_pipeline_run(CREATE).body.id


def test_a_nonce_set_for_one_call_is_fenced() -> None:
    with Emulator() as emulator:
        sdk = client(emulator)
        headers = {"x-acs-signature-nonce": "my-own-nonce-123"}
        runtime = RuntimeOptions(extends_parameters=ExtendsParameters(headers=headers))
        assert sdk.create_pipeline_run_with_options(CREATE, runtime).body.id
        with pytest.raises(Exception, match="SignatureNonceUsed"):
            sdk.create_pipeline_run_with_options(CREATE, runtime)
        assert emulator.truth.nonces("CreatePipelineRun") == ["my-own-nonce-123"] * 2
        assert len(emulator.truth.runs()) == 1


@pytest.mark.parametrize(
    ("spec", "exception"),
    [
        ("commit+drop", "UnretryableException"),
        ("commit+reset", "UnretryableException"),
        ("commit+truncate", "UnretryableException"),
        ("empty", "UnretryableException"),
        ("html:502", "UnretryableException"),
        ("status:500", "ServerException"),
        ("status:408", "ClientException"),
        ("throttle", "ClientException"),
        ("throttle:300", "ThrottlingException"),
        ("quota", "ClientException"),
    ],
)
def test_what_the_sdk_makes_of_a_fault(spec: str, exception: str) -> None:
    with Emulator() as emulator:
        emulator.fault("CreatePipelineRun", 1, spec)
        with pytest.raises(Exception) as raised:  # noqa: PT011  # the SDK's exceptions are told apart by name
            client(emulator).create_pipeline_run(CREATE)
        assert type(raised.value).__name__ == exception
        assert len(emulator.truth.posts("CreatePipelineRun")) == 1, (
            "neither the SDK nor urllib3 repeats a POST"
        )
        assert len(emulator.truth.runs()) == spec.startswith("commit+")


@pytest.mark.parametrize("body", ["{}", "[]", "null", '{"Success":false}'])
def test_a_200_without_an_id_raises_nothing(body: str) -> None:
    with Emulator(Settings(faults=(f"CreatePipelineRun:1:json:{body}",))) as emulator:
        answer = client(emulator).create_pipeline_run(CREATE)
        assert answer.body is None or answer.body.id is None


def test_a_redirect_takes_the_creation_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    # The SDK as it comes: its table of sessions is the process's, and the action puts others into it.
    monkeypatch.setattr(core, "Session", requests.Session)
    monkeypatch.setattr(core.DaraCore, "_sessions", {})
    with Emulator() as other, Emulator() as emulator:
        emulator.fault("CreatePipelineRun", 1, f"redirect:http://{other.endpoint}/")
        with pytest.raises(Exception, match="IncompleteSignature"):
            client(emulator).create_pipeline_run(CREATE)
        assert len(other.truth.posts("CreatePipelineRun")) == 1, "the SDK follows it"
