"""What a FlowSpec says about an object: its place, its dependencies, and the workflow around it.

Sources: dataworks-spec (README, examples), and published answers of GetNode. A text may come as a number, and lists may
be missing, so the parsing is tolerant.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import ObjectId

from .catalog import Kind, StudioObject, whole_path

Json = dict[str, Any]
# Only these types order a deployment. `CrossCycle…` types refer to an earlier day. Old FlowSpecs have no type.
_ORDERING = frozenset({"Normal", ""})
# The keys in version 2 and version 1 of FlowSpec.
_DEPENDENCIES = ("dependencies", "flow")
_LISTS = {Kind.NODE: "nodes", Kind.RESOURCE: "fileResources", Kind.FUNCTION: "functions"}


class NoFlowSpecError(ValueError):
    """The text is not a FlowSpec, or describes nothing that can be deployed."""


@frozen
class Described:
    """The requested object, and the other objects in its FlowSpec.

    For a workflow these are its nodes. For a node inside a workflow, they are the workflow and its other nodes. Inner
    nodes hold their own dependencies; the workflow does not repeat them.
    """

    object: StudioObject
    others: tuple[StudioObject, ...] = ()


def parse_spec(spec: str | Mapping[str, Any]) -> Json:
    """The parsed FlowSpec, otherwise unchanged. Raises NoFlowSpecError."""
    try:
        root = json.loads(spec) if isinstance(spec, str) else spec
    except (ValueError, RecursionError):
        raise NoFlowSpecError from None
    if not isinstance(root, Mapping) or not isinstance(root.get("spec"), Mapping):
        raise NoFlowSpecError
    return dict(root)


def describe_spec(spec: str | Mapping[str, Any], asked: ObjectId) -> Described:
    """Read the FlowSpec from the answer about the object `asked`. Raises NoFlowSpecError.

    For a node inside a workflow, GetNode returns the whole workflow (observed). Then the node is found by its ID.
    """
    root = parse_spec(spec)
    body = _dict(root["spec"])
    workflow = _workflow_in(_text(root.get("kind")), body, asked)
    if workflow is not None:
        return _of_workflow(body, workflow, asked)
    for kind in _kinds(_text(root.get("kind"))):
        entries = _dicts(body.get(_LISTS[kind]))
        if entries:
            entry = next((each for each in entries if asked in _ids(each)), entries[0])
            return Described(_standalone(kind, body, entry, asked))
    raise NoFlowSpecError


def _kinds(word: str) -> Sequence[Kind]:
    """The kinds, in the order to look for them. The FlowSpec of a node may also hold the resources that it uses, so its
    own word comes first.
    """
    first = next((kind for kind in _LISTS if kind == word.casefold()), None)
    return sorted(_LISTS, key=lambda kind: kind is not first)


def _workflow_in(word: str, body: Json, asked: ObjectId) -> Json | None:
    """The workflow that was requested, or that contains the requested node.

    A single node may also have the kind CycleWorkflow. Then it is the only node, and no workflow contains it.
    """
    listed = _dicts(body.get("workflows"))
    if listed:
        return {**listed[0], "id": _text(listed[0].get("id")) or body.get("id")}
    nodes, own = _dicts(body.get("nodes")), _text(body.get("id"))
    is_node = any(asked in _ids(node) for node in nodes) or (len(nodes) == 1 and not own)
    if not word.endswith("Workflow") or (is_node and own in {"", asked}):
        return None
    return body


def _of_workflow(body: Json, workflow: Json, asked: ObjectId) -> Described:
    own = ObjectId(_text(workflow.get("id")) or asked)
    nodes = [node for node in _dicts(workflow.get("nodes")) if _ids(node)]
    # A FlowSpec may give a node an ID of its own, which means nothing elsewhere.
    real = {each: _ids(node)[0] for node in nodes for each in _ids(node)}
    needs = _needs([workflow, body], real)
    inner = tuple(_inner(node, own, needs) for node in nodes)
    whole = StudioObject(
        own,
        Kind.WORKFLOW,
        **_place(workflow),
        inputs=tuple((needs or {}).get(own, ())),
        outputs=_data(workflow.get("outputs")),
        uses=_once((*_uses(workflow), *_uses(body))),
    )
    if own == asked:
        return Described(whole, inner)
    node = next((each for each in inner if each.id == asked), StudioObject(asked, Kind.NODE, workflow=own))
    return Described(node, (whole, *(each for each in inner if each is not node)))


def _inner(node: Json, workflow: ObjectId, needs: "_Needs | None") -> StudioObject:
    own = ObjectId(_ids(node)[0])
    return StudioObject(
        own,
        Kind.NODE,
        **_place(node),
        inputs=_data(node.get("inputs")) if needs is None else _once(needs.get(own, ())),
        outputs=_data(node.get("outputs")),
        uses=_uses(node),
        workflow=workflow,
    )


def _standalone(kind: Kind, body: Json, entry: Json, asked: ObjectId) -> StudioObject:
    found = StudioObject(asked, kind, **_place(entry), inputs=(), outputs=_data(entry.get("outputs")))
    if kind is Kind.RESOURCE:
        return replace(found, uses=())
    if kind is Kind.FUNCTION:
        return replace(found, uses=_once((*_uses(entry), *_resources_in(entry))))
    needs = _needs([body], {})
    # All of them belong to this node, because it is the only one.
    ordering = [data for each in (needs or {}).values() for data in each]
    inputs = _data(entry.get("inputs")) if needs is None else _once(ordering)
    return replace(found, inputs=inputs, uses=_once((*_uses(entry), *_uses(body))))


_Needs = dict[str, list[str]]


def _needs(places: Sequence[Json], real: Mapping[str, str]) -> _Needs | None:
    """The outputs that each node needs, by node ID. None if the FlowSpec lists no dependencies."""
    lists = [place[key] for place in places for key in _DEPENDENCIES if isinstance(place.get(key), list)]
    found: _Needs = {}
    for each in (each for one in lists for each in _dicts(one)):
        wanted = (one for one in _dicts(each.get("depends")) if _text(one.get("type")) in _ORDERING)
        # The default output of a node is its own ID.
        outputs = (_text(one.get("output")) or _text(one.get("nodeId")) for one in wanted)
        node = _text(each.get("nodeId"))
        found.setdefault(real.get(node, node), []).extend(real.get(one, one) for one in outputs if one)
    return found if lists else None


def _ids(entry: Json) -> tuple[str, ...]:
    """The ID in Data Studio first, then the ID within the FlowSpec."""
    return tuple(
        each for each in (_text(_dict(entry.get("metadata")).get("uuid")), _text(entry.get("id"))) if each
    )


def _place(entry: Json) -> dict[str, Any]:
    path = whole_path(_text(_dict(entry.get("script")).get("path")))
    name = _text(entry.get("name")) or path.rpartition("/")[2]
    return {"name": name, "path": path, "owner": _text(entry.get("owner"))}


def _data(ends: Any) -> tuple[str, ...]:
    listed = _dicts(_dict(ends).get("nodeOutputs"))
    return _once(_text(each.get("data")) for each in listed)


def _uses(entry: Json) -> tuple[str, ...]:
    """The names of the resources and functions in the entry."""
    listed = [each for key in ("fileResources", "functions") for each in _dicts(entry.get(key))]
    return _once(_text(each.get("name")) or _text(each.get("id")) for each in listed)


def _resources_in(function: Json) -> Iterator[str]:
    """The script of a function is JSON that names its resources (dataworks-spec, examples/functions)."""
    try:
        content = json.loads(_text(_dict(function.get("script")).get("content")))
    except (ValueError, RecursionError):
        return
    names = _text(_dict(content).get("fileResource")).split(",")
    yield from (name.strip() for name in names)


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))


def _dict(value: Any) -> Json:
    return dict(value) if isinstance(value, Mapping) else {}


def _dicts(value: Any) -> list[Json]:
    return [dict(each) for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    """A text that can be written: JSON may hold halves of surrogate pairs, which cannot."""
    known = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value).strip().encode("utf-8", "replace").decode() if known else ""
