"""A plan is carried out object by object, each to its end."""

from dataclasses import replace
from itertools import pairwise
from typing import Any, cast

import pytest
from dataworks_deploy.app.end import End
from dataworks_deploy.domain.fate import Fate
from dataworks_deploy.report.explain import explain

from dataworks_deploy.domain.advance import Goal
from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.mark import Mark, describe, intent_of
from dataworks_deploy.domain.model import Creation, ObjectId, Run, RunId, Stage
from dataworks_deploy.domain.outcome import Outcome

from ...simulation.virtual import EPOCH
from .plans import (
    OK,
    ONE,
    PLAN,
    THREE,
    TWO,
    carried_out,
    create,
    creation,
    deploys,
    done,
    fails,
    outcomes,
    run,
    waits,
)
from .world import LOST, Scripted, page_of, refused, run_of


def marked(status: str, *statuses: str) -> Run:
    """A run of the first object that bears the mark of the plan's job."""
    what = creation(ONE).what
    assert isinstance(what, Creation)
    mark = Mark(intent_of(PLAN.origin, what), 1)
    return run_of("r", status, *statuses, description=describe(mark, ""), at=int(EPOCH * 1000))


class TestOrder:
    def test_one_is_at_its_end_before_the_next_begins(self) -> None:
        script = Scripted(create=[create("a"), create("b")], run=[done])

        end, results = carried_out(script, creation(ONE), creation(TWO))

        assert end is End.NORMAL
        assert outcomes(results) == [Outcome.SUCCEEDED] * 2
        assert [name for _, name, _ in script.service.calls] == ["create", "run", "run"] * 2

    @pytest.mark.parametrize(
        ("most", "times"), [(1, [0, 1, 2]), (2, [0, 0, 1]), (3, [0, 0, 0]), (9, [0, 0, 0])]
    )
    def test_so_many_are_under_way_at_once(self, most: int, times: list[float]) -> None:
        script = Scripted(create=[create(each) for each in "abc"], run=[done], page=[page_of()])

        carried_out(script, creation(ONE), creation(TWO), creation(THREE), max_parallel=most)

        assert script.service.times("create") == times

    def test_without_waiting_runs_are_left(self) -> None:
        script = Scripted(create=[create("a")])

        end, (result,) = carried_out(script, creation(ONE), wait=False)

        assert (end, result.outcome, result.message) == (End.NORMAL, Outcome.CREATED, "")
        assert result.finished_at is not None
        assert script.service.of("run") == []

    def test_a_run_that_has_ended_by_then_is_not_open(self) -> None:
        """Its answer was lost, and what it builds has failed before it was found."""
        failed = marked("Fail", "Fail")
        script = Scripted(create=[LOST], page=[page_of(failed)], run=[Ok(failed)])

        _, (result,) = carried_out(script, creation(ONE), wait=False)

        assert (result.outcome, result.run_id) == (Outcome.FAILED, "r")

    def test_one_that_only_the_list_shows_to_have_ended_is_left_open(self) -> None:
        """And nothing of it is executed: it is only to be created."""
        listed = marked("Fail", "Fail")
        script = Scripted(create=[LOST], page=[page_of(listed)], run=[Ok(run_of("r", "Running", "Success"))])

        _, (result,) = carried_out(script, creation(ONE), wait=False)

        assert (result.outcome, result.run_id) == (Outcome.CREATED, "r")
        assert script.service.of("execute") == []

    def test_one_that_cannot_be_read_any_more_is_not_called_open(self) -> None:
        listed = marked("Fail", "Fail")
        script = Scripted(create=[LOST], page=[page_of(listed)], run=[refused(Refusal.DENIED)])

        _, (result,) = carried_out(script, creation(ONE), wait=False)

        assert (result.outcome, result.fault) == (Outcome.TIMED_OUT, refused(Refusal.DENIED).fault)


class TestFailures:
    def test_after_one_nothing_more_is_started(self) -> None:
        script = Scripted(create=[create("a")], run=[fails])

        end, results = carried_out(script, creation(ONE), creation(TWO), creation(THREE))

        assert end is End.FAILURE
        assert outcomes(results) == [Outcome.FAILED, Outcome.SKIPPED, Outcome.SKIPPED]
        assert [each.message for each in results[1:]] == ["Not started: another object failed before."] * 2
        assert [name for name, _ in script.notes.over] == [ONE, TWO, THREE]
        assert len(script.service.of("create")) == 1

    def test_after_one_the_others_are_started_where_that_is_wanted(self) -> None:
        script = Scripted(create=[create("a"), create("b")], run=[fails, fails, done])

        _, results = carried_out(script, creation(ONE), creation(TWO), fail_fast=False)

        assert outcomes(results) == [Outcome.FAILED, Outcome.SUCCEEDED]

    def test_a_creation_that_was_not_sent_yet_never_is(self) -> None:
        """The second one has had its turn, and was refused for now."""

        def answer(creation: Creation, *_: object) -> Any:
            busy = creation.object_id == TWO and script.time.now < 60
            return refused(Refusal.THROTTLED, 60.0) if busy else refused(Refusal.OTHER)

        script = Scripted(create=[answer])
        script.service.delay = 1.0

        _, results = carried_out(script, creation(ONE), creation(TWO), max_parallel=2)

        assert outcomes(results) == [Outcome.REJECTED, Outcome.SKIPPED]
        assert len(script.service.of("create")) == 2
        assert results[1].message == (
            "Refused for now (THROTTLED: no), and not sent again: another object failed."
        )
        assert [name for name, _ in script.notes.over] == [ONE, TWO]
        assert (results[1].attempts, results[1].fault, results[1].started_at) == (1, None, None)

    def test_nor_is_one_whose_turn_has_not_come(self) -> None:
        script = Scripted(create=[refused(Refusal.OTHER)])
        hold = {TWO: 5.0}
        plain = script.service.create

        async def create_later(what: Creation, *rest: Any) -> Any:
            await script.clock.sleep(hold.get(what.object_id, 0.0))
            return await plain(what, *rest)

        script.service.create = cast("Any", create_later)  # type: ignore[method-assign]

        end, results = carried_out(script, creation(ONE), creation(TWO), max_parallel=2)

        assert end is End.FAILURE
        assert outcomes(results) == [Outcome.REJECTED, Outcome.SKIPPED]
        assert results[1].message == "Not started: another object failed before."
        assert results[1].attempts == 0

    def test_where_nobody_can_see_whether_a_run_is_the_only_one_it_is_not_touched(self) -> None:
        """The key is denied between the list that has shown the run and the next one."""
        listed = page_of(marked("Running", "Success"))
        script = Scripted(page=[listed, refused(Refusal.DENIED)])

        _, (result,) = carried_out(script, creation(ONE), policy=replace(PLAN.policy, rerun=True))

        assert (result.outcome, result.run_id) == (Outcome.TIMED_OUT, "r")
        assert "It may still be open." in result.message
        assert {name for _, name, _ in script.service.calls} == {"page"}
        assert script.ended_at < 10

    def test_a_creation_whose_answer_was_lost_is_seen_to_its_end(self) -> None:
        def answer(creation: Creation, *_: object) -> Any:
            return LOST if creation.object_id == TWO else refused(Refusal.OTHER)

        script = Scripted(create=[answer], page=[page_of()])
        script.service.delay = 1.0

        _, results = carried_out(script, creation(ONE), creation(TWO), max_parallel=2)

        assert outcomes(results) == [Outcome.REJECTED, Outcome.UNKNOWN]
        assert len(script.service.of("create")) == 3

    def test_one_that_is_reached_alone_is_no_failure(self) -> None:
        script = Scripted(create=[create("a"), create("b")], run=[waits])

        _, results = carried_out(script, creation(ONE), creation(TWO), wait=False)

        assert outcomes(results) == [Outcome.CREATED] * 2

    def test_a_run_that_has_ended_is_not_to_be_abolished(self) -> None:
        script = Scripted(create=[create("a")], run=[fails])

        end, (result,) = carried_out(script, creation(ONE), abolish_on=frozenset({"failure"}))

        assert (end, result.outcome, result.fate) == (End.FAILURE, Outcome.FAILED, None)
        assert script.service.of("run") == [("a",)] * 2

    def test_own_runs_are_abolished_after_one_where_that_is_wanted(self) -> None:
        script = Scripted(create=[create("a")], run=[waits], execute=[refused(Refusal.DENIED)], abolish=[OK])
        script.service.answers["run"] = [lambda name: Ok(run_of(name, "Running", "Success"))]

        end, (result,) = carried_out(script, creation(ONE), abolish_on=frozenset({"failure"}))

        assert end is End.FAILURE
        assert script.service.of("abolish") == [("a",)]
        assert (result.outcome, result.fate) == (Outcome.FAILED, Fate.ABOLISHED)
        assert "Run a was abolished because the step has failed" in result.message
        assert "was not executed (DENIED: no)" in result.message, "why it was"
        assert "continue" not in result.message

    def test_what_is_abolished_although_it_did_not_fail_was_not_cancelled_by_anybody(self) -> None:
        def answer(creation: Creation, *_: object) -> Any:
            return create("a") if creation.object_id == ONE else refused(Refusal.OTHER)

        script = Scripted(create=[answer], run=[waits], abolish=[OK])
        on = frozenset({"failure"})

        _, results = carried_out(script, creation(ONE), creation(TWO), wait=False, abolish_on=on)

        assert outcomes(results) == [Outcome.CANCELLED, Outcome.REJECTED]
        assert explain(results[0]).cause == "The step failed, and abolish-on names failure."

    def test_what_was_asked_for_wrongly_is_still_said(self) -> None:
        script = Scripted(create=[create("a")], run=[waits], abolish=[OK])
        goal, on = Goal(until_stage="PRDO"), frozenset({"failure"})

        _, (result,) = carried_out(script, creation(ONE), goal=goal, abolish_on=on)

        assert "has no stage PRDO" in result.message
        assert "left open" not in result.message
        assert result.abolished

    def test_they_are_not_where_it_is_not(self) -> None:
        script = Scripted(create=[create("a")], execute=[refused(Refusal.DENIED)])
        script.service.answers["run"] = [lambda name: Ok(run_of(name, "Running", "Success"))]

        _, (result,) = carried_out(script, creation(ONE))

        assert result.own
        assert script.service.of("abolish") == []


class TestDryRuns:
    def test_objects_and_runs_are_planned_with_readings_alone(self) -> None:
        script = Scripted(page=[page_of()], run=[waits])

        end, results = carried_out(script, creation(ONE), run("a"), dry_run=True)

        assert end is End.NORMAL
        assert outcomes(results) == [Outcome.PLANNED] * 2
        assert [name for _, name, _ in script.service.calls] == ["page", "run"]


class TestForeignRuns:
    def test_one_that_is_followed_is_never_advanced(self) -> None:
        theirs = run_of("x", "Running", "Success", at=int(2e12))
        script = Scripted(create=[LOST], page=[page_of(theirs)], run=[Ok(theirs), Ok(theirs), done])
        policy = replace(PLAN.policy, on_active_run="adopt")

        _, (result,) = carried_out(script, creation(ONE), policy=policy)

        assert result.outcome is Outcome.SUCCEEDED
        assert script.service.of("execute") == []

    def test_one_is_followed_to_the_stage_that_is_asked_for(self) -> None:
        theirs = run_of("x", "Running", "Success", "Success", at=int(2e12))
        script = Scripted(create=[LOST], page=[page_of(theirs)], run=[Ok(theirs)])
        policy = replace(PLAN.policy, on_active_run="adopt")

        _, (result,) = carried_out(
            script, creation(ONE), policy=policy, goal=Goal(until_stage="PROD_CHECK"), timeout=60.0
        )

        assert result.outcome is Outcome.CREATED
        assert "as until-stage asks" in result.message

    def test_one_that_does_the_opposite_is_none_of_ours_whatever_comes_of_it(self) -> None:
        young = Run(RunId("x"), "Init", created_ms=int(2e12))
        ended = replace(run_of("x", "Success"), stages=(Stage("PROD", "", 1, "Offline", "Success"),))
        script = Scripted(create=[LOST], page=[page_of(young)], run=[Ok(young), Ok(ended)])
        policy = replace(PLAN.policy, on_active_run="adopt")

        _, (result,) = carried_out(script, creation(ONE), policy=policy)

        assert result.outcome is Outcome.CONFLICT
        assert "should a run turn up whose description begins with" in result.message


class TestSignsOfLife:
    def test_there_is_one_in_every_minute_without_another_word(self) -> None:
        script = Scripted(create=[create("a")], run=[waits])

        carried_out(script, creation(ONE), timeout=200.0)

        signs = [text for place, text in script.notes.told if place is None]
        assert len(signs) == 3
        assert all("1 BUILD_PACKAGE" in text for text in signs)

    def test_it_names_what_is_under_way_and_counts_the_calls(self) -> None:
        script = Scripted(create=[create("a"), create("b")], run=[done, done, waits])

        carried_out(script, creation(ONE), creation(TWO), creation(THREE), poll=20.0, timeout=100.0)

        signs = [text for place, text in script.notes.told if place is None]
        assert signs == ["still under way: 2 BUILD_PACKAGE; 7 API calls so far"]

    def test_the_picture_is_drawn_anew_only_after_changes_and_shows_when(self) -> None:
        script = Scripted(create=[create("a")], run=[*[waits] * 100, deploys])

        carried_out(script, creation(ONE), timeout=200.0)

        drawn = [(left[0].run_id, left[0].stage) for left, _, _ in script.notes.drawn]
        assert drawn == [(None, None), ("a", None), ("a", "BUILD_PACKAGE"), ("a", "PROD")]
        times = [now.timestamp() - EPOCH for _, _, now in script.notes.drawn]
        assert times == pytest.approx([0, 0.02, 3.02, 101.0])

    def test_a_picture_of_many_objects_is_drawn_more_rarely(self) -> None:
        many = [creation(ObjectId(str(number))) for number in range(100)]
        script = Scripted(create=[create("a")])
        script.service.delay = 0.1

        carried_out(script, *many, wait=False)

        times = [now.timestamp() for _, _, now in script.notes.drawn]
        assert min(later - earlier for earlier, later in pairwise(times)) > 1.9


def test_where_an_account_serves_few_calls_runs_are_read_more_rarely() -> None:
    script = Scripted(create=[refused(Refusal.THROTTLED), create("a")], run=[waits])

    carried_out(script, creation(ONE), poll=None, timeout=15.0)

    assert min(later - earlier for earlier, later in pairwise(script.service.times("run"))) > 1.5
