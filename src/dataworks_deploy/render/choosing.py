"""The words for what is read, found and ordered before anything is created, and for what is wrong there."""

import re
from collections.abc import Iterable
from typing import assert_never

from dataworks_deploy.domain.event import (
    ListIsLong,
    NothingFits,
    ObjectsChosen,
    OfChoice,
    OrderUnknown,
    ReadingDenied,
    UpstreamMissing,
)
from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject
from dataworks_deploy.domain.studio.dependencies import Missing
from dataworks_deploy.domain.studio.graph import Edge, Link
from dataworks_deploy.domain.studio.problem import NotOrdered, NotRead, Problem, TooManyCalls, UpstreamNeeded
from dataworks_deploy.domain.studio.request import Form, Line, is_task_id
from dataworks_deploy.domain.studio.selection import (
    Ambiguous,
    Empty,
    InnerNode,
    NotHere,
    NothingFound,
    TooMany,
    TooManyInAll,
)

from .errors import words_of
from .texts import number

GIVEN = "object-ids"
_SEPARATORS = re.compile(r"[,，、]|^\[")
# What is lost without a call.
WITHOUT = {
    "GetNode": "nodes are not looked up by their IDs",
    "GetWorkflowDefinition": "workflows are not looked up by their IDs",
    "GetResource": "resources are not looked up by their IDs",
    "GetFunction": "functions are not looked up by their IDs",
    "ListNodes": "nodes cannot be found by name",
    "ListWorkflowDefinitions": "workflows cannot be found by name",
    "ListResources": "resources cannot be found by name",
    "ListFunctions": "functions cannot be found by name",
}
OTHER_WAYS = "Or give IDs in object-ids instead of names."


def of_choice(event: OfChoice) -> str:
    """What happens while objects are chosen."""
    match event:
        case ListIsLong(operation, objects, calls):
            return f"{operation} shows {number(objects, 'object')}: reading all of them takes about {calls} calls"
        case ReadingDenied(operation, fault):
            return (
                f"{operation} is refused ({words_of(fault)}), so {_without(operation)}. The step goes on. Allow "
                f"dataworks:{operation} in the RAM policy, or set preflight: false."
            )
        case OrderUnknown(objects):
            return (
                f"the order of {number(objects, 'object')} is not known, because not all of them could be read: they "
                "are taken in the order given, one at a time"
            )
        case UpstreamMissing(found, missing):
            return f"{known(found)} {_misses(missing)}. Its checks may fail."
        case NothingFits(lines):
            return f"found nothing for {', '.join(lines)}, which allow-empty permits"
        case ObjectsChosen(objects, levels, at_once):
            order = f" in {number(levels, 'level')}" if levels > 1 else ""
            return f"{number(objects, 'object')}{order}, at most {at_once} at once"
        case _ as never:
            assert_never(never)


def problem_of(problem: Problem) -> str:
    """What is wrong with what was asked for: where, why, and what to do."""
    match problem:
        case NothingFound(line, nearest):
            return f"{_at(line)}: {_nothing(line)}{_nearest(line, nearest)}"
        case NotHere(object_id, line):
            return f"{_at(line)}: there is no object {object_id} in this workspace. {_not_here(object_id)}"
        case Ambiguous(line, candidates):
            return (
                f"{_at(line)}: {line.text} fits {number(len(candidates), 'object')}: {_all(candidates)}. Give the "
                "path, the ID, or a kind in front, such as workflow:"
            )
        case InnerNode(node, workflow, line):
            return (
                f"{_at(line)}: {known(node)} is a node inside the workflow {known(workflow)}, which is deployed as a "
                "whole. Give the workflow instead."
            )
        case TooMany(count, most, first):
            return (
                f"objects: the lines select {count} objects, and max-objects is {most}. The first are {_all(first)}. "
                "Narrow the patterns, or raise max-objects."
            )
        case TooManyInAll(count, most):
            return (
                f"objects: {count} objects are selected, and one step takes {most} at most. Split them over several "
                "steps."
            )
        case Empty():
            return (
                "objects: nothing is selected, because later lines take away what earlier ones took. Correct the "
                "lines, or set allow-empty: true."
            )
        case _:
            return _of_reading(problem)


def _of_reading(problem: NotRead | TooManyCalls | NotOrdered | UpstreamNeeded) -> str:
    match problem:
        case NotRead(operation, fault):
            why = words_of(fault) if fault else "the list changed each time that it was read"
            return (
                f"objects: {_without(operation)}, because {operation} fails: {why}. Allow dataworks:{operation} in the "
                f"RAM policy if the permission is missing. {OTHER_WAYS}"
            )
        case TooManyCalls(operation, calls):
            return (
                f"objects: reading the whole list takes about {calls} calls of {operation}, and this account serves "
                "few calls. Give names or IDs instead of patterns."
            )
        case NotOrdered(cycle, objects):
            names = {each.id: each for each in objects}
            why = (
                " No single node waits for itself: the cycle is there only because a workflow is deployed as a whole."
                if cycle.only_by_workflows
                else ""
            )
            chain = "; ".join(_edge(edge, names) for edge in cycle.edges)
            return (
                f"order: these objects wait for each other: {chain}.{why} Correct the dependencies in Data Studio, or "
                "set order: given."
            )
        case UpstreamNeeded(found, missing):
            fix = "Select it too, deploy it first, or set upstream: include."
            return f"upstream: {known(found)} {_misses(missing)}. {fix}"
        case _ as never:
            assert_never(never)


def _without(operation: str) -> str:
    return WITHOUT.get(operation, "something is not known")


def known(each: StudioObject) -> str:
    """An object as people know it, with its ID."""
    name = each.path or each.name
    return f"{name} ({each.id})" if name else each.id


def _at(line: Line | None) -> str:
    return f"{line.source}, line {line.number}" if line else GIVEN


def _nothing(line: Line) -> str:
    if line.form is Form.PATTERN:
        return f"nothing fits {line.text}."
    if _SEPARATORS.search(line.sought):
        return f"nothing is called {line.text}. Write one object a line: commas and brackets separate nothing here."
    kind = line.kind.value if line.kind else "object"
    what = "ID" if line.form is Form.ID else "path" if "/" in line.sought else "name"
    return f"no {kind} of this workspace has the {what} {line.sought}."


def _nearest(line: Line, nearest: Iterable[StudioObject]) -> str:
    found = list(nearest)
    if found and line.form is Form.ID:
        return f" It is a {found[0].kind or 'object of another kind'}: {known(found[0])}."
    if found:
        return f" Did you mean {' or '.join(_with_kind(each, line) for each in found)}?"
    if line.form is Form.PATTERN:
        return " A pattern fits the whole path: **/name* finds names in every folder."
    return " Upper and lower case count. The name is that in Data Studio."


def _with_kind(each: StudioObject, line: Line) -> str:
    other = each.kind and line.kind and each.kind is not line.kind
    return f"{each.kind}: {known(each)}" if other else known(each)


def _not_here(object_id: ObjectId) -> str:
    if is_task_id(object_id):
        return "An ID of 12 digits is mostly that of a scheduling task: give the ID that Data Studio shows."
    return "Look at project-id, and at the ID in Data Studio. It may have been deleted."


def _all(objects: Iterable[StudioObject]) -> str:
    return ", ".join(f"{each.kind or 'object'} {known(each)}" for each in objects)


def _edge(edge: Edge, names: dict[ObjectId, StudioObject]) -> str:
    def name(whole: ObjectId, node: ObjectId | None) -> str:
        shown = known(names.get(whole, StudioObject(whole)))
        inside = f", by its node {known(names.get(node, StudioObject(node)))}" if node else ""
        return f"{shown}{inside}"

    how = {Link.DATA: f" through {edge.data}", Link.USE: f", which uses {edge.data}", Link.KIND: ""}[
        edge.link
    ]
    return f"{name(edge.first, edge.first_node)} comes before {name(edge.then, edge.then_node)}{how}"


def _misses(missing: Missing) -> str:
    kind = missing.upstream.kind or Kind.NODE
    data = f"{missing.data} of " if missing.data != missing.upstream.id else ""
    return f"needs {data}the {kind} {known(missing.upstream)}, which is neither selected nor in production"
