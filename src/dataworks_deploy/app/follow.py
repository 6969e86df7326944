"""Carries one run through its stages to its end, and reports nothing that was not read."""

from dataclasses import replace
from typing import assert_never

from dataworks_deploy.domain.advance import (
    Ended,
    Execute,
    Goal,
    NeedPerson,
    NoSuchStage,
    Reached,
    Tried,
    Wait,
    next_move,
)
from dataworks_deploy.domain.ending import Fault, Ok, Refusal, Refused
from dataworks_deploy.domain.model import EXECUTABLE, INIT, TERMINAL, ObjectId, Run, RunId, Stage
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.schedule import EXECUTION_REST, backoff

from . import wording
from .ledger import Ledger
from .ports import World
from .read import LostSightError, read_run
from .unread import Unread
from .watch import Watch


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
        self._refused: Stage | None = None
        self._unread = Unread(world, ledger, object_id, f"run {run_id}")

    async def follow(self) -> None:
        """Until the run has ended, has come as far as it was to, or cannot be moved or seen any more."""
        try:
            # What was seen to have ended before is only read once more.
            if self._ledger[self._object].status in TERMINAL and await self._confirm():
                return
            while not await self._step(await self._watch.next(self._run_id, self._unread.failed)):
                pass
        except LostSightError as lost:
            text = wording.lost_sight(self._run_id, lost.fault)
            self._end(Outcome.TIMED_OUT, text, fault=lost.fault)

    async def _step(self, run: Run) -> bool:
        """Make the next move; True when there is none left."""
        self._show(run)
        match next_move(run, self._goal, self._tried, self._world.clock.monotonic()):
            case Wait():
                self._forget(run)
            case NeedPerson(stage):
                self._ask(stage)
            case Execute(stage):
                return await self._execute(stage)
            case Reached(stage):
                return self._end(Outcome.CREATED, wording.reached(stage, run))
            case NoSuchStage(codes):
                text = wording.no_such_stage(self._run_id, self._goal.until_stage, codes)
                return self._end(Outcome.FAILED, text)
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

    async def _execute(self, stage: Stage) -> bool:
        """Trigger a stage. What the answer proves little about, the next reading shows."""
        before = self._tried.get(stage.code, Tried())
        if before.executions and not await self._still_waits(stage):
            return False
        self._ledger.note(self._object, stage=stage.code)
        self._tell(f"executing {stage.code}")
        ending = await self._world.pipelines.execute(self._run_id, stage.code)
        # A refusal that is only repeated changes nothing that could be seen sooner.
        if not (isinstance(ending, Refused) and before.throttled):
            self._watch.stirred()
        match ending:
            case Refused(Refusal.THROTTLED | Refusal.UNREACHABLE | Refusal.NOT_RUNNING, fault):
                tried = replace(before, throttled=before.throttled + 1)
                self._refuse(stage, fault)
                rest = backoff(tried.throttled, self._world.clock.spread(), fault.retry_after)
            case Refused(Refusal.QUOTA_SPENT | Refusal.EXPIRED, fault):
                return self._end(
                    Outcome.TIMED_OUT, wording.not_advanced(self._run_id, stage, fault), fault=fault
                )
            case Refused(Refusal.DENIED, fault):
                return self._end(
                    Outcome.FAILED, wording.not_advanced(self._run_id, stage, fault), fault=fault
                )
            case _:
                tried = Tried(before.executions + 1)
                self._relent()
                rest = EXECUTION_REST * (1 if isinstance(ending, Ok) else 0.3) * tried.executions
                if isinstance(ending, Refused):
                    # An approval refuses: it is tried again, and somebody may see to it meanwhile.
                    self._ask(stage)
        if not isinstance(ending, Ok):
            self._tell(wording.not_done(stage, ending))
        self._tried[stage.code] = replace(tried, again_at=self._world.clock.monotonic() + rest)
        return False

    def _refuse(self, stage: Stage, fault: Fault) -> None:
        """Keep why a stage is not executed, for the case that nothing more comes of it."""
        self._refused = stage
        self._ledger.note(self._object, undone=wording.not_executed_yet(stage, fault), fault=fault)

    def _relent(self) -> None:
        """What was refused before explains nothing any more."""
        if self._refused:
            self._refused = None
            self._ledger.note(self._object, undone="", fault=None)

    async def _still_waits(self, stage: Stage) -> bool:
        """Whether a stage that was executed before really shows no sign of it: lists lag."""
        run = await read_run(self._world, self._run_id, self._unread.failed)
        self._show(run)
        match next_move(run, self._goal, self._tried, self._world.clock.monotonic()):
            case Execute(again):
                return again.code == stage.code
        return False

    def _ask(self, stage: Stage) -> None:
        entry = self._ledger[self._object]
        if entry.waits_for != stage.code:
            by_choice = not self._goal.advance and stage.type in EXECUTABLE
            why = wording.left_to_person(entry) if by_choice else ""
            self._ledger.note(self._object, waits_for=stage.code, waits_because=why, stage=stage.code)
            self._world.journal.warn(self._object, wording.needs_person(self._run_id, stage, why))

    def _forget(self, run: Run) -> None:
        """Nobody needs to do anything any more, unless the stage that they were asked about has not moved."""
        stage = run.stage(self._ledger[self._object].waits_for)
        if stage is None or stage.status != INIT:
            self._ledger.note(self._object, waits_for=None)

    def _show(self, run: Run) -> None:
        """A line when something has changed, never one for a reading."""
        self._unread.over()
        if self._refused and run.stage(self._refused.code) != self._refused:
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

    def _end(self, outcome: Outcome, text: str, fault: Fault | None = None) -> bool:
        self._ledger.end(self._object, outcome, text, fault=fault, waits_for=None)
        return True

    def _tell(self, text: str) -> None:
        self._world.journal.tell(self._object, text)
