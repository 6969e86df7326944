"""What there is to deploy: workspaces, nodes, workflows and what depends on what."""

import json
import re
from typing import Any

from dataworks_emulator.answers import refusal
from dataworks_emulator.request import Request, is_project, paged, required
from dataworks_emulator.settings import Settings

Body = dict[str, Any]
OBJECT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
CREATED_MS = 1_700_000_000_000


class Catalog:
    """The objects of the workspaces. Without a list of known objects, every well-formed ID is a node."""

    def __init__(self, settings: Settings) -> None:
        """Read the settings into sets; nothing is in production yet."""
        self._settings = settings
        self._workflows = {*settings.workflows, *settings.inner_nodes.values()}
        self._in_production: set[str] = set()
        self._ever_deployed: set[str] = set()

    def check_project(self, project: str) -> None:
        """Refuse a workspace that is no number or not among the known ones."""
        if not is_project(project):
            raise refusal("InvalidParameter", "ProjectId")
        if self._settings.projects and project not in self._settings.projects:
            raise refusal("NotFound", f"workspace {project}")

    def check_deployable(self, object_id: str) -> None:
        """Refuse what cannot be deployed on its own, in the service's words."""
        workflow = self._settings.inner_nodes.get(object_id)
        if workflow is not None:
            raise refusal(self._settings.inner_refusal, object_id)
        if not self._exists(object_id):
            raise refusal("no-object", object_id)

    def objection(self, object_id: str, run_type: str, stage: str) -> str | None:
        """Return why a check stage fails for this object, if it does: its neighbours decide."""
        if run_type == "Online" and stage == "PROD_CHECK":
            missing = [
                up for up in self._settings.upstreams.get(object_id, ()) if up not in self._in_production
            ]
            return f"上游节点未发布: {', '.join(missing)}" if missing else None
        if run_type == "Offline" and stage == "OfflineCheck":
            left = [node for node in self._dependants(object_id) if node in self._in_production]
            return "节点存在子节点,导致任务删除或下线失败" if left else None
        return None

    def deployed(self, object_id: str, run_type: str) -> None:
        """Note that a run of this object has succeeded."""
        (self._in_production.add if run_type == "Online" else self._in_production.discard)(object_id)

    def name(self, object_id: str) -> str:
        """Return the name of an object."""
        return f"{'workflow' if object_id in self._workflows else 'node'}_{object_id}"

    def kind(self, object_id: str) -> str:
        """Return the type of an object as ListPipelineRunItems says it."""
        return "WorkflowDefinition" if object_id in self._workflows else "Node"

    def spec(self, object_id: str) -> str:
        """Return a FlowSpec with the little that is known here."""
        if object_id in self._workflows:
            inner = [node for node, workflow in self._settings.inner_nodes.items() if workflow == object_id]
            flow = {
                "id": object_id,
                "name": self.name(object_id),
                "nodes": [self._node_spec(n) for n in inner],
            }
            return json.dumps({"version": "1.1.0", "kind": "CycleWorkflow", "spec": {"workflows": [flow]}})
        metadata: Body = {"uuid": object_id}
        workflow = self._settings.inner_nodes.get(object_id)
        if workflow:
            metadata["container"] = {"type": "CycleWorkflow", "uuid": workflow}
        body: Body = {"nodes": [self._node_spec(object_id)]}
        ups = self._settings.upstreams.get(object_id, ())
        if ups:
            depends = [{"type": "Normal", "output": f"{up}_out"} for up in ups]
            body["flow"] = [{"nodeId": object_id, "depends": depends}]
        return json.dumps({"version": "1.1.0", "kind": "Node", "spec": body, "metadata": metadata})

    def get_project(self, request: Request, now: float) -> Body:
        """GetProject."""
        del now
        project = required(request.params, "Id")
        self.check_project(project)
        shown = {
            "Id": int(project),
            "Name": f"workspace_{project}",
            "DisplayName": f"Workspace {project}",
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
        """GetNode: a workflow is no node."""
        del now
        node = required(request.params, "Id")
        if node in self._workflows or not self._exists(node):
            raise refusal("NotFound", f"node {node}")
        return {"Node": self._node(node, request) | {"Spec": self.spec(node)}}

    def list_nodes(self, request: Request, now: float) -> Body:
        """ListNodes: all that the settings name, or those inside the workflow given as ContainerId."""
        del now
        settings, container = self._settings, request.params.get("ContainerId", "")
        named = dict.fromkeys([*settings.known_objects, *settings.inner_nodes, *settings.upstreams])
        name = request.params.get("Name", "")
        rows = [
            self._node(node, request)
            for node in named
            if node not in self._workflows
            and (not container or settings.inner_nodes.get(node) == container)
            and name in self.name(node)
        ]
        return {"PagingInfo": _as_strings(paged(request.params, "Nodes", rows, dict))}

    def list_dependencies(self, request: Request, now: float) -> Body:
        """ListNodeDependencies: the reference says that these are the descendants of the node."""
        del now
        rows = [self._node(node, request) for node in self._dependants(required(request.params, "Id"))]
        return {"PagingInfo": _as_strings(paged(request.params, "Nodes", rows, dict))}

    def list_workflows(self, request: Request, now: float) -> Body:
        """ListWorkflowDefinitions: all of the default type, none of the others."""
        del now
        kind, name = request.params.get("Type", "CycleWorkflow"), request.params.get("Name", "")
        rows = [
            self._node(workflow, request) | {"Type": kind}
            for workflow in sorted(self._workflows)
            if kind == "CycleWorkflow" and name in self.name(workflow)
        ]
        return {"PagingInfo": paged(request.params, "WorkflowDefinitions", rows, dict)}

    def _exists(self, object_id: str) -> bool:
        known = {*self._settings.known_objects, *self._workflows, *self._settings.inner_nodes}
        return (
            object_id in known if self._settings.known_objects else OBJECT_ID.fullmatch(object_id) is not None
        )

    def _dependants(self, object_id: str) -> list[str]:
        return [node for node, ups in self._settings.upstreams.items() if object_id in ups]

    def _node(self, object_id: str, request: Request) -> Body:
        return {
            "Id": object_id,
            "Name": self.name(object_id),
            "Owner": "1000000000000001",
            "ProjectId": int(request.project or 0),
            "CreateTime": CREATED_MS,
            "ModifyTime": CREATED_MS,
        }

    def _node_spec(self, node: str) -> Body:
        workflow = self._settings.inner_nodes.get(node)
        folder = self.name(workflow) if workflow else "nodes"
        return {
            "id": node,
            "name": self.name(node),
            "script": {"path": f"{folder}/{self.name(node)}", "runtime": {"command": "ODPS_SQL"}},
            "outputs": {"nodeOutputs": [{"data": f"{node}_out"}]},
        }


def _as_strings(page: Body) -> Body:
    """Give the numbers of a page as strings: the models of the node lists declare them so."""
    return {key: str(value) if isinstance(value, int) else value for key, value in page.items()}
