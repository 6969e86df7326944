"""Creates one pipeline run per object at most, whatever happens to the answer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any, assert_never

from dataworks_deploy.domain.ending import Ending, Fault, Ok, Refusal, Refused, Unclear
from dataworks_deploy.domain.mark import Mark, Origin, describe, intent_of, nonce_of
from dataworks_deploy.domain.model import Creation, Run, RunId
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reconcile import (
    Absent,
    Foreign,
    Found,
    Start,
)
from dataworks_deploy.domain.schedule import RETRY_WINDOW, UNREACHABLE_TRIES, backoff

from . import wording, wording_creation
from .earlier import LookBack
from .ledger import Ledger
from .locate import locate
from .look import Blind, Look
from .opened import Opened, adopt
from .ports import World


@dataclass(frozen=True, slots=True)
class Policy:
    """How a creation behaves where the answer is not the plain one. `settle` is in seconds."""

    settle: float
    on_active_run: str
    redeploy: bool
    rerun: bool


class _UnwantedError(Exception):
    """A creation was about to leave that is not to be started any more."""


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
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """`wanted` tells whether a creation that was not sent yet is still to be."""
        self._world = world
        self._pipelines = world.pipelines
        self._clock = world.clock
        self._journal = world.journal
        self._ledger = ledger
        self._policy = policy
        self._creation = creation
        self._object = creation.object_id
        self._wanted = wanted
        self._mark = Mark(intent_of(origin, creation), 1)
        self._refusals = 0  # by throttling
        self._unreachable = 0
        self._began = 0.0  # when the first of them left, or the last one before
        self._lost: list[Fault] = []  # requests that nobody can tell the end of
        self._unanswered = 0  # those of them that a fence would not have kept out
        self._request_id: str | None = None  # of the last answer that bore one

    async def create(self) -> Opened | None:
        """Return the run to carry on, or None where the ledger already holds how the object ended."""
        self._ledger.begin(self._object)
        # On a first attempt nothing can bear the mark yet, and the call is saved.
        if self._policy.rerun:
            back = LookBack(self._world, self._ledger, self._creation.project_id, self._object)
            found = await back.find(self._mark.intent, redeploy=self._policy.redeploy)
            if not isinstance(found, Start):
                return found
            self._mark = Mark(self._mark.intent, found.generation)
        self._since = self._clock.utc()  # no request was sent before
        return await self._send_until_clear()

    async def _send_until_clear(self) -> Opened | None:
        tries = 0
        while True:
            tries += 1
            try:
                # A repetition whose turn comes when a lost one's nonce may be forgotten does not leave any more.
                self._ask_whether_wanted()
                async with asyncio.timeout(self._left()) as self._turn:
                    ending = await self._send()
            except TimeoutError:
                self._end_as_unknown()
                return None
            except _UnwantedError:
                text = wording_creation.held_back(self._ledger[self._object].fault)
                self._end(Outcome.SKIPPED, text, started_at=None, fault=None)
                return None
            self._unanswered += isinstance(ending, Unclear)
            match ending:
                case Ok(run_id):
                    return self._open(run_id)
                case Refused(Refusal.NONCE_USED, fault) | Unclear(fault):
                    repeat = isinstance(ending, Unclear) and not self._lost
                    done = await self._resolve(fault, may_repeat=repeat)
                    if done is not Repeat.SAME_NONCE:
                        return done
                case Refused(why, fault):
                    self._unreachable += why is Refusal.UNREACHABLE
                    if not await self._may_try_again(why, fault, tries):
                        await self._give_up(why, fault)
                        return None
                    if why is Refusal.THROTTLED and (found := await self._came_into_sight()):
                        return found
                case _ as never:
                    assert_never(never)

    async def _send(self) -> Ending[RunId]:
        """One CreatePipelineRun."""
        ending = await self._pipelines.create(
            self._creation,
            describe(self._mark, self._creation.note),
            nonce_of(self._mark, self._refusals),
            self._sending,
        )
        told = ending.request_id if isinstance(ending, Ok) else ending.fault.request_id
        self._request_id = told or self._request_id
        return ending

    def _sending(self) -> None:
        """Write down that a request is under way, before it is: from now on it is waited for."""
        self._ask_whether_wanted()
        if not self._lost:
            self._began = self._clock.monotonic()
        self._turn.reschedule(None)
        self._say(
            self._unknown() if self._lost else wording_creation.in_flight(self._mark),
            # What refused the one before says nothing of this one.
            fault=self._lost[-1] if self._lost else None,
            outcome=Outcome.UNKNOWN,
            attempts=self._ledger[self._object].attempts + 1,
        )

    def _ask_whether_wanted(self) -> None:
        """What may have been created is seen to its end. Raises _UnwantedError."""
        if not (self._lost or self._wanted()):
            raise _UnwantedError

    async def _may_try_again(self, why: Refusal, fault: Fault, tries: int) -> bool:
        """After a refusal: pause and say yes, where the same request can succeed later."""
        few = why is Refusal.UNREACHABLE and self._unreachable < UNREACHABLE_TRIES
        pause = backoff(tries, self._clock.spread(), fault.retry_after)
        # A key may be throttled as well, by STS: then nothing has left.
        patient = why is Refusal.THROTTLED or (why is Refusal.UNREACHABLE and fault.throttles)
        if not (patient or few):
            return False
        if self._lost and self._elapsed() + pause > RETRY_WINDOW:
            return False
        if not self._lost:
            # A throttled request may have used its nonce up; one that never left has not, and under the same
            # nonce the fence also holds against other attempts of the job. Once an answer is lost the nonce is
            # kept in any case: only under that one is the lost request not carried out a second time.
            self._refusals += why is Refusal.THROTTLED
            self._say(wording.words(fault), outcome=Outcome.SKIPPED, fault=fault)
        else:
            # What was lost stands; the RequestId of this answer is not to be lost if the wait is cut short.
            self._say(self._unknown(), fault=self._lost[-1])
        self._tell(f"refused for now ({wording.words(fault)}), trying again in {pause:.0f} s")
        await self._clock.sleep(pause)
        return True

    async def _came_into_sight(self) -> Opened | None:
        """Before the nonce changes, which lets one more pass: what an earlier attempt has sent may show by now."""
        if self._lost or not self._policy.rerun:
            return None
        match await self._look().find(settle=0.0):
            case Found(run, twins):
                self._tell(f"run {run.id} of an earlier attempt has come into sight, and is followed")
                return self._adopt(run, self._mark, twins)
        return None

    def _look(self) -> Look:
        return Look(self._world, self._ledger, self._creation, self._mark, self._since)

    async def _resolve(self, fault: Fault, *, may_repeat: bool) -> Opened | Repeat | None:
        """Find out what became of a request whose answer was lost."""
        self._lost.append(fault)
        self._say(self._unknown(), fault=fault)
        self._tell(f"no clear answer to the creation ({wording.words(fault)}), looking for its run")
        look = self._look()
        seen = await look.find(self._policy.settle)
        if isinstance(seen, Absent) and seen.leftovers:
            self._journal.warn(self._object, wording_creation.leftovers(seen.leftovers))
        match seen:
            case Found(run, twins):
                self._tell(f"found: run {run.id}, created by {wording.by(run)}, bears this job's mark")
                opened = self._adopt(run, self._mark, twins)
                self._ledger.remark(self._object, wording_creation.found_again(run))
                # The run may be an earlier attempt's, and come into sight only now.
                self._warn_of_second(possible=self._unanswered > 1 or self._policy.rerun)
                return opened
            case Foreign(run) if self._policy.on_active_run == "adopt" and run.may_be(self._creation.type):
                self._tell(f"following run {run.id} of {wording.by(run)} instead")
                opened = self._adopt(run, None)
                self._ledger.remark(self._object, wording_creation.may_turn_up(self._mark))
                return opened
            case Foreign(run) if self._policy.on_active_run != "ignore":
                self._end(Outcome.CONFLICT, wording_creation.conflict(run, self._mark, self._creation.type))
                return None
            case Foreign() | Absent() if may_repeat and self._elapsed() <= RETRY_WINDOW:
                self._tell("no run found, sending the same request under the same nonce once more")
                return Repeat.SAME_NONCE
            case Blind() as blind:
                self._end_as_unknown(wording_creation.not_seen(blind.fault, always=blind.always))
                return None
        self._end_as_unknown()
        return None

    def _adopt(self, run: Run, mark: Mark | None, twins: tuple[Run, ...] = ()) -> Opened:
        return adopt(self._world, self._ledger, self._object, run, mark, twins)

    def _elapsed(self) -> float:
        """Seconds since the first request that may have been carried out left."""
        return self._clock.monotonic() - self._began

    def _left(self) -> float | None:
        """Seconds in which a request may still leave; None where none was lost."""
        return RETRY_WINDOW - self._elapsed() if self._lost else None

    def _open(self, run_id: RunId) -> Opened:
        sure = not self._lost and not self._policy.rerun
        self._say("", run_id=run_id, outcome=Outcome.CREATED, own=True, fault=None)
        self._warn_of_second(possible=self._unanswered > 0)
        self._tell(f"created run {run_id} (RequestId {self._request_id or 'none'})")
        return Opened(run_id, self._mark, sure)

    def _warn_of_second(self, *, possible: bool) -> None:
        """The fence should have kept all requests out but one; nobody has seen that it did."""
        if possible:
            self._ledger.remark(self._object, wording_creation.may_be_second(self._mark))

    async def _give_up(self, why: Refusal, fault: Fault) -> None:
        """A refusal that no patience mends. What was lost before it stays unknown."""
        if self._lost:
            self._lost.append(fault)
            self._end_as_unknown()
        else:
            self._end(Outcome.REJECTED, wording_creation.refused(why, fault), fault=fault)
            if why is Refusal.INNER:
                await locate(self._world, self._ledger, self._object)

    def _end_as_unknown(self, more: str = "") -> None:
        # That the list could not be read is said by now: what is to be mended is what lost the answer.
        text = wording.joined(self._unknown(self._clock.utc()), more)
        self._end(Outcome.UNKNOWN, text, fault=self._lost[-1], unread=0)

    def _unknown(self, until: datetime | None = None) -> str:
        # The mark is that of all attempts: what an earlier one has sent may come into sight only now.
        since = None if self._policy.rerun else self._since
        text = wording_creation.unknown(self._creation, self._mark, self._lost, since, until)
        if self._policy.rerun and not self._unanswered:
            return wording.joined(text, wording_creation.SENT_BEFORE)
        return text

    def _say(self, why: str, **changes: Any) -> None:
        self._ledger.say(self._object, why, request_id=self._request_id, **changes)

    def _end(self, outcome: Outcome, why: str, **changes: Any) -> None:
        self._ledger.end(self._object, outcome, why, request_id=self._request_id, **changes)

    def _tell(self, text: str) -> None:
        self._journal.tell(self._object, text)
