"""The next move for a run, on tables and on random runs."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.advance import (
    MOST_EXECUTIONS,
    Ended,
    Execute,
    Goal,
    LeaveToPerson,
    Move,
    NeedPerson,
    NoSuchStage,
    Reached,
    Tried,
    Wait,
    may_change_production,
    next_move,
)
from dataworks_deploy.domain.model import EXECUTABLE, TERMINAL, DeployType, Run, RunId, Stage
from dataworks_deploy.domain.outcome import Outcome

from .drawn import CODES, GOALS, MANY, MOST, STATUSES, TYPES, histories, shares

NOW = 1000.0
SIMPLE = ("BUILD_PACKAGE:Build", "PROD_CHECK:Check", "PROD:Deploy")


def run_of(*statuses: str, stages: tuple[str, ...] = SIMPLE, status: str = "Running") -> Run:
    """Make a run whose stages have these statuses, in the order of their steps."""
    rows = []
    for step, (stage, stage_status) in enumerate(zip(stages, statuses, strict=True), start=1):
        code, _, kind = stage.partition(":")
        rows.append(Stage(code, code.title(), step, kind, stage_status))
    return Run(RunId("run-1"), status, stages=tuple(rows))


def move(run: Run, goal: Goal | None = None, **tried: Tried) -> Move:
    """Decide about a run."""
    return next_move(run, goal or Goal(), tried, NOW)


def about(run: Run, code: str) -> Stage:
    """Return one stage of a run."""
    (stage,) = [stage for stage in run.stages if stage.code == code]
    return stage


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        (("Running", "Init", "Init"), None),
        (("Success", "Init", "Init"), "PROD_CHECK"),
        (("Success", "Running", "Init"), None),
        (("Success", "Success", "Init"), "PROD"),
        (("Success", "Success", "Running"), None),
        (("Success", "Success", "Success"), None),
        (("Init", "Init", "Init"), None),
        (("Success", "Fail", "Init"), None),
        (("Success", "Paused", "Init"), None),
        (("Init", "Success", "Init"), None),
    ],
)
def test_the_first_stage_without_success_is_executed_if_it_waits(
    statuses: tuple[str, ...], code: str | None
) -> None:
    run = run_of(*statuses)

    assert move(run) == (Execute(about(run, code)) if code else Wait())


def test_stages_are_ordered_by_step_and_not_by_the_list() -> None:
    stages = (
        Stage("PROD", "", 30, "Deploy", "Init"),
        Stage("BUILD_PACKAGE", "", 1, "Build", "Success"),
        Stage("PROD_CHECK", "", 20, "Check", "Init"),
    )

    assert move(Run(RunId("1"), "Running", stages=stages)) == Execute(stages[2])


@pytest.mark.parametrize("kind", sorted(EXECUTABLE))
def test_every_known_waiting_type_is_executed(kind: str) -> None:
    run = run_of("Init", stages=(f"X:{kind}",))

    assert move(run) == Execute(run.stages[0])


@pytest.mark.parametrize("kind", ["Canary", "check", ""])
@pytest.mark.parametrize("status", ["Init", "Running", "Paused"])
def test_an_unknown_type_is_left_to_a_person(kind: str, status: str) -> None:
    run = run_of("Success", status, "Init", stages=("A:Check", f"X:{kind}", "B:Deploy"))

    assert move(run) == NeedPerson(about(run, "X"))


@pytest.mark.parametrize("kind", ["Approve", "Check", "Build"])
@pytest.mark.parametrize("status", ["Fail", "Termination", "Cancel"])
def test_nobody_is_asked_to_approve_an_ended_stage(kind: str, status: str) -> None:
    """The run continues although a stage has failed, and waits for nobody."""
    assert move(run_of(status, "Init", stages=(f"X:{kind}", "B:Deploy"))) == Wait()


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("Success", Outcome.SUCCEEDED),
        ("Fail", Outcome.FAILED),
        ("Termination", Outcome.TERMINATED),
        ("Cancel", Outcome.CANCELLED),
    ],
)
@pytest.mark.parametrize("goal", [Goal(), Goal(until_stage="PROD_CHECK"), Goal(until_stage="NOWHERE")])
def test_a_terminal_status_is_the_end_whatever_the_stages_say(
    status: str, outcome: Outcome, goal: Goal
) -> None:
    assert move(run_of("Success", "Success", "Init", status=status), goal) == Ended(outcome)


@pytest.mark.parametrize("status", ["Init", "Paused", "success", "", "RUNNING"])
def test_a_run_that_is_not_running_is_waited_for(status: str) -> None:
    assert move(run_of("Success", "Init", "Init", status=status)) == Wait()


def test_a_run_without_stages_is_waited_for() -> None:
    assert move(Run(RunId("1"), "Running")) == Wait()
    assert move(Run(RunId("1"), "Running"), Goal(until_stage="PROD")) == Wait()


class TestUntilStage:
    def test_the_goal_is_reached_when_its_stage_has_succeeded(self) -> None:
        run = run_of("Success", "Success", "Init")

        assert move(run, Goal(until_stage="PROD_CHECK")) == Reached(about(run, "PROD_CHECK"))

    @pytest.mark.parametrize("status", ["Init", "Running", "Paused"])
    def test_the_goal_is_not_reached_before(self, status: str) -> None:
        goal = Goal(until_stage="PROD_CHECK")

        assert not isinstance(move(run_of("Success", status, "Init"), goal), Reached)

    def test_the_stages_before_the_goal_are_executed(self) -> None:
        run = run_of("Success", "Init", "Init")

        assert move(run, Goal(until_stage="PROD_CHECK")) == Execute(about(run, "PROD_CHECK"))

    def test_without_advancing_a_person_can_reach_the_goal(self) -> None:
        run = run_of("Success", "Success", "Running")

        goal = Goal(advance=False, until_stage="PROD_CHECK")

        assert move(run, goal) == Reached(about(run, "PROD_CHECK"))

    def test_an_unknown_goal_is_reported_before_anything_is_executed(self) -> None:
        found = move(run_of("Success", "Init", "Init"), Goal(until_stage="DEV"))

        assert found == NoSuchStage(("BUILD_PACKAGE", "PROD_CHECK", "PROD"))


class TestWithoutAdvancing:
    def test_a_stage_that_waits_needs_a_person(self) -> None:
        run = run_of("Success", "Init", "Init")

        assert move(run, Goal(advance=False)) == NeedPerson(about(run, "PROD_CHECK"))

    @pytest.mark.parametrize("statuses", [("Running", "Init", "Init"), ("Success", "Running", "Init")])
    def test_a_running_stage_is_waited_for(self, statuses: tuple[str, ...]) -> None:
        assert move(run_of(*statuses), Goal(advance=False)) == Wait()


class TestLeaving:
    """A run that only people can continue is left to them, when it is certain that nothing else moves it."""

    GOAL = Goal(leaves=True)
    RUN = run_of("Success", "Init", "Init")

    def leaves(self, run: Run, goal: Goal, still: float, **tried: Tried) -> bool:
        """Whether the run is left after so many seconds without a change. Otherwise a person is asked for."""
        found = next_move(run, goal, tried, NOW, still)
        assert isinstance(found, LeaveToPerson | NeedPerson)
        return found == LeaveToPerson(found.stage)

    @pytest.mark.parametrize("still", [0.0, 1e6])
    def test_not_before_the_last_execution_could_take_effect(self, still: float) -> None:
        """A stage that was just executed may be running."""
        for again_at, leaves in ((NOW + 0.1, False), (NOW, True)):
            assert self.leaves(self.RUN, self.GOAL, still, PROD_CHECK=Tried(3, again_at)) is leaves

    @pytest.mark.parametrize("executions", [0, 1, 2])
    def test_not_while_it_may_still_be_executed(self, executions: int) -> None:
        found = next_move(self.RUN, self.GOAL, {"PROD_CHECK": Tried(executions)}, NOW, 1e6)

        assert isinstance(found, Execute)

    @pytest.mark.parametrize("status", ["Init", "Running", "Paused"])
    def test_an_unknown_type_may_run_by_itself(self, status: str) -> None:
        run = run_of("Success", status, "Init", stages=("A:Check", "X:Canary", "B:Deploy"))

        assert [self.leaves(run, self.GOAL, still) for still in (0.0, 59.9, 60.0)] == [False, False, True]

    def test_others_may_be_about_to_execute_their_stage(self) -> None:
        goal = Goal(advance=False, leaves=True)

        assert [self.leaves(self.RUN, goal, still) for still in (0.0, 59.9, 60.0)] == [False, False, True]

    @pytest.mark.parametrize("still", [0.0, 1e6])
    def test_stages_that_run_or_start_by_themselves_are_waited_for(self, still: float) -> None:
        """A reading cannot distinguish an approval shown as running from a long check."""
        for run in (run_of("Running", "Init", "Init"), run_of("Success", "Running", "Init")):
            assert next_move(run, self.GOAL, {}, NOW, still) == Wait()

    def test_with_on_approval_wait_nothing_is_left(self) -> None:
        assert not self.leaves(self.RUN, Goal(), 1e6, PROD_CHECK=Tried(3))
        assert not self.leaves(self.RUN, Goal(advance=False), 1e6)


class TestTriedBefore:
    def test_a_stage_rests_after_it_was_executed(self) -> None:
        run = run_of("Success", "Init", "Init")

        assert move(run, PROD_CHECK=Tried(1, again_at=NOW + 0.1)) == Wait()
        assert move(run, PROD_CHECK=Tried(1, again_at=NOW)) == Execute(about(run, "PROD_CHECK"))

    def test_after_three_executions_a_person_is_needed(self) -> None:
        run = run_of("Success", "Init", "Init")

        assert isinstance(move(run, PROD_CHECK=Tried(MOST_EXECUTIONS - 1)), Execute)
        assert move(run, PROD_CHECK=Tried(MOST_EXECUTIONS)) == NeedPerson(about(run, "PROD_CHECK"))

    def test_throttled_executions_do_not_count(self) -> None:
        run = run_of("Success", "Init", "Init")

        assert isinstance(move(run, PROD_CHECK=Tried(0, NOW, throttled=50)), Execute)

    def test_the_next_stage_starts_at_zero(self) -> None:
        run = run_of("Success", "Success", "Init")

        assert move(run, PROD_CHECK=Tried(3, NOW + 99)) == Execute(about(run, "PROD"))


class TestAutomatic:
    GOAL = Goal(automatic=True, automatic_until="PROD_CHECK")

    @pytest.mark.parametrize("kind", ["Check", "Approval"])
    def test_one_that_does_not_start_waits_for_a_person(self, kind: str) -> None:
        """The service executes nothing that waits for an approval, and this step leaves it to the service."""
        run = run_of("Success", "Init", "Init", stages=("A:Build", f"PROD_CHECK:{kind}", "PROD:Deploy"))
        stage = about(run, "PROD_CHECK")

        moves = [next_move(run, self.GOAL, {}, NOW, still) for still in (59.9, 60.0)]

        assert moves == [Wait(), NeedPerson(stage)]
        assert next_move(run, replace(self.GOAL, leaves=True), {}, NOW, 60.0) == LeaveToPerson(stage)
        started = run_of(
            "Success", "Running", "Init", stages=("A:Build", f"PROD_CHECK:{kind}", "PROD:Deploy")
        )
        assert next_move(started, self.GOAL, {}, NOW, 1e6) == Wait()

    def test_stages_that_the_service_executes_are_left_to_it(self) -> None:
        assert move(run_of("Success", "Init", "Init"), self.GOAL) == Wait()

    def test_later_stages_are_executed(self) -> None:
        run = run_of("Success", "Success", "Init")

        assert move(run, self.GOAL) == Execute(about(run, "PROD"))

    def test_without_advancing_later_stages_need_a_person(self) -> None:
        run = run_of("Success", "Success", "Init")
        goal = Goal(advance=False, automatic=True, automatic_until="PROD_CHECK")

        assert move(run, goal) == NeedPerson(about(run, "PROD"))

    @pytest.mark.parametrize("until", ["", "NOWHERE"])
    def test_without_auto_run_until_stage_the_service_executes_nothing(self, until: str) -> None:
        """The reference: RunMode Auto must be used together with AutoRunUntilStage."""
        run = run_of("Success", "Init", "Init")

        assert move(run, Goal(automatic=True, automatic_until=until)) == Execute(about(run, "PROD_CHECK"))

    def test_without_run_mode_auto_that_stage_means_nothing(self) -> None:
        run = run_of("Success", "Init", "Init")

        assert move(run, Goal(automatic_until="PROD")) == Execute(about(run, "PROD_CHECK"))


stages_of_any_kind = st.lists(
    st.builds(
        Stage,
        st.sampled_from(CODES),
        st.just(""),
        st.integers(-3, 9),
        st.sampled_from(TYPES),
        st.sampled_from(STATUSES),
    ),
    max_size=5,
    unique_by=(lambda stage: stage.code, lambda stage: stage.step),
).map(tuple)
runs = st.builds(
    Run,
    id=st.just(RunId("run-1")),
    status=st.sampled_from(("Running", *STATUSES)),
    stages=stages_of_any_kind,
)
goals = st.builds(
    Goal, st.booleans(), st.sampled_from(("", *CODES)), st.booleans(), st.sampled_from(("", *CODES))
)
tries = st.dictionaries(
    st.sampled_from(CODES), st.builds(Tried, st.integers(0, 5), st.floats(0, 2 * NOW), st.integers(0, 9))
)


@dataclass(frozen=True, slots=True)
class Turn:
    """A reading, the time since the previous one, and what happens to an execution after it."""

    run: Run
    after: float
    counts: bool  # whether it may have worked
    rest: float  # seconds in which readings cannot show it yet


@dataclass(frozen=True, slots=True)
class Executed:
    """A stage, and the number and time of the reading."""

    number: int
    stage: Stage
    now: float


turns = st.lists(
    st.sampled_from([*product((0.0, 20.0, 90.0, 90.0), (True, True, True, False), (0.5, 4.5, 15.0, 60.0))]),
    min_size=MOST,
    max_size=MOST,
)
games = st.builds(
    lambda runs, rows, goal: ([Turn(run, *row) for run, row in zip(runs, rows, strict=False)], goal),
    histories(),
    turns,
    GOALS,
)
Game = tuple[list[Turn], Goal]
SHOWS = {DeployType.ONLINE: "Deploy", DeployType.OFFLINE: "Offline"}


def play(game: Game) -> list[Executed]:
    """All executions, if each reading is decided on three times, twice while an execution still rests."""
    played, goal = game
    tried, executed, now = dict[str, Tried](), list[Executed](), 0.0
    for number, turn in enumerate(played):
        now += turn.after
        for moment in (now, now, now + 0.9 * turn.rest):
            found = next_move(turn.run, goal, tried, moment)
            if isinstance(found, Execute):
                executed.append(Executed(number, found.stage, moment))
                before = tried.get(found.stage.code, Tried())
                tried[found.stage.code] = Tried(
                    before.executions + turn.counts, moment + turn.rest, before.throttled + (not turn.counts)
                )
    return executed


@MANY
@given(games)
def test_a_stage_is_executed_only_if_the_latest_reading_shows_it_waiting(game: Game) -> None:
    turns, goal = game
    for each in play(game):
        run, stage = turns[each.number].run, each.stage
        assert goal.advance
        assert stage in run.stages
        assert stage.status == "Init"
        assert stage.type in {"Check", "Deploy", "Offline", "Delete"}
        assert all(other.status == "Success" for other in run.stages if other.step < stage.step)
        assert {turn.run.status for turn in turns[: each.number + 1]}.isdisjoint(TERMINAL)
        assert run.status == "Running"


@MANY
@given(games)
def test_nothing_is_executed_twice_on_one_reading_or_more_than_three_times(game: Game) -> None:
    turns, _ = game
    executed = play(game)

    assert len({each.number for each in executed}) == len(executed)
    for code in CODES:
        of_stage = [each for each in executed if each.stage.code == code]
        assert sum(turns[each.number].counts for each in of_stage[:-1]) < 3
        for one, next_one in pairwise(of_stage):
            assert next_one.now >= one.now + turns[one.number].rest


@MANY
@given(games)
def test_nothing_is_executed_past_the_goal_or_instead_of_the_service(game: Game) -> None:
    turns, goal = game
    for each in play(game):
        run = turns[each.number].run
        steps = {stage.code: stage.step for stage in run.stages}
        assert not goal.until_stage or each.stage.step <= steps[goal.until_stage]
        assert goal.until_stage not in {stage.code for stage in run.stages if stage.status == "Success"}
        assert not goal.automatic or each.stage.step > steps.get(goal.automatic_until, -99)
        shown = {stage.type for stage in run.stages} & {"Deploy", "Offline"}
        assert goal.type is None or not shown or SHOWS[goal.type] in shown


MET = {
    "executed",
    "put off",
    "a stage twice",
    "a stage three times",
    "another stage",
    "not the first in the list",
    "with a goal",
    "of a type",
    "a reading after the end",
}


def met(game: Game) -> Iterator[str]:
    """The kinds of a game that the properties count."""
    turns, goal = game
    executed = play(game)
    times = Counter(each.stage.code for each in executed if turns[each.number].counts)
    yield from ("a stage twice" for count in times.values() if count == 2)
    yield from ("a stage three times" for count in times.values() if count == 3)
    yield from ("another stage" for _ in [*times][1:])
    yield from ("a reading after the end" for turn in turns[:-1] if turn.run.ended)
    for each in executed:
        run, counts = turns[each.number].run, turns[each.number].counts
        yield "executed" if counts else "put off"
        yield from ("with a goal" for _ in goal.until_stage)
        yield from ("of a type" for _ in goal.type or ())
        yield from ("not the first in the list" for _ in run.stages[: run.stages.index(each.stage)])


def test_the_drawn_games_cover_all_cases() -> None:
    found = shares(games, met)

    assert found["executed"] > 0.25
    assert found["a stage three times"] > 0.05
    assert found.keys() >= MET


@given(runs, goals, tries)
def test_a_run_has_ended_if_and_only_if_its_status_says_so(
    run: Run, goal: Goal, tried: dict[str, Tried]
) -> None:
    assert isinstance(next_move(run, goal, tried, NOW), Ended) == (run.status in TERMINAL)


@given(runs, goals, tries, st.randoms(use_true_random=False))
def test_the_order_of_the_list_changes_nothing(
    run: Run, goal: Goal, tried: dict[str, Tried], chance: object
) -> None:
    shuffled = list(run.stages)
    getattr(chance, "shuffle")(shuffled)  # noqa: B009 - hypothesis has no type for it
    other = Run(run.id, run.status, stages=tuple(shuffled))

    assert next_move(other, goal, tried, NOW) == next_move(run, goal, tried, NOW)


STANDARD = ("BUILD:Build", "DEV:Deploy", "PROD_CHECK:Check", "PROD:Deploy")


@pytest.mark.parametrize(
    ("run", "goal", "may"),
    [
        (run_of("Success", "Init", "Init"), Goal(), True),
        (Run(RunId("run-1"), "Init"), Goal(), True),
        (run_of("Success", "Success", "Running"), Goal(), False),
        (run_of("Success", "Init", "Init", status="Fail"), Goal(), False),
        (run_of("Success", "Init", "Init"), Goal(advance=False), False),
        (run_of("Success", "Init", "Init"), Goal(until_stage="prod_check"), False),
        (run_of("Success", "Init", "Init"), Goal(until_stage="prod"), True),
        (run_of("Success", "Init", "Init"), Goal(until_stage="other"), True),
        (run_of("Success", "Init", "Init", "Init", stages=STANDARD), Goal(until_stage="DEV"), False),
        (run_of("Success", "Init", "Init"), Goal(automatic=True, automatic_until="PROD"), False),
        (run_of("Success", "Init", "Init"), Goal(automatic=True, automatic_until="PROD_CHECK"), True),
    ],
)
def test_whether_a_step_may_change_production(run: Run, goal: Goal, *, may: bool) -> None:
    assert may_change_production(run, goal) is may
