"""The service clearly refuses a creation: the step waits after throttling, and explains all other refusals."""

import socket
from collections.abc import Iterator
from itertools import pairwise

import pytest

from .conftest import SiteMaker
from .job import OBJECTS
from .step import Site

THROTTLING = ["9990020002", "Throttling", "Throttling.User", "Throttling.Api", "Throttling.System"]
DENIALS = [
    "no-object",
    "whole-workflow",
    "same-output",
    "has-children",
    "not-running",
    "ResourceNotAuthorized.Api",
    "Forbidden.RAM",
    "NoPermission",
    "Forbidden.Access",
    "403030",
    "9990010001",
    "InvalidAccessKeyId.NotFound",
    "SignatureDoesNotMatch",
    "InvalidTimeStamp.Expired",
    "InvalidSecurityToken.Expired",
    "InvalidParameter",
    "NotFound",
]


def assert_created_by_the_third_request(site: Site) -> None:
    ended = site.run()
    assert ended.status == 0, ended.stdout
    assert [ended.only["run_id"]] == site.runs()
    assert (ended.only["outcome"], ended.only["adopted"], ended.only["attempts"]) == ("created", False, 3)
    assert len({*site.nonces}) == 3, "a throttled request may have used its nonce up"
    assert len({post["params"]["Description"] for post in site.posts}) == 1


@pytest.mark.parametrize("status", [400, 429])
@pytest.mark.parametrize("uses_nonce", [False, True])
def test_a_creation_is_repeated_after_any_form_of_throttling(
    site_with: SiteMaker, status: int, uses_nonce: bool
) -> None:
    assert_created_by_the_third_request(
        site_with("CreatePipelineRun:1-2:throttle", throttle_status=status, throttled_uses_nonce=uses_nonce)
    )


def test_the_step_waits_as_long_as_the_service_asks(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1-2:throttle:7000")

    assert_created_by_the_third_request(site)

    times = [post["time"] for post in site.posts]
    waits = [after - before for before, after in pairwise(times)]
    assert min(waits) >= 7


def test_a_quota_error_that_may_be_only_about_the_rate_is_tried_again(site_with: SiteMaker) -> None:
    assert_created_by_the_third_request(
        site_with("CreatePipelineRun:1-2:quota", quota_code="Throttling.Resource")
    )


@pytest.mark.parametrize(("code", "seconds"), [("Throttling.Api.Risk", 0), ("Throttling.Resource", 10)])
def test_a_used_up_quota_is_not_tried_again(site_with: SiteMaker, code: str, seconds: float) -> None:
    site = site_with("CreatePipelineRun:*:quota", quota_code=code)
    began = site.clock.monotonic()

    ended = site.run(*OBJECTS, timeout_minutes="30")

    assert ended.status == 1
    assert ended.outcome == "failed"
    assert ended.column("outcome") == ["rejected", "skipped", "skipped"]
    assert "quota" in ended.results[0]["message"]
    assert code in ended.results[0]["message"]
    assert len(site.posts) == 1 if seconds == 0 else 5 <= len(site.posts) <= 7
    assert seconds <= site.clock.monotonic() - began < seconds + 30


@pytest.mark.parametrize("code", ["9990040001", "9990040003", "kept-out"])
def test_other_codes_for_too_many_calls_are_tried_again_too(site_with: SiteMaker, code: str) -> None:
    assert_created_by_the_third_request(site_with(f"CreatePipelineRun:1-2:error:{code}"))


@pytest.mark.parametrize("code", ["no-object", "NoPermission", "InvalidSecurityToken.Expired"])
def test_a_refused_object_is_rejected_in_the_words_of_the_service_and_ends_the_step(
    site_with: SiteMaker, code: str
) -> None:
    site = site_with(f"CreatePipelineRun:2:error:{code}")

    ended = site.run(*OBJECTS)

    assert ended.status == 1
    assert ended.outcome == "failed"
    assert ended.column("outcome") == ["created", "rejected", "skipped"]
    assert ended.column("attempts") == [1, 1, 0]
    assert None not in ended.column("request_id")[:2], "the RequestId of a refusal is what support asks for"
    assert ended.results[1]["message"]
    assert any(OBJECTS[1] in error or OBJECTS[1] in str(ended.stream.of("error")) for error in ended.errors)
    assert len(site.posts) == 2, "later objects are never posted"
    assert site.truth.posts("ListPipelineRuns") == []


def test_the_text_of_the_service_is_shown(site_with: SiteMaker) -> None:
    ended = site_with(inner_nodes={OBJECTS[0]: "1"}).run()

    assert "未找到发布对象" in ended.only["message"]
    assert any("未找到发布对象" in error for error in ended.errors)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port where nothing listens. It is reserved, so that no other process gets it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_an_endpoint_that_cannot_be_reached_rejects_the_object(site: Site, closed_port: int) -> None:
    ended = site.run(*OBJECTS[:2], endpoint=f"http://127.0.0.1:{closed_port}")

    assert ended.status == 1
    assert ended.column("outcome") == ["rejected", "skipped"]
    assert "refuses the connection" in ended.results[0]["message"]
    assert "Check endpoint" in ended.stdout
    assert "looking for" not in ended.stdout, "nothing was sent, so there is nothing to look for"


def test_if_a_host_name_does_not_resolve_the_step_says_to_check_the_region(site: Site) -> None:
    ended = site.run(endpoint="http://dataworks.invalid")

    assert ended.only["outcome"] == "rejected"
    assert "does not resolve: dataworks.invalid" in ended.only["message"]
    assert "Check region, such as cn-shanghai" in ended.stdout
