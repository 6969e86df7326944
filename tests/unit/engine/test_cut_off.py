"""An interrupted step leaves the truth in the ledger, and abolishes the runs that it may."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dataworks_deploy.domain.advance import Goal
from dataworks_deploy.domain.ending import Fault, Ok, Refusal
from dataworks_deploy.domain.model import (
    AbolishPipelineRun,
    ExecPipelineRunStage,
    GetPipelineRun,
    Run,
    RunId,
    Stage,
)
from dataworks_deploy.domain.outcome import End, Outcome
from dataworks_deploy.domain.reason import (
    AnswerLost,
    AwaitsPerson,
    Because,
    BrokenOff,
    DeadlinePassed,
    InFlight,
    NotStarted,
    Reason,
    StepCancelled,
)
from dataworks_deploy.domain.record import Fate, Record, Undone, Withdrawal
from dataworks_deploy.engine.deploy import ANSWER_GRACE, OVERTIME, WITHDRAW_GRACE, Deployment

from ...simulation.virtual import EPOCH
from .assigned import (
    ASSIGNMENT,
    OK,
    ONE,
    RERUN,
    THREE,
    TWO,
    built,
    carried_out,
    checked,
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

A, B = RunId("a"), RunId("b")
BUSY, DENIED = refused(Refusal.THROTTLED), refused(Refusal.DENIED)
ON = {end: frozenset({end}) for end in End}
BUILDING = waits(GetPipelineRun(A)).value


def slow(script: Scripted, since: float, seconds: float = 3600.0) -> Scripted:
    """From that time on, each answer takes so long."""
    script.service.delay = 0.0 if since else seconds
    script.time.at(since, lambda: setattr(script.service, "delay", seconds))
    return script


def until_abolished(**answers: Any) -> Scripted:
    """A run that waits until it is abolished, and then shows it."""

    def reading(operation: GetPipelineRun) -> Any:
        return Ok(run_of("a", "Termination")) if script.service.of("abolish") else waits(operation)

    script = Scripted(**{"create": [create("a")], "abolish": [OK], **answers}, run=[reading])
    return script


def late(script: Scripted, timeout: float = 5.5, **changes: Any) -> Record:
    """The record of one object after the deadline."""
    end, (record,) = carried_out(script, creation(ONE), timeout=timeout, **changes)
    assert end is End.TIMEOUT
    return record


def ended(record: Record) -> tuple[Outcome, Reason | None]:
    return record.outcome, record.reason


class TestDeadline:
    def test_the_open_run_is_named_and_unstarted_objects_are_skipped(self) -> None:
        script = Scripted(create=[create("a"), create("b")], run=[done, done, waits])

        end, (_, two, three) = carried_out(script, creation(ONE), creation(TWO), creation(THREE), timeout=5.5)

        assert end is End.TIMEOUT
        assert ended(two) == (Outcome.TIMED_OUT, DeadlinePassed(B))
        assert ended(three) == (Outcome.SKIPPED, NotStarted())
        assert two.finished_at == datetime.fromtimestamp(EPOCH + 5.5, UTC)
        assert script.service.of("abolish") == []

    def test_a_wait_for_a_person_is_reported(self) -> None:
        record = late(Scripted(create=[create("a")], run=[built]), goal=Goal(advance=False))

        assert ended(record) == (
            Outcome.WAITING,
            AwaitsPerson(A, "PROD_CHECK", Because.ADVANCE_FALSE),
        )
        assert record.reading.stage == "PROD_CHECK"

    @pytest.mark.parametrize("advance", [True, False])
    def test_at_the_deadline_a_stage_for_a_person_is_waiting_and_not_left(self, *, advance: bool) -> None:
        approval = Stage("APPROVAL", "Approval", 0, "Approve", "Init")
        shown = Ok(Run(A, "Running", stages=(approval,)))

        record = late(Scripted(create=[create("a")], run=[shown]), goal=Goal(advance=advance))

        assert ended(record) == (Outcome.WAITING, AwaitsPerson(A, "APPROVAL", Because.NO_CALL_MOVES_IT))

    @pytest.mark.parametrize(
        ("readings", "execute", "undone"),
        [
            ([built], [BUSY], Undone("PROD_CHECK", BUSY.fault, refused=True)),
            ([built], [BUSY, LOST], Undone("PROD_CHECK", LOST.fault, refused=False)),
            ([built], [BUSY, OK], None),
            ([built, built, Ok(run_of("a", "Running", "Success", "Running"))], [BUSY], None),
        ],
    )
    def test_a_failed_execution_is_reported_until_it_succeeds(
        self, readings: list[Any], execute: list[Any], undone: Undone | None
    ) -> None:
        record = late(Scripted(create=[create("a")], run=readings, execute=execute))

        assert ended(record) == (Outcome.TIMED_OUT, DeadlinePassed(A))
        assert (record.undone, record.fault) == (undone, undone.fault if undone else None)

    def test_a_creation_whose_answer_is_lost_is_unknown(self) -> None:
        record = late(Scripted(create=[LOST], page=[page_of()]))

        assert record.outcome is Outcome.UNKNOWN
        assert isinstance(record.reason, AnswerLost)

    def test_an_unanswered_creation_is_unknown_whatever_was_refused_before(self) -> None:
        script = slow(Scripted(create=[BUSY, create("a")]), 0.5)

        record = late(script, timeout=30.0)

        assert record.outcome is Outcome.UNKNOWN
        assert isinstance(record.reason, InFlight)
        assert (record.request.attempts, record.fault) == (2, None)
        assert record.request.id == "R-1", "which was told before"


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"timeout": 5.5}, DeadlinePassed(None, BUSY.fault)),
        ({"stop": 5.5}, StepCancelled(None, BUSY.fault)),
    ],
)
def test_without_a_run_the_last_refusal_is_reported(how: dict[str, Any], reason: Reason) -> None:
    _, (record,) = carried_out(Scripted(create=[BUSY]), creation(ONE), **how)

    assert (record.reason, record.fault, record.run_id) == (reason, BUSY.fault, None)


def test_a_re_run_without_the_list_reports_why_it_could_not_be_read() -> None:
    record = late(Scripted(page=[BUSY]), timeout=10.0, policy=RERUN)

    assert ended(record) == (Outcome.TIMED_OUT, DeadlinePassed(None))
    assert record.fault == BUSY.fault


class TestAbolitionAfterTheDeadline:
    def test_it_may_take_longer_than_after_a_cancellation(self) -> None:
        script = slow(until_abolished(), 5.0, seconds=2.6)

        record = late(script, abolish_on=ON[End.TIMEOUT])

        gone = script.service.shown(run_of("a", "Termination"))
        assert record.withdrawal == Withdrawal(Fate.ABOLISHED, End.TIMEOUT, gone)
        assert ended(record) == (Outcome.TIMED_OUT, DeadlinePassed(A))
        assert script.ended_at == pytest.approx(5.5 + 3 * 2.6)

    def test_an_abolition_that_no_reading_shows_keeps_the_reading_before(self) -> None:
        script = slow(Scripted(create=[create("a")], run=[waits], abolish=[OK]), 5.0, seconds=3.9)

        record = late(script, abolish_on=ON[End.TIMEOUT])

        assert record.withdrawal == Withdrawal(Fate.ABOLISHED, End.TIMEOUT, script.service.shown(BUILDING))
        assert script.ended_at == 5.5 + OVERTIME

    @pytest.mark.parametrize(
        ("stop", "seconds"), [(None, 5.5 + OVERTIME), (7.0, 7.0 + WITHDRAW_GRACE), (13.0, 5.5 + OVERTIME)]
    )
    def test_an_abolition_that_hangs_is_waited_for_briefly_and_less_after_a_cancellation(
        self, stop: float | None, seconds: float
    ) -> None:
        script = slow(Scripted(create=[create("a")], run=[waits]), 5.0)

        record = late(script, stop=stop, abolish_on=ON[End.TIMEOUT])

        assert record.withdrawal == Withdrawal(Fate.UNSEEN, End.TIMEOUT)
        assert script.ended_at == seconds

    @pytest.mark.parametrize(
        ("readings", "abolish", "fate", "fault", "asked"),
        [
            ([waits], DENIED, Fate.UNSEEN, DENIED.fault, 3),
            ([deploys], OK, Fate.DEPLOYS, None, 0),
            ([waits], OK, Fate.ABOLISHED, None, 1),
        ],
    )
    def test_the_record_says_what_happened_to_the_run(
        self, readings: list[Any], abolish: Any, fate: Fate, fault: Fault | None, asked: int
    ) -> None:
        script = Scripted(create=[create("a")], run=readings, abolish=[abolish])

        record = late(script, abolish_on=ON[End.TIMEOUT])

        assert record.withdrawal
        assert (record.withdrawal.fate, record.withdrawal.fault) == (fate, fault)
        assert script.service.of("abolish") == [AbolishPipelineRun(A)] * asked


FAILING: dict[str, Any] = {
    "timeout": 60.0,
    "wait": False,
    "fail_fast": False,
    "abolish_on": ON[End.FAILURE],
}


class TestAbolitionAfterAFailure:
    def test_the_abolition_may_take_the_rest_of_the_steps_time(self) -> None:
        script = until_abolished(create=[create("a"), DENIED])
        script.service.delay = 5.0

        end, (record, _) = carried_out(script, creation(ONE), creation(TWO), **FAILING)

        assert (end, record.fate) == (End.FAILURE, Fate.ABOLISHED)
        assert script.ended_at == 6 * 5.0

    def test_an_abolition_that_hangs_is_waited_for_until_after_the_deadline(self) -> None:
        script = slow(Scripted(create=[create("a"), DENIED], run=[waits]), 2.5)
        script.service.delay = 1.0

        end, (record, _) = carried_out(script, creation(ONE), creation(TWO), **FAILING)

        assert (end, record.fate) == (End.FAILURE, Fate.UNSEEN)
        assert script.ended_at == 60.0 + OVERTIME


class TestCancellation:
    def test_a_step_cancelled_before_its_start_starts_nothing(self) -> None:
        script = Scripted()
        ledger = script.ledger(Record(ONE))
        step = Deployment(
            script.service, script.clock, script.notes, ledger, replace(ASSIGNMENT, tasks=(creation(ONE),))
        )
        stopped = asyncio.Event()
        stopped.set()

        assert script.play(step.run(stopped)) is End.CANCEL
        assert ended(ledger[ONE]) == (Outcome.SKIPPED, NotStarted())
        assert script.service.calls == []

    def test_own_runs_are_abolished(self) -> None:
        script = Scripted(create=[create("a")], run=[waits], abolish=[OK])

        end, (one, two) = carried_out(script, creation(ONE), creation(TWO), stop=5.0)

        assert (end, ended(one)) == (End.CANCEL, (Outcome.CANCELLED, StepCancelled(A)))
        assert (one.abolished, two.outcome) == (True, Outcome.SKIPPED)
        assert script.service.of("abolish") == [AbolishPipelineRun(A)]
        assert script.service.times("abolish") == [5.0]

    @pytest.mark.parametrize(("reading", "fate"), [(deploys, Fate.DEPLOYS), (fails, Fate.ENDED)])
    def test_a_run_that_is_not_abolished_in_time_keeps_its_last_reading(
        self, reading: Any, fate: Fate
    ) -> None:
        script = Scripted(create=[create("a")], run=[waits, reading], abolish=[OK])

        _, (record,) = carried_out(script, creation(ONE), poll=5.0, stop=7.0)

        last = script.service.shown(reading(GetPipelineRun(A)).value)
        assert ended(record) == (Outcome.CANCELLED, StepCancelled(A))
        assert record.withdrawal == Withdrawal(fate, End.CANCEL, last)
        assert record.reading.status == last.status

    @pytest.mark.parametrize(
        ("stop", "outcome"), [(5.0, Outcome.CANCELLED), (None, Outcome.TIMED_OUT)], ids=["cancel", "timeout"]
    )
    def test_a_run_left_open_on_purpose_is_abolished_too(self, stop: float | None, outcome: Outcome) -> None:
        """The first object's run exists, and the step does not wait for it. The second one's run is being created."""
        script = Scripted(create=[create("a"), LOST], run=[waits], abolish=[OK], page=[page_of()])
        changes: dict[str, Any] = {
            "wait": False,
            "timeout": 5.5,
            "abolish_on": ON[End.CANCEL] | ON[End.TIMEOUT],
        }

        _, records = carried_out(script, creation(ONE), creation(TWO), stop=stop, **changes)

        assert outcomes(records) == [outcome, Outcome.UNKNOWN]
        assert script.service.of("abolish") == [AbolishPipelineRun(A)]

    @pytest.mark.parametrize("answer", [OK, LOST])
    @pytest.mark.parametrize(("stop", "on"), [(3.0, End.CANCEL), (None, End.TIMEOUT)])
    def test_a_run_that_was_just_told_to_deploy_is_not_abolished(
        self, answer: Any, stop: float | None, on: End
    ) -> None:
        """A reading may not show it yet. The post step has more time to check."""
        script = Scripted(create=[create("a")], run=[checked], execute=[answer], abolish=[OK])

        _, (record,) = carried_out(script, creation(ONE), stop=stop, timeout=3.0, abolish_on=ON[on])

        assert script.service.of("execute") == [ExecPipelineRunStage(A, "PROD")]
        assert script.service.of("abolish") == []
        assert (record.fate, record.own, record.told_at) == (Fate.UNSEEN, True, 1.0)

    @pytest.mark.parametrize("before", [[], [LOST]])
    def test_a_run_whose_execution_was_refused_is_abolished(self, before: list[Any]) -> None:
        script = Scripted(create=[create("a")], run=[checked], execute=[*before, BUSY], abolish=[OK])

        _, (record,) = carried_out(script, creation(ONE), stop=8.0)

        assert len(script.service.of("execute")) > len(before)
        assert record.abolished is not bool(before), "what one does not do an earlier one may have done"

    def test_a_creation_waiting_for_its_key_is_not_sent(self) -> None:
        script = Scripted(create=[create("a")])
        script.service.keys = [1.0]

        _, (record,) = carried_out(script, creation(ONE), stop=0.2)

        assert script.service.calls == []
        assert ended(record) == (Outcome.CANCELLED, StepCancelled(None))

    @pytest.mark.parametrize(
        ("since", "outcome", "grace"),
        [(0.0, Outcome.UNKNOWN, ANSWER_GRACE), (4.5, Outcome.CANCELLED, WITHDRAW_GRACE)],
        ids=["an answer", "an abolition"],
    )
    def test_a_call_that_hangs_is_waited_for_briefly(
        self, since: float, outcome: Outcome, grace: float
    ) -> None:
        script = slow(Scripted(create=[create("a")], run=[waits], abolish=[OK]), since)

        end, (record,) = carried_out(script, creation(ONE), stop=5.0)

        assert (end, record.outcome, record.abolished) == (End.CANCEL, outcome, False)
        assert script.ended_at == 5.0 + grace

    def test_runs_named_by_the_user_are_not_abolished(self) -> None:
        script = Scripted(run=[waits])

        _, (record,) = carried_out(script, run("a"), stop=5.0)

        assert ended(record) == (Outcome.CANCELLED, StepCancelled(A))
        assert script.service.of("abolish") == []

    def test_a_successful_run_is_not_abolished(self) -> None:
        script = Scripted(create=[create("a"), create("b")], run=[done, done, waits], abolish=[OK])

        _, records = carried_out(script, creation(ONE), creation(TWO), stop=5.0)

        assert outcomes(records) == [Outcome.SUCCEEDED, Outcome.CANCELLED]
        assert script.service.of("abolish") == [AbolishPipelineRun(B)]


class TestAnErrorOfOurOwn:
    def test_it_is_raised_and_the_records_stay(self) -> None:
        script = Scripted(create=[create("a")], run=[ZeroDivisionError("of a secret")])
        tasks = (creation(ONE), creation(TWO))
        ledger = script.ledger(*(each.record for each in tasks))
        step = Deployment(
            script.service, script.clock, script.notes, ledger, replace(ASSIGNMENT, tasks=tasks)
        )

        with pytest.raises(ExceptionGroup):
            script.play(step.run(asyncio.Event()))

        assert [ended(record) for record in ledger.records] == [
            (Outcome.FAILED, BrokenOff(A)),
            (Outcome.SKIPPED, NotStarted()),
        ]

    def test_with_abolish_on_failure_open_runs_are_abolished_after_it(self) -> None:
        script = Scripted(create=[create("a"), ZeroDivisionError()], run=[waits], abolish=[OK])

        carried_out(script, creation(ONE), creation(TWO), broken=True, wait=False, abolish_on=ON[End.FAILURE])

        assert script.service.of("abolish") == [AbolishPipelineRun(A)]
