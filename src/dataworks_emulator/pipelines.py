"""The operations on pipeline runs: create, read, list, execute a stage, abolish."""

import hashlib
import json
import random
from typing import Any

from dataworks_emulator import stages
from dataworks_emulator.answers import refusal
from dataworks_emulator.catalog import Catalog
from dataworks_emulator.drafts import Draft
from dataworks_emulator.flowspec import FlowSpecs
from dataworks_emulator.request import Request, paged, required
from dataworks_emulator.runs import Order, Runs
from dataworks_emulator.settings import Settings
from dataworks_emulator.stages import Run, Stage

Body = dict[str, Any]
MOST_SHOWN = 200


class Pipelines:
    """Methods named after an operation take its request and the time, and return the body of the answer."""

    def __init__(
        self, settings: Settings, catalog: Catalog, flowspecs: FlowSpecs, runs: Runs, rng: random.Random
    ) -> None:
        """Work on these runs."""
        self._settings, self._catalog, self._flowspecs = settings, catalog, flowspecs
        self._runs, self._rng = runs, rng

    def create(self, request: Request, now: float) -> Body:
        """CreatePipelineRun. Only the first object counts; the others are ignored silently."""
        params = request.params
        run_type = required(params, "Type")
        if run_type not in ("Online", "Offline"):
            raise refusal("InvalidParameter", "Type")
        order = Order(
            project=request.project,
            object_id=self.object_of(request),
            run_type=run_type,
            description=params.get("Description", ""),
            creator=creator_of(request.caller),
            who=request.caller,
            nonce=request.nonce,
            call=request.number,
            auto_until=_auto_until(request, stages.plan(self._settings, run_type)),
        )
        return {"Id": self._runs.open(order, now).id}

    def object_of(self, request: Request) -> str:
        """Return the object of a creation, if it may be deployed."""
        return self._first_object(required(request.params, "ObjectIds"))

    def get(self, request: Request, now: float) -> Body:
        """GetPipelineRun."""
        run = self._find(request, "Id", now)
        if now - run.created < self._settings.get_lag:
            raise refusal("NotFound", f"pipeline run {run.id}")
        return {"Pipeline": self._shown(run, request, now - request.age)}

    def list_runs(self, request: Request, now: float) -> Body:
        """ListPipelineRuns. Runs that are newer than the list's lag are missing."""
        as_of = now - request.age
        self._runs.settle(now)
        wanted = request.params
        listed = self._runs.listed(request.project, wanted.get("ObjectId", ""), as_of)
        if wanted.get("Creator"):
            listed = [run for run in listed if run.creator == wanted["Creator"]]
        if wanted.get("Status"):
            listed = [run for run in listed if run.look(as_of).status == wanted["Status"]]
        if not self._settings.oldest_first:
            listed.reverse()
        page = paged(wanted, "PipelineRuns", listed, lambda run: self._shown(run, request, as_of))
        if self._settings.string_counts:
            # A similar operation was observed to do so, with a total of 0 for a full page.
            page |= {
                "PageNumber": str(page["PageNumber"]),
                "PageSize": str(page["PageSize"]),
                "TotalCount": "0",
            }
        return {"PagingInfo": page}

    def list_items(self, request: Request, now: float) -> Body:
        """ListPipelineRunItems: the object of the run and, for a workflow, each of its nodes."""
        run = self._find(request, "PipelineRunId", now)
        shown = run.view(now)
        common = {"Status": run.status, "Message": run.message, "Version": 1}
        times = {name: shown[name] for name in ("CreateTime", "ModifyTime")}

        def item(part: Draft) -> Body:
            told = {"Id": part.id, "Name": part.name, "Type": part.kind}
            return told | common | {"Spec": self._flowspecs.write(part)} | times

        parts = self._catalog.parts(run.object_id)
        return {"PagingInfo": paged(request.params, "PipelineRunItems", parts, item)}

    def execute(self, request: Request, now: float) -> Body:
        """ExecPipelineRunStage: starts the next stage, and no other."""
        run = self._find(request, "Id", now)
        code = required(request.params, "Code")
        if run.status != stages.RUNNING:
            raise refusal("not-running")
        stage = next((each for each in run.stages if each.code == code), None)
        if stage is None:
            raise refusal("InvalidParameter", f"Code {code}")
        if stage is not run.current() or stage.status != stages.INIT:
            raise refusal("stage-order", f"{code} ({stage.status})")
        if code == stages.APPROVAL and self._settings.approval_exec == "refuse":
            raise refusal("stage-order", f"{code} (waits for a person)")
        if code != stages.APPROVAL or self._settings.approval_exec == "run":
            self._runs.execute(run.id, code, now, request.caller)
        return {"Success": True}

    def abolish(self, request: Request, now: float) -> Body:
        """AbolishPipelineRun: refused after the end of the run. While it deploys, the settings decide."""
        run = self._find(request, "Id", now)
        if run.terminal:
            raise refusal("not-running")
        stage = run.current()
        deploying = stage.status == stages.RUNNING and stage.type in stages.POINTS_OF_NO_RETURN
        choice = self._settings.abolish_during_deploy if deploying else "stop"
        if choice == "refuse":
            raise refusal("stage-order", f"{stage.code} (already running)")
        self._runs.abolish(run.id, now, request.caller, stops=choice == "stop")
        return {"Success": True}

    def _find(self, request: Request, name: str, now: float) -> Run:
        run_id = required(request.params, name)
        run = self._runs.find(run_id, request.project, now)
        if run is None:
            raise refusal("NotFound", f"pipeline run {run_id}")
        return run

    def _shown(self, run: Run, request: Request, when: float) -> Body:
        shown = run.view(when) | {"ProjectId": int(run.project or request.project)}
        if not self._settings.show_descriptions:
            del shown["Description"]
        rows = shown["Stages"]
        if self._settings.shuffle_stages:
            self._rng.shuffle(rows)
        if self._settings.odd_status:
            for row in [shown, *rows]:
                if row["Status"] == stages.RUNNING:
                    row["Status"] = self._settings.odd_status
        return shown

    def _first_object(self, listed: str) -> str:
        try:
            parsed = json.loads(listed)
            first = parsed[0] if isinstance(parsed, list) and parsed else None
            shown = listed if first is None else first if isinstance(first, str) else json.dumps(first)
        except (ValueError, RecursionError):
            first, shown = None, listed
        # The SDK sends a number as a number. In Python, True is also an int.
        if not isinstance(first, str | int) or isinstance(first, bool):
            raise refusal("no-object", shown[:MOST_SHOWN])
        self._catalog.check_deployable(shown)
        return shown


def creator_of(caller: str) -> str:
    """Derive the user ID shown as Creator. Showing the access key would give away a secret."""
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
