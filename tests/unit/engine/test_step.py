"""An assignment is carried out object by object, each to its end."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from dataworks_deploy.domain.advance import Goal
from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.event import StillUnderWay
from dataworks_deploy.domain.model import (
    AbolishPipelineRun,
    Creation,
    DeployType,
    GetPipelineRun,
    Node,
    ObjectId,
    Run,
    RunId,
    Stage,
)
from dataworks_deploy.domain.outcome import End, Outcome
from dataworks_deploy.domain.reason import (
    AnotherFailed,
    CreationRefused,
    LeftOpen,
    LostSight,
    MayTurnUp,
    NoSuchStage,
    NotElected,
    OtherType,
    StageRefused,
)
from dataworks_deploy.domain.reconcile import Mark, describe, intent_of
from dataworks_deploy.domain.record import Fate, Withdrawal

from ...simulation.virtual import EPOCH
from .assigned import (
    ADOPTS,
    ASSIGNMENT,
    OK,
    ONE,
    RERUN,
    THREE,
    TWO,
    built,
    by_object,
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

A = RunId("a")
DENIED, OTHER = refused(Refusal.DENIED), refused(Refusal.OTHER)
ON_FAILURE = frozenset({End.FAILURE})
WHAT = creation(ONE).what
assert isinstance(WHAT, Creation)
MARK = Mark(intent_of(ASSIGNMENT.origin, WHAT), 1)


def marked(status: str, *statuses: str) -> Run:
    """A run of the first object with the mark of this job."""
    return run_of("r", status, *statuses, description=describe(MARK, ""), at=int(EPOCH * 1000))


class TestOrder:
    def test_an_object_ends_before_the_next_one_begins(self) -> None:
        script = Scripted(create=[create("a"), create("b")], run=[done])

        end, records = carried_out(script, creation(ONE), creation(TWO))

        assert (end, outcomes(records)) == (End.NORMAL, [Outcome.SUCCEEDED] * 2)
        assert script.service.names == ["create", "run", "run"] * 2

    @pytest.mark.parametrize(
        ("most", "times"), [(1, [0, 1, 2]), (2, [0, 0, 1]), (3, [0, 0, 0]), (9, [0, 0, 0])]
    )
    def test_a_limited_number_runs_at_once(self, most: int, times: list[float]) -> None:
        script = Scripted(create=[create(each) for each in "abc"], run=[done], page=[page_of()])

        carried_out(script, creation(ONE), creation(TWO), creation(THREE), max_parallel=most)

        assert script.service.times("create") == times


class TestWithoutWaiting:
    def test_runs_are_left_open(self) -> None:
        script = Scripted(create=[create("a"), create("b")], run=[built])

        end, records = carried_out(script, creation(ONE), creation(TWO), wait=False)

        assert (end, outcomes(records)) == (End.NORMAL, [Outcome.CREATED] * 2)
        assert [each.reason for each in records] == [LeftOpen()] * 2
        # One reading shows whose run it is.
        assert script.service.names == ["create", "run"] * 2

    @pytest.mark.parametrize(
        ("read", "outcome"),
        [
            (Ok(marked("Fail", "Fail")), Outcome.FAILED),
            (Ok(run_of("r", "Running", "Success")), Outcome.CREATED),
            (DENIED, Outcome.TIMED_OUT),
        ],
        ids=["ended", "by the list alone", "unreadable"],
    )
    def test_a_run_that_the_list_shows_as_ended_is_read_before_it_is_called_open(
        self, read: Any, outcome: Outcome
    ) -> None:
        """And no stage of it is executed: it is only created."""
        script = Scripted(create=[LOST], page=[page_of(marked("Fail", "Fail"))], run=[read])

        _, (record,) = carried_out(script, creation(ONE), wait=False)

        assert (record.outcome, record.run_id) == (outcome, "r")
        assert (record.reason == LostSight(RunId("r"), DENIED.fault)) is (read == DENIED)
        assert script.service.of("execute") == []


class TestFailures:
    @pytest.mark.parametrize(
        ("fail_fast", "expected"),
        [
            (True, [Outcome.FAILED, Outcome.SKIPPED, Outcome.SKIPPED]),
            (False, [Outcome.FAILED, Outcome.SUCCEEDED, Outcome.SUCCEEDED]),
        ],
    )
    def test_after_a_failure_nothing_more_is_started_unless_fail_fast_is_off(
        self, expected: list[Outcome], *, fail_fast: bool
    ) -> None:
        script = Scripted(create=[create(each) for each in "abc"], run=[fails, fails, done])

        end, records = carried_out(script, creation(ONE), creation(TWO), creation(THREE), fail_fast=fail_fast)

        assert (end, outcomes(records)) == (End.FAILURE, expected)
        assert [each.object_id for each in script.notes.over] == [ONE, TWO, THREE]
        skipped = [each.reason for each in records if each.outcome is Outcome.SKIPPED]
        assert skipped == [AnotherFailed()] * (2 if fail_fast else 0)

    def test_after_a_failure_an_unsent_creation_is_never_sent(self) -> None:
        """The second one has had its turn, and was refused for now."""
        busy = refused(Refusal.THROTTLED, 60.0)
        script = Scripted(create=[by_object({ONE: OTHER, TWO: [busy, OTHER]})])
        script.service.delay = 1.0

        _, (one, two) = carried_out(script, creation(ONE), creation(TWO), max_parallel=2)

        assert (one.outcome, two.outcome) == (Outcome.REJECTED, Outcome.SKIPPED)
        assert (two.reason, two.fault, two.started_at) == (AnotherFailed(busy.fault), None, None)
        assert [each.object_id for each in script.notes.over] == [ONE, TWO]
        assert (two.request.attempts, len(script.service.of("create"))) == (1, 2)

    def test_after_a_failure_a_creation_waiting_for_its_turn_or_key_is_not_sent(self) -> None:
        script = Scripted(create=[OTHER])
        script.service.keys = [0.0, 5.0]

        end, (one, two) = carried_out(script, creation(ONE), creation(TWO), max_parallel=2)

        assert (end, one.reason) == (End.FAILURE, CreationRefused(OTHER.fault))
        assert (two.outcome, two.reason) == (Outcome.SKIPPED, AnotherFailed())
        assert (two.request.attempts, len(script.service.of("create"))) == (0, 1)

    def test_after_a_failure_a_lost_creation_is_still_resolved(self) -> None:
        script = Scripted(create=[by_object({ONE: OTHER, TWO: LOST})], page=[page_of()])
        script.service.delay = 1.0

        _, records = carried_out(script, creation(ONE), creation(TWO), max_parallel=2)

        assert outcomes(records) == [Outcome.REJECTED, Outcome.UNKNOWN]
        assert len(script.service.of("create")) == 3

    def test_a_run_that_may_not_be_the_only_one_is_not_changed(self) -> None:
        """The key is denied after one list has shown the run and before the next one."""
        script = Scripted(page=[page_of(marked("Running", "Success")), DENIED])

        _, (record,) = carried_out(script, creation(ONE), policy=RERUN)

        assert (record.outcome, record.reason) == (
            Outcome.TIMED_OUT,
            NotElected(RunId("r"), DENIED.fault),
        )
        assert {*script.service.names} == {"page"}
        assert script.ended_at < 10


class TestAbolitionAfterAFailure:
    def test_an_ended_run_is_not_abolished(self) -> None:
        script = Scripted(create=[create("a")], run=[fails])

        end, (record,) = carried_out(script, creation(ONE), abolish_on=ON_FAILURE)

        assert (end, record.outcome, record.withdrawal) == (End.FAILURE, Outcome.FAILED, None)
        assert script.service.of("run") == [GetPipelineRun(A)] * 2

    @pytest.mark.parametrize("on", [ON_FAILURE, frozenset({End.CANCEL, End.TIMEOUT})])
    def test_with_abolish_on_failure_own_runs_are_abolished_and_keep_their_reasons(
        self, on: frozenset[End]
    ) -> None:
        script = Scripted(create=[create("a")], run=[built], execute=[DENIED], abolish=[OK])

        end, (record,) = carried_out(script, creation(ONE), abolish_on=on)

        assert (end, record.outcome) == (End.FAILURE, Outcome.FAILED)
        assert isinstance(record.reason, StageRefused)
        assert script.service.of("abolish") == [AbolishPipelineRun(A)] * (on == ON_FAILURE)
        assert record.abolished is (on == ON_FAILURE)

    def test_an_abolished_object_that_did_not_fail_is_cancelled(self) -> None:
        script = Scripted(create=[by_object({ONE: create("a"), TWO: OTHER})], run=[waits], abolish=[OK])

        _, records = carried_out(script, creation(ONE), creation(TWO), wait=False, abolish_on=ON_FAILURE)

        assert outcomes(records) == [Outcome.CANCELLED, Outcome.REJECTED]
        assert records[0].withdrawal == Withdrawal(
            Fate.ABOLISHED, End.FAILURE, script.service.shown(waits(GetPipelineRun(A)).value)
        )

    def test_a_wrong_input_is_still_reported(self) -> None:
        script = Scripted(create=[create("a")], run=[waits], abolish=[OK])

        _, (record,) = carried_out(
            script, creation(ONE), goal=Goal(until_stage="PRDO"), abolish_on=ON_FAILURE
        )

        assert isinstance(record.reason, NoSuchStage)
        assert record.abolished


def test_a_dry_run_plans_objects_and_runs_with_readings_alone() -> None:
    script = Scripted(page=[page_of()], run=[waits], node=[Ok(Node())])

    end, records = carried_out(script, creation(ONE), run("a"), dry_run=True)

    assert (end, outcomes(records)) == (End.NORMAL, [Outcome.PLANNED] * 2)
    assert script.service.names == ["page", "node", "run"]


class TestForeignRuns:
    YOUNG = Run(RunId("x"), "Init", created_ms=int(2e12))
    OPPOSITE = replace(run_of("x", "Success"), stages=(Stage("PROD", "", 1, "Offline", "Success"),))
    WAITING = run_of("x", "Running", "Success", at=int(2e12))
    CHECKED = run_of("x", "Running", "Success", "Success", at=int(2e12))

    @pytest.mark.parametrize(
        ("shown", "read", "until", "outcome"),
        [
            (WAITING, [Ok(WAITING), Ok(WAITING), done], "", Outcome.SUCCEEDED),
            (CHECKED, [Ok(CHECKED)], "PROD_CHECK", Outcome.CREATED),
            (YOUNG, [Ok(YOUNG), Ok(OPPOSITE)], "", Outcome.CONFLICT),
        ],
        ids=["to its end", "to a stage", "the opposite"],
    )
    def test_somebody_elses_run_is_never_advanced(
        self, shown: Run, read: list[Any], until: str, outcome: Outcome
    ) -> None:
        script = Scripted(create=[LOST], page=[page_of(), page_of(shown)], run=read)
        goal = Goal(until_stage=until)

        _, (record,) = carried_out(script, creation(ONE), policy=ADOPTS, goal=goal, timeout=60.0)

        assert (record.outcome, record.foreign, record.notes) == (outcome, True, (MayTurnUp(MARK),))
        assert script.service.of("execute") == []
        if outcome is Outcome.CONFLICT:
            assert record.reason == OtherType(self.OPPOSITE, DeployType.ONLINE)


class TestSignsOfLife:
    def test_each_silent_minute_has_a_sign_of_life(self) -> None:
        script = Scripted(create=[create("a")], run=[waits])

        carried_out(script, creation(ONE), timeout=200.0)

        signs = script.notes.of(StillUnderWay)
        assert len(signs) == 3
        assert {record.reading.stage for sign in signs for record in sign.records} == {"BUILD_PACKAGE"}

    def test_a_sign_of_life_names_the_running_objects_and_counts_the_calls(self) -> None:
        script = Scripted(create=[create("a"), create("b")], run=[done, done, waits])

        carried_out(script, creation(ONE), creation(TWO), creation(THREE), poll=20.0, timeout=100.0)

        (sign,) = script.notes.of(StillUnderWay)
        assert ([each.object_id for each in sign.records], sign.calls) == ([TWO], 7)

    def test_the_summary_is_drawn_again_only_after_changes_with_its_time(self) -> None:
        script = Scripted(create=[create("a")], run=[*[waits] * 100, deploys])

        carried_out(script, creation(ONE), timeout=200.0)

        drawn = [(left[0].run_id, left[0].reading.stage) for left, _, _ in script.notes.drawn]
        assert drawn == [(None, None), ("a", None), ("a", "BUILD_PACKAGE"), ("a", "PROD")]
        times = [now.timestamp() - EPOCH for _, _, now in script.notes.drawn]
        assert times == pytest.approx([0, 0.02, 3.02, 101.0])

    def test_a_summary_of_many_objects_is_drawn_less_often(self) -> None:
        many = [creation(ObjectId(str(number))) for number in range(100)]
        script = Scripted(create=[create("a")], run=[waits])
        script.service.delay = 0.1

        carried_out(script, *many, wait=False)

        times = [now.timestamp() for _, _, now in script.notes.drawn]
        assert min(later - earlier for earlier, later in pairwise(times)) > 1.9


def test_with_few_calls_runs_are_read_less_often() -> None:
    script = Scripted(create=[refused(Refusal.THROTTLED), create("a")], run=[waits])

    carried_out(script, creation(ONE), poll=None, timeout=15.0)

    assert min(later - earlier for earlier, later in pairwise(script.service.times("run"))) > 1.5
