"""The pipeline operations: create, read, list, execute a stage, abolish, over the runs kept in memory."""

import hashlib
import json
import random
import uuid
from typing import Any

from dataworks_emulator import stages
from dataworks_emulator.answers import refusal
from dataworks_emulator.catalog import Catalog
from dataworks_emulator.request import Request, paged, required
from dataworks_emulator.settings import Settings
from dataworks_emulator.stages import Run, Stage
from dataworks_emulator.truth import Truth

Body = dict[str, Any]


class Pipelines:
    """All runs of the account. Methods named after an operation take its request and return its body."""

    def __init__(self, settings: Settings, catalog: Catalog, truth: Truth, rng: random.Random) -> None:
        """Start with no run."""
        self._settings, self._catalog, self._truth, self._rng = settings, catalog, truth, rng
        self._runs: dict[str, Run] = {}
        self._machine = stages.Machine(settings, self._find_failure, self._stage_finished)

    def create(self, request: Request, now: float) -> Body:
        """CreatePipelineRun: only the first object counts; the others are ignored without a word."""
        params = request.params
        run_type = required(params, "Type")
        if run_type not in ("Online", "Offline"):
            raise refusal("InvalidParameter", "Type")
        object_id = self._first_object(required(params, "ObjectIds"))
        laid = stages.plan(self._settings, run_type)
        run = self.add(
            request.project,
            object_id,
            run_type,
            params.get("Description", ""),
            creator_of(request.caller),
            now,
            auto_until=_auto_until(request, laid),
        )
        self._committed(run, request, now)
        self._machine.settle(run, now)
        return {"Id": run.id}

    def add(
        self,
        project: str,
        object_id: str,
        run_type: str,
        description: str,
        creator: str,
        created: float,
        *,
        auto_until: int = 0,
    ) -> Run:
        """Put a new run on the books; an empty project is seen from every project."""
        run_id = str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
        laid = stages.plan(self._settings, run_type)
        run = Run(
            run_id,
            len(self._runs) + 1,
            project,
            object_id,
            run_type,
            description,
            creator,
            created,
            laid,
            auto_until,
        )
        run.note(created)
        self._runs[run_id] = run
        return run

    def get(self, request: Request, now: float) -> Body:
        """GetPipelineRun."""
        run = self._find(request, "Id", now)
        if now - run.created < self._settings.get_lag:
            raise refusal("NotFound", f"pipeline run {run.id}")
        return {"Pipeline": self._shown(run, request, now - request.age)}

    def list_runs(self, request: Request, now: float) -> Body:
        """ListPipelineRuns: runs younger than the list's lag are not in it yet."""
        params, as_of = request.params, now - request.age
        self.settle(now)
        found = []
        for run in self._runs.values():
            lag = max(self._settings.list_lag, run.hidden_for)
            if not run_in(run, request.project) or run.created + lag > as_of:
                continue
            shown = self._shown(run, request, as_of)
            wanted = params.get("Status", shown["Status"]), params.get("Creator", run.creator)
            if (
                wanted == (shown["Status"], run.creator)
                and params.get("ObjectId", run.object_id) == run.object_id
            ):
                found.append((run.created, run.number, shown))
        found.sort(key=lambda row: row[:2], reverse=not self._settings.oldest_first)
        page = paged(params, "PipelineRuns", [row[2] for row in found])
        if self._settings.string_counts:
            # The twin of this operation was seen to do so, with a total of nothing over a full page.
            page |= {
                "PageNumber": str(page["PageNumber"]),
                "PageSize": str(page["PageSize"]),
                "TotalCount": "0",
            }
        return {"PagingInfo": page}

    def list_items(self, request: Request, now: float) -> Body:
        """ListPipelineRunItems: the one object of the run."""
        run = self._find(request, "PipelineRunId", now)
        shown = run.view(now)
        item = {
            "Id": run.object_id,
            "Name": self._catalog.name(run.object_id),
            "Type": self._catalog.kind(run.object_id),
            "Status": run.status,
            "Message": run.message,
            "Version": 1,
            "Spec": self._catalog.spec(run.object_id),
            "CreateTime": shown["CreateTime"],
            "ModifyTime": shown["ModifyTime"],
        }
        return {"PagingInfo": paged(request.params, "PipelineRunItems", [item])}

    def execute(self, request: Request, now: float) -> Body:
        """ExecPipelineRunStage: starts the stage that is next, and no other."""
        run = self._find(request, "Id", now)
        code = required(request.params, "Code")
        if run.status != stages.RUNNING:
            raise refusal("not-running")
        stage = next((each for each in run.stages if each.code == code), None)
        if stage is None:
            raise refusal("InvalidParameter", f"Code {code}")
        if stage is not run.current() or stage.status != stages.INIT:
            raise refusal("stage-order", f"{code} ({stage.status})")
        if code == stages.APPROVAL:
            if self._settings.approval_exec == "refuse":
                raise refusal("stage-order", f"{code} (waits for a person)")
            return {"Success": True}
        self._truth.record("stage_executed", now, run_id=run.id, stage=code, who=request.caller)
        self._machine.start(run, stage, now)
        self._machine.settle(run, now)
        return {"Success": True}

    def abolish(self, request: Request, now: float) -> Body:
        """AbolishPipelineRun: not once the run has ended, and as set where it is being deployed."""
        run = self._find(request, "Id", now)
        if run.terminal:
            raise refusal("not-running")
        stage = run.current()
        deploying = stage.status == stages.RUNNING and stage.type in stages.POINTS_OF_NO_RETURN
        choice = self._settings.abolish_during_deploy if deploying else "stop"
        if choice == "refuse":
            raise refusal("stage-order", f"{stage.code} (already running)")
        self._truth.record("abolished", now, run_id=run.id, who=request.caller, stopped=choice == "stop")
        if choice == "stop":
            self._machine.stop(run, self._settings.abolish_status, now)
        return {"Success": True}

    def run(self, run_id: str, now: float) -> Run:
        """Return a run as it stands, by its ID."""
        run = self._runs[run_id]
        self._machine.settle(run, now)
        return run

    def approve(self, run_id: str, now: float) -> None:
        """Give the approval that a run waits for, as a person does in the console."""
        run = self.run(run_id, now)
        if run.terminal or run.current().code != stages.APPROVAL or run.current().ready is None:
            raise ValueError(f"run {run_id} does not wait for an approval")
        self._machine.finish(run, now)

    def stop(self, run_id: str, status: str, now: float, message: str = "") -> None:
        """End a run as a person does in the console."""
        run = self.run(run_id, now)
        if run.terminal:
            raise ValueError(f"run {run_id} has ended already: {run.status}")
        self._truth.record("stopped", now, run_id=run_id, status=status)
        self._machine.stop(run, status, now, message)

    def settle(self, now: float) -> None:
        """Bring every run up to date."""
        for run in self._runs.values():
            self._machine.settle(run, now)

    def _find(self, request: Request, name: str, now: float) -> Run:
        run_id = required(request.params, name)
        run = self._runs.get(run_id)
        if run is None or not run_in(run, request.project):
            raise refusal("NotFound", f"pipeline run {run_id}")
        self._machine.settle(run, now)
        return run

    def _shown(self, run: Run, request: Request, when: float) -> Body:
        shown = run.view(when) | {"ProjectId": int(run.project or request.project)}
        rows = [dict(row) for row in shown["Stages"]]
        if self._settings.shuffle_stages:
            self._rng.shuffle(rows)
        if self._settings.odd_status:
            for row in [shown, *rows]:
                row["Status"] = (
                    self._settings.odd_status if row["Status"] == stages.RUNNING else row["Status"]
                )
        return shown | {"Stages": rows}

    def _first_object(self, listed: str) -> str:
        try:
            parsed = json.loads(listed)
        except ValueError:
            parsed = None
        if not isinstance(parsed, list) or not parsed:
            raise refusal("no-object", listed)
        first = parsed[0] if isinstance(parsed[0], str) else json.dumps(parsed[0])
        self._catalog.check_deployable(first)
        return first

    def _committed(self, run: Run, request: Request, now: float) -> None:
        self._truth.record(
            "committed",
            now,
            run_id=run.id,
            object=run.object_id,
            description=run.description,
            type=run.type,
            project=run.project,
            creator=run.creator,
            who=request.caller,
            nonce=request.nonce,
            call=request.number,
        )

    def _find_failure(self, run: Run, stage: Stage) -> str | None:
        for failure in self._settings.failures:
            if failure.hits(run.object_id, stage.code):
                return failure.message
        return self._catalog.objection(run.object_id, run.type, stage.code)

    def _stage_finished(self, when: float, run: Run, stage: Stage) -> None:
        self._truth.record(
            "stage_finished", when, run_id=run.id, stage=stage.code, status=stage.status, run=run.status
        )
        if run.status == stages.SUCCESS:
            self._catalog.deployed(run.object_id, run.type)


def run_in(run: Run, project: str) -> bool:
    """Tell whether a run is seen from that project; the console, which names none, sees all."""
    return not project or run.project in ("", project)


def creator_of(caller: str) -> str:
    """Derive the user ID that is shown as Creator: the access key itself would be a secret given away."""
    return str(10**15 + int(hashlib.sha256(caller.encode()).hexdigest(), 16) % 10**15)


def _auto_until(request: Request, laid: list[Stage]) -> int:
    mode, until = request.params.get("RunMode", "Normal"), request.params.get("AutoRunUntilStage", "")
    if mode not in ("Normal", "Auto"):
        raise refusal("InvalidParameter", "RunMode")
    if mode == "Normal" or not until:
        return 0
    steps = [stage.step for stage in laid if stage.code == until]
    if not steps:
        raise refusal("InvalidParameter", "AutoRunUntilStage")
    return steps[0]


def console_request(action: str, params: dict[str, str]) -> Request:
    """Make the request of a person in the console: it passes no gate and sees every project."""
    return Request(action, params, "console", "")
