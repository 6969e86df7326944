"""Policies that look reasonable, for comparison: a test that they pass would prove nothing.

Two of them create runs differently: they do something else after a lost answer, and a re-run knows nothing about
earlier attempts. One takes the objects in another order, and one uses the time of an edit to find out what has changed.
"""

import uuid
from abc import abstractmethod
from dataclasses import replace
from functools import partial
from operator import attrgetter

from dataworks_deploy.domain.advance import Goal
from dataworks_deploy.domain.ending import Fault, Ok, Refusal, Refused
from dataworks_deploy.domain.model import SUCCESS, CreatePipelineRun, Creation, ObjectId, Run, RunId
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.pace import backoff
from dataworks_deploy.domain.reason import CreationRefused, InFlight
from dataworks_deploy.domain.reconcile import Claim, Mark, describe, intent_of
from dataworks_deploy.domain.record import Record, Whose
from dataworks_deploy.domain.studio.catalog import StudioObject
from dataworks_deploy.domain.studio.changes import Cause, Changed, Comparison, Unchanged
from dataworks_deploy.domain.studio.graph import Graph
from dataworks_deploy.domain.studio.plan import Plan
from dataworks_deploy.engine.calls import Withheld
from dataworks_deploy.engine.deploy import Deployment
from dataworks_deploy.engine.read import scan

TRIES = 4


class Naive(Deployment):
    """Follows runs like ours, and creates them differently. It does not choose one of several runs."""

    elects = False

    async def _create(self, creation: Creation) -> tuple[RunId, Goal] | None:
        object_id, now = creation.object_id, self._world.clock.utc()
        self._ledger.put(self._ledger[object_id].begun(now))
        mark = Mark(intent_of(self._assignment.origin, creation), 1)
        for attempt in range(1, TRIES + 1):
            # Like the SDK by default: a new nonce for every request.
            nonce = uuid.UUID(int=int(self._world.clock.spread() * 2**128)).hex
            leaving = self._ledger[object_id].requested(InFlight(mark), nonce, now)
            operation = CreatePipelineRun(creation, describe(mark, creation.note), nonce)
            ending = await self._world.calls.send(operation, partial(self._leaves, leaving))
            assert not isinstance(ending, Withheld)
            told = ending.request_id if isinstance(ending, Ok) else ending.fault.request_id
            self._ledger.put(self._ledger[object_id].answered(told))
            if isinstance(ending, Ok):
                return self._opened(object_id, ending.value, mark, adopted=False)
            # It treats everything except a success as a refusal.
            self._ledger.put(self._ledger[object_id].refused_for_now(ending.fault))
            if isinstance(ending, Refused) and ending.why not in {Refusal.THROTTLED, Refusal.UNREACHABLE}:
                break
            if not isinstance(ending, Refused) and (found := await self._explain(creation, mark)):
                return self._opened(object_id, found, mark, adopted=True)
            await self._world.clock.sleep(backoff(attempt, self._world.clock.spread()))
        reason = CreationRefused(Fault())
        self._ledger.put(self._ledger[object_id].ended(Outcome.REJECTED, reason, self._world.clock.utc()))
        return None

    @abstractmethod
    async def _explain(self, creation: Creation, mark: Mark) -> RunId | None:
        """The run of a request with a lost answer, or None to send the request again."""

    def _leaves(self, leaving: Record) -> bool:
        """Save the request before it is sent, like ours, so that a kill does not make the count wrong."""
        self._ledger.put(leaving)
        return True

    def _opened(self, object_id: ObjectId, run_id: RunId, mark: Mark, *, adopted: bool) -> tuple[RunId, Goal]:
        record = self._ledger[object_id]
        self._ledger.put(record.opened(run_id, Whose.OWN, adopted=adopted, claim=Claim(mark)))
        return run_id, self._assignment.goal

    async def _list(self, creation: Creation) -> list[Run]:
        listed = await scan(self._world.calls, creation.object_id)
        return [] if listed.failed else [*listed.runs]


class BlindRetry(Naive):
    """Sends the request again."""

    async def _explain(self, creation: Creation, mark: Mark) -> RunId | None:
        return None


class AdoptActive(Naive):
    """Takes any active run of the object as its own."""

    async def _explain(self, creation: Creation, mark: Mark) -> RunId | None:
        active = [run for run in await self._list(creation) if not run.ended]
        return active[-1].id if active else None


NAIVE: dict[str, type[Deployment]] = {
    "blind retry": BlindRetry,
    "adopt whatever is active": AdoptActive,
}


class ByName(Deployment):
    """Takes the objects one after another, in the order of their names."""

    async def _choose(self) -> None:
        await super()._choose()
        objects = sorted(self._graph.objects, key=lambda each: self._ledger[each].name or each)
        self._graph, self._assignment = Graph(tuple(objects)), replace(self._assignment, max_parallel=1)


class ByTime(Deployment):
    """Deploys an object only if somebody has edited it since its newest successful run was created."""

    async def _compared(self, laid_out: Plan) -> Plan:
        objects = [each.object for each in laid_out.objects]
        return laid_out.compared({each.id: await self._compare(each) for each in objects})

    async def _compare(self, draft: StudioObject) -> Comparison:
        listed = await scan(self._world.calls, draft.id)
        good = [run for run in listed.runs if run.status == SUCCESS]
        newest = max(good, key=attrgetter("created_ms"), default=None)
        edited_ms = draft.content.edited_ms if draft.content else None
        if newest and edited_ms and edited_ms < newest.created_ms:
            return Unchanged(newest)
        return Changed(Cause.EDITED, newest)


POLICIES = {**NAIVE, "order by name": ByName, "changed by ModifyTime alone": ByTime}
