"""Where a FlowSpec says what workflow its node is in, and what it says of a node."""

import json
import re
from collections.abc import Iterator
from typing import Any

# Where the action looks for it, in this order. It was seen at the first; the others are guesses from the documents.
PLACES = (
    "spec.workflows[0].id",
    *(
        f"{place}{key}"
        for place in ("metadata.", "spec.nodes[0].", "spec.nodes[0].metadata.", "spec.")
        for key in ("container.uuid", "container.id", "container", "containerId", "workflowId")
    ),
)
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def texts(spec: str) -> dict[str, str]:
    """All texts and numbers in it by their place. Raises ValueError or RecursionError."""
    return dict(_texts(json.loads(spec), ""))


def workflow(found: dict[str, str], node_id: str) -> str:
    """The place of the first ID that the action would take for the workflow's; empty where there is none."""
    fitting = (each for each in PLACES if each in found and found[each] != node_id)
    return next((each for each in fitting if ID.fullmatch(found[each])), "")


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            # A key that is no word could be an ID, which is not to be shown.
            name = key if key.isascii() and key.isalpha() else "…"
            yield from _texts(each, f"{place}.{name}" if place else name)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _texts(each, f"{place}[{number}]")
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield place, str(value)


class Entry:
    """What a FlowSpec says of a node. Raises ValueError or RecursionError; empty if it has no node of this ID."""

    def __init__(self, spec: str, node_id: str) -> None:
        self._holders = _holders(json.loads(spec))
        nodes = (node for holder in self._holders for node in _dicts(holder.get("nodes")))
        self.node = next((node for node in nodes if node_id in _ids(node)), {})

    @property
    def path(self) -> str:
        """Where the node is in Data Studio."""
        return str(_dict(self.node.get("script")).get("path") or "")

    @property
    def outputs(self) -> set[str]:
        """What the node gives out."""
        return {str(each.get("data")) for each in _dicts(_dict(self.node.get("outputs")).get("nodeOutputs"))}

    @property
    def needs(self) -> set[tuple[str, str]]:
        """What the node needs, each with the type of the dependency."""
        links = (
            link
            for holder in self._holders
            for key in ("dependencies", "flow")
            for link in _dicts(holder.get(key))
            if str(link.get("nodeId")) in _ids(self.node)
        )
        depends = (each for link in links for each in _dicts(link.get("depends")))
        return {(str(each.get("type") or "Normal"), str(each.get("output"))) for each in depends}


def _holders(root: Any) -> list[dict[str, Any]]:
    """The parts that may have nodes: the whole, and the workflow in it."""
    body = _dict(_dict(root).get("spec"))
    return [body, *_dicts(body.get("workflows"))]


def _ids(node: dict[str, Any]) -> set[str]:
    return {str(each) for each in (node.get("id"), _dict(node.get("metadata")).get("uuid")) if each}


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
