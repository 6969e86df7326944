"""FlowSpecs: the JSON in the answers of GetNode and GetWorkflowDefinition.

A standalone node is in `spec.nodes[]`. For a node inside a workflow, the whole workflow is shown. Its nodes and their
dependencies are in `spec.workflows[0]`, and nothing in the node names the workflow.
"""

import json
from collections.abc import Iterable
from typing import Any

from dataworks_emulator.drafts import FUNCTION, RESOURCE, WORKFLOW, Draft, Drafts

Body = dict[str, Any]
# The keys for resources and functions, for themselves and in the objects that use them (dataworks-spec).
ALONE = {RESOURCE: "fileResources", FUNCTION: "functions"}
EDGES = {"2.0.0": "dependencies", "1.1.0": "flow"}


class FlowSpecs:
    """Writes the specifications of drafts in one version of FlowSpec."""

    def __init__(self, drafts: Drafts, version: str) -> None:
        """Look up everything in these drafts."""
        self._drafts, self._version = drafts, version

    def write(self, draft: Draft, *, scripts: bool = True) -> str:
        """Return the FlowSpec of a draft. For a node inside a workflow, it is that of the workflow."""
        around = self._drafts.find(draft.container) if draft.container else None
        whole = draft if draft.kind == WORKFLOW else around
        if whole is not None:
            return self._written(whole.type, self._workflow(whole, scripts=scripts))
        if draft.kind in ALONE:
            return self._written(draft.kind, {ALONE[draft.kind]: [_base(draft) | self._used(draft)]})
        return self._written("Node", {"nodes": [self._node(draft)], **self._edges([draft])})

    def _written(self, kind: str, spec: Body) -> str:
        return json.dumps({"version": self._version, "kind": kind, "spec": spec}, ensure_ascii=False)

    def _workflow(self, workflow: Draft, *, scripts: bool) -> Body:
        inside = self._drafts.inside(workflow.id)
        nodes = [self._node(node, scripts=scripts) for node in inside]
        known = {"id": workflow.id, "name": workflow.name, "type": workflow.type, "owner": workflow.owner}
        whole = _base(workflow) | {"type": workflow.type, "trigger": trigger(workflow)}
        return known | {"workflows": [whole | {"nodes": nodes, **self._edges(inside)}]}

    def _node(self, node: Draft, *, scripts: bool = True) -> Body:
        shown = _base(node) | {
            "recurrence": node.recurrence,
            "trigger": trigger(node),
            "inputs": {"nodeOutputs": [_output(each.output) for each in node.depends]},
            "outputs": {
                "nodeOutputs": [{**_output(data), "refTableName": node.name} for data in node.outputs]
            },
        }
        if not scripts:
            del shown["script"]["content"]
        return shown | self._used(node)

    def _used(self, draft: Draft) -> Body:
        """Name the resources and functions that a node or a function uses."""
        used = [each for name in draft.uses for each in self._drafts.named(name)]
        shown = {ALONE[kind]: [{"name": each.name} for each in used if each.kind == kind] for kind in ALONE}
        return {field: names for field, names in shown.items() if names}

    def _edges(self, nodes: Iterable[Draft]) -> Body:
        rows = [
            {
                "nodeId": node.id,
                "depends": [{"type": each.type, "output": each.output} for each in node.depends],
            }
            for node in nodes
            if node.depends
        ]
        return {EDGES[self._version]: rows}


def trigger(draft: Draft) -> Body:
    """Return when a draft runs. Field names begin with small letters, as in FlowSpec."""
    if draft.type == "ManualWorkflow":
        return {"type": "Manual"}
    return {
        "type": "Scheduler",
        "cron": draft.cron,
        "startTime": "1970-01-01 00:00:00",
        "endTime": "9999-01-01 00:00:00",
        "timezone": "Asia/Shanghai",
    }


def _base(draft: Draft) -> Body:
    script = {
        "id": f"script-{draft.id}",
        "path": draft.path,
        "runtime": {"command": draft.command},
        "content": draft.script,
    }
    return {
        "id": draft.id,
        "name": draft.name,
        "owner": draft.owner,
        "description": draft.description,
        "script": script,
        "metadata": {"uuid": draft.id},
    }


def _output(data: str) -> Body:
    return {"data": data, "artifactType": "NodeOutput"}
