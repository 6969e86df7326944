"""Twelve bugs that a tool like this is likely to have, each with the test that finds it.

tests/bugs/listed.py has each bug as a change of the code, and test_bugs.py checks that its test then fails.
"""

import json

import pytest

from dataworks_emulator import Failure

from ..integration.conftest import SiteMaker
from ..integration.follow.carry import SIMPLE, STANDARD, carry, executed, resume
from ..integration.job import OBJECT, OBJECTS
from ..integration.step import Site
from ..integration.test_foreign_runs import OTHER_MARK, untouched
from ..integration.test_lost_answers import GARBLED, SILENT_LISTS, assert_unknown
from ..integration.test_texts import answered
from ..simulation.invariants import judge
from ..simulation.outputs import read_results
from ..simulation.play import play
from ..simulation.schedule import Deed, Held, Job, Schedule, Step

LOST = "CreatePipelineRun:1:commit+drop"


def asked(site: Site) -> list[str]:
    """The stages whose execution was requested, in order."""
    return [post["params"]["Code"] for post in site.truth.posts("ExecPipelineRunStage")]


@pytest.mark.parametrize("phase", ["commit+", ""])
@pytest.mark.parametrize("answer", [*SILENT_LISTS, 'json:{"PagingInfo":{}}'])
def test_a_missing_paging_info_is_not_read_as_no_runs(site_with: SiteMaker, answer: str, phase: str) -> None:
    """Otherwise the step would send the creation again, and could only guess the result."""
    site = site_with(f"CreatePipelineRun:*:{phase}drop", f"ListPipelineRuns:*:{answer}")

    ended = site.run()

    assert_unknown(ended, site)
    assert len(site.posts) == 1
    assert len(site.runs()) == len(phase and [1])


@pytest.mark.parametrize("fault", GARBLED)
def test_other_failures_than_a_timeout_are_lost_answers_too(site_with: SiteMaker, fault: str) -> None:
    """The run exists, although the answer does not say so."""
    site = site_with(f"CreatePipelineRun:1:commit+{fault}")

    ended = site.run()

    assert ended.status == 0, ended.stdout
    assert [ended.only["run_id"]] == site.runs()
    assert (ended.only["outcome"], ended.only["adopted"], ended.only["attempts"]) == ("created", True, 1)
    assert len(site.posts) == 1


def test_a_call_that_changes_something_is_not_repeated_after_a_lost_answer(site_with: SiteMaker) -> None:
    """Every operation fails once after it was carried out. Only readings are repeated."""
    actions = ("CreatePipelineRun", "ListPipelineRuns", "GetPipelineRun", "ExecPipelineRunStage")
    site = site_with(*(f"{action}:1:commit+reset" for action in actions), nonce_fence=False)

    ended = carry(site)

    assert ended.outcome == "succeeded", ended.stdout
    assert len(site.posts) == len(site.runs()) == 1
    assert asked(site) == executed(site) == SIMPLE


@pytest.mark.parametrize("others", [0, 130], ids=["page one", "page two"])
def test_our_run_is_found_on_any_page_even_if_it_has_ended(site_with: SiteMaker, others: int) -> None:
    """The run has already failed when the step looks for it, and in a busy workspace it may be on any page."""
    site = site_with(LOST, oldest_first=True, failures=(Failure("*", "BUILD_PACKAGE"),))
    for _ in range(others):
        site.emulator.deploy_as("somebody", OBJECT, "by hand", age=7200)

    ended = site.run()

    assert [ended.only["run_id"]] == site.marked(OBJECT)
    assert (ended.only["adopted"], ended.only["status"]) == (True, "Fail")
    assert len(site.posts) == 1


@pytest.mark.parametrize("choice", ["resume", "redeploy"])
def test_the_mark_is_the_same_in_a_re_run(site: Site, choice: str) -> None:
    """A re-run is another process. It knows the mark only if it can compute the mark again."""
    first = site.run()

    again = site.run(attempt=2, on_rerun=choice)

    assert again.status == 0, again.stdout
    assert again.only["run_id"] == first.only["run_id"]
    assert (again.only["adopted"], again.only["attempts"]) == (True, 0)
    assert len(site.runs()) == 1


@pytest.mark.parametrize("description", ["by hand", "", OTHER_MARK], ids=["hand", "empty", "other mark"])
@pytest.mark.parametrize("age", [0, 500], ids=["new", "within ten minutes"])
def test_a_run_without_our_mark_is_not_adopted(site_with: SiteMaker, description: str, age: float) -> None:
    """Such a run may deploy something else, or its creator may cancel it."""
    site = site_with("CreatePipelineRun:1:drop")
    theirs = site.emulator.deploy_as("somebody", OBJECT, description, age=age)

    ended = carry(site)

    assert ended.status == 1
    assert (ended.outcome, ended.only["outcome"]) == ("failed", "conflict")
    assert theirs in ended.only["message"]
    assert "somebody" in ended.only["message"]
    assert ended.only["run_id"] is None
    assert len(site.posts) == 1
    assert untouched(site)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_terminated_run_has_ended_without_success(site_with: SiteMaker, moment: str) -> None:
    site = site_with()
    run_id = carry(site, until_stage="PROD_CHECK").only["run_id"]
    if moment == "after":
        site.emulator.execute(run_id, "PROD")
    site.emulator.terminate(run_id, "not today")

    ended = resume(site, run_id)

    assert (ended.status, ended.outcome, ended.only["outcome"]) == (1, "failed", "terminated")
    assert "not today" in ended.only["message"]


@pytest.mark.parametrize("stages", ["simple", "standard"])
def test_stages_are_executed_by_their_steps_and_not_in_the_order_of_the_list(
    site_with: SiteMaker, stages: str
) -> None:
    """The service refuses a wrong order, so the test checks the requests."""
    site = site_with(shuffle_stages=True, stages=stages, stage_seconds=2)

    ended = carry(site)

    assert ended.outcome == "succeeded", ended.stdout
    assert asked(site) == executed(site) == (SIMPLE if stages == "simple" else STANDARD)


def test_a_deadline_is_not_a_failure_and_does_not_lose_the_run(site_with: SiteMaker) -> None:
    """The run goes on. A user who deploys again after a failure would deploy twice."""
    site = site_with(stage_overrides={"PROD": 600})

    ended = carry(site, timeout_minutes="0.5")

    assert (ended.status, ended.outcome, ended.only["outcome"]) == (1, "timed_out", "timed_out")
    assert ended.outputs["run-id"] == site.runs()[0]
    assert site.runs()[0] in ended.only["message"]
    assert site.truth.of("abolished") == []


def test_each_creation_has_only_one_object_id(site: Site) -> None:
    """The service accepts only one object per call, although the parameter has a plural name."""
    ended = carry(site, *OBJECTS, max_parallel="3")

    sent = [json.loads(post["params"]["ObjectIds"]) for post in site.posts]
    assert sorted(sent) == [[each] for each in OBJECTS]
    assert ended.outcome == "succeeded", ended.stdout


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "500 Oops"])
def test_no_text_of_the_service_becomes_a_command(site: Site, status: str) -> None:
    """For the runner, a single CR ends a line too, and `##[` begins a command anywhere in a line."""
    evil = "a\n::set-output name=a::b\r::stop-commands::x\r##[error]x\nghadelimiter_x\noutcome=succeeded"
    with_id = {"Id": evil} if status.startswith("200") else {}

    ended = answered(site, status, Code=evil, Message=evil, RequestId=evil, **with_id)

    assert ended.outcome == {"200 OK": "timed_out", "400 Bad Request": "failed"}.get(status, "unknown")
    assert ended.only["request_id"] == evil
    assert {command.name for command in ended.stream.commands} <= {"add-mask", "error", "notice"}
    assert len(ended.errors) == 1


def test_a_cancelled_step_abolishes_neither_foreign_runs_nor_runs_that_deploy() -> None:
    """At the stop, one object deploys, one is at its check, and the creation of one is lost."""
    history = play(
        Schedule(
            1,
            objects=3,
            jobs=(Job(0, (Step(stop=45.0, post=True),)),),
            settings=(
                ("stage_overrides", {"PROD_CHECK": 30, "PROD": 600}),
                ("abolish_during_deploy", "stop"),
            ),
            held=(Held("CreatePipelineRun", 2, 20.0),),
            faults=("CreatePipelineRun:2:drop",),
            deeds=(
                Deed(0.0, "deploy", 0),
                Deed(1.0, "deploy", 2),
                Deed(40.0, "quote", 0),
                Deed(41.0, "quote", 1),
            ),
            inputs=(("max-parallel", "3"),),
        )
    )

    assert judge(history).broken == []
    first, second, third = read_results(history.attempts[0], [])
    abolished = [event["run_id"] for event in history.service.truth.of("abolished")]
    assert (first["stage"], second["stage"], third["outcome"]) == ("PROD", "PROD_CHECK", "unknown")
    assert abolished == [second["run_id"]]
