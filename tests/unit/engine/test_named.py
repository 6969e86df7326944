"""A run that the user names is checked before it is followed, and left alone if it is not the right one."""

from dataclasses import replace
from typing import Any

import pytest

from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.event import NotListedYet, ReadingFailed, StagesMissing, StillUnderWay
from dataworks_deploy.domain.model import (
    DeployType,
    ExecPipelineRunStage,
    GetPipelineRun,
    ListPipelineRuns,
    ObjectId,
    Run,
    RunId,
    Stage,
)
from dataworks_deploy.domain.outcome import End, Outcome
from dataworks_deploy.domain.reason import (
    DeadlinePassed,
    Killed,
    LostSight,
    NamedOfOtherType,
    NotListed,
    NotOfWorkspace,
    NotTakenUp,
    ObjectUnreadable,
    OfOtherObject,
    OtherType,
    Overtaken,
    Reason,
    RunPlanned,
)
from dataworks_deploy.domain.record import HeldRun, Record, Whose
from dataworks_deploy.engine.named import MOST_OTHERS

from ...simulation.virtual import EPOCH
from .assigned import ASSIGNMENT, OK, ONE, TWO, carried_out, done, run, run_beside, waits
from .world import LOST, Scripted, page_of, refused, run_of

A = RunId("a")
NOW = int(EPOCH * 1000)
YOUNG, OLD = NOW - 1000, NOW - 3_600_000
OTHERS = [run_of(f"other-{n}", "Success") for n in range(100)]
SHOWN = page_of(run_of("a"))
CHECK, OFFLINE = (
    Stage(kind.upper(), kind, step, kind, "Init") for step, kind in enumerate(("Check", "Offline"))
)


def ended(at: int = OLD) -> list[Any]:
    """Readings of a successful run created at that time."""
    return [Ok(run_of("a", "Success", "Success", "Success", "Success", at=at))]


def alone(script: Scripted, **changes: Any) -> Record:
    """The result for a run given without its object."""
    return carried_out(script, run("a"), **changes)[1][0]


def beside(script: Scripted, **changes: Any) -> Record:
    """The result for a run given with its object."""
    return carried_out(script, run_beside(ONE, "a"), **changes)[1][0]


class TestAlone:
    def test_a_named_run_is_continued_and_never_this_jobs_own(self) -> None:
        script = Scripted(run=[waits, done])

        record = alone(script)

        assert (record.outcome, record.alone) == (Outcome.SUCCEEDED, True)
        assert record.run == HeldRun(A, Whose.NAMED, adopted=True)
        assert {*script.service.of("run")} == {GetPipelineRun(A)}
        assert (script.notes.written[0][0].outcome, script.notes.written[0][0].reason) == (
            Outcome.CANCELLED,
            Killed(A),
        )

    def test_a_named_run_is_advanced_whoever_created_it(self) -> None:
        waiting = Ok(run_of("a", "Running", "Success", description="by hand"))
        script = Scripted(run=[waiting, waiting, done], execute=[OK])

        alone(script)

        assert script.service.of("execute") == [ExecPipelineRunStage(A, "PROD_CHECK")]

    @pytest.mark.parametrize(
        ("shown", "outcome", "reason", "calls"),
        [
            (run_of("a", project_id=20002), Outcome.FAILED, NotOfWorkspace(A, 10001), 1),
            (Run(A, "Init", project_id=20002), Outcome.FAILED, NotOfWorkspace(A, 10001), 1),
            (run_of("a", "Success", project_id=10001), Outcome.SUCCEEDED, None, 2),
        ],
    )
    def test_a_run_of_another_workspace_is_not_changed(
        self, shown: Run, outcome: Outcome, reason: Reason | None, calls: int
    ) -> None:
        script = Scripted(run=[Ok(shown)])

        record = alone(script)

        assert (record.outcome, len(script.service.calls)) == (outcome, calls)
        assert reason is None or record.reason == reason

    @pytest.mark.parametrize(
        ("why", "outcome"),
        [
            (Refusal.OTHER, Outcome.FAILED),
            (Refusal.DENIED, Outcome.FAILED),
            (Refusal.EXPIRED, Outcome.TIMED_OUT),
            (Refusal.QUOTA_SPENT, Outcome.TIMED_OUT),
        ],
    )
    def test_only_what_is_wrong_with_the_run_itself_is_its_fault(
        self, why: Refusal, outcome: Outcome
    ) -> None:
        no = refused(why).fault
        record = alone(Scripted(run=[LOST, LOST, LOST, refused(why)]))

        wrong = why is Refusal.OTHER
        assert (record.outcome, record.fault) == (outcome, no)
        assert record.reason == (NotOfWorkspace(A, 10001, no) if wrong else LostSight(A, no))
        assert record.reading.status is None


class TestBesideItsObject:
    def test_a_run_in_the_objects_list_is_followed(self) -> None:
        script = Scripted(run=ended(), page=[SHOWN])

        assert beside(script).outcome is Outcome.SUCCEEDED
        assert script.service.of("page") == [ListPipelineRuns(ONE)]

    def test_a_run_on_a_later_page_is_followed_too(self) -> None:
        first, second = page_of(*OTHERS, total=101), page_of(run_of("a"), total=101)

        record = beside(Scripted(run=ended(), page=[first, first, second, first, second]))

        assert record.outcome is Outcome.SUCCEEDED

    @pytest.mark.parametrize(("at", "seconds"), [(OLD, 0), (YOUNG, 8)])
    def test_a_run_missing_from_the_list_is_left_at_once_unless_it_is_new(
        self, at: int, seconds: float
    ) -> None:
        script = Scripted(run=ended(at), page=[page_of(*OTHERS[:1])])

        record = beside(script)

        assert (record.outcome, record.reason) == (Outcome.FAILED, NotListed(A, ONE))
        assert (record.run_id, record.reading.status) == (A, None)
        assert seconds <= script.service.times("page")[-1] <= seconds * 2

    @pytest.mark.parametrize("dry_run", [False, True])
    def test_a_run_that_a_newer_one_has_overtaken_is_left_alone(self, *, dry_run: bool) -> None:
        older, newer = run_of("a", "Running", "Success", at=OLD), run_of("b", "Success", at=YOUNG)
        script = Scripted(run=[Ok(older)], page=[page_of(newer, older)])

        record = beside(script, dry_run=dry_run)

        assert (record.outcome, record.reason, record.run_id) == (Outcome.FAILED, Overtaken(older, newer), A)
        assert script.service.of("execute") == []

    def test_a_newer_run_of_another_workspace_does_not_count(self) -> None:
        older, newer = (
            run_of("a", "Running", "Success", at=OLD),
            run_of("b", "Success", at=YOUNG, project_id=999),
        )
        script = Scripted(run=[Ok(older), done], page=[page_of(newer, older)])

        assert beside(script).outcome is Outcome.SUCCEEDED

    @pytest.mark.parametrize("later", [page_of(), SHOWN])
    def test_that_a_new_run_may_be_missing_is_logged_once(self, later: Any) -> None:
        script = Scripted(run=ended(NOW), page=[page_of(), page_of(), later])

        beside(script)

        assert script.notes.of(NotListedYet) == [NotListedYet(A, ONE, 8.0)]

    @pytest.mark.parametrize(
        ("when", "outcome", "end"),
        [({"timeout": 5.0}, Outcome.TIMED_OUT, End.TIMEOUT), ({"stop": 5.0}, Outcome.CANCELLED, End.CANCEL)],
    )
    def test_if_the_step_ends_before_that_is_clear_nothing_was_done(
        self, when: dict[str, float], outcome: Outcome, end: End
    ) -> None:
        record = beside(Scripted(run=ended(YOUNG), page=[page_of()]), **when)

        assert (record.outcome, record.reason) == (outcome, NotTakenUp(A, end))

    def test_until_then_a_sign_of_life_shows_that_it_was_not_read(self) -> None:
        script = Scripted(run=ended(YOUNG), page=[page_of()])

        beside(script, policy=replace(ASSIGNMENT.policy, settle=100.0))

        ((record,), _) = (script.notes.of(StillUnderWay)[0].records, None)
        assert (record.named, record.reading.status, record.reading.stage) == (True, None, None)

    def test_a_lost_list_is_read_again_when_the_service_asks(self) -> None:
        script = Scripted(run=ended(), page=[LOST, refused(Refusal.UNREACHABLE, 9.0), SHOWN])

        assert beside(script).outcome is Outcome.SUCCEEDED
        assert script.service.times("page") == [0, 0.75, 9.75]

    def test_a_list_lost_until_the_deadline_explains_it(self) -> None:
        script = Scripted(run=ended(), page=[LOST])

        record = beside(script, timeout=30.0)

        assert (record.outcome, record.fault) == (Outcome.TIMED_OUT, LOST.fault)
        assert record.unread
        assert record.reason == NotTakenUp(A, End.TIMEOUT)
        assert script.notes.told[0] == (ONE, ReadingFailed(None, 1, LOST.fault))

    @pytest.mark.parametrize(
        ("why", "outcome"),
        [
            (Refusal.OTHER, Outcome.FAILED),
            (Refusal.DENIED, Outcome.FAILED),
            (Refusal.EXPIRED, Outcome.TIMED_OUT),
        ],
    )
    def test_with_a_refused_list_nothing_is_done(self, why: Refusal, outcome: Outcome) -> None:
        no = refused(why)
        script = Scripted(run=[Ok(run_of("a", "Running", "Success"))], page=[no], execute=[OK])

        record = beside(script)

        assert (record.outcome, record.reason) == (outcome, ObjectUnreadable(A, ONE, no.fault))
        assert script.service.names == ["run", "page"]
        assert record.reading.status == "Running", "it was read, and may go on"


class TestBesideTheWrongObject:
    """run-ids and object-ids are in different orders."""

    def swapped(self, page: Any, **changes: Any) -> tuple[Scripted, list[Record]]:
        """The result for two new runs, each given with the other's object."""

        def young(operation: GetPipelineRun) -> Any:
            return Ok(run_of(operation.run_id, "Running", "Success", at=NOW))

        script = Scripted(run=[young], page=[page])
        return script, carried_out(script, run_beside(ONE, "b"), run_beside(TWO, "a"), **changes)[1]

    def test_the_other_object_is_named_at_once(self) -> None:
        lists = {ONE: page_of(run_of("a")), TWO: page_of(run_of("b"))}

        script, (one, two) = self.swapped(lambda operation: lists[operation.object_id], fail_fast=False)

        assert (one.outcome, one.reason) == (Outcome.FAILED, OfOtherObject(RunId("b"), ONE, TWO))
        assert (two.outcome, two.reason) == (Outcome.FAILED, OfOtherObject(A, TWO, ONE))
        assert script.ended_at < 1
        assert script.notes.of(NotListedYet) == []

    def test_each_other_list_is_read_once_and_ignored_if_unreadable(self) -> None:
        lists = {ONE: page_of(), TWO: LOST}

        script, (one, _) = self.swapped(lambda operation: lists[operation.object_id])

        assert one.reason == NotListed(RunId("b"), ONE)
        assert script.service.of("page").count(ListPipelineRuns(TWO)) == 1
        assert script.service.times("page")[-1] >= 8

    def test_the_list_of_an_object_is_not_read_again_for_another_run(self) -> None:
        script = Scripted(run=ended(), page=[page_of()])
        tasks = [run_beside(ObjectId(f"{number}"), "a") for number in range(3)]

        carried_out(script, *tasks, fail_fast=False)

        assert (
            script.service.of("page").count(ListPipelineRuns(ObjectId("2"))) == 3
        )  # its own list, and two more readings of it

    def test_with_very_many_objects_only_some_lists_are_read(self) -> None:
        script = Scripted(run=ended(), page=[page_of()])
        tasks = [run_beside(ObjectId(f"{number}"), "a") for number in range(MOST_OTHERS + 9)]

        carried_out(script, *tasks)

        assert len({*script.service.of("page")}) == MOST_OTHERS + 1


class TestItsType:
    @pytest.mark.parametrize(
        ("kinds", "wanted", "good"),
        [
            (("Build", "Deploy"), DeployType.ONLINE, True),
            (("Build", "Deploy"), DeployType.OFFLINE, False),
            (("Check", "Offline"), DeployType.OFFLINE, True),
            (("Check", "Offline"), DeployType.ONLINE, False),
            (("Check", "Delete"), DeployType.ONLINE, True),
            (("Check", "Delete"), DeployType.OFFLINE, True),
            ((), DeployType.OFFLINE, True),
        ],
    )
    def test_a_run_of_the_opposite_type_is_left_alone(
        self, kinds: tuple[str, ...], wanted: DeployType, *, good: bool
    ) -> None:
        stages = tuple(Stage(kind.upper(), kind, step, kind, "Success") for step, kind in enumerate(kinds))
        shown = Run(A, "Success", stages=stages)

        record = alone(Scripted(run=[Ok(shown)]), type=wanted)

        assert record.outcome is (Outcome.SUCCEEDED if good else Outcome.FAILED)
        assert good or record.reason == NamedOfOtherType(shown, wanted)

    def test_a_run_that_shows_its_opposite_type_later_is_left_then(self) -> None:
        passed = replace(CHECK, status="Success")
        shown = [Run(A, "Running", stages=stages) for stages in ((CHECK,), (CHECK,), (passed, OFFLINE))]
        script = Scripted(run=[Ok(each) for each in shown], execute=[OK])

        record = alone(script)

        assert (record.outcome, record.reason) == (Outcome.FAILED, OtherType(shown[2], DeployType.ONLINE))
        assert script.service.of("execute") == [ExecPipelineRunStage(A, "CHECK")]

    @pytest.mark.parametrize("changes", [{}, {"wait": False}])
    def test_a_run_without_stages_is_read_until_its_type_is_known(self, changes: dict[str, Any]) -> None:
        young, shown = Ok(Run(A, "Init")), Run(A, "Running", stages=(CHECK, OFFLINE))
        script = Scripted(run=[young, LOST, young, Ok(shown)], execute=[OK])

        record = alone(script, **changes)

        assert (record.outcome, record.reason) == (
            Outcome.FAILED,
            NamedOfOtherType(shown, DeployType.ONLINE),
        )
        assert record.reading.status is None
        assert script.service.of("execute") == []
        assert script.notes.of(StagesMissing) == [StagesMissing(A)]

    def test_a_run_that_never_shows_its_type_is_left_at_the_deadline(self) -> None:
        record = alone(Scripted(run=[Ok(Run(A, "Init"))]), timeout=30.0)

        assert (record.outcome, record.reason) == (Outcome.TIMED_OUT, NotTakenUp(A, End.TIMEOUT))

    def test_a_dry_run_does_not_wait_for_it(self) -> None:
        young = Run(A, "Init")
        script = Scripted(run=[Ok(young)])

        record = alone(script, dry_run=True)

        assert (record.outcome, record.reason) == (Outcome.PLANNED, RunPlanned(young))
        assert len(script.service.calls) == 1


def test_a_followed_named_run_times_out_like_any_other() -> None:
    record = alone(Scripted(run=[waits]), timeout=30.0)

    assert (record.outcome, record.reason) == (Outcome.TIMED_OUT, DeadlinePassed(A))
