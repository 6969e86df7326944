"""Creates at most one pipeline run for each object, whatever happens to the answer."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from enum import Enum, auto
from typing import assert_never

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.active import GoOn
from dataworks_deploy.domain.ending import Ending, Fault, Ok, Refusal, Refused, Unclear
from dataworks_deploy.domain.event import (
    CreationPutOff,
    CreationRepeated,
    CreationUnanswered,
    EarlierRequestGone,
    EarlierRequestMet,
    EarlierRunActive,
    EarlierRunAppeared,
    Leftovers,
    OtherFollowed,
    RunCreated,
    RunFound,
)
from dataworks_deploy.domain.model import CreatePipelineRun, Creation, Node, OnActiveRun, Run, RunId
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.pace import backoff
from dataworks_deploy.domain.reason import (
    AnotherFailed,
    AnswerLost,
    Conflict,
    CreationRefused,
    EarlierUnmarked,
    EarlierUnreadable,
    FoundByMark,
    InFlight,
    Inside,
    MayBeSecond,
    MayTurnUp,
    NotSent,
    Reason,
    SentAnew,
    fault_of,
)
from dataworks_deploy.domain.reconcile import (
    CLOCK_SKEW_MS,
    FENCE_MS,
    Absent,
    Claim,
    Foreign,
    Found,
    Origin,
    Start,
    bearing,
    describe,
    elect,
    mark_of,
    twins_of,
    undescribed,
)
from dataworks_deploy.domain.record import Record, Whose
from dataworks_deploy.domain.repetition import Requests
from dataworks_deploy.domain.studio.flowspec import Described
from dataworks_deploy.domain.studio.operations import GetNode

from .active import OpenRuns
from .calls import Withheld, World
from .drafts import Drafts
from .ledger import Entry, Ledger
from .look import Blind, Look, LookBack
from .read import unmarked
from .rivals import Opened, adopt

LOCATE_SECONDS = 5.0  # of real time, including the wait for a turn


@frozen
class Policy:
    """What a creation does if the answer is unclear or other runs exist. `settle` is in seconds, `attempt` counts from
    1.

    `looks`: read the object's open runs before the creation even if that is only for a warning.
    """

    settle: float
    on_active_run: OnActiveRun
    redeploy: bool
    attempt: int
    looks: bool

    @property
    def rerun(self) -> bool:
        """Whether there were earlier attempts of the job."""
        return self.attempt > 1


class _Next(Enum):
    """What is left to do after an answer that decides nothing."""

    SEND = auto()


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


class Creator:
    """Creates the run of one object, or finds out why it must not. Use an instance once."""

    def __init__(
        self,
        world: World,
        ledger: Ledger,
        *,
        policy: Policy,
        origin: Origin,
        creation: Creation,
        drafts: Drafts,
        wanted: Callable[[], bool] = lambda: True,
        begun: tuple[Run, ...] = (),
    ) -> None:
        """`wanted` says whether a creation that has not left yet should still be sent.

        `begun` are runs of this job that were already on the object.
        """
        self._world = world
        self._clock = world.clock
        self._entry = Entry(world, ledger, creation.object_id)
        self._policy = policy
        self._creation = creation
        self._drafts = drafts
        self._wanted = wanted
        self._begun = begun
        self._mark = mark_of(origin, creation)
        self._requests = Requests()
        self._request_id: str | None = None  # of the current answer
        self._known_open: tuple[Run, ...] = ()  # other people's runs, open before anything was sent

    async def create(self) -> Opened | None:
        """Return the run to follow. None if the object has ended; then the ledger has the outcome."""
        self._entry.begin()
        runs: list[Run] | None = None
        # On a first attempt, no run can have the mark yet.
        if self._policy.rerun:
            back = LookBack(self._entry, self._creation.project_id)
            found = await back.find(self._mark.intent, redeploy=self._policy.redeploy)
            if not isinstance(found, Start):
                return found
            self._mark, runs = replace(self._mark, generation=found.generation), back.runs
        elif opened := self._carry_on(self._begun):
            return opened
        met = await self._meet(runs)
        if not isinstance(met, GoOn):
            return met
        self._known_open = met.beside
        self._since = self._clock.utc()  # no request was sent before this
        while (done := await self._try()) is _Next.SEND:
            pass
        return done

    async def _meet(self, runs: list[Run] | None) -> Opened | GoOn | None:
        """Handle the open runs of others. They are in `runs` if those were already read."""
        choice, calls = self._policy.on_active_run, self._world.calls
        # If calls are scarce, a warning is not worth one. The other choices cannot do without.
        looks = choice is not OnActiveRun.WARN or (self._policy.looks and not calls.scarce)
        if choice is OnActiveRun.IGNORE or not (runs is not None or looks):
            return GoOn()
        if not self._wanted():
            self._hold_back()
            return None
        open_runs = OpenRuns(self._entry, self._creation, self._mark, choice)
        if runs is None:
            runs = await open_runs.read()
            if opened := self._carry_on(runs or ()):
                return opened
        return None if runs is None else await open_runs.meet(runs)

    def _carry_on(self, runs: Sequence[Run]) -> Opened | None:
        """The run that a copy of this job was quicker to create, if there is one."""
        own = bearing(self._mark, runs)
        if not own:
            return None
        run = elect(own)
        self._entry.tell(EarlierRunActive(run.id))
        return adopt(self._entry, run, self._mark, twins_of(self._mark, run, runs))

    async def _try(self) -> Opened | _Next | None:
        """Send the creation once, and handle the answer."""
        if not (self._requests.lost or self._wanted()):
            self._hold_back()
            return None
        if not self._requests.lost:
            content = await self._drafts.fingerprint(self._creation.object_id)
            self._mark = replace(self._mark, content=content)
        self._requests = self._requests.tried()
        ending = await self._send()
        match ending:
            case Withheld():
                self._hold_back()
                return None
            case Ok(run_id):
                return self._open(run_id)
            case Refused(Refusal.NONCE_USED, fault) if self._policy.rerun and self._requests.are_new:
                return await self._after_earlier(fault)
            case Refused(Refusal.NONCE_USED, fault) | Unclear(fault):
                answered, first = isinstance(ending, Refused), not self._requests.lost
                self._requests = self._requests.lose(fault, answered=answered)
                return await self._resolve(fault, may_repeat=first and not answered)
            case Refused(why, fault):
                return await self._refused(why, fault)
            case _ as never:
                assert_never(never)

    # ---- one request

    async def _send(self) -> Ending[RunId] | Withheld:
        """Send one CreatePipelineRun, unless its turn comes too late."""
        nonce = self._requests.nonce(self._mark)
        description = describe(self._mark, self._creation.note)
        operation = CreatePipelineRun(self._creation, description, nonce)
        ending = await self._world.calls.send(operation, lambda: self._leaves(nonce))
        if not isinstance(ending, Withheld):
            self._request_id = ending.request_id if isinstance(ending, Ok) else ending.fault.request_id
        return ending

    def _leaves(self, nonce: str) -> bool:
        """Record that a request is being sent, before it is sent. False if it must not be sent any more."""
        now, requests = self._clock.monotonic(), self._requests
        # Once a run may have been created, find out, even if the object is no longer wanted.
        if not (requests.in_time(now) if requests.lost else self._wanted()):
            return False
        self._requests = requests.left(now)
        reason = self._unknown() if requests.lost else InFlight(self._mark)
        self._entry.put(self._entry.record.requested(reason, nonce, self._clock.utc()))
        return True

    def _hold_back(self) -> None:
        """A request was not allowed to leave any more."""
        if self._requests.lost:
            self._end_as_unknown()
        else:
            record = self._entry.record
            self._entry.put(record.held_back(AnotherFailed(fault_of(record.reason))))

    # ---- the answer is no

    async def _refused(self, why: Refusal, fault: Fault) -> Opened | _Next | None:
        """Nothing was created. Try again if the same request can succeed later."""
        now = self._clock.monotonic()
        self._requests = requests = self._requests.refused(why, now)
        pause = backoff(requests.tries, self._clock.spread(), fault.retry_after)
        if not (requests.may_follow(why, fault, now, self._policy.settle) and requests.in_time(now + pause)):
            await self._give_up(why, fault)
            return None
        # A lost answer stays lost. If the wait is cut off, the record still has this answer's RequestId.
        waits = self._answered
        self._entry.put(waits.answer_lost(self._unknown()) if requests.lost else waits.refused_for_now(fault))
        self._entry.tell(CreationPutOff(fault, pause))
        await self._clock.sleep(pause)
        return await self._before_another_nonce() if why is Refusal.THROTTLED else _Next.SEND

    async def _before_another_nonce(self) -> Opened | _Next | None:
        """Look for the run of an earlier attempt before the nonce changes: a new nonce would allow a second run."""
        if self._requests.lost or not self._policy.rerun:
            return _Next.SEND
        look = self._look()
        match await look.find(settle=0.0):
            case Found(run, twins):
                self._entry.tell(EarlierRunAppeared(run.id))
                return adopt(self._entry, run, self._mark, twins)
            case Blind(fault):
                self._end(Outcome.REJECTED, EarlierUnreadable(self._mark.intent, fault))
                return None
        if doubtful := await unmarked(self._entry, look.shown):
            self._end(Outcome.REJECTED, EarlierUnmarked(doubtful))
            return None
        return _Next.SEND

    async def _give_up(self, why: Refusal, fault: Fault) -> None:
        """Waiting does not help against this refusal. An earlier lost answer stays unknown."""
        if self._requests.lost:
            self._requests = self._requests.lose(fault, answered=True)
            self._end_as_unknown()
            return
        reason = NotSent(fault) if why is Refusal.UNREACHABLE else CreationRefused(fault)
        self._end(Outcome.REJECTED, reason)
        if why is Refusal.INNER:
            await self._locate()

    async def _locate(self) -> None:
        """Add the workflow that contains the node to the result, which is already recorded. A failure here does not
        matter.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(LOCATE_SECONDS):
                match await self._world.calls.make(GetNode(self._creation.object_id)):
                    case Ok(Described(found)) if found.workflow or found.path:
                        inside = Inside(Node(found.path, found.workflow or ""))
                        self._entry.tell(inside)
                        self._entry.note(inside)

    # ---- the nonce was used by an earlier attempt

    async def _after_earlier(self, fault: Fault) -> Opened | _Next | None:
        """A request of an earlier attempt reached the gateway before this attempt began.

        If its run does not appear, the service has refused that request and will never run it.
        """
        reason = AnswerLost(self._creation, self._mark, (fault,), None, sent_before=True)
        self._entry.put(self._answered.met_earlier(reason))
        self._entry.tell(EarlierRequestMet(self._policy.settle))
        look = self._look()
        seen = await look.find(self._policy.settle)
        if isinstance(seen, Found):
            return self._open_found(seen.run, seen.twins)
        now = self._clock.utc()
        if isinstance(seen, Blind):
            unread = replace(reason, until=now, unread=seen.fault, never_read=seen.always)
            self._end(Outcome.UNKNOWN, unread)
            return None
        if undescribed(look.shown, _ms(now) - FENCE_MS):
            self._end(Outcome.UNKNOWN, replace(reason, until=now, unmarked=True))
            return None
        self._requests = self._requests.anew(self._policy.attempt)
        self._entry.put(self._answered.refused_for_now(fault))
        self._entry.tell(EarlierRequestGone())
        return _Next.SEND

    # ---- the answer is lost

    def _look(self) -> Look:
        return Look(self._entry, self._creation, self._mark, self._since)

    async def _resolve(self, fault: Fault, *, may_repeat: bool) -> Opened | _Next | None:
        """Find out what happened to a request whose answer was lost."""
        self._entry.put(self._answered.answer_lost(self._unknown()))
        self._entry.tell(CreationUnanswered(fault))
        look, known = self._look(), self._world.known
        seen = await (look.once() if known.unmarked else look.find(self._policy.settle))
        named = {run.id for run in self._known_open}
        if isinstance(seen, Absent) and (new := [run for run in seen.leftovers if run.id not in named]):
            self._entry.warn(Leftovers(tuple(new)))
        on_active = self._policy.on_active_run
        match seen:
            case Found(run, twins):
                return self._open_found(run, twins)
            case _ if known.unmarked:
                self._end_as_unknown(seen if isinstance(seen, Blind) else None)
                return None
            case Foreign(run) if on_active is OnActiveRun.ADOPT and run.may_be(self._creation.type):
                self._entry.tell(OtherFollowed(run))
                opened = adopt(self._entry, run, None)
                self._entry.note(MayTurnUp(self._mark))
                return opened
            case Foreign(run) if on_active is not OnActiveRun.IGNORE:
                self._end(Outcome.CONFLICT, Conflict(run, self._mark, self._creation.type, fault))
                return None
            case Foreign() | Absent() if may_repeat and self._requests.in_time(self._clock.monotonic()):
                return await self._repeat(look)
            case Blind() as blind:
                self._end_as_unknown(blind)
                return None
        self._end_as_unknown()
        return None

    async def _repeat(self, look: Look) -> _Next | None:
        """Send the request once more, unless its run may exist without showing its mark.

        In that case only the used nonce would stop a second run, and nobody has observed that it does.
        """
        # In a re-run it is unknown when the first request was sent.
        since_ms = None if self._policy.rerun else _ms(self._since) - CLOCK_SKEW_MS
        if await unmarked(self._entry, look.shown, since_ms, self._requests.latest):
            self._end(Outcome.UNKNOWN, replace(self._unknown(self._clock.utc()), unmarked=True))
            return None
        self._entry.tell(CreationRepeated())
        return _Next.SEND

    def _open_found(self, run: Run, twins: tuple[Run, ...]) -> Opened:
        self._entry.tell(RunFound(run))
        opened = adopt(self._entry, run, self._mark, twins)
        self._entry.note(FoundByMark(run))
        # The run may belong to an earlier attempt and appear only now.
        if self._requests.unanswered > 1 or self._policy.rerun:
            self._entry.note(MayBeSecond(self._mark))
        return opened

    def _end_as_unknown(self, blind: Blind | None = None) -> None:
        reason = self._unknown(self._clock.utc())
        if blind:
            reason = replace(reason, unread=blind.fault, never_read=blind.always)
        self._end(Outcome.UNKNOWN, reason)

    def _unknown(self, until: datetime | None = None) -> AnswerLost:
        # All attempts share the mark: the run of an earlier attempt may appear only now.
        since = None if self._policy.rerun else self._since
        sent_before = self._policy.rerun and not self._requests.unanswered
        unmarked = self._world.known.unmarked
        return AnswerLost(
            self._creation, self._mark, self._requests.lost, since, until, sent_before, unmarked=unmarked
        )

    # ---- the answer is yes

    def _open(self, run_id: RunId) -> Opened:
        sure = not self._requests.lost and not self._policy.rerun
        asked = self._entry.record.reading.since or self._since
        claim = Claim(self._mark, _ms(asked))
        record = self._entry.put(self._answered.opened(run_id, Whose.OWN, adopted=False, claim=claim))
        if self._requests.attempt:
            self._entry.note(SentAnew(self._mark, self._policy.settle))
        # The gateway should have stopped all requests but one. Nobody has observed that it does.
        if self._requests.unanswered:
            self._entry.note(MayBeSecond(self._mark))
        self._entry.tell(RunCreated(run_id, record.request.id))
        return Opened(run_id, self._mark, sure, asked_at=self._requests.began)

    # ---- the record

    @property
    def _answered(self) -> Record:
        """The record with the RequestId of the current answer. It is saved together with what the answer means."""
        return self._entry.record.answered(self._request_id)

    def _end(self, outcome: Outcome, reason: Reason) -> None:
        self._entry.put(self._answered.ended(outcome, reason, self._clock.utc()))
