"""The service itself, without network, threads or a clock of its own: it turns requests into responses."""

import heapq
import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from dataworks_emulator import delivery
from dataworks_emulator.answers import Refusal, Response, refusal
from dataworks_emulator.catalog import Catalog
from dataworks_emulator.datastudio import DataStudio
from dataworks_emulator.delivery import Delivery
from dataworks_emulator.drafts import Draft
from dataworks_emulator.faults import Fault, Schedule
from dataworks_emulator.gate import NonceFence, Quota
from dataworks_emulator.id_tokens import IdTokens
from dataworks_emulator.pipelines import Pipelines
from dataworks_emulator.request import Request, required
from dataworks_emulator.runs import Order, Runs, uuid4_of
from dataworks_emulator.settings import ASSUME_ROLE, GET_ID_TOKEN, IDENTITY, WRITES, Settings
from dataworks_emulator.sts import Sts
from dataworks_emulator.truth import Truth
from dataworks_emulator.workspace import Edit, of_settings
from dataworks_emulator.workspace_file import read

DEFAULT_CALLER = "emulator-key-id"
FOREIGN_AGE = 2 * 3600.0
WITHOUT_PROJECT = IDENTITY | {"GetProject", "GetNode"}


class Service:
    """The emulated service on a given clock (seconds since 1970). Callers must take turns."""

    def __init__(
        self, settings: Settings, clock: Callable[[], float], rng: random.Random, truth: Truth | None = None
    ) -> None:
        """Build the service. All its randomness comes from `rng`."""
        self.settings = settings
        self.truth = truth or Truth()
        self.truth.before_reading(self.settle)
        self.schedule = Schedule(settings)
        workspace = read(settings.workspace) if settings.workspace else of_settings(settings)
        self.catalog = Catalog(settings, workspace)
        self.datastudio = DataStudio(settings, self.catalog, rng)
        self.runs = Runs(settings, self.catalog, self.truth, rng)
        self.pipelines = Pipelines(settings, self.catalog, self.datastudio.flowspecs, self.runs, rng)
        self.id_tokens, self.sts = IdTokens(settings, self.truth, rng), Sts(settings, self.truth, rng)
        self._clock, self._rng = clock, rng
        self._fence, self._quota = NonceFence(), Quota(settings)
        self._calls: Counter[str] = Counter()
        self._pending: list[tuple[float, int, Callable[[], object]]] = []
        self._pended = 0
        self._moment: float | None = None
        self._operations = self._table()

    def call(
        self, action: str, params: Mapping[str, str], caller: str = DEFAULT_CALLER, nonce: str = ""
    ) -> Response:
        """Carry out one call without a fault. An empty nonce passes the fence."""
        self.settle()
        request = Request(action, dict(params), caller, nonce, number=self._count(action))
        self._received(request, None)
        return self.admit(request)

    def deliver(
        self,
        action: str,
        params: Mapping[str, str],
        caller: str = DEFAULT_CALLER,
        nonce: str = "",
        refused: Refusal | None = None,
        sent: str = "",
    ) -> Delivery:
        """Carry out one call with the fault from the schedule, and return how to answer it."""
        self.settle()
        number = self._count(action)
        fault = self.schedule.find(action, number)
        request = Request(action, dict(params), caller, nonce, refused, number, sent=sent)
        self._received(request, fault)
        return delivery.deliver(self, request, fault)

    def answered(self, request: Request, how: str, request_id: str | None = None) -> None:
        """Record how a call was answered: with a status, or what happened instead."""
        self.truth.record(
            "answered",
            self.now(),
            action=request.action,
            call=request.number,
            how=how,
            who=request.caller,
            request_id=request_id,
        )

    def now(self) -> float:
        """Return the time. While a late operation runs, this is the time when it was due."""
        return self._clock() if self._moment is None else self._moment

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Do something after so many seconds. It happens when the service is next used."""
        self._pended += 1
        heapq.heappush(self._pending, (self.now() + seconds, self._pended, act))

    def next_due(self) -> float | None:
        """Return when the next late operation is due, or None."""
        return self._pending[0][0] if self._pending else None

    def settle(self) -> None:
        """Bring everything up to date: late operations in the order in which they were due, then the stages."""
        if self._moment is not None:
            return
        now = self._clock()
        try:
            while self._pending and self._pending[0][0] <= now:
                self._moment, _, act = heapq.heappop(self._pending)
                act()
        finally:
            self._moment = None
        self.runs.settle(now)

    def admit(self, request: Request, *, fenced: bool = True) -> Response:
        """Pass a request through the gate and carry it out. A refusal becomes an error answer."""
        try:
            self.pass_gate(request, fenced=fenced)
        except Refusal as refused:
            return refused.response(self.request_id())
        return self.operate(request)

    def pass_gate(self, request: Request, *, fenced: bool = True) -> None:
        """Check the signature, the nonce, the limits and the permissions, in this order."""
        if request.refused is not None:
            raise request.refused
        if request.action in IDENTITY:
            return
        now, guarded = self.now(), fenced and self.settings.nonce_fence and bool(request.nonce)
        if guarded:
            self._check_nonce(request, now)
        if guarded and self.settings.throttled_uses_nonce:
            self._fence.register(request.nonce, now)
        self._quota.spend(request.action, now)
        if guarded:
            self._fence.register(request.nonce, now)
        for denial in self.settings.denials:
            if denial.access_key_id == request.caller and (
                request.action in WRITES or not denial.writes_only
            ):
                raise refusal(denial.code)

    def use_nonce(self, request: Request) -> None:
        """Register the nonce of a request that goes no further, for example a throttled one."""
        if self.settings.nonce_fence and request.nonce:
            self._fence.register(request.nonce, self.now())

    def foreign_run(self, request: Request) -> str:
        """Open somebody else's run on the object of a creation, as if two hours ago, and return its ID."""
        object_id, run_type = self.pipelines.object_of(request), request.params.get("Type", "Online")
        order = Order(request.project, object_id, run_type, "by hand", "somebody", who="somebody")
        return self.runs.open(order, self.now() - FOREIGN_AGE).id

    def hide_run(self, run_id: str, seconds: float) -> None:
        """Hide a run from the lists for so many seconds after its creation."""
        self.runs.hide(run_id, seconds)

    def edit(self, edit: Edit) -> None:
        """Change or delete a draft, as people do. Raises ValueError if it does not exist."""
        self.catalog.edit(edit, self.now())
        changed = ["removed"] if edit.removes else sorted(edit.changes)
        self.truth.record("edited", self.now(), object=edit.object_id, changed=changed)

    def add(self, draft: Draft) -> None:
        """Add a new object to Data Studio, as people do."""
        self.catalog.drafts.put(draft, self.now())
        self.truth.record("edited", self.now(), object=draft.id, changed=["added"])

    def operate(self, request: Request) -> Response:
        """Carry out a request that has passed the gate."""
        request_id = self.request_id()
        try:
            operation = self._operations.get(request.action)
            if operation is None:
                raise refusal("InvalidAction.NotFound")
            if request.action not in WITHOUT_PROJECT:
                required(request.params, "ProjectId")
            if request.project and request.action not in IDENTITY:
                self.catalog.check_project(request.project)
            body = operation(request, self.now())
            return Response(
                200, body if request.action == GET_ID_TOKEN else {"RequestId": request_id, **body}
            )
        except Refusal as refused:
            return refused.response(request_id)

    def request_id(self) -> str:
        """Draw the ID of one answer."""
        return uuid4_of(self._rng).upper()

    def _table(self) -> dict[str, Callable[[Request, float], dict[str, Any]]]:
        return {
            "CreatePipelineRun": self.pipelines.create,
            "GetPipelineRun": self.pipelines.get,
            "ListPipelineRuns": self.pipelines.list_runs,
            "ListPipelineRunItems": self.pipelines.list_items,
            "ExecPipelineRunStage": self.pipelines.execute,
            "AbolishPipelineRun": self.pipelines.abolish,
            "GetProject": self.datastudio.get_project,
            "GetNode": self.datastudio.get_node,
            "GetWorkflowDefinition": self.datastudio.get_workflow,
            "GetResource": self.datastudio.get_resource,
            "GetFunction": self.datastudio.get_function,
            "ListNodes": self.datastudio.list_nodes,
            "ListNodeDependencies": self.datastudio.list_dependencies,
            "ListWorkflowDefinitions": self.datastudio.list_workflows,
            "ListResources": self.datastudio.list_resources,
            "ListFunctions": self.datastudio.list_functions,
            GET_ID_TOKEN: self.id_tokens.issue,
            ASSUME_ROLE: self.sts.assume,
        }

    def _check_nonce(self, request: Request, now: float) -> None:
        try:
            self._fence.admit(request.nonce, now)
        except Refusal:
            self.truth.record(
                "duplicate_refused", now, action=request.action, nonce=request.nonce, call=request.number
            )
            raise

    def _count(self, action: str) -> int:
        self._calls[action] += 1
        for edit in self.catalog.due(action, self._calls[action]):
            self.edit(edit)
        return self._calls[action]

    def _received(self, request: Request, fault: Fault | None) -> None:
        self.truth.record(
            "received",
            self.now(),
            action=request.action,
            call=request.number,
            params=request.shown,
            nonce=request.nonce,
            who=request.caller,
            fault=str(fault) if fault else None,
        )
