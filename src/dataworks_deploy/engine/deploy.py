"""Takes the objects of a step from creation to their end, in order, a limited number at once."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from dataworks_deploy.domain.advance import Goal
from dataworks_deploy.domain.ending import Fault, Ok
from dataworks_deploy.domain.event import LeftBehind, StillUnderWay
from dataworks_deploy.domain.lengths import FIRST
from dataworks_deploy.domain.model import TERMINAL, Creation, ListPipelineRuns, ObjectId, Run, RunId
from dataworks_deploy.domain.outcome import End, Kind, Outcome, row_of
from dataworks_deploy.domain.reason import AnotherFailed, LeftOpen, NothingChanged, NotOurs
from dataworks_deploy.domain.reconcile import intent_of, of_intents, owner_of
from dataworks_deploy.domain.record import Fate, Withdrawal
from dataworks_deploy.domain.studio.catalog import StudioObject
from dataworks_deploy.domain.studio.graph import Graph
from dataworks_deploy.domain.studio.plan import Asked, Plan
from dataworks_deploy.domain.studio.scheduler import Scheduler, Turn

from .assignment import Assignment, Task
from .calls import Calls, Clock, Journal, Service, World
from .changes import Comparing
from .create import Creator
from .drafts import Drafts
from .dry_run import DryRun
from .follow import Follower
from .ledger import Begun, Entry, Ledger, Progress
from .named import Named
from .read import repeated
from .rivals import Rivals
from .select import Chosen, Problems, Selector
from .watch import Watch
from .withdraw import Own, withdraw

# If dependencies give the order, so many objects run at once.
AT_ONCE = 10
# A cancelled step may take five seconds. So many of them are for open answers, and for abolishing runs.
ANSWER_GRACE = 1.5
WITHDRAW_GRACE = 2.5
# After its deadline a step may take ten seconds. So many of them are for both.
OVERTIME = 8.0
# The summary of a killed step is at most this old, in seconds. A long one is drawn less often: DRAW_REST is for each
# object.
DRAW_EVERY = 3.0
DRAW_REST = 0.02  # for each object


class Deployment:
    """Carries out an assignment. However it ends, the ledger then holds the truth. Use an instance once."""

    def __init__(
        self, service: Service, clock: Clock, journal: Journal, ledger: Ledger, assignment: Assignment
    ) -> None:
        self._progress = Progress(journal, clock)
        self._calls = Calls(service, clock, self._progress, ledger.called)
        self._world = World(self._calls, clock, self._progress)
        self._ledger = ledger
        self._assignment = assignment
        self._rivals = Rivals(
            self._world,
            ledger,
            assignment.project_id,
            settle=assignment.policy.settle,
            continues=assignment.continues,
        )
        self._dry_run = DryRun(self._world, ledger, assignment)
        self._watch = Watch(self._world, assignment.poll, lambda: self._calls.scarce)
        self._named = Named(self._world, ledger, self._watch, assignment)
        self._graph = Graph(())
        self._begun = Begun(
            ledger, assignment.origin, assignment.creation, redeploy=assignment.policy.redeploy
        )
        self._chosen: Chosen | None = None
        self._drafts = Drafts(self._world)
        self.problems: Problems = ()  # why nothing was started, once that is known

    @property
    def chooses(self) -> bool:
        """Whether it is not known yet which objects to deploy, and in which order. Then nothing has begun."""
        return self._assignment.wanted is not None and self._chosen is None and not self.problems

    async def run(self, stop: asyncio.Event) -> End:
        """Deploy until everything has ended, the deadline has passed, or `stop` is set."""
        # A stop that came before the event loop started takes effect in its first turn. Then nothing is started.
        await asyncio.sleep(0)
        if stop.is_set():
            self._close(End.CANCEL)
            return End.CANCEL
        latest = self._world.clock.monotonic() + self._assignment.timeout + OVERTIME
        work = asyncio.create_task(self._work())
        end = await self._until_end(work, stop)
        self._close(end)
        self._tell_preview()
        if end is End.NORMAL and any(
            row_of(each.outcome).kind is Kind.FAILURE for each in self._ledger.records
        ):
            end = End.FAILURE
        if end in self._assignment.abolish_on:
            await self._withdraw_until(latest, end, stop)
        if not work.cancelled():
            work.result()
        return end

    async def _until_end(self, work: asyncio.Task[None], stop: asyncio.Event) -> End:
        """Wait for whichever comes first, then give open answers a little time."""
        stopped = asyncio.create_task(stop.wait())
        deadline = asyncio.create_task(self._world.clock.sleep(self._assignment.timeout))
        end = End.NORMAL
        try:
            await asyncio.wait({work, stopped, deadline}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                end = End.FAILURE if work.exception() else End.NORMAL
            else:
                end = End.CANCEL if stopped.done() else End.TIMEOUT
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._calls.close(), ANSWER_GRACE)
        finally:
            for task in (work, stopped, deadline):
                task.cancel()
            await asyncio.wait({work})
        return end

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as group:
            background = [
                group.create_task(each) for each in (self._watch.serve(), self._beat(), self._draw())
            ]
            await self._choose()
            if not self.problems:
                await self._deploy_all()
            for task in background:
                task.cancel()

    async def _choose(self) -> None:
        """Find out which objects to deploy and in which order, unless both are given."""
        assignment = self._assignment
        if assignment.wanted is None:
            self._graph = Graph(tuple(task.object_id for task in assignment.tasks))
            return
        began = self._world.clock.monotonic()
        selector = Selector(self._world, assignment.wanted, self._begun)
        found = await selector.choose()
        if assignment.policy.rerun:
            await self._tell_left_behind(selector.known, found.objects if isinstance(found, Chosen) else ())
        match found:
            case Chosen(objects, laid_out, graph, ordered):
                tasks = tuple(Task(each.id, assignment.creation.of(each.id)) for each in objects)
                at_once = assignment.max_parallel or (AT_ONCE if ordered else 1)
                self._drafts = Drafts(self._world, objects, began, compares=assignment.wanted.only_changed)
                self._ledger.open(
                    self._begun.named(task.record.shown(each))
                    for task, each in zip(tasks, objects, strict=True)
                )
                if assignment.wanted.only_changed:
                    laid_out = await self._compared(laid_out)
                    self._end_unchanged(laid_out)
                self._assignment = replace(assignment, tasks=tasks, max_parallel=at_once)
                self._graph, self._chosen = graph, replace(found, plan=laid_out)
                self._world.journal.chosen(laid_out, at_once)
            case problems:
                self.problems = problems

    async def _compared(self, laid_out: Plan) -> Plan:
        """The plan with what has changed. Upstream objects that were added are not in production, so they are always
        deployed.
        """
        project_id = self._assignment.project_id
        owner = owner_of(self._assignment.origin.repository_id, project_id)
        comparing = Comparing(self._world, project_id, owner, self._begun)
        asked = [each.object for each in laid_out.objects if isinstance(each.why, Asked)]
        return laid_out.compared(await comparing.compare(asked))

    def _end_unchanged(self, compared: Plan) -> None:
        """There is nothing to do with unchanged objects."""
        now = self._world.clock.utc()
        self._ledger.open(
            each.ended(Outcome.UNCHANGED, NothingChanged(same.run), now)
            if (same := compared.unchanged.get(each.object_id))
            else each
            for each in self._ledger.records
        )

    async def _tell_left_behind(self, known: Iterable[StudioObject], chosen: Iterable[StudioObject]) -> None:
        """Report open runs that earlier attempts left on objects that exist but are not selected any more.

        This reads one page of the workspace's runs, which shows the newest ones. Only this message depends on it.
        """
        assignment, here = self._assignment, {each.id for each in chosen}
        # A node inside a workflow has no runs of its own. If there are only such nodes, nothing is read.
        others_known = (each for each in known if each.id not in here and each.workflow is None)
        creations = ((each, assignment.creation.of(each.id)) for each in others_known)
        others = {intent_of(assignment.origin, creation): each for each, creation in creations}
        ending = await repeated(self._world, ListPipelineRuns(None)) if others else None
        for intent, run in of_intents(others, ending.value.runs) if isinstance(ending, Ok) else ():
            self._progress.warn(None, LeftBehind(others[intent], run))

    async def _deploy_all(self) -> None:
        """Start each object when everything that it needs has succeeded."""
        assignment = self._assignment
        tasks = {task.object_id: task for task in assignment.tasks}
        done = self._chosen.plan.unchanged if self._chosen else ()
        scheduler = Scheduler(self._graph, assignment.max_parallel or 1, fail_fast=self._fail_fast, done=done)

        def take(turn: Turn) -> None:
            for skip in turn.skipped:
                record = self._ledger[skip.object_id]
                needed = self._ledger[skip.because] if skip.because else None
                self._ledger.put(record.kept_back(needed) if needed else record.held_back(AnotherFailed()))
            for object_id in turn.start:
                group.create_task(deploy(object_id))

        async def deploy(object_id: ObjectId) -> None:
            # The scheduler hears of a failure only after the calls that explain it.
            if self._goes_on():
                await self._deploy(tasks[object_id])
            else:
                self._ledger.put(self._ledger[object_id].held_back(AnotherFailed()))
            record = self._ledger[object_id]
            good = row_of(record.outcome).good
            take(scheduler.ended(object_id, good=good, done=not record.left_to_person))

        async with asyncio.TaskGroup() as group:
            take(scheduler.start())

    @property
    def _fail_fast(self) -> bool:
        """Whether a failure keeps other objects from starting. A dry run should find every problem."""
        return self._assignment.fail_fast and not self._assignment.dry_run

    def _goes_on(self) -> bool:
        """Whether objects may still be started."""
        return not self._fail_fast or all(
            row_of(each.outcome).good for each in self._ledger.records if each.finished_at
        )

    async def _deploy(self, task: Task) -> None:
        if not isinstance(task.what, Creation):
            opened = await self._continue(task, task.what)
        elif not self._assignment.dry_run:
            opened = await self._create(task.what)
        else:
            await self._dry_run.of_object(task.what)
            return
        if opened is None:
            return
        run_id, goal = opened
        follower = Follower(self._world, self._ledger, self._watch, goal, task.object_id, run_id)
        if self._assignment.wait:
            await follower.follow()
        # A run that is only created must still be open.
        elif not await follower.look(self._assignment.policy.settle):
            Entry(self._world, self._ledger, task.object_id).end(Outcome.CREATED, LeftOpen())

    async def _create(self, creation: Creation) -> tuple[RunId, Goal] | None:
        """The run to follow, and how far. Somebody else's run is only watched, never changed."""
        creator = Creator(
            self._world,
            self._ledger,
            policy=self._assignment.policy,
            origin=self._assignment.origin,
            creation=creation,
            drafts=self._drafts,
            wanted=self._goes_on,
            begun=self._begun[creation.object_id],
        )
        opened = await creator.create()
        if opened is None:
            return None
        held = await self._rivals.hold(creation.object_id, opened)
        if held is None:
            return None
        if held.sure:
            self._watch.begun(held.run_id, FIRST, held.asked_at)
        if held.mark:
            return held.run_id, self._assignment.goal
        watched = replace(self._assignment.goal, advance=False, automatic=False, automatic_until="")
        return held.run_id, replace(watched, type=self._assignment.type)

    async def _continue(self, task: Task, run_id: RunId) -> tuple[RunId, Goal] | None:
        """The run that the user named, and how far to take it."""
        run = await self._named.open(task.object_id, run_id, alone=task.alone)
        if run is None:
            return None
        if self._assignment.dry_run:
            await self._dry_run.of_run(task.object_id, run)
            return None
        return run_id, replace(self._assignment.goal, type=self._assignment.type)

    async def _beat(self) -> None:
        """Write a sign of life when nothing has changed for a while."""
        while True:
            await self._progress.until_silent()
            under_way = tuple(
                each for each in self._ledger.records if each.started_at and not each.finished_at
            )
            self._progress.tell(None, StillUnderWay(under_way, self._ledger.calls))

    async def _draw(self) -> None:
        """Keep the summary nearly as new as the outputs, for a step that is killed."""
        while True:
            self._ledger.noted.clear()
            self._ledger.written.clear()
            self._world.journal.draw(self._ledger.left, self._ledger.calls, self._world.clock.utc())
            drawn_at = self._world.clock.monotonic()
            await self._world.clock.sleep(min(DRAW_EVERY, DRAW_REST * len(self._ledger.left)))
            await self._ledger.noted.wait()
            with suppress(TimeoutError):
                # Not `wait_for`: in Python 3.11 it may swallow a cancellation.
                async with asyncio.timeout(drawn_at + DRAW_EVERY - self._world.clock.monotonic()):
                    await self._ledger.written.wait()

    def _close(self, end: End) -> None:
        """Record for each unfinished object what is true of it now."""
        if self.problems:
            return  # these say why nothing was started
        now = self._world.clock.utc()
        for record in self._ledger.records:
            if not record.done:
                self._ledger.put(record.interrupted(end, now))

    def _tell_preview(self) -> None:
        """Report which objects of a dry run would fail. Objects that were not checked in time do not count as
        failing.
        """
        if self._assignment.dry_run and self._chosen and self._chosen.objects:
            records = self._ledger.records
            failing = {each.object_id for each in records if row_of(each.outcome).kind is Kind.FAILURE}
            self._world.journal.previewed(self._chosen.plan.blocked_by(failing))

    async def _withdraw_until(self, latest: float, end: End, stop: asyncio.Event) -> None:
        """Abolish runs in the time that is left. Once `stop` is set, that time is short, and the post step does the
        rest.
        """
        withdrawal, stopped = asyncio.create_task(self._withdraw(end)), asyncio.create_task(stop.wait())
        left = latest - self._world.clock.monotonic()
        await asyncio.wait({withdrawal, stopped}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        if stopped.done():
            left = min(WITHDRAW_GRACE, latest - self._world.clock.monotonic())
            await asyncio.wait({withdrawal}, timeout=left)
        for task in (withdrawal, stopped):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await withdrawal

    async def _withdraw(self, end: End) -> None:
        """Abolish this job's own runs that may be open, and record for each what happened."""
        records = (self._ledger[object_id] for object_id in self._ledger.own)
        mine = {
            each.object_id: Own(each.run.id, each.run.claim, each.told_at)
            for each in records
            if row_of(each.outcome).may_be_open and each.reading.status not in TERMINAL
            if each.run and each.run.claim
        }

        def settled(object_id: ObjectId, fate: Fate, run: Run) -> None:
            own, now = mine.pop(object_id), self._world.clock.utc()
            record = self._ledger[object_id]
            if fate is Fate.FOREIGN:
                self._ledger.put(record.disowned(NotOurs(run, own.claim.mark), now))
                return
            record = self._ledger.put(record.read(run, now))
            self._ledger.put(record.withdrawn(Withdrawal(fate, end, run)))

        said = dict[ObjectId, Fault]()
        try:
            await withdraw(self._world, dict(mine), settled, said.__setitem__)
        finally:
            for object_id in mine:
                withdrawal = Withdrawal(Fate.UNSEEN, end, fault=said.get(object_id))
                self._ledger.put(self._ledger[object_id].withdrawn(withdrawal))
