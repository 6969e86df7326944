"""One run is taken through its stages to its end."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dataworks_deploy.domain.advance import Goal
from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.event import (
    Event,
    PersonNeeded,
    ReadingFailed,
    RunShows,
    StageExecuted,
    StageNotExecuted,
    StageStill,
)
from dataworks_deploy.domain.model import DeployType, ExecPipelineRunStage, Run, RunId, Stage
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import (
    Because,
    InFlight,
    LeftToPerson,
    LostSight,
    NoSuchStage,
    OtherType,
    Reason,
    RunEnded,
    StageReached,
    StageRefused,
    Succeeded,
)
from dataworks_deploy.domain.reconcile import Claim
from dataworks_deploy.domain.record import Record, Undone, Waits, Whose
from dataworks_deploy.engine.follow import Follower
from dataworks_deploy.engine.watch import Watch

from .creation import MARK
from .world import LOST, OBJECT, Scripted, refused, run_of

EVERY = 1.0
R = RunId("r")
BUILDING = run_of("r", "Running", "Running")
BUILT = run_of("r", "Running", "Success")
CHECKING = run_of("r", "Running", "Success", "Running")
CHECKED = run_of("r", "Running", "Success", "Success")
DEPLOYING = run_of("r", "Running", "Success", "Success", "Running")
DONE = run_of("r", "Success", "Success", "Success", "Success")
FAILED = run_of("r", "Fail", "Success", "Fail")
BUILD, CHECK, DEPLOY = BUILT.ordered
OFFLINE = Stage("PROD", "PROD", 2, "Offline", "Init")
EXECUTED = ExecPipelineRunStage(R, "PROD_CHECK")
OK = Ok(None)
BUSY, OTHER = refused(Refusal.THROTTLED), refused(Refusal.OTHER)


class Scene:
    """A run with these readings, the last one for ever, and these answers to executions."""

    def __init__(
        self,
        readings: Sequence[Any],
        execute: Sequence[Any] = (OK,),
        *,
        goal: Goal | None = None,
        every: float | None = EVERY,
        whose: Whose = Whose.OWN,
    ) -> None:
        given = [Ok(each) if isinstance(each, Run) else each for each in readings]
        self.script = Scripted(run=given, execute=execute)
        now = self.script.clock.utc()
        claim = Claim(MARK) if whose is Whose.OWN else None
        record = Record(OBJECT).begun(now).requested(InFlight(MARK), "n", now)
        self.ledger = self.script.ledger(record.opened(R, whose, adopted=False, claim=claim))
        self._goal, self._every = goal or Goal(), every

    @property
    def record(self) -> Record:
        return self.ledger[OBJECT]

    @property
    def executed(self) -> list[float]:
        """The times of the stages."""
        return self.script.service.times("execute")

    @property
    def told(self) -> list[Event]:
        """The log about the object."""
        assert {place for place, _ in self.script.notes.told} <= {OBJECT}
        return [event for _, event in self.script.notes.told]

    @property
    def asked(self) -> list[Event]:
        """The questions to a person."""
        return [event for _, event in self.script.notes.warned]

    def seen(self, run: Run) -> "Scene":
        """The run was read before."""
        self.ledger.put(self.record.read(run, self.script.clock.utc()))
        return self

    def follow(self) -> "Scene":
        """Follow the run to its end."""
        self.script.play(self._work())
        return self

    def until(self, seconds: float = 4.5) -> "Scene":
        """Follow the run for so long. The first repeated execution comes after five seconds."""

        async def work() -> None:
            following = self.script.loop.create_task(self._work())
            await self.script.clock.sleep(seconds)
            following.cancel()

        self.script.play(work())
        return self

    async def _work(self) -> None:
        watch = Watch(self.script.world, self._every)
        serving = self.script.loop.create_task(watch.serve())
        await Follower(self.script.world, self.ledger, watch, self._goal, OBJECT, R).follow()
        serving.cancel()


def ended(scene: Scene) -> tuple[Outcome, Reason | None]:
    return scene.record.outcome, scene.record.reason


class TestTheWay:
    def test_each_stage_is_executed_once_and_the_end_is_read_twice(self) -> None:
        scene = Scene([BUILT, CHECKED, DEPLOYING, DONE]).follow()

        assert scene.script.service.of("execute") == [EXECUTED, ExecPipelineRunStage(R, "PROD")]
        assert ended(scene) == (Outcome.SUCCEEDED, Succeeded())
        assert (scene.record.reading.status, scene.record.reading.stage) == ("Success", "PROD")
        assert (scene.record.fault, scene.record.waits) == (None, None)
        assert scene.script.service.times("run") == [1, 2, 3, 4, 4]

    def test_each_change_is_logged_once_with_the_time_since_the_beginning(self) -> None:
        busy = refused(Refusal.UNREACHABLE, 30)
        scene = Scene([run_of("r", "Init"), BUILT, BUILT, CHECKING, CHECKED, DONE], [busy, OK]).follow()

        def shows(seconds: float, status: str = "Running", stage: Stage | None = None) -> RunShows:
            return RunShows(R, status, stage, timedelta(seconds=seconds))

        assert scene.told == [
            shows(1, "Init"),
            shows(2, stage=BUILD),
            StageExecuted("PROD_CHECK"),
            StageNotExecuted("PROD_CHECK", busy),
            shows(4, stage=replace(CHECK, status="Running")),
            shows(5, stage=replace(CHECK, status="Success")),
            StageExecuted("PROD"),
            shows(6, "Success", replace(DEPLOY, status="Success")),
        ]

    def test_it_is_recorded_before_production_is_told_to_change(self) -> None:
        def execute(operation: ExecPipelineRunStage) -> Any:
            told = (operation.stage, scene.record.told_at, scene.script.notes.written[-1][0].told_at)
            assert told == {"PROD_CHECK": ("PROD_CHECK", None, None)}.get(operation.stage, ("PROD", 2.0, 2.0))
            return OK

        scene = Scene([BUILT, CHECKED, DONE], [execute])

        assert scene.follow().record.told_at == 2.0

    @pytest.mark.parametrize("answer", [BUSY, OTHER, refused(Refusal.NOT_RUNNING)])
    def test_a_refused_execution_has_told_production_nothing(self, answer: Any) -> None:
        assert Scene([CHECKED], [answer]).until().record.told_at is None
        assert Scene([CHECKED], [LOST, answer]).until(7.0).record.told_at == 1.0

    @pytest.mark.parametrize("answer", [OK, LOST, refused(Refusal.NONCE_USED)])
    def test_an_unclear_execution_may_have_told_production(self, answer: Any) -> None:
        assert Scene([CHECKED], [answer]).until().record.told_at == 1.0


class TestTheEnd:
    @pytest.mark.parametrize(
        ("readings", "seen", "times"),
        [
            ([DONE], DONE, [0]),
            ([DEPLOYING, DEPLOYING, DONE], DONE, [0, 1, 2, 2]),
            ([DONE, CHECKED, DEPLOYING, DONE, DONE], None, [1, 1, 2, 3, 3]),
            ([DONE, LOST, DONE], None, [1, 1, 1.75]),
        ],
        ids=[
            "was seen before",
            "was seen before and is none",
            "is taken back",
            "is lost on the second reading",
        ],
    )
    def test_an_end_is_read_once_more_by_a_call_of_its_own(
        self, readings: list[Any], seen: Run | None, times: list[float]
    ) -> None:
        scene = Scene(readings)
        scene = (scene.seen(seen) if seen else scene).follow()

        assert scene.record.outcome is Outcome.SUCCEEDED
        assert scene.script.service.times("run") == times
        assert scene.executed == []
        assert (ReadingFailed(R, 1, LOST.fault) in scene.told) is (LOST in readings)

    @pytest.mark.parametrize(
        ("end", "outcome"),
        [
            (FAILED, Outcome.FAILED),
            (run_of("r", "Termination", message="not today"), Outcome.TERMINATED),
            (run_of("r", "Cancel"), Outcome.CANCELLED),
        ],
    )
    def test_a_failure_is_reported_in_the_words_of_the_last_reading(self, end: Run, outcome: Outcome) -> None:
        last = replace(end, message="the last word")
        scene = Scene([end, last]).follow()

        assert ended(scene) == (outcome, RunEnded(last))
        assert scene.record.reading.status == last.status

    @pytest.mark.parametrize(
        ("readings", "outcome", "times"),
        [
            ([FAILED, DONE, FAILED], Outcome.FAILED, [1, 1, 2, 2]),
            ([DONE, FAILED, DONE], Outcome.SUCCEEDED, [1, 1, 2, 2]),
            ([DONE, FAILED, DEPLOYING, FAILED, FAILED], Outcome.FAILED, [1, 1, 2, 3, 3]),
        ],
    )
    def test_an_end_counts_when_two_readings_in_a_row_agree(
        self, readings: list[Any], outcome: Outcome, times: list[float]
    ) -> None:
        scene = Scene(readings).follow()

        assert scene.record.outcome is outcome
        assert scene.script.service.times("run") == times

    def test_ends_that_never_agree_do_not_speed_up_readings_for_ever(self) -> None:
        scene = Scene([FAILED, DONE] * 200, every=None).until(600.0)

        assert scene.record.outcome is Outcome.CREATED
        assert len(scene.script.service.calls) < 120

    @pytest.mark.parametrize("why", [Refusal.DENIED, Refusal.EXPIRED, Refusal.QUOTA_SPENT])
    @pytest.mark.parametrize("readings", [[], [DONE, LOST, LOST, LOST]])
    def test_a_run_that_cannot_be_read_any_more_has_not_failed(
        self, why: Refusal, readings: list[Any]
    ) -> None:
        no = refused(why)
        scene = Scene([*readings, no]).follow()

        assert ended(scene) == (Outcome.TIMED_OUT, LostSight(R, no.fault))
        assert (scene.record.fault, scene.record.unread) == (no.fault, None)


class TestExecution:
    @pytest.mark.parametrize(
        ("execute", "times"),
        [
            ([LOST], [1, 6, 66]),
            ([OK], [1, 16, 46]),
            ([OTHER], [1, 6, 15]),
            ([refused(Refusal.UNREACHABLE)] * 6 + [OK], [1, 2, 4, 7, 13, 25, 48, 63, 93]),
            ([refused(Refusal.NOT_RUNNING)] * 6 + [OK], [1, 2, 4, 7, 13, 25, 48, 63, 93]),
            ([refused(Refusal.UNREACHABLE, 35.0), OK], [1, 36, 51, 81]),
            ([LOST, refused(Refusal.UNREACHABLE), LOST, LOST, LOST], [1, 6, 7, 67]),
        ],
        ids=["unclear", "triggered", "refused", "not sent", "not running", "later", "unclear before"],
    )
    def test_an_unclear_execution_is_repeated_twice_and_a_failed_one_until_it_works(
        self, execute: list[Any], times: list[float]
    ) -> None:
        """An execution only starts a stage, and readings lag."""
        scene = Scene([BUILT] * 120 + [DONE], execute).follow()

        assert scene.executed == times
        assert scene.record.outcome is Outcome.SUCCEEDED

    def test_after_three_executions_people_are_asked_and_told_why(self) -> None:
        scene = Scene([BUILT] * 90 + [DONE], [LOST]).follow()

        assert scene.asked == [PersonNeeded(R, CHECK, Because.NO_CALL_MOVES_IT, executions=3)]

    def test_after_an_approval_nobody_is_asked_although_the_end_is_read_only_once(self) -> None:
        scene = Scene([BUILT] * 90 + [DONE] + [LOST] * 300, [LOST]).until(400.0)

        assert scene.asked
        assert (scene.record.reading.status, scene.record.waits) == ("Success", None)

    def test_a_throttled_execution_is_repeated_as_often_as_needed(self) -> None:
        scene = Scene([BUILT] * 60 + [DONE], [BUSY] * 6 + [OK]).follow()

        assert len(scene.executed) == 7
        assert scene.record.outcome is Outcome.SUCCEEDED

    @pytest.mark.parametrize(
        ("readings", "executed"),
        [
            ([CHECKING, DONE], [EXECUTED]),
            ([LOST, CHECKING, DONE], [EXECUTED]),
            ([CHECKED, CHECKED, DONE], [EXECUTED, ExecPipelineRunStage(R, "PROD")]),
        ],
    )
    def test_before_a_second_execution_the_run_is_read_by_itself(
        self, readings: list[Any], executed: list[ExecPipelineRunStage]
    ) -> None:
        scene = Scene([BUILT] * 16 + readings).follow()

        assert scene.script.service.of("execute") == executed
        assert scene.script.service.times("run")[14:17] == [15, 16, 16]

    def test_after_a_delayed_execution_the_run_is_read_soon(self) -> None:
        scene = Scene([BUILT] * 60 + [DONE], [refused(Refusal.UNREACHABLE, 100.0), OK], every=None).follow()

        executed, read = scene.executed[1], scene.script.service.times("run")
        before, after = ([when for when in read if (when > executed) is later] for later in (False, True))
        assert after[0] - executed < 1 < before[-1] - before[-2]

    @pytest.mark.parametrize(
        ("why", "outcome"),
        [
            (Refusal.QUOTA_SPENT, Outcome.TIMED_OUT),
            (Refusal.EXPIRED, Outcome.TIMED_OUT),
            (Refusal.DENIED, Outcome.FAILED),
        ],
    )
    def test_a_final_refusal_ends_the_object_unless_an_earlier_execution_may_have_worked(
        self, why: Refusal, outcome: Outcome
    ) -> None:
        no = refused(why)
        scene = Scene([BUILT], [no]).follow()

        assert ended(scene) == (outcome, StageRefused(R, CHECK, no.fault))
        assert len(scene.executed) == 1

        scene = Scene([BUILT] * 9 + [DEPLOYING, DONE], [LOST, no]).follow()

        assert ended(scene) == (Outcome.SUCCEEDED, Succeeded())
        assert (len(scene.executed), scene.record.fault, scene.record.waits) == (2, None, None)


STANDARD = tuple(
    Stage(code, code, step, kind, "Success" if step < 2 else "Init")
    for step, (code, kind) in enumerate(
        (("BUILD", "Build"), ("CHECK", "Check"), ("DEV", "Deploy"), ("PROD", "Deploy"))
    )
)
OFFLINE_CHECK = Stage("OfflineCheck", "", 0, "Check", "Init")


class TestStagesOfTheirOwn:
    def test_telling_development_to_change_does_not_count_as_production(self) -> None:
        assert Scene([replace(BUILT, stages=STANDARD)]).until().record.told_at is None

    @pytest.mark.parametrize("status", ["Running", "Success"])
    def test_executing_a_stage_that_began_by_itself_asks_nobody_and_reads_on(self, status: str) -> None:
        waits = replace(BUILT, stages=(OFFLINE_CHECK, OFFLINE))
        begun = replace(BUILT, stages=(replace(OFFLINE_CHECK, status=status), OFFLINE))
        scene = Scene([waits, begun, begun, DONE], [OTHER, OK]).follow()

        assert scene.asked == []
        assert [each.stage for each in scene.script.service.of("execute")] == ["OfflineCheck", "PROD"][
            : 1 + (status == "Success")
        ]

    def test_a_stage_that_does_not_begin_by_itself_is_reported_once(self) -> None:
        first = run_of("r", "Running")
        scene = Scene([first]).until(300.0)

        stage = next(each for each in first.ordered if each.status == "Init")
        assert scene.asked == [StageStill(R, stage, 60.0)]

    def test_one_that_the_service_should_execute_and_does_not_waits_for_a_person(self) -> None:
        goal = Goal(advance=False, automatic=True, automatic_until="PROD")
        scene = Scene([BUILT], goal=goal).until(300.0)

        stage = next(each for each in BUILT.ordered if each.status == "Init")
        assert scene.asked == [PersonNeeded(R, stage, Because.NO_CALL_MOVES_IT, 0)]

    def test_a_stage_that_begins_in_time_is_not_reported(self) -> None:
        early = [run_of("r", "Running")] * 59
        scene = Scene([*early, BUILDING, *early, BUILDING], every=1.0).until(200.0)

        assert scene.asked == []


class TestWhatStandsInTheWay:
    """Why a stage was not executed stays in the record as long as it is true."""

    @pytest.mark.parametrize(
        ("ending", "refusal", "waits"),
        [(LOST, False, None), (BUSY, True, None), (OTHER, True, Waits("PROD_CHECK"))],
    )
    def test_the_cause_stays_until_the_stage_moves(
        self, ending: Any, waits: Waits | None, *, refusal: bool
    ) -> None:
        undone = Undone("PROD_CHECK", ending.fault, refusal)
        chatty = replace(BUILT, stages=tuple(replace(each, message="now") for each in BUILT.stages))

        for readings in ([BUILT], [BUILT, BUILT, chatty]):
            record = Scene(readings, [ending]).until(1.9).record
            assert (record.undone, record.fault, record.waits) == (undone, ending.fault, waits)
            assert record.reading.stage == "PROD_CHECK"
        for moved in (CHECKING, replace(BUILT, stages=())):
            record = Scene([BUILT, BUILT, moved], [ending]).until().record
            assert (record.undone, record.fault, record.waits) == (None, None, None)

    @pytest.mark.parametrize("answer", [OK, LOST])
    def test_a_refusal_asks_a_person_once_and_an_execution_ends_that(self, answer: Any) -> None:
        scene = Scene([BUILT], [OTHER]).until(7.0)

        assert (len(scene.executed), len(scene.asked), scene.record.waits) == (2, 1, Waits("PROD_CHECK"))
        assert Scene([BUILT], [OTHER, answer]).until(7.0).record.waits is None

    @pytest.mark.parametrize("answer", [OK, LOST, BUSY])
    def test_executing_the_next_stage_ends_the_wait(self, answer: Any) -> None:
        approving = replace(BUILD, type="Approve", status="Running")
        scene = Scene([replace(BUILT, stages=(approving, CHECK, DEPLOY)), BUILT], [answer]).until(2.5)

        assert scene.executed == [2]
        assert (scene.record.waits, scene.record.reading.stage) == (None, "PROD_CHECK")


class TestPeople:
    GOAL = Goal(advance=False)

    @pytest.mark.parametrize(
        ("whose", "because"), [(Whose.OWN, Because.ADVANCE_FALSE), (Whose.FOREIGN, Because.FOREIGN)]
    )
    def test_a_person_is_asked_once_for_each_stage(self, whose: Whose, because: Because) -> None:
        scene = Scene([BUILT, BUILT, CHECKED, CHECKED, DONE], goal=self.GOAL, whose=whose).follow()

        assert scene.executed == []
        assert scene.asked == [PersonNeeded(R, stage, because) for stage in (CHECK, DEPLOY)]
        assert scene.script.notes.over[-1].waits is None

    def test_the_record_names_the_waiting_stage_until_it_moves(self) -> None:
        assert Scene([BUILT], goal=self.GOAL).until().record.waits == Waits(CHECK.code, Because.ADVANCE_FALSE)
        assert Scene([BUILT, CHECKING], goal=self.GOAL).until().record.waits is None

    def test_a_stage_that_waits_again_is_asked_for_again(self) -> None:
        assert len(Scene([BUILT, CHECKING, BUILT, DONE], goal=self.GOAL).follow().asked) == 2


class TestLeaving:
    """on-approval: leave."""

    GOAL = Goal(leaves=True)
    LEFT = (Outcome.CREATED, LeftToPerson(R, CHECK.code, Because.NO_CALL_MOVES_IT))

    @pytest.mark.parametrize(
        ("answer", "executed", "left_at"), [(OTHER, [0, 4.5, 13.5], 27), (OK, [0, 15, 45], 90)]
    )
    def test_a_stage_that_three_executions_do_not_move_is_left_after_a_last_look(
        self, answer: Any, executed: list[float], left_at: float
    ) -> None:
        scene = Scene([BUILT], [answer], goal=self.GOAL).follow()

        assert ended(scene) == self.LEFT
        assert scene.executed == pytest.approx(executed, abs=2)
        assert scene.script.time.now == pytest.approx(left_at, abs=4)
        assert scene.asked == [PersonNeeded(R, CHECK, Because.NO_CALL_MOVES_IT, 3 if answer is OK else 0)]
        assert (scene.record.reading.stage, scene.record.reading.status) == (CHECK.code, "Running")

    def test_a_run_that_the_last_reading_shows_moving_is_followed(self) -> None:
        """A list lags: a stage that it shows as waiting was approved meanwhile."""
        script = Scene([BUILT], [OTHER], goal=self.GOAL).follow().script
        before = len(script.service.of("run")) - 1

        scene = Scene([*[BUILT] * before, CHECKING, CHECKED, DONE], [OTHER, OTHER, OTHER, OK], goal=self.GOAL)

        assert ended(scene.follow()) == (Outcome.SUCCEEDED, Succeeded())

    @pytest.mark.parametrize(
        ("whose", "because"), [(Whose.OWN, Because.ADVANCE_FALSE), (Whose.FOREIGN, Because.FOREIGN)]
    )
    def test_with_advance_false_a_stage_is_left_after_a_minute_without_change(
        self, whose: Whose, because: Because
    ) -> None:
        goal = Goal(advance=False, leaves=True)
        readings = [BUILDING, *[BUILT] * 30, *[CHECKED] * 500]
        scene = Scene(readings, goal=goal, whose=whose).follow()

        assert ended(scene) == (Outcome.CREATED, LeftToPerson(R, DEPLOY.code, because))
        assert scene.executed == []
        assert 90 <= scene.script.time.now < 100


class TestGoals:
    @pytest.mark.parametrize(
        ("whose", "outcome"), [(Whose.FOREIGN, Outcome.CONFLICT), (Whose.OWN, Outcome.FAILED)]
    )
    def test_a_run_that_later_shows_the_opposite_type_is_left(self, whose: Whose, outcome: Outcome) -> None:
        shown = replace(BUILT, stages=(*BUILT.stages[:2], OFFLINE))
        scene = Scene([Run(R, "Init"), shown], goal=Goal(type=DeployType.ONLINE), whose=whose).follow()

        assert ended(scene) == (outcome, OtherType(shown, DeployType.ONLINE))
        assert scene.executed == []

    @pytest.mark.parametrize(
        ("until", "automatic", "to"),
        [
            (CHECK, "", None),
            (CHECK, "BUILD_PACKAGE", None),
            (CHECK, "PROD_CHECK", None),
            (CHECK, "NOWHERE", None),
            (CHECK, "PROD", DEPLOY),
            (BUILD, "PROD", DEPLOY),
            (BUILD, "", None),
        ],
    )
    def test_a_run_is_left_open_at_its_goal_or_beyond(
        self, until: Stage, automatic: str, to: Stage | None
    ) -> None:
        goal = Goal(until_stage=until.code, automatic=bool(automatic), automatic_until=automatic)
        scene = Scene([CHECKED], goal=goal).follow()

        reached = replace(until, status="Success")
        assert ended(scene) == (Outcome.CREATED, StageReached(CHECKED, reached, to))

    def test_stages_before_the_goal_are_executed(self) -> None:
        scene = Scene([BUILT, CHECKED], goal=Goal(until_stage="PROD_CHECK")).follow()

        assert scene.script.service.of("execute") == [EXECUTED]

    def test_an_unknown_goal_is_reported_with_the_stages_that_exist(self) -> None:
        scene = Scene([BUILT], goal=Goal(until_stage="DEV")).follow()

        codes = ("BUILD_PACKAGE", "PROD_CHECK", "PROD")
        assert ended(scene) == (Outcome.FAILED, NoSuchStage(R, "DEV", codes))
        assert scene.executed == []
