"""Runs that exist are continued: by name, from wherever they stand, and without creating any."""

import pytest

from ..conftest import SiteMaker
from ..job import KEY, OBJECT, OBJECTS
from ..step import Site
from .carry import SIMPLE, calls, carry, executed, resume


def test_a_run_is_continued_by_its_id_alone(site: Site) -> None:
    run_id = carry(site, wait="false").only["run_id"]

    ended = resume(site, run_id)

    assert (ended.status, ended.outcome) == (0, "succeeded"), ended.stdout
    assert (ended.only["run_id"], ended.only["object_id"]) == (run_id, None)
    assert ended.only["adopted"] is True
    assert ended.only["attempts"] == 0
    assert executed(site) == SIMPLE


def test_runs_are_continued_beside_their_objects(site: Site) -> None:
    run_ids = carry(site, *OBJECTS, wait="false").column("run_id")

    ended = resume(site, *run_ids, object_ids=",".join(OBJECTS), max_parallel="3")

    assert ended.outcome == "succeeded", ended.stdout
    assert ended.column("run_id") == run_ids
    assert [executed(site, each) for each in OBJECTS] == [SIMPLE] * 3


def test_runs_that_a_failure_keeps_from_being_continued_are_not_lost(site: Site) -> None:
    run_ids = carry(site, *OBJECTS[:2], wait="false").column("run_id")

    ended = resume(site, "00000000-0000-4000-8000-000000000000", *run_ids)

    assert ended.column("outcome") == ["failed", "skipped", "skipped"]
    assert ended.column("run_id")[1:] == run_ids
    again = resume(site, *ended.column("run_id")[1:])
    assert again.outcome == "succeeded", again.stdout


def test_a_release_in_two_steps(site: Site) -> None:
    """One job takes the runs up to the check, another deploys them after somebody has looked."""
    checked = carry(site, *OBJECTS[:2], until_stage="PROD_CHECK")
    assert [executed(site, each) for each in OBJECTS[:2]] == [["PROD_CHECK"]] * 2

    ended = resume(site, *checked.column("run_id"))

    assert ended.outcome == "succeeded", ended.stdout
    assert [executed(site, each) for each in OBJECTS[:2]] == [SIMPLE] * 2


def test_the_first_step_again_by_run_id_finds_its_goal_reached(site: Site) -> None:
    run_id = carry(site, until_stage="PROD_CHECK").only["run_id"]

    ended = resume(site, run_id, until_stage="PROD_CHECK")

    assert (ended.status, ended.outcome) == (0, "created")
    assert executed(site) == ["PROD_CHECK"]


def test_a_run_that_was_approved_in_between_goes_on(site_with: SiteMaker) -> None:
    site = site_with(approval=True)
    waiting = carry(site, timeout_minutes="0.3")
    site.emulator.approve(waiting.only["run_id"])

    ended = resume(site, waiting.only["run_id"])

    assert ended.outcome == "succeeded", ended.stdout
    assert executed(site) == SIMPLE


def test_a_run_that_a_person_has_finished_in_between_has_succeeded(site: Site) -> None:
    run_id = carry(site, until_stage="PROD_CHECK").only["run_id"]
    site.emulator.execute(run_id, "PROD")
    site.clock.forward(5)

    ended = resume(site, run_id)

    assert (ended.outcome, ended.only["status"]) == ("succeeded", "Success")
    assert calls(site, "ExecPipelineRunStage") == 1


def test_a_run_that_a_person_advances_meanwhile_is_not_executed_twice(site_with: SiteMaker) -> None:
    site = site_with(stage_seconds=2)
    run_id = carry(site, until_stage="PROD_CHECK").only["run_id"]

    with site.clock.meanwhile(lambda: site.emulator.execute(run_id, "PROD"), lambda: True):
        ended = resume(site, run_id)

    assert ended.outcome == "succeeded", ended.stdout
    assert executed(site) == SIMPLE


def test_a_run_that_was_ended_in_between_is_reported_as_it_is(site: Site) -> None:
    run_id = carry(site, wait="false").only["run_id"]
    site.emulator.cancel(run_id, "not today")

    ended = resume(site, run_id)

    assert (ended.outcome, ended.only["outcome"]) == ("failed", "cancelled")
    assert "not today" in ended.only["message"]


def test_a_run_of_somebody_else_is_advanced_where_it_is_named(site: Site) -> None:
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


def test_a_run_of_another_workspace_fails_and_says_what_to_check(site: Site) -> None:
    run_id = site.emulator.deploy_as("alice", OBJECTS[0], "by hand", project="20002")

    ended = resume(site, run_id)

    assert (ended.outcome, ended.only["outcome"]) == ("failed", "failed")
    assert "Check run-ids and project-id" in ended.stdout
    assert site.truth.of("stage_executed") == []


def test_runs_that_do_not_belong_to_their_objects_are_left_alone(site: Site) -> None:
    one, two = carry(site, *OBJECTS[:2], wait="false").column("run_id")

    site.clock.forward(60)
    ended = resume(site, two, one, object_ids=",".join(OBJECTS[:2]), fail_fast="false", timeout_minutes="0.1")

    assert ended.column("outcome") == ["failed", "failed"]
    assert f"{two} was not found among the runs of object {OBJECTS[0]}" in ended.results[0]["message"]
    assert "not in the same order" in ended.stdout
    assert site.truth.of("stage_executed") == []


def test_a_deadline_that_passes_over_the_look_for_a_young_run_says_that_nothing_was_done(site: Site) -> None:
    run_id = carry(site, wait="false").only["run_id"]

    ended = resume(site, run_id, object_ids=OBJECTS[1], timeout_minutes="0.1", settle_seconds="60")

    assert ended.only["outcome"] == "timed_out"
    assert f"whether run {run_id} is to be continued: nothing was done with it" in ended.only["message"]
    assert any(
        f"not among the runs of object {OBJECTS[1]} yet, looking again for" in each for each in ended.lines
    )


@pytest.mark.parametrize("beside", ["", OBJECTS[0]])
def test_a_run_that_did_the_opposite_is_no_success(site: Site, beside: str) -> None:
    run_id = carry(site).only["run_id"]

    ended = resume(site, run_id, type="Offline", object_ids=beside)

    assert (ended.status, ended.outcome) == (1, "failed")
    assert "PROD (Deploy)" in ended.only["message"]
    assert "Check type" in ended.stdout


def test_a_run_that_takes_an_object_out_is_continued(site: Site) -> None:
    run_id = carry(site, type="Offline", until_stage="PROD_CHECK").only["run_id"]

    ended = resume(site, run_id, object_ids=OBJECTS[0], type="Offline")

    assert ended.outcome == "succeeded", ended.stdout


def test_a_young_run_that_the_list_does_not_show_yet_is_waited_for(site_with: SiteMaker) -> None:
    site = site_with(list_lag=5)
    run_id = carry(site, wait="false").only["run_id"]

    ended = resume(site, run_id, object_ids=OBJECTS[0])

    assert ended.outcome == "succeeded", ended.stdout


@pytest.mark.parametrize(
    ("code", "outcome"), [("NoPermission", "failed"), ("Throttling.Api.Risk", "timed_out")]
)
def test_where_the_list_may_not_be_read_nothing_is_done(
    site_with: SiteMaker, code: str, outcome: str
) -> None:
    site = site_with(f"ListPipelineRuns:*:error:{code}")
    run_id = carry(site, wait="false").only["run_id"]

    ended = resume(site, run_id, object_ids=OBJECTS[0])

    assert (ended.status, ended.outcome, ended.only["outcome"]) == (1, outcome, outcome)
    assert code in ended.only["message"]
    assert "not found among the runs of" not in ended.only["message"]
    assert run_id in ended.summary.partition("### How to continue")[2]
    assert site.truth.of("stage_executed") == []


def test_a_list_that_cannot_be_read_at_first_is_read_again(site_with: SiteMaker) -> None:
    site = site_with("ListPipelineRuns:1-3:drop")
    run_id = carry(site, wait="false").only["run_id"]

    assert resume(site, run_id, object_ids=OBJECTS[0]).outcome == "succeeded"


def test_of_several_runs_one_that_does_not_exist_hides_no_other(site: Site) -> None:
    run_id = carry(site, wait="false").only["run_id"]

    ended = resume(site, "no-such-run", run_id, fail_fast="false")

    assert ended.column("outcome") == ["failed", "succeeded"]


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("Throttling.Api.Risk", "timed_out"),
        ("InvalidSecurityToken.Expired", "timed_out"),
        ("NoPermission", "failed"),
    ],
)
def test_a_run_that_may_not_be_read_is_not_said_to_be_of_another_workspace(
    site_with: SiteMaker, code: str, outcome: str
) -> None:
    site = site_with(f"GetPipelineRun:*:error:{code}")
    run_id = site.emulator.deploy_as("alice", OBJECTS[0], "by hand")

    ended = resume(site, run_id)

    assert (ended.status, ended.outcome, ended.only["outcome"]) == (1, outcome, outcome)
    assert code in ended.only["message"]
    assert "is not a run of workspace" not in ended.only["message"]


def test_a_reading_that_fails_at_first_is_repeated(site_with: SiteMaker) -> None:
    site = site_with("GetPipelineRun:1-3:drop")
    run_id = carry(site, wait="false").only["run_id"]

    assert resume(site, run_id).outcome == "succeeded"


@pytest.mark.parametrize("choice", ["cancel", "cancel,timeout,failure"])
def test_a_run_that_was_named_is_never_abolished(site_with: SiteMaker, choice: str) -> None:
    site = site_with(stage_overrides={"PROD_CHECK": 600})
    run_id = carry(site, wait="false").only["run_id"]

    ended = resume(site, run_id, timeout_minutes="0.2", abolish_on=choice)

    assert ended.only["outcome"] == "timed_out"
    assert site.truth.posts("AbolishPipelineRun") == []


def test_a_list_that_cannot_be_read_is_told_before_a_run_is_carried_on(site_with: SiteMaker) -> None:
    site = site_with("ListPipelineRuns:*:status:502")
    run_id = site.emulator.deploy_as("somebody", OBJECT)

    ended = resume(site, run_id, object_ids=OBJECT, timeout_minutes="1")

    assert ended.only["outcome"] == "timed_out"
    assert any(
        "reading the list of runs failed" in line and "HTTP status 502" in line for line in ended.lines
    )
    assert "readings failed, the last one with" in ended.only["message"]
