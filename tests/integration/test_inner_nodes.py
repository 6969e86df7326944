"""A node inside a workflow cannot be deployed alone. The refusal names the workflow if a lookup finds it."""

import time

import pytest

from dataworks_deploy.engine import create

from .conftest import SiteMaker
from .ended import Ended
from .job import OBJECT, OBJECTS
from .step import Site

WORKFLOW = "8604388726201130001"
INNER = {OBJECT: WORKFLOW}


def lookups(site: Site) -> int:
    return len(site.truth.posts("GetNode"))


def assert_rejected(ended: Ended) -> None:
    assert (ended.status, ended.only["outcome"], ended.only["attempts"]) == (1, "rejected", 1)
    assert "5801489541076353033" in ended.only["message"]
    assert ended.only["request_id"]


@pytest.mark.parametrize("refusal", ["no-object", "whole-workflow"])
def test_the_message_and_the_annotation_name_the_workflow(site_with: SiteMaker, refusal: str) -> None:
    site = site_with(inner_nodes=INNER, inner_refusal=refusal)

    ended = site.run()

    assert_rejected(ended)
    assert f"inside the workflow {WORKFLOW}." in ended.only["message"]
    (error,) = ended.errors
    assert WORKFLOW in error
    assert "Give the workflow's ID" in error, "and nothing is guessed"
    assert WORKFLOW in ended.summary
    assert lookups(site) == 1
    assert ended.outputs["api-calls"] == "2"


@pytest.mark.parametrize(
    "fault",
    ["drop", 'json:{"Node":{"Spec":"["}}', "throttle", "error:NoPermission"],
)
def test_a_lookup_that_fails_changes_nothing(site_with: SiteMaker, fault: str) -> None:
    site = site_with(f"GetNode:*:{fault}", inner_nodes=INNER)

    ended = site.run()

    assert_rejected(ended)
    assert WORKFLOW not in ended.stdout
    assert lookups(site) == 1


def test_a_lookup_that_hangs_is_given_up(site_with: SiteMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(create, "LOCATE_SECONDS", 0.2)
    site = site_with("GetNode:*:drip:100", inner_nodes=INNER)
    began = time.monotonic()

    ended = site.run()

    assert_rejected(ended)
    assert time.monotonic() - began < 10
    assert WORKFLOW not in ended.stdout


def test_the_workflow_is_looked_up_only_after_this_refusal(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:2:error:NoPermission")

    ended = site.run(*OBJECTS)

    assert ended.column("outcome") == ["created", "rejected", "skipped"]
    assert lookups(site) == 0


def test_the_workflow_is_not_looked_up_if_a_creation_may_have_been_carried_out(site_with: SiteMaker) -> None:
    """The first request was lost, so the object is unknown, whatever the second answer says."""
    site = site_with("CreatePipelineRun:1:drop", inner_nodes=INNER)

    ended = site.run()

    assert ended.only["outcome"] == "unknown"
    assert lookups(site) == 0
