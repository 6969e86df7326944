"""Creates one pipeline run per object at most, whatever happens to the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import assert_never

from dataworks_deploy.domain.ending import HOPELESS, Ending, Fault, Ok, Refusal, Refused, Unclear
from dataworks_deploy.domain.mark import Mark, Origin, describe, intent_of, nonce_of
from dataworks_deploy.domain.model import Creation, Run, RunId
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reconcile import (
    Absent,
    Deployed,
    Foreign,
    Found,
    Resume,
    Start,
    judge,
    look_back,
)
from dataworks_deploy.domain.schedule import RETRY_WINDOW, UNREACHABLE_TRIES, backoff, looks

from . import wording
from .ledger import Ledger
from .locate import locate
from .ports import World
from .scan import scan


@dataclass(frozen=True, slots=True)
class Policy:
    """How a creation behaves where the answer is not the plain one. `settle` is in seconds."""

    settle: float
    on_active_run: str
    redeploy: bool
    rerun: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A run to carry on. `mark` is None for a run of somebody else, which is watched and never touched.

    `sure` says that the ID came as the one clear answer to the one request of a first attempt: then no other
    run can bear the mark.
    """

    run_id: RunId
    mark: Mark | None
    sure: bool


class Repeat(Enum):
    """What is left to do after a lost answer that no run explains."""

    SAME_NONCE = auto()


class Creator:
    """Creates the run of one object, or finds out why there must be none. For one use."""

    def __init__(
        self,
        world: World,
        ledger: Ledger,
        *,
        policy: Policy,
        origin: Origin,
        creation: Creation,
    ) -> None:
        self._world = world
        self._pipelines = world.pipelines
        self._clock = world.clock
        self._journal = world.journal
        self._ledger = ledger
        self._policy = policy
        self._creation = creation
        self._object = creation.object_id
        self._mark = Mark(intent_of(origin, creation), 1)
        self._since = self._clock.utc()  # no request was sent before
        self._began = self._clock.monotonic()
        self._refusals = 0
        self._lost: list[Fault] = []  # requests that nobody can tell the end of
        self._unanswered = 0  # those of them that a fence would not have kept out

    async def create(self) -> Opened | None:
        """Return the run to carry on, or None where the ledger already holds how the object ended."""
        self._ledger.begin(self._object)
        # On a first attempt nothing can bear the mark yet, and the call is saved.
        if self._policy.rerun:
            match await self._look_back():
                case Opened() as opened:
                    return opened
                case None:
                    return None
                case generation:
                    self._mark = Mark(self._mark.intent, generation)
        self._since, self._began = self._clock.utc(), self._clock.monotonic()
        return await self._send_until_clear()

    async def _look_back(self) -> Opened | int | None:
        """What earlier attempts of this job left: a run to carry on, the end, or the generation to create."""
        runs = await self._runs()
        if runs is None:
            return None
        match look_back(self._mark.intent, runs, redeploy=self._policy.redeploy):
            case Resume(run, generation):
                self._mark = Mark(self._mark.intent, generation)
                self._tell(f"run {run.id} of an earlier attempt is still active, and is carried on")
                return self._adopt(run, self._mark)
            case Deployed(run, twins):
                self._end_as_deployed(run, twins)
                return None
            case Start(generation):
                return generation
            case _ as never:
                assert_never(never)

    async def _runs(self) -> list[Run] | None:
        """The object's runs, however often that takes: without the list nothing may be created."""
        tries = 0
        while True:
            runs = await scan(self._pipelines, self._object)
            if isinstance(runs, list):
                return self._of_workspace(runs)
            tries += 1
            if isinstance(runs, Refused) and runs.why in HOPELESS:
                text = wording.no_look_back(runs.fault)
                self._ledger.end(self._object, Outcome.REJECTED, text, fault=runs.fault)
                return None
            self._ledger.note(self._object, fault=runs.fault)
            if tries == 1:
                self._tell(f"the list of runs cannot be read yet ({wording.words(runs.fault)}), trying again")
            await self._clock.sleep(backoff(tries, self._clock.spread(), runs.fault.retry_after))

    def _of_workspace(self, runs: list[Run]) -> list[Run]:
        return [run for run in runs if run.project_id in {None, self._creation.project_id}]

    async def _send_until_clear(self) -> Opened | None:
        tries = 0
        while True:
            ending = await self._send()
            tries += 1
            self._unanswered += isinstance(ending, Unclear)
            match ending:
                case Ok(run_id, request_id):
                    return self._open(run_id, request_id)
                case Refused(Refusal.NONCE_USED, fault) | Unclear(fault):
                    repeat = isinstance(ending, Unclear) and not self._lost
                    done = await self._resolve(fault, may_repeat=repeat)
                    if done is not Repeat.SAME_NONCE:
                        return done
                case Refused(why, fault):
                    if not await self._may_try_again(why, fault, tries):
                        self._give_up(fault)
                        if why is Refusal.INNER and not self._lost:
                            await locate(self._world, self._ledger, self._object)
                        return None
                case _ as never:
                    assert_never(never)

    async def _send(self) -> Ending[RunId]:
        """One CreatePipelineRun."""
        return await self._pipelines.create(
            self._creation,
            describe(self._mark, self._creation.note),
            nonce_of(self._mark, self._refusals),
            self._sending,
        )

    def _sending(self) -> None:
        """Write down that a request is under way, before it is."""
        self._ledger.note(
            self._object,
            outcome=Outcome.UNKNOWN,
            attempts=self._ledger[self._object].attempts + 1,
            message=wording.in_flight(self._mark),
        )

    async def _may_try_again(self, why: Refusal, fault: Fault, tries: int) -> bool:
        """After a refusal: pause and say yes, where the same request can succeed later."""
        patient = why is Refusal.THROTTLED or (why is Refusal.UNREACHABLE and tries < UNREACHABLE_TRIES)
        if not patient or (self._lost and self._elapsed() > RETRY_WINDOW):
            return False
        if not self._lost:
            # A throttled request may have used its nonce up; one that never left has not, and under the same
            # nonce the fence also holds against other attempts of the job. Once an answer is lost the nonce is
            # kept in any case: only under that one is the lost request not carried out a second time.
            self._refusals += why is Refusal.THROTTLED
            text = wording.words(fault)
            self._ledger.note(self._object, outcome=Outcome.SKIPPED, message=text, fault=fault)
        pause = backoff(tries, self._clock.spread(), fault.retry_after)
        self._tell(f"refused for now ({wording.words(fault)}), trying again in {pause:.0f} s")
        await self._clock.sleep(pause)
        return True

    async def _resolve(self, fault: Fault, *, may_repeat: bool) -> Opened | Repeat | None:
        """Find out what became of a request whose answer was lost."""
        self._lost.append(fault)
        request_id = fault.request_id or self._ledger[self._object].request_id
        self._ledger.note(self._object, request_id=request_id, fault=fault, message=self._unknown())
        self._tell(f"no clear answer to the creation ({wording.words(fault)}), looking for its run")
        match await self._look():
            case Found(run):
                self._tell(
                    f"found: run {run.id}, created by {run.creator or 'this key'}, bears this job's mark"
                )
                opened = self._adopt(run, self._mark)
                self._warn_of_second(possible=self._unanswered > 1)
                return opened
            case Foreign(run) if self._policy.on_active_run == "adopt":
                self._tell(f"following run {run.id} of {run.creator or 'somebody else'} instead")
                opened = self._adopt(run, None)
                self._ledger.remark(self._object, wording.may_turn_up(self._mark))
                return opened
            case Foreign(run) if self._policy.on_active_run == "fail":
                self._end_as_conflict(run)
                return None
            case Foreign() | Absent() if may_repeat and self._elapsed() <= RETRY_WINDOW:
                self._tell("no run found, sending the same request under the same nonce once more")
                return Repeat.SAME_NONCE
        self._end_as_unknown()
        return None

    async def _look(self) -> Found | Foreign | Absent | None:
        """Read the list until our run shows or `settle` seconds have passed; None: it was not readable then.

        Only the last reading may say that there is nothing: what is slow to appear is not absent, and a
        list that cannot be read says nothing at all.
        """
        began, seen = self._clock.monotonic(), None
        since_ms = int(self._since.timestamp() * 1000)
        for moment in looks(self._policy.settle):
            await self._clock.sleep(max(0.0, began + moment - self._clock.monotonic()))
            runs = await scan(self._pipelines, self._object)
            if not isinstance(runs, list):
                self._tell(f"the list of runs cannot be read ({wording.words(runs.fault)})")
                seen = None
                continue
            seen = judge(self._mark, self._of_workspace(runs), since_ms)
            if isinstance(seen, Found):
                return seen
        if isinstance(seen, Absent) and seen.leftovers:
            self._journal.warn(self._object, wording.leftovers(seen.leftovers))
        return seen

    def _elapsed(self) -> float:
        """Seconds since the first request."""
        return self._clock.monotonic() - self._began

    def _open(self, run_id: RunId, request_id: str | None) -> Opened:
        sure = not self._lost and not self._policy.rerun
        self._ledger.note(
            self._object,
            run_id=run_id,
            request_id=request_id,
            outcome=Outcome.CREATED,
            own=True,
            message="",
            fault=None,
        )
        self._warn_of_second(possible=self._unanswered > 0)
        self._tell(f"created run {run_id} (RequestId {request_id or 'none'})")
        return Opened(run_id, self._mark, sure)

    def _warn_of_second(self, *, possible: bool) -> None:
        """The fence should have kept all requests out but one; nobody has seen that it did."""
        if possible:
            self._ledger.remark(self._object, wording.sent_again(self._mark))

    def _adopt(self, run: Run, mark: Mark | None) -> Opened:
        self._ledger.note(
            self._object,
            run_id=run.id,
            outcome=Outcome.CREATED,
            adopted=True,
            own=mark is not None,
            message="",
            fault=None,
        )
        self._ledger.see(self._object, run)
        return Opened(run.id, mark, sure=False)

    def _give_up(self, fault: Fault) -> None:
        """A refusal that no patience mends. What was lost before it stays unknown."""
        if self._lost:
            self._lost.append(fault)
            self._end_as_unknown()
        else:
            self._ledger.end(
                self._object, Outcome.REJECTED, wording.words(fault), request_id=fault.request_id, fault=fault
            )

    def _end_as_deployed(self, run: Run, twins: Sequence[Run]) -> None:
        self._ledger.see(self._object, run)
        if twins:
            self._journal.warn(self._object, wording.twins(run, twins))
            self._ledger.remark(self._object, wording.duplicates(twins))
        text = wording.deployed_before(run)
        self._ledger.end(self._object, Outcome.SUCCEEDED, text, run_id=run.id, adopted=True)

    def _end_as_conflict(self, run: Run) -> None:
        self._ledger.end(self._object, Outcome.CONFLICT, wording.conflict(run, self._mark))

    def _end_as_unknown(self) -> None:
        self._ledger.end(self._object, Outcome.UNKNOWN, self._unknown())

    def _unknown(self) -> str:
        return wording.unknown(self._creation, self._mark, self._lost, self._since, self._clock.utc())

    def _tell(self, text: str) -> None:
        self._journal.tell(self._object, text)
