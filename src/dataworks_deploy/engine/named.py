"""Runs that the user names, instead of new ones. Each is read before anything is done with it."""

from dataworks_deploy.domain.ending import HOPELESS, Ok, Refusal, Refused, Unclear
from dataworks_deploy.domain.event import NotListedYet, StagesMissing
from dataworks_deploy.domain.model import (
    ListPipelineRuns,
    ObjectId,
    Run,
    RunId,
)
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.pace import backoff
from dataworks_deploy.domain.reason import (
    LostSight,
    NamedOfOtherType,
    NotListed,
    NotOfWorkspace,
    ObjectUnreadable,
    OfOtherObject,
    Overtaken,
    Reason,
)
from dataworks_deploy.domain.reconcile import of_workspace, overtaken_by

from .assignment import Assignment
from .calls import World
from .ledger import Entry, Ledger
from .read import LostSightError, Readings, listed_with, read_run
from .watch import Watch

MOST_OTHERS = 20  # objects whose lists are searched for a run


class Named:
    """Opens the runs in run-ids, for all objects of an assignment."""

    def __init__(self, world: World, ledger: Ledger, watch: Watch, assignment: Assignment) -> None:
        self._world = world
        self._ledger = ledger
        self._watch = watch
        self._assignment = assignment
        self._listed: dict[ObjectId, frozenset[RunId]] = {}  # runs of objects, as far as one page shows them

    async def open(self, object_id: ObjectId, run_id: RunId, *, alone: bool) -> Run | None:
        """The run, or None if it cannot be followed. Then the ledger has the outcome.

        `alone`: it was given without its object, so that cannot be checked.
        """
        entry = Entry(self._world, self._ledger, object_id)
        entry.put(entry.begin().taken_up())
        readings = Readings(entry, run_id)
        try:
            run = await self._read(entry, run_id, readings)
        except LostSightError as lost:
            # Only a refusal for the run itself is the run's fault.
            is_wrong = lost.why is Refusal.OTHER
            wrong = NotOfWorkspace(run_id, self._assignment.project_id, lost.fault)
            entry.end(_outcome(lost.why), wrong if is_wrong else LostSight(run_id, lost.fault))
            return None
        if reason := self._wrong(run):
            entry.end(Outcome.FAILED, reason)
            return None
        if alone:
            entry.read(run)
            return run
        runs = await self._runs_with(entry, run)
        if runs is None:
            return None
        entry.read(run)
        here = of_workspace(self._assignment.project_id, runs)
        if self._assignment.continues(run) and (newer := overtaken_by(run, here)):
            entry.end(Outcome.FAILED, Overtaken(run, newer))
            return None
        return run

    async def _read(self, entry: Entry, run_id: RunId, readings: Readings) -> Run:
        """The run, once it shows its type: a new run has no stages yet, and only they show it."""
        run = await read_run(self._world, run_id, readings.failed, HOPELESS)
        readings.over()
        if not self._is_bare(run) or self._assignment.dry_run:
            return run
        entry.tell(StagesMissing(run_id))
        while self._is_bare(run):
            run = await self._watch.next(run_id, readings.failed)
            readings.over()
        return run

    def _is_bare(self, run: Run) -> bool:
        return not (run.stages or run.ended or self._wrong(run))

    def _wrong(self, run: Run) -> Reason | None:
        """What the run itself shows against following it."""
        if run.project_id not in {None, self._assignment.project_id}:
            return NotOfWorkspace(run.id, self._assignment.project_id)
        return None if run.may_be(self._assignment.type) else NamedOfOtherType(run, self._assignment.type)

    async def _runs_with(self, entry: Entry, run: Run) -> tuple[Run, ...] | None:
        """The object's runs, if this one is among them. If not, None, and the ledger has the outcome.

        Nothing else shows it: a run names no object. A new run may be missing because lists lag.
        """
        clock, object_id, looks = self._world.clock, entry.object_id, 0
        age = max(0.0, clock.utc().timestamp() - run.created_ms / 1000)
        patience = max(0.0, self._assignment.policy.settle - age)
        until = clock.monotonic() + patience
        readings = Readings(entry)
        while True:
            match await listed_with(self._world.calls, object_id, run.id):
                case Refused(why, fault) if why in HOPELESS:
                    # Nothing speaks against the run: it may still be continued.
                    entry.read(run)
                    entry.end(_outcome(why), ObjectUnreadable(run.id, object_id, fault))
                    return None
                case Refused(_, fault) | Unclear(fault):
                    await readings.rest(fault)
                case () if not looks and (owner := await self._owner(object_id, run.id)):
                    entry.end(Outcome.FAILED, OfOtherObject(run.id, object_id, owner))
                    return None
                case () if clock.monotonic() >= until:
                    entry.end(Outcome.FAILED, NotListed(run.id, object_id))
                    return None
                case ():
                    readings.over()
                    looks += 1
                    if looks == 1:
                        entry.tell(NotListedYet(run.id, object_id, patience))
                    await clock.sleep(backoff(looks, clock.spread()))
                case runs:
                    readings.over()
                    return runs

    async def _owner(self, object_id: ObjectId, run_id: RunId) -> ObjectId | None:
        """Return which other object the run belongs to, for example if two inputs are in different orders. None if
        unknown.

        It reads only the first page of each list, once. Only the time of the error message depends on it.
        """
        others = [task.object_id for task in self._assignment.tasks if task.object_id != object_id]
        for other in others[:MOST_OTHERS]:
            if other not in self._listed:
                ending = await self._world.calls.make(ListPipelineRuns(other))
                runs = ending.value.runs if isinstance(ending, Ok) else ()
                self._listed[other] = frozenset(run.id for run in runs)
            if run_id in self._listed[other]:
                return other
        return None


def _outcome(why: Refusal | None) -> Outcome:
    """The outcome of the object after a refusal."""
    return Outcome.FAILED if why in {Refusal.OTHER, Refusal.DENIED} else Outcome.TIMED_OUT
