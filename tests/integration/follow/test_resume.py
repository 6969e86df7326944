"""Existing runs are continued: by their IDs, from any stage, and without creating new ones."""

import pytest

from ..conftest import SiteMaker
from ..job import KEY, OBJECTS
from ..step import Site
from .carry import SIMPLE, carry, executed, resume


def test_a_run_can_be_continued_by_its_id_only(site: Site) -> None:
    run_id = carry(site, wait="false").only["run_id"]

    ended = resume(site, run_id)

    assert (ended.status, ended.outcome) == (0, "succeeded"), ended.stdout
    assert (ended.only["run_id"], ended.only["object_id"]) == (run_id, None)
    assert ended.only["adopted"] is True
    assert ended.only["attempts"] == 0
    assert executed(site) == SIMPLE


def test_runs_can_be_continued_together_with_their_object_ids(site: Site) -> None:
    run_ids = carry(site, *OBJECTS, wait="false").column("run_id")

    ended = resume(site, *run_ids, object_ids=",".join(OBJECTS), max_parallel="3")

    assert ended.outcome == "succeeded", ended.stdout
    assert ended.column("run_id") == run_ids
    assert [executed(site, each) for each in OBJECTS] == [SIMPLE] * 3


def test_a_run_of_somebody_else_is_advanced_if_the_inputs_name_it(site: Site) -> None:
    run_id = site.emulator.deploy_as("alice", OBJECTS[0], "by hand")

    ended = resume(site, run_id)

    assert ended.outcome == "succeeded", ended.stdout
    assert {event["who"] for event in site.truth.of("stage_executed")} == {KEY.access_key_id}


def test_a_run_that_does_not_exist_fails_and_says_what_to_check(site: Site) -> None:
    ended = resume(site, "00000000-0000-4000-8000-000000000000")

    assert (ended.status, ended.outcome, ended.only["outcome"]) == (1, "failed", "failed")
    for said in ("run-ids", "00000000-0000-4000-8000-000000000000", "10001"):
        assert said in ended.only["message"], said
    assert "Check run-ids and project-id" in ended.stdout


def test_runs_that_do_not_belong_to_the_given_objects_are_left_alone(site: Site) -> None:
    """This holds for new runs too, although lists may be late: each run is in the list of the other object."""
    one, two = carry(site, *OBJECTS[:2], wait="false").column("run_id")
    began = site.clock.monotonic()

    ended = resume(site, two, one, object_ids=",".join(OBJECTS[:2]), fail_fast="false", settle_seconds="60")

    assert ended.column("outcome") == ["failed", "failed"]
    assert (
        f"{two} is a run of object {OBJECTS[1]}, not of object {OBJECTS[0]}." in ended.results[0]["message"]
    )
    assert "not in the same order" in ended.stdout
    assert "How to continue" not in ended.summary
    assert site.clock.monotonic() - began < 5
    assert site.truth.of("stage_executed") == []


def test_a_run_of_an_object_that_was_not_given_is_left_alone(site: Site) -> None:
    one, two = carry(site, *OBJECTS[:2], wait="false").column("run_id")

    site.clock.forward(60)
    ended = resume(site, two, object_ids=OBJECTS[0], timeout_minutes="0.1")

    assert f"{two} was not found among the runs of object {OBJECTS[0]}" in ended.only["message"]
    assert site.truth.of("stage_executed") == []
    assert one != two


@pytest.mark.parametrize("beside", ["", OBJECTS[0]])
def test_a_run_of_the_opposite_type_is_no_success(site: Site, beside: str) -> None:
    run_id = carry(site).only["run_id"]

    ended = resume(site, run_id, type="Offline", object_ids=beside)

    assert (ended.status, ended.outcome) == (1, "failed")
    assert "PROD (Deploy)" in ended.only["message"]
    assert "If you want what this run does, change type." in ended.stdout
    assert "How to continue" not in ended.summary


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("Throttling.Api.Risk", "timed_out"),
        ("InvalidSecurityToken.Expired", "timed_out"),
        ("NoPermission", "failed"),
    ],
)
def test_a_run_that_may_not_be_read_is_not_reported_as_one_of_another_workspace(
    site_with: SiteMaker, code: str, outcome: str
) -> None:
    site = site_with(f"GetPipelineRun:*:error:{code}")
    run_id = site.emulator.deploy_as("alice", OBJECTS[0], "by hand")

    ended = resume(site, run_id)

    assert (ended.status, ended.outcome, ended.only["outcome"]) == (1, outcome, outcome)
    assert code in ended.only["message"]
    assert "is not a run of workspace" not in ended.only["message"]
