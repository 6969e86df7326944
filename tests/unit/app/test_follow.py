"""One run is carried through its stages to its end."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from dataworks_deploy.app.follow import Follower
from dataworks_deploy.app.ledger import Ledger
from dataworks_deploy.app.watch import Watch

from dataworks_deploy.domain.advance import Goal
from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.model import DeployType, Run, RunId, Stage
from dataworks_deploy.domain.outcome import ObjectResult, Outcome

from .world import LOST, OBJECT, Scripted, refused, run_of

EVERY = 1.0
BUILT = run_of("r", "Running", "Success")
CHECKING = run_of("r", "Running", "Success", "Running")
CHECKED = run_of("r", "Running", "Success", "Success")
DEPLOYING = run_of("r", "Running", "Success", "Success", "Running")
DONE = run_of("r", "Success", "Success", "Success", "Success")
OFFLINE = Stage("PROD", "PROD", 2, "Offline", "Init")
OK = Ok(None)


def follow(
    readings: Sequence[Any],
    execute: Sequence[Any] = (OK,),
    goal: Goal | None = None,
    every: float | None = EVERY,
    seen: Run | None = None,
    **answers: Sequence[Any],
) -> tuple[Scripted, ObjectResult]:
    """Follow a run that is read as these, every second or so often, and was `seen` before."""
    script, ledger = _scene(readings, execute, **answers)
    if seen:
        ledger.see(OBJECT, seen)
    script.play(_work(script, ledger, goal or Goal(), every))
    return script, ledger[OBJECT]


def interrupted(
    readings: Sequence[Any], execute: Sequence[Any], seconds: float = 4.5
) -> tuple[Ledger, Scripted]:
    """What is known after so long, the last reading for ever; the first repetition comes after five seconds."""
    script, ledger = _scene(readings, execute)

    async def work() -> None:
        following = script.loop.create_task(_work(script, ledger, Goal()))
        await script.clock.sleep(seconds)
        following.cancel()

    script.play(work())
    return ledger, script


def _scene(
    readings: Sequence[Any], execute: Sequence[Any], **answers: Sequence[Any]
) -> tuple[Scripted, Ledger]:
    script = Scripted(
        run=[Ok(each) if isinstance(each, Run) else each for each in readings], execute=execute, **answers
    )
    return script, Ledger([ObjectResult(OBJECT)], script.notes, script.clock)


async def _work(script: Scripted, ledger: Ledger, goal: Goal, every: float | None = EVERY) -> None:
    watch = Watch(script.world, every)
    serving = script.loop.create_task(watch.serve())
    await Follower(script.world, ledger, watch, goal, OBJECT, RunId("r")).follow()
    serving.cancel()


def told(script: Scripted) -> list[str]:
    """The lines about the object."""
    assert {place for place, _ in script.notes.told} <= {OBJECT}
    return [text for _, text in script.notes.told]


def test_an_end_that_was_seen_before_is_read_once_more_and_not_twice() -> None:
    script, result = follow([DONE], seen=DONE)

    assert result.outcome is Outcome.SUCCEEDED
    assert len(script.service.calls) == 1


def test_an_end_that_was_seen_before_and_is_none_is_followed() -> None:
    script, result = follow([DEPLOYING, DEPLOYING, DONE], seen=DONE)

    assert result.outcome is Outcome.SUCCEEDED
    assert len(script.service.calls) == 4


def test_each_stage_is_executed_once_and_the_end_is_read_twice() -> None:
    script, result = follow([BUILT, CHECKED, DEPLOYING, DONE])

    assert script.service.of("execute") == [("r", "PROD_CHECK"), ("r", "PROD")]
    assert (result.outcome, result.status, result.stage) == (Outcome.SUCCEEDED, "Success", "PROD")
    assert (result.message, result.fault, result.waits_for) == ("", None, None)
    assert result.finished_at is not None
    assert script.service.times("run") == [1, 2, 3, 4, 4]


def test_each_change_is_told_once_with_the_time_since_the_beginning() -> None:
    script, _ = follow(
        [BUILT, BUILT, CHECKING, CHECKING, CHECKED, DONE], execute=[refused(Refusal.THROTTLED, 30), OK]
    )

    assert told(script) == [
        "run r Running, BUILD_PACKAGE Success (1 s)",
        "executing PROD_CHECK",
        "PROD_CHECK was not executed (THROTTLED: no)",
        "run r Running, PROD_CHECK Running (3 s)",
        "run r Running, PROD_CHECK Success (5 s)",
        "executing PROD",
        "run r Success, PROD Success (6 s)",
    ]


def test_a_run_in_which_nothing_has_started_is_told_without_a_stage() -> None:
    script, _ = follow([run_of("r", "Init"), DONE])

    assert told(script)[0] == "run r Init (1 s)"


def test_an_end_whose_second_reading_fails_is_read_once_more() -> None:
    script, result = follow([DONE, LOST, DONE])

    assert (result.outcome, len(script.service.of("run"))) == (Outcome.SUCCEEDED, 3)
    assert told(script)[-1] == f"reading run r failed ({LOST.fault.message}), trying again"


def test_an_end_that_the_second_reading_takes_back_is_none() -> None:
    script, result = follow([DONE, CHECKED, DEPLOYING, DONE, DONE])

    assert result.outcome is Outcome.SUCCEEDED
    assert script.service.times("run") == [1, 1, 2, 3, 3]
    assert script.service.of("execute") == []


def test_what_is_read_last_is_what_is_reported() -> None:
    _, result = follow([DONE, run_of("r", "Fail", "Success", "Fail")])

    assert (result.outcome, result.status, result.stage) == (Outcome.FAILED, "Fail", "PROD_CHECK")
    assert "ended as Fail at stage PROD_CHECK" in result.message


@pytest.mark.parametrize(
    ("status", "outcome"), [("Termination", Outcome.TERMINATED), ("Cancel", Outcome.CANCELLED)]
)
def test_a_run_that_somebody_has_ended_says_so(status: str, outcome: Outcome) -> None:
    _, result = follow([run_of("r", status, message="not today")])

    assert result.outcome is outcome
    assert "not today" in result.message
    assert result.message.startswith(f"Run r ended as {status}")


class TestExecution:
    def test_one_that_may_have_happened_rests_longer_each_time(self) -> None:
        script, result = follow([BUILT] * 90 + [DONE], execute=[LOST])

        assert script.service.times("execute") == [1, 6, 66]
        assert result.outcome is Outcome.SUCCEEDED

    def test_one_without_a_clear_answer_is_told_until_the_stage_moves(self) -> None:
        ledger, _ = interrupted([BUILT], execute=[LOST])

        assert ledger[OBJECT].undone == (
            "Stage PROD_CHECK was to be executed, and no clear answer came: the connection was closed."
        )
        assert ledger[OBJECT].fault == LOST.fault

        ledger, _ = interrupted([BUILT, BUILT, CHECKING], execute=[LOST])

        assert (ledger[OBJECT].fault, ledger[OBJECT].undone) == (None, "")

    def test_what_a_stage_says_of_itself_is_no_move(self) -> None:
        check = BUILT.ordered[1]
        chatty = replace(BUILT, stages=tuple(replace(each, message="now") for each in BUILT.stages))
        assert chatty.stage(check.code) != check

        ledger, _ = interrupted([BUILT, BUILT, chatty], execute=[LOST])

        assert ledger[OBJECT].undone.startswith("Stage PROD_CHECK was to be executed")

    def test_a_stage_that_is_not_shown_any_more_explains_nothing(self) -> None:
        ledger, _ = interrupted([BUILT, BUILT, replace(BUILT, stages=())], execute=[LOST])

        assert ledger[OBJECT].undone == ""

    def test_after_three_of_them_people_are_asked_and_told_why(self) -> None:
        script, _ = follow([BUILT] * 90 + [DONE], execute=[LOST])

        ((_, text),) = script.notes.warned
        assert "waits for a person, because it still does after 3 executions: approve or execute it" in text

    def test_one_that_is_confirmed_rests_longer_still(self) -> None:
        """An execution only triggers a stage, and readings lag."""
        script, _ = follow([BUILT] * 60 + [DONE])

        assert script.service.times("execute") == [1, 16, 46]

    def test_before_another_one_the_run_is_read_by_itself(self) -> None:
        script, _ = follow([BUILT] * 16 + [CHECKING, DONE])

        assert script.service.times("execute") == [1]
        assert script.service.times("run")[14:18] == [15, 16, 16, 17]
        assert {*script.service.of("run")} == {("r",)}

    def test_before_another_one_the_run_is_read_until_that_succeeds(self) -> None:
        script, _ = follow([*[BUILT] * 16, LOST, CHECKING, DONE])

        assert script.service.times("execute") == [1]
        assert f"reading run r failed ({LOST.fault.message}), trying again" in told(script)

    def test_another_one_is_of_the_stage_that_still_waits(self) -> None:
        script, _ = follow([BUILT] * 16 + [CHECKED, CHECKED, DONE])

        assert script.service.of("execute") == [("r", "PROD_CHECK"), ("r", "PROD")]
        assert script.service.times("execute") == [1, 16], "as the reading by itself shows"

    @pytest.mark.parametrize("why", [Refusal.THROTTLED, Refusal.UNREACHABLE, Refusal.NOT_RUNNING])
    def test_one_that_provably_did_not_happen_is_repeated_as_often_as_it_takes(self, why: Refusal) -> None:
        script, result = follow([BUILT] * 60 + [DONE], execute=[refused(why)] * 6 + [OK])

        assert script.service.times("execute") == [1, 2, 4, 7, 13, 25, 48]
        assert result.outcome is Outcome.SUCCEEDED

    def test_the_service_says_how_long_to_rest(self) -> None:
        script, _ = follow([BUILT] * 60 + [DONE], execute=[refused(Refusal.THROTTLED, 35.0), OK])

        assert script.service.times("execute")[:2] == [1, 36]

    def test_after_one_that_was_put_off_the_run_is_read_soon(self) -> None:
        script, _ = follow([BUILT] * 60 + [DONE], execute=[refused(Refusal.THROTTLED, 100.0), OK], every=None)

        executed = script.service.times("execute")[1]
        before, after = (
            [moment for moment in script.service.times("run") if (moment > executed) is later]
            for later in (False, True)
        )
        assert after[0] - executed < 1 < before[-1] - before[-2]

    def test_a_refusal_after_one_that_may_have_happened_does_not_forget_it(self) -> None:
        script, _ = follow(
            [BUILT] * 90 + [DONE], execute=[LOST, refused(Refusal.THROTTLED), LOST, LOST, LOST]
        )

        assert len(script.service.of("execute")) == 4
        assert script.notes.warned == [(OBJECT, script.notes.warned[0][1])]

    @pytest.mark.parametrize(
        ("why", "outcome"),
        [
            (Refusal.QUOTA_SPENT, Outcome.TIMED_OUT),
            (Refusal.EXPIRED, Outcome.TIMED_OUT),
            (Refusal.DENIED, Outcome.FAILED),
        ],
    )
    def test_one_that_is_refused_for_good_ends_the_object_and_not_the_run(
        self, why: Refusal, outcome: Outcome
    ) -> None:
        script, result = follow([BUILT], execute=[refused(why)])

        assert result.outcome is outcome
        assert result.fault == refused(why).fault
        assert "PROD_CHECK" in result.message
        assert "run-ids: r" in result.message
        assert len(script.service.of("execute")) == 1

    @pytest.mark.parametrize("why", [Refusal.DENIED, Refusal.EXPIRED, Refusal.QUOTA_SPENT])
    def test_one_that_is_refused_after_one_that_may_have_happened_says_nothing_of_that(
        self, why: Refusal
    ) -> None:
        script, result = follow([BUILT] * 9 + [DEPLOYING, DONE], execute=[LOST, refused(why)])

        assert len(script.service.of("execute")) == 2
        assert (result.outcome, result.fault, result.waits_for) == (Outcome.SUCCEEDED, None, None)

    def test_why_one_was_refused_stands_with_who_is_waited_for_until_the_stage_moves(self) -> None:
        ledger, _ = interrupted([BUILT], execute=[refused(Refusal.OTHER)])

        assert ledger[OBJECT].fault == refused(Refusal.OTHER).fault
        assert ledger[OBJECT].undone == "Stage PROD_CHECK waits to be executed, which was refused: OTHER: no."

        ledger, _ = interrupted([BUILT, BUILT, CHECKING], execute=[refused(Refusal.OTHER)])

        assert (ledger[OBJECT].fault, ledger[OBJECT].undone) == (None, "")

    @pytest.mark.parametrize("ending", [OK, LOST, refused(Refusal.THROTTLED), refused(Refusal.DENIED)])
    def test_the_stage_that_was_to_be_executed_is_the_one_that_was_reached(self, ending: Any) -> None:
        ledger, _ = interrupted([BUILT], execute=[ending])

        assert ledger[OBJECT].stage == "PROD_CHECK"

    def test_a_stage_that_was_refused_once_waits_for_a_person_until_it_moves(self) -> None:
        ledger, script = interrupted([BUILT], execute=[refused(Refusal.OTHER)])
        assert ledger[OBJECT].waits_for == "PROD_CHECK"
        assert len(script.notes.warned) == 1

        ledger, script = interrupted([BUILT, BUILT, CHECKING], execute=[refused(Refusal.OTHER)])
        assert ledger[OBJECT].waits_for is None

    def test_who_is_asked_because_of_a_refusal_is_asked_once(self) -> None:
        _, script = interrupted([BUILT], execute=[refused(Refusal.OTHER)], seconds=7.0)

        assert len(script.service.of("execute")) == 2
        assert len(script.notes.warned) == 1

    @pytest.mark.parametrize("answer", [OK, LOST])
    def test_one_that_is_done_when_it_is_tried_again_waits_for_nobody(self, answer: Any) -> None:
        ledger, _ = interrupted([BUILT], execute=[refused(Refusal.OTHER), answer], seconds=7.0)

        assert ledger[OBJECT].waits_for is None

    @pytest.mark.parametrize("answer", [OK, LOST, refused(Refusal.THROTTLED)])
    def test_what_was_waited_for_is_over_when_the_next_stage_is_executed(self, answer: Any) -> None:
        approving = run_of("r", "Running", "Running")
        asked = replace(
            approving, stages=(replace(approving.stages[0], type="Approve"), *approving.stages[1:])
        )

        ledger, script = interrupted([asked, BUILT], execute=[answer], seconds=2.5)

        assert script.service.times("execute") == [2]
        assert (ledger[OBJECT].waits_for, ledger[OBJECT].stage) == (None, "PROD_CHECK")

    def test_one_that_may_have_happened_waits_for_nobody(self) -> None:
        ledger, script = interrupted([BUILT], execute=[LOST])

        assert ledger[OBJECT].waits_for is None
        assert script.notes.warned == []

    def test_a_refusal_of_another_kind_counts_as_one_that_may_have_happened(self) -> None:
        script, _ = follow([BUILT] * 60 + [DONE], execute=[refused(Refusal.OTHER)])

        assert script.service.times("execute") == [1, 6, 15]


class TestPeople:
    GOAL = Goal(advance=False)

    def test_a_person_is_asked_once_and_what_is_waited_for_is_noted(self) -> None:
        script, result = follow([BUILT, BUILT, CHECKED, CHECKED, DONE], goal=self.GOAL)

        assert script.service.of("execute") == []
        assert [("PROD_CHECK" in text, "run r" in text) for _, text in script.notes.warned] == [
            (True, True),
            (False, True),
        ]
        assert {place for place, _ in script.notes.warned} == {OBJECT}
        assert result.waits_for is None

    def test_a_stage_that_has_begun_is_not_waited_for_and_asked_for_again_if_it_waits_again(self) -> None:
        script, _ = follow([BUILT, CHECKING, BUILT, DONE], goal=self.GOAL)

        assert len(script.notes.warned) == 2


class TestGoals:
    @pytest.mark.parametrize("foreign", [True, False])
    def test_a_run_that_shows_late_that_it_does_the_opposite_is_left(self, *, foreign: bool) -> None:
        young, shown = Run(RunId("r"), "Init"), replace(BUILT, stages=(*BUILT.stages[:2], OFFLINE))
        script, ledger = _scene([young, shown, shown], ())
        ledger.note(OBJECT, adopted=True, attempts=int(foreign))
        script.play(_work(script, ledger, Goal(type=DeployType.ONLINE)))

        result = ledger[OBJECT]
        assert result.outcome is (Outcome.CONFLICT if foreign else Outcome.FAILED)
        assert result.message.startswith(
            "Run r has not the stages of type: Online, but BUILD_PACKAGE (Build)"
        )
        assert script.service.of("execute") == []

    def test_a_run_is_left_open_where_it_was_to_be_taken(self) -> None:
        script, result = follow([BUILT, CHECKED], goal=Goal(until_stage="PROD_CHECK"))

        assert result.outcome is Outcome.CREATED
        assert "PROD_CHECK" in result.message
        assert "as until-stage asks" in result.message
        assert script.service.of("execute") == [("r", "PROD_CHECK")]

    def test_a_run_that_has_passed_it_is_not_said_to_stand_there(self) -> None:
        _, result = follow([CHECKED], goal=Goal(until_stage="BUILD_PACKAGE"))

        assert (result.outcome, result.stage) == (Outcome.CREATED, "PROD_CHECK")
        assert result.message == "Run r has passed BUILD_PACKAGE already. It was left open at PROD_CHECK."

    @pytest.mark.parametrize(
        ("readings", "until", "said"),
        [
            ([CHECKED], "PROD_CHECK", "Stage PROD_CHECK has succeeded."),
            ([CHECKED], "BUILD_PACKAGE", "Run r has passed BUILD_PACKAGE already."),
        ],
    )
    def test_a_run_that_the_service_carries_on_is_not_said_to_stay(
        self, readings: list[Run], until: str, said: str
    ) -> None:
        goal = Goal(until_stage=until, automatic=True, automatic_until="PROD")

        _, result = follow(readings, goal=goal)

        assert result.outcome is Outcome.CREATED
        assert result.message == (
            f"{said} The run is not held up there: run-mode: Auto has the service go on to PROD."
        )

    @pytest.mark.parametrize("automatic", ["BUILD_PACKAGE", "PROD_CHECK", "NOWHERE"])
    def test_a_run_that_the_service_does_not_carry_further_stays(self, automatic: str) -> None:
        goal = Goal(until_stage="PROD_CHECK", automatic=True, automatic_until=automatic)

        assert "as until-stage asks" in follow([CHECKED], goal=goal)[1].message

    def test_a_stage_that_does_not_exist_is_said_with_those_that_do(self) -> None:
        script, result = follow([BUILT], goal=Goal(until_stage="DEV"))

        assert result.outcome is Outcome.FAILED
        for said in ("run r has no stage DEV", "BUILD_PACKAGE, PROD_CHECK, PROD"):
            assert said in result.message
        assert script.service.of("execute") == []


@pytest.mark.parametrize("why", [Refusal.DENIED, Refusal.EXPIRED, Refusal.QUOTA_SPENT])
def test_a_run_that_is_lost_sight_of_is_no_failed_run(why: Refusal) -> None:
    _, result = follow([refused(why)])

    assert result.outcome is Outcome.TIMED_OUT
    assert result.fault == refused(why).fault
    assert "Run r cannot be read" in result.message
