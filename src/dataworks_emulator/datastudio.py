"""The operations that read Data Studio: nodes, workflows, resources, functions, and their workspace."""

import random
from collections.abc import Callable
from typing import Any

from dataworks_emulator.answers import refusal
from dataworks_emulator.catalog import Catalog
from dataworks_emulator.drafts import FUNCTION, NODE, RESOURCE, WORKFLOW, Draft
from dataworks_emulator.flowspec import FlowSpecs, trigger
from dataworks_emulator.request import Request, decimal, paged, required
from dataworks_emulator.settings import Settings
from dataworks_emulator.workspace import CYCLE, MANUAL

Body = dict[str, Any]
SMALLEST_PAGE, LARGEST_PAGE = 10, 100
SCENES = {"dataworksproject": False, "dataworksmanualworkflow": True}
# The workspace shown for a node that is read without one, if any workspace exists.
SOME_PROJECT = "10001"


class DataStudio:
    """Methods named after an operation take its request and the time, and return the body of the answer."""

    def __init__(self, settings: Settings, catalog: Catalog, rng: random.Random) -> None:
        """Show the objects of the catalog."""
        self._settings, self._catalog, self._rng = settings, catalog, rng
        self.flowspecs = FlowSpecs(catalog.drafts, settings.flowspec)

    def get_project(self, request: Request, now: float) -> Body:
        """GetProject."""
        del now
        project = required(request.params, "Id")
        self._catalog.check_project(project)
        shown = {
            "Id": int(project),
            "Name": self._catalog.workspace.name or f"workspace_{project}",
            "DisplayName": self._catalog.workspace.name or f"Workspace {project}",
            "Description": "A workspace of the emulator",
            "Status": "Available",
            "Owner": "1000000000000001",
            "DevEnvironmentEnabled": self._settings.stages == "standard",
            "DevRoleDisabled": False,
            "PaiTaskEnabled": False,
            "AliyunResourceGroupId": "rg-emulator",
            "AliyunResourceTags": [],
        }
        return {"Project": shown}

    def get_node(self, request: Request, now: float) -> Body:
        """GetNode. A workflow is not a node. A node that is not in production has no TaskId."""
        draft = self._found(request, NODE, now)
        shown = self._head(draft, request) | {"Spec": self.flowspecs.write(draft)}
        return {"Node": shown | self._task(draft)}

    def get_workflow(self, request: Request, now: float) -> Body:
        """GetWorkflowDefinition. It shows the scripts of the nodes only if the request asks for them."""
        draft = self._found(request, WORKFLOW, now)
        scripts = request.params.get("IncludeScriptContent", "").lower() == "true"
        shown = self._head(draft, request) | {"Spec": self.flowspecs.write(draft, scripts=scripts)}
        task = self._catalog.task(draft.id)
        return {"WorkflowDefinition": shown | ({} if task is None else {"WorkflowId": task})}

    def get_resource(self, request: Request, now: float) -> Body:
        """GetResource."""
        draft = self._found(request, RESOURCE, now)
        return {"Resource": self._head(draft, request) | {"Spec": self.flowspecs.write(draft)}}

    def get_function(self, request: Request, now: float) -> Body:
        """GetFunction."""
        draft = self._found(request, FUNCTION, now)
        return {"Function": self._head(draft, request) | {"Spec": self.flowspecs.write(draft)}}

    def list_nodes(self, request: Request, now: float) -> Body:
        """ListNodes: all nodes, or those inside the workflow in ContainerId. They are not sorted."""
        wanted, rows = request.params, self._listed(request, NODE, now)
        container = wanted.get("ContainerId", "")
        if container or not self._settings.inner_listed:
            rows = [draft for draft in rows if draft.container == container]
        if wanted.get("Recurrence"):
            rows = [draft for draft in rows if draft.recurrence == wanted["Recurrence"]]
        if wanted.get("Scene"):
            manual = SCENES.get(wanted["Scene"].replace("_", "").lower())
            rows = [draft for draft in rows if (draft.type == MANUAL) is manual]
        return {"PagingInfo": _as_strings(self._page(request, "Nodes", rows, self._node_row))}

    def list_dependencies(self, request: Request, now: float) -> Body:
        """ListNodeDependencies. According to the reference, it shows the descendants of the node."""
        found = self._found(request, NODE, now)
        rows = [draft for draft in self._catalog.drafts.waiting(found.outputs) if draft.kind == NODE]
        return {"PagingInfo": _as_strings(self._page(request, "Nodes", rows, self._node_row))}

    def list_workflows(self, request: Request, now: float) -> Body:
        """ListWorkflowDefinitions: the workflows of one type."""
        rows = self._typed(request, WORKFLOW, now, CYCLE)
        return {"PagingInfo": self._page(request, "WorkflowDefinitions", rows, self._typed_row)}

    def list_resources(self, request: Request, now: float) -> Body:
        """ListResources: all, or those of one type."""
        return {
            "PagingInfo": self._page(
                request, "Resources", self._typed(request, RESOURCE, now), self._typed_row
            )
        }

    def list_functions(self, request: Request, now: float) -> Body:
        """ListFunctions: all, or those of one type."""
        return {
            "PagingInfo": self._page(
                request, "Functions", self._typed(request, FUNCTION, now), self._typed_row
            )
        }

    def _found(self, request: Request, kind: str, now: float) -> Draft:
        object_id = required(request.params, "Id")
        draft = self._catalog.find(object_id, now - request.age)
        if draft is None or draft.kind != kind:
            raise refusal("no-node" if kind == NODE else "NotFound", f"object {object_id[:80]}")
        return draft

    def _listed(self, request: Request, kind: str, now: float) -> list[Draft]:
        """Return the objects that match the filters of all lists. Name matches any part of a name."""
        name, owner = request.params.get("Name", "").lower(), request.params.get("Owner", "")
        when = now - request.age - self._settings.draft_lag
        return [
            draft
            for draft in self._catalog.drafts.listed(kind, when=when)
            if name in draft.name.lower() and owner in ("", draft.owner)
        ]

    def _typed(self, request: Request, kind: str, now: float, usual: str = "") -> list[Draft]:
        wanted = request.params.get("Type") or usual
        return [draft for draft in self._listed(request, kind, now) if wanted in ("", draft.type)]

    def _page(
        self,
        request: Request,
        rows_name: str,
        rows: list[Draft],
        show: Callable[[Draft, Request], Body],
    ) -> Body:
        size = decimal(request.params, "PageSize", SMALLEST_PAGE)
        if not SMALLEST_PAGE <= size <= LARGEST_PAGE:
            raise refusal("InvalidPageSize")
        cut = {**request.params, "PageSize": str(min(size, self._settings.page_rows))}
        page = paged(cut, rows_name, rows, lambda draft: show(draft, request))
        self._catalog.drafts.drift(self._rng, self._settings.list_drift)
        return page

    def _head(self, draft: Draft, request: Request) -> Body:
        known = (request.project, *self._catalog.workspace.projects, SOME_PROJECT)
        return {
            "Id": draft.id,
            "Name": draft.name,
            "Owner": draft.owner,
            "ProjectId": int(next(project for project in known if project)),
            "CreateTime": draft.created_ms,
            "ModifyTime": draft.modified_ms,
        }

    def _row(self, draft: Draft, request: Request) -> Body:
        runtime = {"Command": draft.command}
        script = {"Id": f"script-{draft.id}", "Path": draft.path, "Runtime": runtime}
        return self._head(draft, request) | {"Description": draft.description, "Script": script}

    def _typed_row(self, draft: Draft, request: Request) -> Body:
        return self._row(draft, request) | {"Type": draft.type}

    def _node_row(self, draft: Draft, request: Request) -> Body:
        inputs = [{"Data": each.output} for each in draft.depends]
        outputs = [{"Data": data, "RefTableName": draft.name} for data in draft.outputs]
        when = {f"{name[0].upper()}{name[1:]}": value for name, value in trigger(draft).items()}
        return (
            self._row(draft, request)
            | {
                "Recurrence": draft.recurrence,
                "Trigger": {"Id": f"trigger-{draft.id}", **when},
                "Strategy": {"RerunMode": "Allowed", "RerunTimes": 3, "RerunInterval": 180_000, "Timeout": 0},
                "Inputs": {"NodeOutputs": inputs, "Tables": [], "Variables": []},
                "Outputs": {"NodeOutputs": outputs, "Tables": [], "Variables": []},
            }
            | self._task(draft)
        )

    def _task(self, draft: Draft) -> Body:
        task = self._catalog.task(draft.id)
        return {} if task is None else {"TaskId": task}


def _as_strings(page: Body) -> Body:
    """Turn the numbers of a page into strings, as the models of the node lists declare them."""
    return {key: str(value) if isinstance(value, int) else value for key, value in page.items()}
