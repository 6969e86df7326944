"""Executing a stage: what the answer does not prove is read, and no stage is ever executed twice."""

import pytest

from ..conftest import SiteMaker
from ..job import OBJECT
from .carry import SIMPLE, STANDARD, calls, carry, executed

LOST = ["drop", "reset", "refuse", "truncate", "status:500", "json:{}", "html", "status:408"]
COMMITTED = ["commit+drop", "commit+reset", "commit+truncate", "commit+status:500", "commit+json:{}"]


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        *((1, each) for each in [*LOST, *COMMITTED]),
        *((2, each) for each in ["drop", "commit+reset", "late:3", "duplicate"]),
    ],
)
def test_an_execution_without_a_clear_answer_is_carried_out_once(
    site_with: SiteMaker, call: int, fault: str
) -> None:
    site = site_with(f"ExecPipelineRunStage:{call}:{fault}", stage_seconds=1)

    ended = carry(site)

    assert (ended.status, ended.outcome) == (0, "succeeded"), ended.stdout
    assert executed(site) == SIMPLE


@pytest.mark.parametrize("fault", ["commit+drop", "commit+json:{}"])
def test_an_execution_that_was_carried_out_is_not_asked_for_again(site_with: SiteMaker, fault: str) -> None:
    site = site_with(f"ExecPipelineRunStage:*:{fault}", stages="standard", stage_seconds=1)

    ended = carry(site)

    assert ended.outcome == "succeeded", ended.stdout
    asked = [post["params"]["Code"] for post in site.truth.posts("ExecPipelineRunStage")]
    assert asked == executed(site) == STANDARD


def test_a_list_that_lags_behind_an_execution_does_not_cause_another(site_with: SiteMaker) -> None:
    site = site_with("ListPipelineRuns:*:stale", "ExecPipelineRunStage:*:commit+drop", stage_seconds=1)

    ended = carry(site, "1", "2", max_parallel="2")

    assert ended.outcome == "succeeded", ended.stdout
    assert calls(site, "ExecPipelineRunStage") == 4


def test_an_execution_that_never_gets_through_is_tried_three_times_and_left(site_with: SiteMaker) -> None:
    site = site_with("ExecPipelineRunStage:*:status:500")

    ended = carry(site, timeout_minutes="1.5")

    assert (ended.outcome, ended.only["outcome"]) == ("timed_out", "waiting")
    assert calls(site, "ExecPipelineRunStage") == 3
    assert executed(site) == []


def test_throttled_executions_do_not_count(site_with: SiteMaker) -> None:
    site = site_with("ExecPipelineRunStage:1-5:throttle")

    ended = carry(site)

    assert ended.outcome == "succeeded", ended.stdout
    assert executed(site) == SIMPLE


def test_executions_that_are_throttled_until_the_deadline_are_its_cause(site_with: SiteMaker) -> None:
    site = site_with("ExecPipelineRunStage:*:throttle")

    ended = carry(site, timeout_minutes="0.4")

    assert ended.only["outcome"] == "timed_out"
    assert "Stage PROD_CHECK waits to be executed, which was refused: Throttling" in ended.only["message"]
    assert "refuses so many calls a second" in ended.stdout


def test_an_execution_that_was_throttled_and_done_in_the_end_is_no_cause(site_with: SiteMaker) -> None:
    site = site_with("ExecPipelineRunStage:1-2:throttle", stage_overrides={"PROD_CHECK": 600})

    ended = carry(site, timeout_minutes="0.5")

    assert ended.only["outcome"] == "timed_out"
    assert executed(site) == ["PROD_CHECK"]
    assert "refused" not in ended.only["message"]


def test_a_stage_that_somebody_else_executes_was_not_refused_in_the_end(site_with: SiteMaker) -> None:
    site = site_with("ExecPipelineRunStage:*:throttle", stage_overrides={"PROD_CHECK": 600})

    with site.clock.meanwhile(
        lambda: site.emulator.execute(site.runs()[0], "PROD_CHECK"),
        lambda: calls(site, "ExecPipelineRunStage") > 1,
    ):
        ended = carry(site, timeout_minutes="0.5")

    assert ended.only["outcome"] == "timed_out"
    assert "refused" not in ended.only["message"]


@pytest.mark.parametrize(
    ("end", "outcome"), [("terminate", "terminated"), ("cancel", "cancelled")], ids=["terminate", "cancel"]
)
def test_a_run_that_is_not_running_any_more_is_read_again_and_reported(
    site_with: SiteMaker, end: str, outcome: str
) -> None:
    """The run is ended between the reading and the execution."""
    site = site_with("ExecPipelineRunStage:1:error:not-running")

    def act() -> None:
        getattr(site.emulator, end)(site.runs()[0], "not today")

    with site.clock.meanwhile(act, lambda: site.truth.posts("ExecPipelineRunStage")):
        ended = carry(site)

    assert ended.only["outcome"] == outcome
    assert "not today" in ended.only["message"]
    assert calls(site, "ExecPipelineRunStage") == 1


def test_a_refusal_because_the_run_is_not_running_is_no_failure_of_a_run_that_is(
    site_with: SiteMaker,
) -> None:
    site = site_with("ExecPipelineRunStage:1-2:error:not-running")

    ended = carry(site)

    assert ended.outcome == "succeeded", ended.stdout


def test_the_log_says_which_stage_is_executed_and_what_went_wrong(site_with: SiteMaker) -> None:
    site = site_with("ExecPipelineRunStage:2:commit+drop")

    ended = carry(site)

    for said in ("executing PROD_CHECK", "executing PROD", "PROD may not have been executed"):
        assert sum(line.startswith(f"[1/1] {OBJECT}: {said}") for line in ended.lines) >= 1, ended.stdout


def test_stages_of_many_runs_are_executed_once_each_whatever_the_answers(site_with: SiteMaker) -> None:
    objects = [str(number) for number in range(301, 309)]
    site = site_with(fault_seed=11, fault_rate=0.15, fault_without=("delay", "drip", "late", "twice"))

    ended = carry(site, *objects, max_parallel="8", timeout_minutes="20", fail_fast="false")

    for each, outcome in zip(objects, ended.column("outcome"), strict=True):
        successes = [run for run in site.runs(each) if site.emulator.status(run) == "Success"]
        assert (outcome == "succeeded") == bool(successes), ended.stdout
        assert len(successes) <= 1


def test_a_person_who_is_faster_is_noticed(site_with: SiteMaker) -> None:
    """Somebody executes the stage in the moment in which it is executed here: that is no failure."""
    site = site_with("ExecPipelineRunStage:1:error:stage-order", stage_overrides={"PROD_CHECK": 30})

    def act() -> None:
        site.emulator.execute(site.runs()[0], "PROD_CHECK")

    with site.clock.meanwhile(act, lambda: site.truth.posts("ExecPipelineRunStage")):
        ended = carry(site)

    assert ended.outcome == "succeeded", ended.stdout
    assert [post["params"]["Code"] for post in site.truth.posts("ExecPipelineRunStage")] == SIMPLE
    assert executed(site) == SIMPLE
