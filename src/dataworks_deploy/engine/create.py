"""Creates one pipeline run per object at most, whatever happens to the answer."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from typing import assert_never

from dataworks_deploy.domain.choices import OnActiveRun
from dataworks_deploy.domain.ending import Ending, Fault, Ok, Refusal, Refused, Unclear
from dataworks_deploy.domain.event import (
    CreationPutOff,
    CreationRepeated,
    CreationUnanswered,
    EarlierRunAppeared,
    Event,
    Leftovers,
    OtherFollowed,
    RunCreated,
    RunFound,
)
from dataworks_deploy.domain.mark import Mark, Origin, describe, intent_of, nonce_of
from dataworks_deploy.domain.model import Creation, Run, RunId
from dataworks_deploy.domain.operation import CreatePipelineRun, GetNode
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import (
    AnotherFailed,
    AnswerLost,
    Conflict,
    CreationRefused,
    FoundByMark,
    InFlight,
    Inside,
    MayBeSecond,
    MayTurnUp,
    Note,
    NotSent,
    Reason,
    fault_of,
)
from dataworks_deploy.domain.reconcile import Absent, Foreign, Found, Start
from dataworks_deploy.domain.record import Record, Whose
from dataworks_deploy.domain.schedule import RETRY_WINDOW, UNREACHABLE_TRIES, backoff

from .calls import Withheld, World
from .earlier import LookBack
from .ledger import Ledger
from .look import Blind, Look
from .rivals import Opened, adopt

LOCATE_SECONDS = 5.0  # of real time, with the wait for a turn


@dataclass(frozen=True, slots=True)
class Policy:
    """How a creation behaves where the answer is not the plain one. `settle` is in seconds."""

    settle: float
    on_active_run: OnActiveRun
    redeploy: bool
    rerun: bool


class _Next(Enum):
    """What is left to do after an answer that settles nothing."""

    SEND = auto()


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
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """`wanted` tells whether a creation that was not sent yet is still to be."""
        self._world = world
        self._clock = world.clock
        self._ledger = ledger
        self._policy = policy
        self._creation = creation
        self._object = creation.object_id
        self._wanted = wanted
        self._mark = Mark(intent_of(origin, creation), 1)
        self._tries = 0
        self._refusals = 0  # by throttling
        self._unreachable = 0
        self._began = 0.0  # when the first of the requests left, or the last one before any was lost
        self._lost: list[Fault] = []  # requests that nobody can tell the end of
        self._unanswered = 0  # those of them that a fence would not have kept out
        self._request_id: str | None = None  # of the answer at hand

    async def create(self) -> Opened | None:
        """Return the run to carry on, or None where the ledger already holds how the object ended."""
        self._put(self._record.begun(self._clock.utc()))
        # On a first attempt nothing can bear the mark yet, and the call is saved.
        if self._policy.rerun:
            back = LookBack(self._world, self._ledger, self._creation.project_id, self._object)
            found = await back.find(self._mark.intent, redeploy=self._policy.redeploy)
            if not isinstance(found, Start):
                return found
            self._mark = Mark(self._mark.intent, found.generation)
        self._since = self._clock.utc()  # no request was sent before
        while (done := await self._try()) is _Next.SEND:
            pass
        return done

    async def _try(self) -> Opened | _Next | None:
        """Send the creation once, and see what comes of it."""
        if not (self._lost or self._wanted()):
            self._hold_back()
            return None
        self._tries += 1
        ending = await self._send()
        match ending:
            case Withheld():
                self._hold_back()
                return None
            case Ok(run_id):
                return self._open(run_id)
            case Refused(Refusal.NONCE_USED, fault) | Unclear(fault):
                unclear = isinstance(ending, Unclear)
                self._unanswered += unclear
                return await self._resolve(fault, may_repeat=unclear and not self._lost)
            case Refused(why, fault):
                return await self._refused(why, fault)
            case _ as never:
                assert_never(never)

    # ---- one request

    async def _send(self) -> Ending[RunId] | Withheld:
        """One CreatePipelineRun, unless it is too late for it before its turn comes."""
        nonce = nonce_of(self._mark, self._refusals)
        description = describe(self._mark, self._creation.note)
        operation = CreatePipelineRun(self._creation, description, nonce)
        ending = await self._world.calls.send(operation, lambda: self._leaves(nonce))
        if not isinstance(ending, Withheld):
            self._request_id = ending.request_id if isinstance(ending, Ok) else ending.fault.request_id
        return ending

    def _leaves(self, nonce: str) -> bool:
        """Write down that a request is under way, before it is. False where it must not leave any more."""
        # What may have been created is seen to its end; the gateway may have forgotten a nonce by then.
        may = self._elapsed() <= RETRY_WINDOW if self._lost else self._wanted()
        if may:
            self._began = self._began if self._lost else self._clock.monotonic()
            reason = self._unknown() if self._lost else InFlight(self._mark)
            self._put(self._record.requested(reason, nonce, self._clock.utc()))
        return may

    def _hold_back(self) -> None:
        """A request was not to leave any more."""
        if self._lost:
            self._end_as_unknown()
        else:
            self._put(self._record.held_back(AnotherFailed(fault_of(self._record.reason))))

    # ---- the answer is no

    async def _refused(self, why: Refusal, fault: Fault) -> Opened | _Next | None:
        """Nothing was created: try again where the same request can succeed later."""
        self._unreachable += why is Refusal.UNREACHABLE
        few = why is Refusal.UNREACHABLE and self._unreachable < UNREACHABLE_TRIES
        # A key may be throttled as well, by STS: then nothing has left.
        patient = why is Refusal.THROTTLED or (why is Refusal.UNREACHABLE and fault.throttles)
        pause = backoff(self._tries, self._clock.spread(), fault.retry_after)
        too_late = bool(self._lost) and self._elapsed() + pause > RETRY_WINDOW
        if not (patient or few) or too_late:
            await self._give_up(why, fault)
            return None
        await self._rest(why, fault, pause)
        return (await self._came_into_sight() if why is Refusal.THROTTLED else None) or _Next.SEND

    async def _rest(self, why: Refusal, fault: Fault, pause: float) -> None:
        if self._lost:
            # What was lost stands; the RequestId of this answer must not be lost if the wait is cut short.
            self._put(self._answered.answer_lost(self._unknown()))
        else:
            # A throttled request may have used its nonce up; one that never left has not, and under the same
            # nonce the fence also holds against other attempts of the job. Once an answer is lost the nonce is
            # kept in any case: only under that one is the lost request not carried out a second time.
            self._refusals += why is Refusal.THROTTLED
            self._put(self._answered.refused_for_now(fault))
        self._tell(CreationPutOff(fault, pause))
        await self._clock.sleep(pause)

    async def _came_into_sight(self) -> Opened | None:
        """Before the nonce changes, which lets one more pass: what an earlier attempt has sent may show by now."""
        if self._lost or not self._policy.rerun:
            return None
        match await self._look().find(settle=0.0):
            case Found(run, twins):
                self._tell(EarlierRunAppeared(run.id))
                return self._adopt(run, self._mark, twins)
        return None

    async def _give_up(self, why: Refusal, fault: Fault) -> None:
        """A refusal that no patience changes. What was lost before it stays unknown."""
        if self._lost:
            self._lost.append(fault)
            self._end_as_unknown()
            return
        reason = NotSent(fault) if why is Refusal.UNREACHABLE else CreationRefused(fault)
        self._end(Outcome.REJECTED, reason)
        if why is Refusal.INNER:
            await self._locate()

    async def _locate(self) -> None:
        """Add which workflow a node is inside of to its result, which is there already. That it fails means nothing."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOCATE_SECONDS):
                match await self._world.calls.make(GetNode(self._object)):
                    case Ok(node) if node.workflow or node.path:
                        self._tell(Inside(node))
                        self._note(Inside(node))

    # ---- the answer is lost

    def _look(self) -> Look:
        return Look(self._world, self._ledger, self._creation, self._mark, self._since)

    async def _resolve(self, fault: Fault, *, may_repeat: bool) -> Opened | _Next | None:
        """Find out what became of a request whose answer was lost."""
        self._lost.append(fault)
        self._put(self._answered.answer_lost(self._unknown()))
        self._tell(CreationUnanswered(fault))
        seen = await self._look().find(self._policy.settle)
        if isinstance(seen, Absent) and seen.leftovers:
            self._world.journal.warn(self._object, Leftovers(seen.leftovers))
        on_active = self._policy.on_active_run
        match seen:
            case Found(run, twins):
                return self._open_found(run, twins)
            case Foreign(run) if on_active is OnActiveRun.ADOPT and run.may_be(self._creation.type):
                self._tell(OtherFollowed(run))
                opened = self._adopt(run, None)
                self._note(MayTurnUp(self._mark))
                return opened
            case Foreign(run) if on_active is not OnActiveRun.IGNORE:
                reason = Conflict(run, self._mark, self._creation.type, self._lost[-1])
                self._end(Outcome.CONFLICT, reason)
                return None
            case Foreign() | Absent() if may_repeat and self._elapsed() <= RETRY_WINDOW:
                self._tell(CreationRepeated())
                return _Next.SEND
            case Blind() as blind:
                self._end_as_unknown(blind)
                return None
        self._end_as_unknown()
        return None

    def _open_found(self, run: Run, twins: tuple[Run, ...]) -> Opened:
        self._tell(RunFound(run))
        opened = self._adopt(run, self._mark, twins)
        self._note(FoundByMark(run))
        # The run may be an earlier attempt's, and come into sight only now.
        if self._unanswered > 1 or self._policy.rerun:
            self._note(MayBeSecond(self._mark))
        return opened

    def _adopt(self, run: Run, mark: Mark | None, twins: tuple[Run, ...] = ()) -> Opened:
        return adopt(self._world, self._ledger, self._object, run, mark, twins)

    def _elapsed(self) -> float:
        """Seconds since the first request that may have been carried out left."""
        return self._clock.monotonic() - self._began

    def _end_as_unknown(self, blind: Blind | None = None) -> None:
        reason = self._unknown(self._clock.utc())
        if blind:
            reason = replace(reason, unread=blind.fault, never_read=blind.always)
        # That the list could not be read is said by now: what is to be fixed is what lost the answer.
        self._put(self._record.reading_failed(None))
        self._end(Outcome.UNKNOWN, reason)

    def _unknown(self, until: datetime | None = None) -> AnswerLost:
        # The mark is that of all attempts: what an earlier one has sent may come into sight only now.
        since = None if self._policy.rerun else self._since
        sent_before = self._policy.rerun and not self._unanswered
        return AnswerLost(self._creation, self._mark, tuple(self._lost), since, until, sent_before)

    # ---- the answer is yes

    def _open(self, run_id: RunId) -> Opened:
        sure = not self._lost and not self._policy.rerun
        record = self._put(self._answered.opened(run_id, Whose.OWN, adopted=False))
        # The fence should have kept all requests out but one; nobody has seen that it did.
        if self._unanswered:
            self._note(MayBeSecond(self._mark))
        self._tell(RunCreated(run_id, record.request.id))
        return Opened(run_id, self._mark, sure)

    # ---- the record

    @property
    def _record(self) -> Record:
        return self._ledger[self._object]

    @property
    def _answered(self) -> Record:
        """The record with what the answer at hand bears: it goes in together with what the answer means."""
        return self._record.answered(self._request_id)

    def _put(self, record: Record) -> Record:
        return self._ledger.put(record)

    def _note(self, note: Note) -> None:
        self._put(self._record.noted(note))

    def _end(self, outcome: Outcome, reason: Reason) -> None:
        self._put(self._answered.ended(outcome, reason, self._clock.utc()))

    def _tell(self, event: Event) -> None:
        self._world.journal.tell(self._object, event)
