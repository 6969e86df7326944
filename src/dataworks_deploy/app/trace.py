"""Says of each call what it was, how it ended and how long it took: for who debugs, and only then in the way."""

from collections.abc import Awaitable
from typing import TypeVar

from dataworks_deploy.domain.ending import Ending, Ok, Refused
from dataworks_deploy.domain.model import Creation, Node, ObjectId, Page, Run, RunId

from .ports import Clock, Journal, Pipelines, Sending, unheeded
from .wording import words

T = TypeVar("T")


class Traced:
    """The same calls."""

    def __init__(self, pipelines: Pipelines, clock: Clock, journal: Journal) -> None:
        self._pipelines = pipelines
        self._clock = clock
        self._journal = journal
        self._calls = 0

    async def create(
        self, creation: Creation, description: str, nonce: str, sending: Sending
    ) -> Ending[RunId]:
        """See Pipelines."""
        what = f"CreatePipelineRun of object {creation.object_id} under nonce {nonce}"
        return await self._call(what, self._pipelines.create(creation, description, nonce, sending))

    async def page(
        self, object_id: ObjectId | None, number: int, sending: Sending = unheeded
    ) -> Ending[Page]:
        """See Pipelines."""
        whose = f"of object {object_id}" if object_id else "of the workspace"
        what = f"ListPipelineRuns {whose}, page {number}"
        return await self._call(what, self._pipelines.page(object_id, number, sending))

    async def run(self, run_id: RunId, sending: Sending = unheeded) -> Ending[Run]:
        """See Pipelines."""
        return await self._call(f"GetPipelineRun {run_id}", self._pipelines.run(run_id, sending))

    async def node(self, object_id: ObjectId, sending: Sending = unheeded) -> Ending[Node]:
        """See Pipelines."""
        return await self._call(f"GetNode {object_id}", self._pipelines.node(object_id, sending))

    async def execute(self, run_id: RunId, stage: str, sending: Sending) -> Ending[None]:
        """See Pipelines."""
        what = f"ExecPipelineRunStage {stage} of run {run_id}"
        return await self._call(what, self._pipelines.execute(run_id, stage, sending))

    async def abolish(self, run_id: RunId, sending: Sending = unheeded) -> Ending[None]:
        """See Pipelines."""
        return await self._call(f"AbolishPipelineRun {run_id}", self._pipelines.abolish(run_id, sending))

    async def _call(self, what: str, call: Awaitable[Ending[T]]) -> Ending[T]:
        self._calls += 1
        name, began, how = f"call {self._calls}, {what}", self._clock.monotonic(), "given up"
        try:
            ending = await call
            how = _how(ending)
        finally:
            took = (self._clock.monotonic() - began) * 1000
            self._journal.debug(f"{name}: {how} ({took:.0f} ms)")
        return ending


def _how(ending: Ending[T]) -> str:
    if isinstance(ending, Ok):
        return f"ok, RequestId {ending.request_id or 'none'}"
    fault = ending.fault
    kind = f"refused as {ending.why.name}" if isinstance(ending, Refused) else "unclear"
    status = f", HTTP status {fault.http_status}" if fault.http_status else ""
    return f"{kind}: {words(fault)}{status}, RequestId {fault.request_id or 'none'}"
