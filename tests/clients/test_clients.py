"""The official core libraries of Node.js, Java and Go can make a whole deployment, and wrong calls are refused."""

from collections.abc import Iterator

import pytest

from dataworks_emulator import Emulator, Settings

from .caller import LANGUAGES, Caller, running

pytestmark = pytest.mark.clients

PROJECT = {"ProjectId": "42"}
DESCRIPTION = "[mark] 你好 😀 & a=b+c% ~*'\""
CREATE = {**PROJECT, "Type": "Online", "ObjectIds": '["7567482277219412494"]', "Description": DESCRIPTION}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(Settings(stage_seconds=0.0)) as started:
        yield started


@pytest.fixture(params=LANGUAGES, ids=lambda language: language.name)
def caller(request: pytest.FixtureRequest, emulator: Emulator) -> Iterator[Caller]:
    with running(request.param, emulator.endpoint) as started:
        yield started


def test_each_library_can_make_a_whole_deployment(emulator: Emulator, caller: Caller) -> None:
    created = caller("CreatePipelineRun", "POST", body=CREATE)
    assert created["status"] == 200
    run = {"Id": created["body"]["Id"]}
    for code in ("PROD_CHECK", "PROD"):
        executed = caller("ExecPipelineRunStage", "POST", query=PROJECT, body={**run, "Code": code})
        assert executed["body"]["Success"] is True
    shown = caller("GetPipelineRun", "GET", query={**PROJECT, **run})["body"]["Pipeline"]
    assert (shown["Status"], shown["Description"]) == ("Success", DESCRIPTION)
    listed = caller("ListPipelineRuns", "GET", query={**PROJECT, "PageSize": "100", "PageNumber": "1"})
    assert [row["Id"] for row in listed["body"]["PagingInfo"]["PipelineRuns"]] == [run["Id"]]
    assert emulator.truth.runs()[0]["description"] == DESCRIPTION


def test_each_library_can_read_data_studio(caller: Caller) -> None:
    node = {"Id": "7567482277219412494"}
    assert caller("GetNode", "GET", query=node)["body"]["Node"]["Id"] == node["Id"]
    for action in ("ListNodes", "ListWorkflowDefinitions"):
        assert caller(action, "GET", query={**PROJECT, "Name": "订单"})["status"] == 200


def test_a_post_without_a_body_is_understood(caller: Caller) -> None:
    assert caller("AbolishPipelineRun", "POST") == {"status": 400, "code": "MissingParameter"}


@pytest.mark.parametrize(
    ("action", "method", "places", "code"),
    [
        ("CreatePipelineRun", "POST", {"query": CREATE}, "InvalidParameter"),
        ("CreatePipelineRun", "GET", {"query": CREATE}, "UnsupportedHTTPMethod"),
        (
            "ExecPipelineRunStage",
            "POST",
            {"body": {**PROJECT, "Id": "r", "Code": "PROD"}},
            "InvalidParameter",
        ),
        ("GetPipelineRun", "POST", {"body": {**PROJECT, "Id": "r"}}, "UnsupportedHTTPMethod"),
    ],
)
def test_a_call_that_no_product_package_makes_is_refused(
    emulator: Emulator, caller: Caller, action: str, method: str, places: dict[str, dict[str, str]], code: str
) -> None:
    assert caller(action, method, **places) == {"status": 400, "code": code}
    assert emulator.truth.runs() == []
