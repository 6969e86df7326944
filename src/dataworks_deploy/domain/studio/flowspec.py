"""What a FlowSpec says of an object: its place, its edges, and the workflow around it.

Sources: dataworks-spec (README, examples), and answers of GetNode as others have published them. Numbers may come for
texts, and lists may be missing, so all is read leniently.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import ObjectId

from .catalog import Kind, StudioObject, whole_path

Json = dict[str, Any]
# Only these order a deployment: `CrossCycle…` ones look back at an earlier day. Old FlowSpecs give no type.
_ORDERING = frozenset({"Normal", ""})
# In version 2 of FlowSpec, and in version 1.
_DEPENDENCIES = ("dependencies", "flow")
_LISTS = {Kind.NODE: "nodes", Kind.RESOURCE: "fileResources", Kind.FUNCTION: "functions"}


class NoFlowSpecError(ValueError):
    """The text is no FlowSpec, or one of nothing that can be deployed."""


@frozen
class Described:
    """The object that was asked for, and what its FlowSpec shows beside it.

    Beside a workflow these are its nodes; beside a node inside a workflow, the workflow and its other nodes. The edges
    of inner nodes stand with these nodes, not with their workflow.
    """

    object: StudioObject
    others: tuple[StudioObject, ...] = ()


def parse_spec(spec: str | Mapping[str, Any]) -> Json:
    """The FlowSpec as it stands. Raises NoFlowSpecError."""
    try:
        root = json.loads(spec) if isinstance(spec, str) else spec
    except (ValueError, RecursionError):
        raise NoFlowSpecError from None
    if not isinstance(root, Mapping) or not isinstance(root.get("spec"), Mapping):
        raise NoFlowSpecError
    return dict(root)


def describe_spec(spec: str | Mapping[str, Any], asked: ObjectId) -> Described:
    """Read the FlowSpec of the answer about the object `asked`. Raises NoFlowSpecError.

    GetNode of a node inside a workflow answers with the whole workflow (seen). Then the node is found by its ID.
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
    """Where to look first. A node's FlowSpec may hold the resources that it uses, so its word decides."""
    first = next((kind for kind in _LISTS if kind == word.casefold()), None)
    return sorted(_LISTS, key=lambda kind: kind is not first)


def _workflow_in(word: str, body: Json, asked: ObjectId) -> Json | None:
    """The workflow that this is about, or around the node that was asked for.

    A node alone may also call itself a CycleWorkflow: it has one node, the one that was asked for, in no workflow.
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
    # A FlowSpec may name a node by an ID of its own, which means nothing outside of it.
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
    # All of them are this node's, because it is alone.
    ordering = [data for each in (needs or {}).values() for data in each]
    inputs = _data(entry.get("inputs")) if needs is None else _once(ordering)
    return replace(found, inputs=inputs, uses=_once((*_uses(entry), *_uses(body))))


_Needs = dict[str, list[str]]


def _needs(places: Sequence[Json], real: Mapping[str, str]) -> _Needs | None:
    """The outputs that each node needs, by its ID; None where no dependencies are listed at all."""
    lists = [place[key] for place in places for key in _DEPENDENCIES if isinstance(place.get(key), list)]
    found: _Needs = {}
    for each in (each for one in lists for each in _dicts(one)):
        wanted = (one for one in _dicts(each.get("depends")) if _text(one.get("type")) in _ORDERING)
        # A node's default output is its own ID.
        outputs = (_text(one.get("output")) or _text(one.get("nodeId")) for one in wanted)
        node = _text(each.get("nodeId"))
        found.setdefault(real.get(node, node), []).extend(real.get(one, one) for one in outputs if one)
    return found if lists else None


def _ids(entry: Json) -> tuple[str, ...]:
    """The ID in Data Studio first, then the one within the FlowSpec."""
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
    """The names of the resources and functions that the entry lists."""
    listed = [each for key in ("fileResources", "functions") for each in _dicts(entry.get(key))]
    return _once(_text(each.get("name")) or _text(each.get("id")) for each in listed)


def _resources_in(function: Json) -> Iterator[str]:
    """A function's script is a JSON text that names its resources (dataworks-spec, examples/functions)."""
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
    """JSON can hold halves of characters, which nothing can write."""
    known = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value).strip().encode("utf-8", "replace").decode() if known else ""
