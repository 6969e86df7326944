"""Carries one run through its stages to its end, and reports nothing that was not read."""

from dataclasses import replace
from functools import partial
from typing import assert_never

from dataworks_deploy.domain.advance import (
    MOST_EXECUTIONS,
    Ended,
    Execute,
    Goal,
    NeedPerson,
    NoSuchStage,
    OtherType,
    Reached,
    Tried,
    Wait,
    next_move,
)
from dataworks_deploy.domain.ending import CERTAIN, Ending, Fault, Ok, Refusal, Refused, Unclear
from dataworks_deploy.domain.model import DEPLOYING, EXECUTABLE, INIT, TERMINAL, ObjectId, Run, RunId, Stage
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.schedule import EXECUTION_REST, REFUSED_REST, UNCLEAR_RESTS, backoff

from . import wording, wording_named
from .ledger import Ledger
from .ports import World
from .read import LostSightError, read_run
from .unread import Unread
from .watch import Watch

# So a stage is refused that was provably not executed, and may be a little later.
_NOT_DONE = frozenset({Refusal.THROTTLED, Refusal.UNREACHABLE, Refusal.NOT_RUNNING})


class Follower:
    """Follows one run of one object. For one use."""

    def __init__(
        self, world: World, ledger: Ledger, watch: Watch, goal: Goal, object_id: ObjectId, run_id: RunId
    ) -> None:
        self._world = world
        self._ledger = ledger
        self._watch = watch
        self._goal = goal
        self._object = object_id
        self._run_id = run_id
        self._tried: dict[str, Tried] = {}
        self._began = ledger[object_id].started_at or world.clock.utc()
        self._told = ""
        self._undone: Stage | None = None
        self._unread = Unread(world, ledger, object_id, f"run {run_id}")

    async def follow(self) -> None:
        """Until the run has ended, has come as far as it was to, or cannot be moved or seen any more."""
        try:
            if await self.has_ended():
                return
            while not await self._step(await self._watch.next(self._run_id, self._unread.failed)):
                pass
        except LostSightError as lost:
            self._lose_sight(lost)

    async def has_ended(self) -> bool:
        """Whether the run was seen to have ended before, and is by another reading; the ledger then holds how.

        So it does where it cannot be read any more.
        """
        try:
            return self._ledger[self._object].status in TERMINAL and await self._confirm()
        except LostSightError as lost:
            return self._lose_sight(lost)

    def _lose_sight(self, lost: LostSightError) -> bool:
        texts = wording.lost_sight(self._run_id, lost.fault)
        return self._end(Outcome.TIMED_OUT, *texts, fault=lost.fault)

    async def _step(self, run: Run, *, fresh: bool = False) -> bool:
        """Make the next move; True when there is none left. `fresh` is a run that was read by a call of its own."""
        self._show(run)
        match next_move(run, self._goal, self._tried, self._world.clock.monotonic()):
            case Wait():
                self._forget(run)
            case NeedPerson(stage):
                self._ask(stage)
            case Execute(stage) if fresh or not self._executions(stage):
                return await self._execute(stage)
            case Execute():
                # A list lags: what it shows to wait may be under way, or over, since it was executed.
                run = await read_run(self._world, self._run_id, self._unread.failed)
                return await self._step(run, fresh=True)
            case Reached(stage):
                return self._end(Outcome.CREATED, *wording.reached(stage, run, self._goal.automatic_until))
            case NoSuchStage(codes):
                wanted = self._goal.until_stage
                return self._end(Outcome.FAILED, *wording.no_such_stage(self._run_id, wanted, codes))
            case OtherType(wanted):
                outcome = Outcome.CONFLICT if self._ledger[self._object].foreign else Outcome.FAILED
                return self._end(outcome, wording_named.turned_out(run, wanted))
            case Ended():
                return await self._confirm()
            case _ as never:
                assert_never(never)
        return False

    async def _confirm(self) -> bool:
        """An end is read once more, by a call of its own, before it is reported."""
        run = await read_run(self._world, self._run_id, self._unread.failed)
        self._show(run)
        match next_move(run, self._goal, self._tried, self._world.clock.monotonic()):
            case Ended(outcome):
                return self._end(outcome, "" if outcome is Outcome.SUCCEEDED else wording.ended(run))
        return False

    def _executions(self, stage: Stage) -> int:
        """How often the stage was executed, for all that is known."""
        return self._tried.get(stage.code, Tried()).executions

    async def _execute(self, stage: Stage) -> bool:
        """Trigger a stage. What the answer proves little about, the next reading shows."""
        before = self._tried.get(stage.code, Tried())
        asked = self._ledger[self._object].waits_for
        # What somebody was asked for before is behind the run by now.
        self._ledger.note(self._object, stage=stage.code, waits_for=asked if asked == stage.code else None)
        self._tell(f"executing {stage.code}")
        told_at = self._ledger[self._object].told_at
        ending = await self._world.pipelines.execute(self._run_id, stage.code, partial(self._leaving, stage))
        if isinstance(ending, Refused) and ending.why is not Refusal.NONCE_USED:
            self._ledger.note(self._object, told_at=told_at)
        # A refusal that is only repeated changes nothing that could be seen sooner.
        if not (isinstance(ending, Refused) and before.throttled):
            self._watch.stirred()
        # One that comes after an execution that may have happened says nothing of that.
        if isinstance(ending, Refused) and ending.why in CERTAIN and not before.executions:
            outcome = Outcome.FAILED if ending.why is Refusal.DENIED else Outcome.TIMED_OUT
            texts = wording.not_advanced(self._run_id, stage, ending.fault)
            return self._end(outcome, *texts, fault=ending.fault)
        if not isinstance(ending, Refused):
            self._ledger.note(self._object, waits_for=None)
        if not isinstance(ending, Ok):
            self._tell(wording.not_done(stage, ending))
        self._tried[stage.code] = self._weigh(stage, before, ending)
        return False

    def _leaving(self, stage: Stage) -> None:
        """Write down that production is about to change: readings lag, and who abolishes has to know."""
        if stage.type in DEPLOYING:
            self._ledger.note(self._object, told_at=self._world.clock.monotonic())

    def _weigh(self, stage: Stage, before: Tried, ending: Ending[None]) -> Tried:
        """What was tried by now, and when the stage may be executed again."""
        clock = self._world.clock
        executions = before.executions + 1
        if isinstance(ending, Ok):
            self._relent()
            rest = EXECUTION_REST * executions
        elif isinstance(ending, Unclear):
            self._keep(stage, wording.not_answered(stage, ending.fault), ending.fault)
            rest = UNCLEAR_RESTS[min(executions, len(UNCLEAR_RESTS)) - 1]
        else:
            self._keep(stage, wording.not_executed_yet(stage, ending.fault), ending.fault)
            if ending.why in _NOT_DONE:
                throttled = before.throttled + 1
                rest = backoff(throttled, clock.spread(), ending.fault.retry_after)
                return replace(before, throttled=throttled, again_at=clock.monotonic() + rest)
            # An approval refuses: it is tried again, and somebody may see to it meanwhile.
            self._ask(stage)
            rest = REFUSED_REST * executions
        return Tried(executions, clock.monotonic() + rest)

    def _keep(self, stage: Stage, why: str, fault: Fault) -> None:
        """Keep why a stage was not executed, as far as known, for the case that nothing more comes of it."""
        self._undone = stage
        self._ledger.note(self._object, undone=why, fault=fault)

    @staticmethod
    def _has_moved(run: Run, before: Stage) -> bool:
        """What a stage says of itself changes from one reading to the next, and explains nothing."""
        stage = run.stage(before.code)
        return stage is None or stage.status != before.status

    def _relent(self) -> None:
        """What came of an execution before explains nothing any more."""
        if self._undone:
            self._undone = None
            self._ledger.note(self._object, undone="", fault=None)

    def _ask(self, stage: Stage) -> None:
        entry = self._ledger[self._object]
        if entry.waits_for != stage.code:
            by_choice = not self._goal.advance and stage.type in EXECUTABLE
            why = wording.left_to_person(entry) if by_choice else ""
            self._ledger.note(self._object, waits_for=stage.code, waits_because=why, stage=stage.code)
            if self._executions(stage) >= MOST_EXECUTIONS:
                why = wording.tried_enough(self._executions(stage))
            self._world.journal.warn(self._object, wording.needs_person(self._run_id, stage, why))

    def _forget(self, run: Run) -> None:
        """Nobody needs to do anything any more, unless the stage that they were asked about has not moved."""
        stage = run.stage(self._ledger[self._object].waits_for)
        if stage is None or stage.status != INIT:
            self._ledger.note(self._object, waits_for=None)

    def _show(self, run: Run) -> None:
        """A line when something has changed, never one for a reading."""
        self._unread.over()
        if self._undone and self._has_moved(run, self._undone):
            self._relent()
        before = self._ledger[self._object].odd
        odd = self._ledger.see(self._object, run).odd
        if odd and odd != before:
            self._tell(odd)
        stage = run.reached
        text = f"run {run.id} {run.status}" + (f", {stage.code} {stage.status}" if stage else "")
        if text != self._told:
            self._told = text
            took = self._world.clock.utc() - self._began
            self._tell(f"{text} ({took.total_seconds():.0f} s)")

    def _end(self, outcome: Outcome, why: str, left: str = "", fault: Fault | None = None) -> bool:
        self._ledger.end(self._object, outcome, why, left, fault=fault, waits_for=None)
        return True

    def _tell(self, text: str) -> None:
        self._world.journal.tell(self._object, text)
