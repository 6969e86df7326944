"""The next move for a run: a pure function of the last reading, the goal, and what was tried."""

import math
from collections.abc import Mapping

from . import frozen
from .model import (
    BUILD,
    CANCEL,
    EXECUTABLE,
    FAIL,
    INIT,
    RUNNING,
    SUCCESS,
    TERMINAL,
    TERMINATION,
    DeployType,
    Run,
    Stage,
)
from .outcome import Outcome
from .pace import STILL

# After this many executions the stage is left to a person. An approval ignores executions, or refuses each of them.
MOST_EXECUTIONS = 3
# What the end of a run means for its object.
OUTCOME_OF = {
    SUCCESS: Outcome.SUCCEEDED,
    FAIL: Outcome.FAILED,
    TERMINATION: Outcome.TERMINATED,
    CANCEL: Outcome.CANCELLED,
}


@frozen
class Goal:
    """How far to take a run.

    `type` is the type that a run must have if this job did not create it; otherwise None. With `automatic`, the service
    executes the stages up to `automatic_until` itself, and none if that is empty. See the docs of CreatePipelineRun,
    RunMode: "must be used together with" AutoRunUntilStage. `leaves`: a run that only a person can continue is left to
    them.
    """

    advance: bool = True
    until_stage: str = ""
    automatic: bool = False
    automatic_until: str = ""
    type: DeployType | None = None
    leaves: bool = False


@frozen
class Tried:
    """What was done about a stage: how often, and when it may be done again (monotonic seconds).

    `throttled` counts executions that provably did nothing, since the last one that may have worked.
    """

    executions: int = 0
    again_at: float = 0.0
    throttled: int = 0


@frozen
class Wait:
    """The run is busy: read it again later."""


@frozen
class Execute:
    """This stage is next, and waits for execution."""

    stage: Stage


@frozen
class NeedPerson:
    """This stage is next, and only a person can continue it."""

    stage: Stage


@frozen
class LeaveToPerson:
    """The same, and it is time to leave the run open for that person."""

    stage: Stage


@frozen
class Reached:
    """The run has reached its goal, and stays open."""

    stage: Stage


@frozen
class Ended:
    """The run has ended."""

    outcome: Outcome


@frozen
class NoSuchStage:
    """The goal names a stage that the run does not have. `codes` are its stages."""

    codes: tuple[str, ...]


@frozen
class OtherType:
    """The run does the opposite of `wanted`."""

    wanted: DeployType


Move = Wait | Execute | NeedPerson | LeaveToPerson | Reached | Ended | NoSuchStage | OtherType


def next_move(run: Run, goal: Goal, tried: Mapping[str, Tried], now: float, still: float = 0.0) -> Move:
    """Decide from one reading. `tried` is by stage code, `now` in monotonic seconds.

    `still` is for how many seconds the run has not changed.
    """
    stages = run.ordered
    wanted = goal.until_stage.casefold()
    goal_stage = next((stage for stage in stages if stage.code.casefold() == wanted), None)
    if goal.type and not run.may_be(goal.type):
        return OtherType(goal.type)
    if run.ended:
        return Ended(OUTCOME_OF[run.status])
    if goal_stage and goal_stage.status == SUCCESS:
        return Reached(goal_stage)
    if goal.until_stage and stages and not goal_stage:
        return NoSuchStage(tuple(stage.code for stage in stages))
    current = next((stage for stage in stages if stage.status != SUCCESS), None)
    if run.status != RUNNING or current is None:
        return Wait()
    move = _move_stage(run, current, goal, tried.get(current.code, Tried()), now, still)
    if isinstance(move, NeedPerson) and goal.leaves and _rested(tried.get(current.code, Tried()), now, still):
        return LeaveToPerson(current)
    return move


def _move_stage(run: Run, stage: Stage, goal: Goal, tried: Tried, now: float, still: float) -> Move:
    """The move for the first stage that has not succeeded, in a running run."""
    # A run may continue although a stage has failed. Then there is nothing to approve.
    if stage.status in TERMINAL or stage.type == BUILD:
        return Wait()
    # The service starts such a stage soon, unless it waits for an approval.
    automatic = is_automatic(run, stage, goal)
    if automatic and (still < STILL or stage.status != INIT):
        return Wait()
    if stage.type not in EXECUTABLE:
        return NeedPerson(stage)
    if stage.status != INIT:
        return Wait()
    if automatic or not goal.advance or tried.executions >= MOST_EXECUTIONS:
        return NeedPerson(stage)
    return Execute(stage) if now >= tried.again_at else Wait()


def may_change_production(run: Run, goal: Goal) -> bool:
    """Whether a step with this goal may execute a stage of the run that changes production.

    It executes none behind its until-stage, and none that the service executes. A run without stages may get any.
    """
    wanted = goal.until_stage.casefold()
    last = next((stage.step for stage in run.stages if stage.code.casefold() == wanted), math.inf)
    to_execute = (
        stage.status == INIT and stage.step <= last and not is_automatic(run, stage, goal)
        for stage in run.stages
        if stage.code in run.production
    )
    return goal.advance and not run.ended and (not run.stages or any(to_execute))


def _rested(tried: Tried, now: float, still: float) -> bool:
    """Whether enough time has passed to be sure that only a person can continue the stage.

    The last execution may have worked just now. If this step executes nothing, somebody else may be about to, or the
    stage starts by itself.
    """
    return now >= tried.again_at if tried.executions >= MOST_EXECUTIONS else still >= STILL


def is_automatic(run: Run, stage: Stage, goal: Goal) -> bool:
    """Whether the service executes the stage by itself."""
    return goal.automatic and any(
        each.code == goal.automatic_until and stage.step <= each.step for each in run.stages
    )
