"""A run that the user names is looked at before anything is done with it: it may not be what it is taken for."""

from dataworks_deploy.domain.ending import HOPELESS, Refusal, Refused, Unclear
from dataworks_deploy.domain.model import ObjectId, Run, RunId
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.schedule import backoff

from . import wording_named as wording
from .ledger import Ledger
from .plan import Plan
from .ports import World
from .read import LostSightError, read_run
from .scan import shows
from .unread import Unread
from .watch import Watch
from .wording import lost_sight


class Named:
    """Opens the runs of run-ids, for all objects of a plan."""

    def __init__(self, world: World, ledger: Ledger, watch: Watch, plan: Plan) -> None:
        self._world = world
        self._ledger = ledger
        self._watch = watch
        self._plan = plan

    async def open(self, object_id: ObjectId, run_id: RunId, *, alone: bool) -> Run | None:
        """The run, or None where it cannot be carried on, and the ledger already holds why.

        `alone` says that it was given without its object, which then cannot be checked.
        """
        self._ledger.begin(object_id)
        self._ledger.note(object_id, outcome=Outcome.CREATED)
        unread = Unread(self._world, self._ledger, object_id, f"run {run_id}")
        try:
            run = await self._read(object_id, run_id, unread)
        except LostSightError as lost:
            self._end_unread(object_id, run_id, lost)
            return None
        if wrong := self._wrong(run):
            self._ledger.end(object_id, Outcome.FAILED, wrong)
            return None
        if not (alone or await self._is_of(object_id, run)):
            return None
        self._ledger.see(object_id, run)
        return run

    async def _read(self, object_id: ObjectId, run_id: RunId, unread: Unread) -> Run:
        """The run, once it shows what it is: a young one has no stages yet, and only they tell its type."""
        run = await read_run(self._world, run_id, unread.failed, HOPELESS)
        unread.over()
        if not self._is_bare(run) or self._plan.dry_run:
            return run
        self._world.journal.tell(object_id, wording.bare(run_id))
        while self._is_bare(run):
            run = await self._watch.next(run_id, unread.failed)
            unread.over()
        return run

    def _is_bare(self, run: Run) -> bool:
        return not (run.stages or run.ended or self._wrong(run))

    def _wrong(self, run: Run) -> str:
        """What the run itself shows against it."""
        if run.project_id not in {None, self._plan.project_id}:
            return wording.not_yours(run.id, self._plan.project_id, None)
        if not run.may_be(self._plan.type):
            return wording.of_other_type(run, self._plan.type)
        return ""

    async def _is_of(self, object_id: ObjectId, run: Run) -> bool:
        """Whether the list of the object's runs shows it; where it does not, the ledger then holds why.

        Nothing else tells: a run names no object. One that is young may be missing because lists lag.
        """
        clock, looks = self._world.clock, 0
        age = max(0.0, clock.utc().timestamp() - run.created_ms / 1000)
        patience = max(0.0, self._plan.policy.settle - age)
        until = clock.monotonic() + patience
        unread = Unread(self._world, self._ledger, object_id, "the list of runs")
        while (shown := await shows(self._world.pipelines, object_id, run.id)) is not True:
            match shown:
                case False if clock.monotonic() >= until:
                    self._ledger.end(object_id, Outcome.FAILED, wording.not_listed(run.id, object_id))
                    return False
                case Refused(why, fault) if why in HOPELESS:
                    text = wording.object_unread(run.id, object_id, fault)
                    self._ledger.see(object_id, run)  # nothing is said against it: it may be continued
                    self._ledger.end(object_id, _outcome(why), text, fault=fault)
                    return False
                case Refused(_, fault) | Unclear(fault):
                    await unread.rest(fault)
                case _:
                    unread.over()
                    looks += 1
                    if looks == 1:
                        text = wording.not_listed_yet(run.id, object_id, patience)
                        self._world.journal.tell(object_id, text)
                    await clock.sleep(backoff(looks, clock.spread()))
        unread.over()
        return True

    def _end_unread(self, object_id: ObjectId, run_id: RunId, lost: LostSightError) -> None:
        """A named run was refused: only what is wrong with the run itself is the run's fault."""
        if lost.why is Refusal.OTHER:
            texts = wording.not_yours(run_id, self._plan.project_id, lost.fault), ""
        else:
            texts = lost_sight(run_id, lost.fault)
        self._ledger.end(object_id, _outcome(lost.why), *texts, fault=lost.fault)


def _outcome(why: Refusal) -> Outcome:
    """What a refusal makes of the object."""
    return Outcome.FAILED if why in {Refusal.OTHER, Refusal.DENIED} else Outcome.TIMED_OUT
