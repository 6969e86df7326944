"""The next move with a run: a pure function of the run as it was read, the goal, and what was tried."""

from collections.abc import Mapping

from . import frozen
from .model import (
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
from .requests import STILL

# Beyond this many executions a stage is left to a person: an approval ignores them, or refuses each.
MOST_EXECUTIONS = 3
# Stages of this type run by themselves; a type that is in neither list is never executed.
_BY_ITSELF = frozenset({"Build"})
_OUTCOMES = {
    SUCCESS: Outcome.SUCCEEDED,
    FAIL: Outcome.FAILED,
    TERMINATION: Outcome.TERMINATED,
    CANCEL: Outcome.CANCELLED,
}


@frozen
class Goal:
    """How far a run is to be taken.

    `type` is what a run has to do that this job has not created; None where it has.
    With `automatic` the service executes the stages up to `automatic_until` itself, and none without it: docs
    of CreatePipelineRun, RunMode, "must be used together with" AutoRunUntilStage. `leaves`: a run that only a person
    can move is left to them.
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

    `throttled` counts the executions that provably did not happen, since the last one that may have.
    """

    executions: int = 0
    again_at: float = 0.0
    throttled: int = 0


@frozen
class Wait:
    """Something is under way: read again later."""


@frozen
class Execute:
    """This stage is next, and waits to be executed."""

    stage: Stage


@frozen
class NeedPerson:
    """This stage is next, and only a person can move it."""

    stage: Stage


@frozen
class LeaveToPerson:
    """The same, and it is time to leave the run to them, open."""

    stage: Stage


@frozen
class Reached:
    """The run has come as far as it was to be taken, and stays open."""

    stage: Stage


@frozen
class Ended:
    """The run has ended."""

    outcome: Outcome


@frozen
class NoSuchStage:
    """The goal names a stage that the run does not have; these it has."""

    codes: tuple[str, ...]


@frozen
class OtherType:
    """The run does the opposite of this, which it was taken for."""

    wanted: DeployType


Move = Wait | Execute | NeedPerson | LeaveToPerson | Reached | Ended | NoSuchStage | OtherType


def next_move(run: Run, goal: Goal, tried: Mapping[str, Tried], now: float, still: float = 0.0) -> Move:
    """Decide from one reading. `tried` is by stage code, `now` in monotonic seconds.

    For `still` seconds the run has shown the same.
    """
    stages = run.ordered
    wanted = goal.until_stage.casefold()
    goal_stage = next((stage for stage in stages if stage.code.casefold() == wanted), None)
    if goal.type and not run.may_be(goal.type):
        return OtherType(goal.type)
    if run.ended:
        return Ended(_OUTCOMES[run.status])
    if goal_stage and goal_stage.status == SUCCESS:
        return Reached(goal_stage)
    if goal.until_stage and stages and not goal_stage:
        return NoSuchStage(tuple(stage.code for stage in stages))
    current = next((stage for stage in stages if stage.status != SUCCESS), None)
    if run.status != RUNNING or current is None:
        return Wait()
    move = _move_stage(run, current, goal, tried.get(current.code, Tried()), now)
    if isinstance(move, NeedPerson) and goal.leaves and _rested(tried.get(current.code, Tried()), now, still):
        return LeaveToPerson(current)
    return move


def _move_stage(run: Run, stage: Stage, goal: Goal, tried: Tried, now: float) -> Move:
    """The stage is the first that has not succeeded, in a run that is running."""
    # In a run that goes on in spite of a stage that has ended there is nothing left to approve.
    if stage.status in TERMINAL or stage.type in _BY_ITSELF or _is_automatic(run, stage, goal):
        return Wait()
    if stage.type not in EXECUTABLE:
        return NeedPerson(stage)
    if stage.status != INIT:
        return Wait()
    if not goal.advance or tried.executions >= MOST_EXECUTIONS:
        return NeedPerson(stage)
    return Execute(stage) if now >= tried.again_at else Wait()


def _rested(tried: Tried, now: float, still: float) -> bool:
    """Whether it is sure that only a person moves a stage: the last execution may only just have worked.

    Where this step executes nothing, somebody else may be about to, or the stage runs by itself.
    """
    return now >= tried.again_at if tried.executions >= MOST_EXECUTIONS else still >= STILL


def _is_automatic(run: Run, stage: Stage, goal: Goal) -> bool:
    return goal.automatic and any(
        each.code == goal.automatic_until and stage.step <= each.step for each in run.stages
    )
