"""Takes one run through its stages to its end. It reports only what it has read."""

from collections.abc import Awaitable
from dataclasses import replace
from typing import assert_never, cast

from dataworks_deploy.domain.advance import (
    MOST_EXECUTIONS,
    Ended,
    Execute,
    Goal,
    LeaveToPerson,
    NeedPerson,
    Reached,
    Tried,
    Wait,
    is_automatic,
    next_move,
)
from dataworks_deploy.domain.advance import NoSuchStage as LacksStage
from dataworks_deploy.domain.advance import OtherType as DoesOther
from dataworks_deploy.domain.ending import CERTAIN, Ending, Ok, Refusal, Refused, Unclear, did_nothing
from dataworks_deploy.domain.event import (
    OddSeen,
    PersonNeeded,
    RunShows,
    StageExecuted,
    StageNotExecuted,
    StageStill,
)
from dataworks_deploy.domain.model import (
    EXECUTABLE,
    INIT,
    RUNNING,
    SUCCESS,
    TERMINAL,
    ExecPipelineRunStage,
    ObjectId,
    Run,
    RunId,
    Stage,
)
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.pace import EXECUTION_REST, REFUSED_REST, STILL, UNCLEAR_RESTS, backoff
from dataworks_deploy.domain.reason import (
    Because,
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
from dataworks_deploy.domain.record import Undone, Waits

from .calls import World
from .ledger import Entry, Ledger
from .read import LostSightError, Readings, prove, read_run
from .watch import Watch

# Refusals of an execution that provably did nothing, and that may succeed a little later.
_NOT_DONE = frozenset({Refusal.THROTTLED, Refusal.UNREACHABLE, Refusal.NOT_RUNNING})


class Follower:
    """Follows one run of one object. Use an instance once."""

    def __init__(
        self, world: World, ledger: Ledger, watch: Watch, goal: Goal, object_id: ObjectId, run_id: RunId
    ) -> None:
        self._world = world
        self._entry = Entry(world, ledger, object_id)
        self._watch = watch
        self._goal = goal
        self._run_id = run_id
        self._tried: dict[str, Tried] = {}
        self._began = self._entry.record.started_at or world.clock.utc()
        self._told: tuple[object, ...] = ()
        self._moved_at = 0.0  # when the run last showed something new (monotonic seconds)
        self._undone: Stage | None = None
        # The stage that should start by itself, since when (monotonic seconds), and whether that was reported.
        self._still = "", 0.0, False
        self._readings = Readings(self._entry, run_id)
        self._left_at = 0.0  # when the last execution left (monotonic seconds)

    async def follow(self) -> None:
        """Follow the run until it has ended, has reached its goal, or cannot be continued or read any more."""
        await self._in_sight(self._follow())

    async def look(self, seconds: float) -> bool:
        """Check a run that is not followed. True if it has ended, cannot be read, or is not this job's.

        The ledger then has the outcome. A new run is read once to see whose it is. A failed reading is repeated for
        `seconds`.
        """
        return await self._in_sight(self._look(seconds))

    async def _in_sight(self, work: Awaitable[bool]) -> bool:
        """Return the result of `work`. True if the run cannot be read any more: that ends it too."""
        try:
            return await work
        except LostSightError as lost:
            return self._end(Outcome.TIMED_OUT, LostSight(self._run_id, lost.fault))

    async def _follow(self) -> bool:
        over = await self._has_ended()
        while not over:
            over = await self._step(await self._watch.next(self._run_id, self._readings.failed))
        return over

    async def _look(self, seconds: float) -> bool:
        if not self._entry.record.proven:
            run = await read_run(self._world, self._run_id, self._readings.failed, patience=seconds)
            if await prove(self._entry, run, alone=True) is None:
                return True
            self._show(run)
        return await self._has_ended()

    async def _has_ended(self) -> bool:
        """Whether an earlier reading showed the end, and another one confirms it. The ledger then has the outcome."""
        return self._entry.record.reading.status in TERMINAL and await self._confirm()

    async def _step(self, run: Run, *, fresh: bool = False) -> bool:
        """Make the next move. True if the run is done. `fresh`: the run comes from a call of its own, not from
        a list.
        """
        ours = await prove(self._entry, run, alone=fresh)
        if ours is None:
            return True
        run = ours
        self._show(run)
        now = self._world.clock.monotonic()
        match next_move(run, self._goal, self._tried, now, now - self._moved_at):
            case Wait():
                self._forget(run)
                self._look_at_still(run)
            case NeedPerson(stage):
                self._ask(run, stage)
            case Execute(stage) if fresh or not self._executions(stage):
                return await self._execute(run, stage)
            case Execute():
                # A list lags: a stage that it shows as waiting may be running, or done, since its execution.
                run = await read_run(self._world, self._run_id, self._readings.failed)
                return await self._step(run, fresh=True)
            case LeaveToPerson() if not fresh:
                # Somebody may have approved it since.
                run = await read_run(self._world, self._run_id, self._readings.failed)
                return await self._step(run, fresh=True)
            case Ended():
                self._forget(run)
                return await self._confirm()
            case move:
                return self._part_from(run, move)
        return False

    def _part_from(self, run: Run, move: Reached | LeaveToPerson | LacksStage | DoesOther) -> bool:
        """Leave a run that has not ended."""
        match move:
            case Reached(stage):
                to = run.stage(self._goal.automatic_until)
                goes_on = to if to and to.step > stage.step else None
                return self._end(Outcome.CREATED, StageReached(run, stage, goes_on))
            case LeaveToPerson(stage):
                self._ask(run, stage)
                left = LeftToPerson(self._run_id, stage.code, self._because(run, stage))
                return self._end(Outcome.CREATED, left)
            case LacksStage(codes):
                return self._end(Outcome.FAILED, NoSuchStage(self._run_id, self._goal.until_stage, codes))
            case DoesOther(wanted):
                outcome = Outcome.CONFLICT if self._entry.record.foreign else Outcome.FAILED
                return self._end(outcome, OtherType(run, wanted))
            case _ as never:
                assert_never(never)

    async def _confirm(self) -> bool:
        """An end counts only if another reading right after it shows the same. Otherwise the run is read further."""
        before = self._entry.record.reading.status
        run = await read_run(self._world, self._run_id, self._readings.failed)
        self._show(run)
        match next_move(run, self._goal, self._tried, self._world.clock.monotonic()):
            case Ended(outcome) if run.status == before:
                return self._end(outcome, Succeeded() if outcome is Outcome.SUCCEEDED else RunEnded(run))
        return False

    def _executions(self, stage: Stage) -> int:
        """How often this step has tried to execute the stage, as far as known."""
        return self._tried.get(stage.code, Tried()).executions

    async def _execute(self, run: Run, stage: Stage) -> bool:
        """Execute a stage. If the answer proves little, the next reading shows more."""
        before, told_at = self._tried.get(stage.code, Tried()), self._entry.record.told_at
        asked = self._entry.record.waits
        # A question about an earlier stage is settled: the run is past it.
        waits = asked if asked and asked.stage == stage.code else None
        self._entry.put(self._entry.record.waits_for(waits).at_stage(stage.code))
        self._entry.tell(StageExecuted(stage.code))
        operation = ExecPipelineRunStage(self._run_id, stage.code)
        # `_leaves` always allows it, so it is never withheld.
        sent = await self._world.calls.send(operation, lambda: self._leaves(run, stage))
        ending = cast("Ending[None]", sent)
        if did_nothing(ending):
            self._entry.put(self._entry.record.not_executed(told_at))
        # A repeated refusal promises no news, so the next reading need not come sooner.
        if not (isinstance(ending, Refused) and before.throttled):
            self._watch.stirred(run.id)
        # If the stage may have been executed before, its start is unknown.
        if isinstance(ending, Ok) and before.executions == 0:
            self._watch.begun(run.id, stage.code, self._left_at)
        else:
            self._watch.lost(run.id)
        # A refusal says nothing about an earlier execution that may have worked.
        if isinstance(ending, Refused) and ending.why in CERTAIN and not before.executions:
            outcome = Outcome.FAILED if ending.why is Refusal.DENIED else Outcome.TIMED_OUT
            return self._end(outcome, StageRefused(self._run_id, stage, ending.fault))
        if not isinstance(ending, Refused):
            self._entry.put(self._entry.record.waits_for(None))
        if not isinstance(ending, Ok):
            self._entry.tell(StageNotExecuted(stage.code, ending))
        if isinstance(ending, Refused) and ending.why not in _NOT_DONE and await self._goes_by_itself(stage):
            # A list that lags may show the stage waiting again. From now on only a reading of its own counts.
            self._tried[stage.code] = Tried(before.executions + 1, self._world.clock.monotonic())
            return False
        self._tried[stage.code] = self._weigh(run, stage, before, ending)
        return False

    def _leaves(self, run: Run, stage: Stage) -> bool:
        """Record that production is about to change. Readings lag, and whoever abolishes the run must know."""
        changes, self._left_at = stage.code in run.production, self._world.clock.monotonic()
        told_at = self._left_at if changes else self._entry.record.told_at
        self._entry.put(self._entry.record.executing(told_at))
        return True

    async def _goes_by_itself(self, stage: Stage) -> bool:
        """Whether a stage has moved although its execution was refused. Some stages run by themselves."""
        run = await read_run(self._world, self._run_id, self._readings.failed)
        self._show(run)
        return self._has_moved(run, stage)

    def _weigh(self, run: Run, stage: Stage, before: Tried, ending: Ending[None]) -> Tried:
        """What was tried so far, and when the stage may be executed again."""
        clock = self._world.clock
        executions = before.executions + 1
        if isinstance(ending, Ok):
            self._relent()
            rest = EXECUTION_REST * executions
        elif isinstance(ending, Unclear):
            self._keep(stage, Undone(stage.code, ending.fault, refused=False))
            rest = UNCLEAR_RESTS[min(executions, len(UNCLEAR_RESTS)) - 1]
        else:
            self._keep(stage, Undone(stage.code, ending.fault, refused=True))
            if ending.why in _NOT_DONE:
                throttled = before.throttled + 1
                rest = backoff(throttled, clock.spread(), ending.fault.retry_after)
                return replace(before, throttled=throttled, again_at=clock.monotonic() + rest)
            # An approval refuses. Try again: somebody may approve meanwhile.
            self._ask(run, stage)
            rest = REFUSED_REST * executions
        return Tried(executions, clock.monotonic() + rest)

    def _keep(self, stage: Stage, undone: Undone) -> None:
        """Remember why a stage was not executed, in case nothing else explains the end."""
        self._undone = stage
        self._entry.put(self._entry.record.execution_failed(undone))

    @staticmethod
    def _has_moved(run: Run, before: Stage) -> bool:
        """Compare only the status: a stage's message may change between readings without meaning anything."""
        stage = run.stage(before.code)
        return stage is None or stage.status != before.status

    def _relent(self) -> None:
        """An earlier failed execution does not matter any more."""
        if self._undone:
            self._undone = None
            self._entry.put(self._entry.record.execution_failed(None))

    def _because(self, run: Run, stage: Stage) -> Because:
        """Why the stage waits for a person."""
        if self._goal.advance or stage.type not in EXECUTABLE or is_automatic(run, stage, self._goal):
            return Because.NO_CALL_MOVES_IT
        return Because.FOREIGN if self._entry.record.foreign else Because.ADVANCE_FALSE

    def _ask(self, run: Run, stage: Stage) -> None:
        record, because = self._entry.record, self._because(run, stage)
        if record.waits and record.waits.stage == stage.code:
            return
        self._entry.put(record.waits_for(Waits(stage.code, because)))
        executions = self._executions(stage)
        times = executions if executions >= MOST_EXECUTIONS else 0
        self._entry.warn(PersonNeeded(self._run_id, stage, because, times))

    def _forget(self, run: Run) -> None:
        """Nobody needs to act any more, unless the stage that they were asked about still waits."""
        waits = self._entry.record.waits
        stage = run.stage(waits.stage) if waits else None
        if run.ended or stage is None or stage.status != INIT:
            self._entry.put(self._entry.record.waits_for(None))

    def _look_at_still(self, run: Run) -> None:
        """Report once that a stage which runs by itself has not started long after all stages before it ended."""
        stage = next((each for each in run.ordered if each.status != SUCCESS), None)
        waits = run.status == RUNNING and stage and stage.status == INIT and stage.code not in self._tried
        now = self._world.clock.monotonic()
        code, since, told = self._still
        if not (waits and stage):
            self._still = "", now, False
        elif stage.code != code:
            self._still = stage.code, now, False
        elif now - since >= STILL and not told:
            self._still = code, since, True
            self._entry.warn(StageStill(self._run_id, stage, now - since))

    def _show(self, run: Run) -> None:
        """Log a line if something has changed, never one for each reading."""
        self._readings.over()
        if self._undone and self._has_moved(run, self._undone):
            self._relent()
        before = self._entry.record.reading.odd
        odd = self._entry.read(run).reading.odd
        if odd and odd != before:
            self._entry.tell(OddSeen(odd))
        stage = run.reached
        news = (run.id, run.status, stage and (stage.code, stage.status))
        if news != self._told:
            self._told, self._moved_at = news, self._world.clock.monotonic()
            self._entry.tell(RunShows(run.id, run.status, stage, self._world.clock.utc() - self._began))

    def _end(self, outcome: Outcome, reason: Reason) -> bool:
        self._entry.end(outcome, reason)
        return True
