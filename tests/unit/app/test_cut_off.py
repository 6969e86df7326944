"""A step that is cut off leaves the truth in the ledger, and abolishes what it may."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from dataworks_deploy.app.deploy import ANSWER_GRACE, OVERTIME, WITHDRAW_GRACE, Deployment
from dataworks_deploy.app.end import End
from dataworks_deploy.app.ledger import Ledger
from dataworks_deploy.domain.fate import Fate
from dataworks_deploy.report.state import Left, restored, saved

from dataworks_deploy.domain.advance import Goal
from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.model import Run, RunId, Stage
from dataworks_deploy.domain.outcome import ObjectResult, Outcome

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


def checked(run_id: RunId) -> Any:
    """Everything but the deployment has succeeded."""
    return Ok(run_of(run_id, "Running", "Success", "Success"))


def slow(script: Scripted, since: float, seconds: float = 3600.0) -> Scripted:
    """Have each answer take so long from that time on."""
    script.time.at(since, lambda: setattr(script.service, "delay", seconds))
    return script


def until_abolished(script: Scripted) -> Scripted:
    """Have the run wait until it is abolished, and show it then."""

    def reading(run_id: RunId) -> Any:
        return Ok(run_of(run_id, "Termination")) if script.service.of("abolish") else waits(run_id)

    script.service.answers["run"] = [reading]
    return script


class TestDeadline:
    def test_the_run_is_left_and_named(self) -> None:
        script = Scripted(create=[create("a"), create("b")], run=[done, done, waits])

        end, results = carried_out(script, creation(ONE), creation(TWO), creation(THREE), timeout=5.5)

        assert end is End.TIMEOUT
        assert outcomes(results) == [Outcome.SUCCEEDED, Outcome.TIMED_OUT, Outcome.SKIPPED]
        assert "run b was under way" in results[1].message
        assert results[1].finished_at == datetime.fromtimestamp(EPOCH + 5.5, UTC)
        assert script.service.of("abolish") == []

    def test_the_run_is_abolished_where_that_is_wanted(self) -> None:
        script = Scripted(create=[create("a")], run=[waits], abolish=[OK])

        _, (result,) = carried_out(script, creation(ONE), timeout=5.5, abolish_on=frozenset({"timeout"}))

        assert result.outcome is Outcome.TIMED_OUT
        assert script.service.of("abolish") == [("a",)]

    def test_abolishing_may_take_longer_than_after_a_cancellation(self) -> None:
        script = slow(until_abolished(Scripted(create=[create("a")], abolish=[OK])), 5.0, seconds=2.6)

        _, (result,) = carried_out(script, creation(ONE), timeout=5.5, abolish_on=frozenset({"timeout"}))

        assert result.fate is Fate.ABOLISHED
        assert script.ended_at == pytest.approx(5.5 + 3 * 2.6)
        assert result.message.endswith("when the deadline had passed; nothing of it had reached production.")

    def test_one_that_could_not_be_read_again_is_not_said_to_have_left_production_alone(self) -> None:
        script = slow(Scripted(create=[create("a")], run=[waits], abolish=[OK]), 5.0, seconds=3.9)

        _, (result,) = carried_out(script, creation(ONE), timeout=5.5, abolish_on=frozenset({"timeout"}))

        assert (result.fate, script.ended_at) == (Fate.ABOLISHED, 5.5 + OVERTIME)
        assert result.message.endswith("when the deadline had passed, which no reading shows yet.")

    def test_an_abolition_that_hangs_is_waited_for_only_so_long(self) -> None:
        script = slow(Scripted(create=[create("a")], run=[waits]), 5.0)

        end, (result,) = carried_out(script, creation(ONE), timeout=5.5, abolish_on=frozenset({"timeout"}))

        assert (end, result.fate) == (End.TIMEOUT, Fate.UNSEEN)
        assert script.ended_at == 5.5 + OVERTIME

    def test_who_cancels_then_does_not_wait_longer_than_before(self) -> None:
        script = slow(Scripted(create=[create("a")], run=[waits]), 5.0)

        end, _ = carried_out(script, creation(ONE), timeout=5.5, stop=7.0, abolish_on=frozenset({"timeout"}))

        assert (end, script.ended_at) == (End.TIMEOUT, 7.0 + WITHDRAW_GRACE)

    def test_who_cancels_at_the_very_end_does_not_prolong_it(self) -> None:
        script = slow(Scripted(create=[create("a")], run=[waits]), 5.0)

        carried_out(script, creation(ONE), timeout=5.5, stop=13.0, abolish_on=frozenset({"timeout"}))

        assert script.ended_at == 5.5 + OVERTIME

    def test_of_a_run_that_was_to_be_abolished_is_not_said_that_it_stays(self) -> None:
        waiting = [lambda name: Ok(run_of(name, "Running", "Success"))]
        script = slow(Scripted(create=[create("a")], run=waiting), 5.0)

        _, (result,) = carried_out(
            script, creation(ONE), timeout=5.5, goal=Goal(advance=False), abolish_on=frozenset({"timeout"})
        )

        assert (
            "Run a was to be abolished when the step ended, and is not known to have been." in result.message
        )
        assert "open" not in result.message

    def test_why_it_could_not_be_abolished_is_said(self) -> None:
        script = Scripted(create=[create("a")], run=[waits], abolish=[refused(Refusal.DENIED)])

        _, (result,) = carried_out(script, creation(ONE), timeout=5.5, abolish_on=frozenset({"timeout"}))

        assert result.fate is Fate.UNSEEN
        assert result.message.endswith("and is not known to have been (DENIED: no).")

    def test_a_run_that_deploys_is_left(self) -> None:
        script = Scripted(create=[create("a")], run=[deploys], abolish=[OK])

        carried_out(script, creation(ONE), timeout=5.5, abolish_on=frozenset({"timeout"}))

        assert script.service.of("abolish") == []

    def test_a_person_who_is_waited_for_is_named(self) -> None:
        script = Scripted(create=[create("a")], run=[lambda name: Ok(run_of(name, "Running", "Success"))])

        _, (result,) = carried_out(script, creation(ONE), timeout=5.5, goal=Goal(advance=False))

        assert (result.outcome, result.stage) == (Outcome.WAITING, "PROD_CHECK")
        assert result.message == (
            "Stage PROD_CHECK of run a waits for a person, because advance: false leaves all stages to people, "
            "and the deadline (timeout-minutes) passed."
        )

    @pytest.mark.parametrize("advance", [True, False])
    def test_a_stage_that_only_a_person_can_move_is_not_said_to_be_left_to_people(
        self, *, advance: bool
    ) -> None:
        approval = Stage("APPROVAL", "Approval", 0, "Approve", "Init")
        shown = Ok(Run(RunId("a"), "Running", stages=(approval,)))

        _, (result,) = carried_out(
            Scripted(create=[create("a")], run=[shown]),
            creation(ONE),
            timeout=5.5,
            goal=Goal(advance=advance),
        )

        assert result.outcome is Outcome.WAITING
        assert result.message.startswith("Stage APPROVAL of run a waits for a person, and the deadline")

    def test_an_execution_that_was_refused_until_then_is_named(self) -> None:
        waiting = [lambda name: Ok(run_of(name, "Running", "Success"))]
        script = Scripted(create=[create("a")], run=waiting, execute=[refused(Refusal.THROTTLED)])

        _, (result,) = carried_out(script, creation(ONE), timeout=5.5)

        assert (result.outcome, result.fault) == (Outcome.TIMED_OUT, refused(Refusal.THROTTLED).fault)
        assert result.message.endswith(
            "Stage PROD_CHECK waits to be executed, which was refused: THROTTLED: no."
        )

    def test_one_of_which_nobody_knows_whether_it_has_happened_as_well(self) -> None:
        waiting = [lambda name: Ok(run_of(name, "Running", "Success"))]
        script = Scripted(create=[create("a")], run=waiting, execute=[refused(Refusal.THROTTLED), LOST])

        _, (result,) = carried_out(script, creation(ONE), timeout=5.5)

        assert (result.outcome, result.fault) == (Outcome.TIMED_OUT, LOST.fault)
        assert result.message.endswith("and no clear answer came: the connection was closed.")

    def test_a_refusal_explains_nothing_any_more_once_the_stage_was_executed(self) -> None:
        waiting = [lambda name: Ok(run_of(name, "Running", "Success"))]
        script = Scripted(create=[create("a")], run=waiting, execute=[refused(Refusal.THROTTLED), OK])

        _, (result,) = carried_out(script, creation(ONE), timeout=5.5)

        assert (result.outcome, result.fault, result.undone) == (Outcome.TIMED_OUT, None, "")
        assert result.message == "The deadline (timeout-minutes) passed while run a was under way."

    def test_nor_once_somebody_else_has_executed_it(self) -> None:
        readings = [Ok(run_of("a", "Running", "Success", each)) for each in ("Init", "Running")]
        script = Scripted(create=[create("a")], run=readings, execute=[refused(Refusal.UNREACHABLE, 60.0)])

        _, (result,) = carried_out(script, creation(ONE), timeout=5.5)

        assert (result.outcome, result.fault, result.undone) == (Outcome.TIMED_OUT, None, "")

    def test_but_as_long_as_it_waits_it_does(self) -> None:
        waiting = [lambda name: Ok(run_of(name, "Running", "Success"))]
        script = Scripted(create=[create("a")], run=waiting, execute=[refused(Refusal.UNREACHABLE, 60.0)])

        _, (result,) = carried_out(script, creation(ONE), timeout=30.5)

        assert len(script.service.of("run")) > 5
        assert result.undone.startswith("Stage PROD_CHECK waits to be executed")

    def test_before_a_run_was_created_the_last_refusal_is_said(self) -> None:
        script = Scripted(create=[refused(Refusal.THROTTLED)])

        _, (result,) = carried_out(script, creation(ONE), timeout=5.5)

        assert result.outcome is Outcome.TIMED_OUT
        assert "THROTTLED: no" in result.message

    def test_before_a_re_run_could_read_the_list_what_was_said_of_it_is(self) -> None:
        script = Scripted(page=[refused(Refusal.THROTTLED)])
        policy = replace(PLAN.policy, rerun=True)

        _, (result,) = carried_out(script, creation(ONE), timeout=5.5, policy=policy)

        assert (result.outcome, result.fault) == (Outcome.TIMED_OUT, refused(Refusal.THROTTLED).fault)
        assert "THROTTLED: no" in result.message

    def test_a_creation_whose_answer_is_lost_is_unknown(self) -> None:
        script = Scripted(create=[LOST], page=[page_of()])

        _, (result,) = carried_out(script, creation(ONE), timeout=5.5)

        assert result.outcome is Outcome.UNKNOWN
        assert "nobody can tell whether it was created (the connection was closed)" in result.message


FAILING: dict[str, Any] = {
    "timeout": 60.0,
    "wait": False,
    "fail_fast": False,
    "abolish_on": frozenset({"failure"}),
}


class TestFailure:
    def test_abolishing_has_the_time_that_the_step_has(self) -> None:
        script = until_abolished(Scripted(create=[create("a"), refused(Refusal.DENIED)], abolish=[OK]))
        script.service.delay = 10.0

        end, results = carried_out(script, creation(ONE), creation(TWO), **FAILING)

        assert (end, results[0].fate) == (End.FAILURE, Fate.ABOLISHED)
        assert script.ended_at == 5 * 10.0

    def test_an_abolition_that_hangs_is_waited_for_until_the_deadline_has_passed(self) -> None:
        script = slow(Scripted(create=[create("a"), refused(Refusal.DENIED)], run=[waits]), 1.5)
        script.service.delay = 1.0

        end, results = carried_out(script, creation(ONE), creation(TWO), **FAILING)

        assert (end, results[0].fate) == (End.FAILURE, Fate.UNSEEN)
        assert script.ended_at == 60.0 + OVERTIME


def test_what_refused_a_creation_is_not_the_answer_to_the_next_one() -> None:
    script = slow(Scripted(create=[refused(Refusal.THROTTLED), create("a")]), 0.5)

    _, (result,) = carried_out(script, creation(ONE), timeout=30.0)

    assert (result.outcome, result.attempts, result.fault) == (Outcome.UNKNOWN, 2, None)
    assert result.request_id == "R-1", "which was told before"


def test_what_lost_a_creation_is_known_while_it_is_sent_again() -> None:
    script = Scripted(create=[LOST, create("a")])

    def last(*_: object) -> Any:
        if script.time.now >= PLAN.policy.settle:  # the next call is the second creation
            script.service.delay = 3600.0
        return page_of()

    script.service.answers["page"] = [last]
    _, (result,) = carried_out(script, creation(ONE), timeout=PLAN.policy.settle + 9.0)

    assert (result.outcome, result.attempts, result.fault) == (Outcome.UNKNOWN, 2, LOST.fault)


class TestCancellation:
    @pytest.mark.parametrize(
        ("reading", "fate", "said"),
        [
            (deploys, Fate.DEPLOYS, "Run a has begun to deploy and was left alone"),
            (fails, Fate.ENDED, "Run a had ended by then, as Fail."),
        ],
    )
    def test_a_run_that_is_not_abolished_any_more_is_left_to_nobody(
        self, reading: Any, fate: Fate, said: str
    ) -> None:
        script = Scripted(create=[create("a")], run=[waits, reading], abolish=[OK])

        _, (result,) = carried_out(script, creation(ONE), poll=5.0, stop=7.0)

        assert result.outcome is Outcome.CANCELLED
        assert said in result.message
        assert result.fate is fate
        assert result.status == reading("a").value.status
        assert restored(saved([result])) is None

    def test_before_anything_nothing_is_started(self) -> None:
        script = Scripted()
        ledger = Ledger([ObjectResult(ONE)], script.notes, script.clock)
        plan = replace(PLAN, tasks=(creation(ONE),))
        stopped = asyncio.Event()
        stopped.set()

        end = script.play(Deployment(script.service, script.clock, script.notes, ledger, plan).run(stopped))

        assert end is End.CANCEL
        assert ledger[ONE].outcome is Outcome.SKIPPED
        assert ledger[ONE].message == "Not started before the step ended."
        assert script.service.calls == []

    def test_own_runs_are_abolished(self) -> None:
        script = Scripted(create=[create("a")], run=[waits], abolish=[OK])

        end, results = carried_out(script, creation(ONE), creation(TWO), stop=5.0)

        assert end is End.CANCEL
        assert outcomes(results) == [Outcome.CANCELLED, Outcome.SKIPPED]
        assert script.service.of("abolish") == [("a",)]
        assert "Run a was abolished" in results[0].message
        assert script.service.times("abolish") == [5.0]

    @pytest.mark.parametrize(
        ("stop", "outcome"), [(5.0, Outcome.CANCELLED), (None, Outcome.TIMED_OUT)], ids=["cancel", "timeout"]
    )
    def test_a_run_that_was_left_open_as_it_should_be_is_not_there_any_more(
        self, stop: float | None, outcome: Outcome
    ) -> None:
        """The first object's run was created, and waiting was not wanted; the second one's was being created."""
        script = Scripted(create=[create("a"), LOST], run=[waits], abolish=[OK], page=[page_of()])
        plan = {"wait": False, "timeout": 5.5, "abolish_on": frozenset({"cancel", "timeout"})}

        _, results = carried_out(script, creation(ONE), creation(TWO), stop=stop, **plan)

        assert outcomes(results) == [outcome, Outcome.UNKNOWN]
        assert script.service.of("abolish") == [("a",)]

    @pytest.mark.parametrize("answer", [OK, LOST])
    @pytest.mark.parametrize(("stop", "on"), [(3.0, "cancel"), (None, "timeout")])
    def test_a_run_that_was_just_told_to_deploy_is_not_abolished(
        self, answer: Any, stop: float | None, on: str
    ) -> None:
        """A reading may not show it yet. The post step, which has more time, looks whether it came to that."""
        script = Scripted(create=[create("a")], run=[checked], execute=[answer], abolish=[OK])

        _, results = carried_out(script, creation(ONE), stop=stop, timeout=3.0, abolish_on=frozenset({on}))

        assert script.service.of("execute") == [("a", "PROD")]
        assert script.service.of("abolish") == []
        assert results[0].fate is Fate.UNSEEN
        assert restored(saved(results)) == Left({ONE: RunId("a")}, told=(ONE,))

    @pytest.mark.parametrize("before", [[], [LOST]])
    def test_what_was_not_told_after_all_is_abolished(self, before: list[Any]) -> None:
        no = refused(Refusal.THROTTLED)
        script = Scripted(create=[create("a")], run=[checked], execute=[*before, no], abolish=[OK])

        _, (result,) = carried_out(script, creation(ONE), stop=8.0)

        assert len(script.service.of("execute")) > len(before)
        assert result.abolished is not bool(before), "what one does not do an earlier one may have done"

    def test_what_waits_for_its_key_is_not_sent_any_more(self) -> None:
        script = Scripted(create=[create("a")])
        script.service.held_up = 1.0

        _, (result,) = carried_out(script, creation(ONE), stop=0.2)

        assert (script.service.calls, result.outcome) == ([], Outcome.CANCELLED)
        assert result.message == "The step was cancelled before it created a run."

    def test_an_answer_that_hangs_is_waited_for_only_so_long(self) -> None:
        script = Scripted(create=[create("a")])
        script.service.delay = 3600.0

        end, (result,) = carried_out(script, creation(ONE), stop=5.0)

        assert (end, result.outcome) == (End.CANCEL, Outcome.UNKNOWN)
        assert script.ended_at == 5.0 + ANSWER_GRACE

    def test_an_abolition_that_hangs_is_waited_for_only_so_long(self) -> None:
        script = slow(Scripted(create=[create("a")], run=[waits], abolish=[OK]), 4.5)

        end, (result,) = carried_out(script, creation(ONE), stop=5.0)

        assert (end, result.outcome, result.abolished) == (End.CANCEL, Outcome.CANCELLED, False)
        assert script.ended_at == 5.0 + WITHDRAW_GRACE

    def test_runs_that_were_named_are_left(self) -> None:
        script = Scripted(run=[waits])

        _, (result,) = carried_out(script, run("a"), stop=5.0)

        assert result.outcome is Outcome.CANCELLED
        assert "run a was under way" in result.message
        assert script.service.of("abolish") == []

    def test_a_run_that_has_succeeded_is_left(self) -> None:
        script = Scripted(create=[create("a"), create("b")], run=[done, done, waits], abolish=[OK])

        _, results = carried_out(script, creation(ONE), creation(TWO), stop=5.0)

        assert outcomes(results) == [Outcome.SUCCEEDED, Outcome.CANCELLED]
        assert script.service.of("abolish") == [("b",)]


class TestAnErrorOfOurOwn:
    def test_it_is_raised_and_what_is_known_stands(self) -> None:
        script = Scripted(create=[create("a")], run=[ZeroDivisionError("of a secret")])
        ledger = Ledger([ObjectResult(ONE), ObjectResult(TWO)], script.notes, script.clock)
        plan = replace(PLAN, tasks=(creation(ONE), creation(TWO)))

        with pytest.raises(ExceptionGroup):
            script.play(
                Deployment(script.service, script.clock, script.notes, ledger, plan).run(asyncio.Event())
            )

        assert [(entry.outcome, entry.run_id) for entry in ledger.results] == [
            (Outcome.FAILED, "a"),
            (Outcome.SKIPPED, None),
        ]
        assert "internal error" in ledger[ONE].message
        assert "run a was under way" in ledger[ONE].message

    def test_runs_that_were_left_open_are_abolished_where_that_is_wanted_after_it(self) -> None:
        script = Scripted(create=[create("a"), ZeroDivisionError()], run=[waits], abolish=[OK])

        with pytest.raises(ExceptionGroup):
            carried_out(script, creation(ONE), creation(TWO), wait=False, abolish_on=frozenset({"failure"}))

        assert script.service.of("abolish") == [("a",)]
