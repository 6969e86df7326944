"""The words for what is read, found and ordered before anything is created, and for what is wrong there."""

import re
from collections.abc import Iterable
from typing import assert_never

from dataworks_deploy.domain.ending import denies_all
from dataworks_deploy.domain.event import (
    ChangesUnread,
    LeftBehind,
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
    Undecided,
)

from .errors import advice, quoted
from .markup import one_line
from .texts import called, number

GIVEN = "object-ids"
MOST_NAMED = 200
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
# What a list is wanted for, and what does without it.
OTHER_WAY = "Or give IDs in object-ids instead of names and patterns."
OTHER_UPSTREAM = "Or set upstream: warn."


def of_choice(event: OfChoice) -> str:
    """What happens while objects are chosen."""
    match event:
        case ListIsLong(operation, objects, calls):
            return f"{operation} shows {number(objects, 'object')}: reading all of them takes about {calls} calls"
        case ReadingDenied(operation, fault):
            return (
                f"{operation} is refused ({quoted(fault)}), so {_without(operation)}. The step goes on. Allow "
                f"dataworks:{operation} in the RAM policy, or give IDs and set preflight: false."
            )
        case OrderUnknown(objects):
            were = "was" if objects == 1 else "were"
            return f"{number(objects, 'object')} {were} not looked up, so all come in the order given"
        case ChangesUnread(objects):
            return (
                f"the runs of {number(objects, 'object')} could not be read, so nobody can tell what has changed "
                "there, and all of it is deployed"
            )
        case UpstreamMissing(found, missing):
            return f"{known(found)} {misses(missing)}. Its checks may fail."
        case NothingFits(lines):
            return f"found nothing for {', '.join(lines)}, which allow-empty permits"
        case LeftBehind(found, run):
            return (
                f"an earlier attempt of this job left run {run.id} of {known(found)} open, and this attempt does not "
                "select that object. The run is left alone: continue it with run-ids, or abolish it in DataWorks."
            )
        case ObjectsChosen(objects, levels, at_once, unchanged):
            if objects == unchanged:
                same = f": {number(objects, 'object')} unchanged" if objects else ""
                return f"there is nothing to do{same}"
            order = f" in {number(levels, 'level')}" if levels > 1 else ""
            same = f", {unchanged:,} of them unchanged" if unchanged else ""
            most = f", at most {at_once} at once" if objects > 1 else ""
            return f"{number(objects, 'object')}{order}{same}{most}"
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
                f"{_at(line)}: {line.text} fits {number(len(candidates), 'object')}. Give the path, the ID, or a kind "
                f"in front, such as workflow: in place of one of these: {_all(candidates)}."
            )
        case InnerNode(node, workflow, line):
            return (
                f"{_at(line)}: {known(node)} is a node inside the workflow {known(workflow)}, which is deployed as a "
                "whole. Give the workflow instead."
            )
        case Undecided(object_id, line, by):
            return (
                f"{_at(line)}: nothing of object {object_id} could be read, so nobody can tell whether {by.text} takes "
                "it away. Take one of the two lines out, or run the job again."
            )
        case TooMany(count, most, first):
            return (
                f"objects: the lines select {number(count, 'object')}, and max-objects is {most}. Narrow the patterns, "
                f"or raise max-objects. The first are {_all(first)}."
            )
        case TooManyInAll(count, most):
            return (
                f"objects: {number(count, 'object')} are selected, and one step takes {most:,} at most. Split them "
                "over several steps."
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
        case NotRead(_, fault, _) if denies_all(fault) and (known_error := advice(fault)):
            return f"objects: nothing can be looked up. {known_error.what} {quoted(fault)}. {known_error.fix}"
        case NotRead(operation, fault, for_upstream):
            # Who was answered with an error code may lack the permission; else nobody has answered.
            fix = (
                f"Allow dataworks:{operation} in the RAM policy if the permission is missing."
                if fault.code
                else "Run the job again."
            )
            return (
                f"{_wanted_for(operation, for_upstream)}, because {operation} fails: {quoted(fault)}. {fix} "
                f"{_other_way(for_upstream)}"
            )
        case TooManyCalls(operation, calls, for_upstream):
            return (
                f"{_wanted_for(operation, for_upstream)}, because the whole list takes about "
                f"{number(calls, 'call')} of {operation}, and this account serves few calls. {_other_way(for_upstream)}"
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
                f"order: {number(len(cycle.edges), 'object')} wait for each other.{why} Correct the dependencies in "
                f"Data Studio, or set order: given. {chain}."
            )
        case UpstreamNeeded(found, missing):
            fix = "Select it too, deploy it first, or set upstream: include."
            return f"upstream: {known(found)} {misses(missing)}. {fix}"
        case _ as never:
            assert_never(never)


def _without(operation: str) -> str:
    return WITHOUT.get(operation, "something is not known")


def _wanted_for(operation: str, for_upstream: bool) -> str:  # noqa: FBT001
    return (
        "upstream: what objects miss cannot be found" if for_upstream else f"objects: {_without(operation)}"
    )


def _other_way(for_upstream: bool) -> str:  # noqa: FBT001
    return OTHER_UPSTREAM if for_upstream else OTHER_WAY


def known(each: StudioObject) -> str:
    """An object by its path, which tells it from others of its name."""
    return called(each.id, each.path or each.name, MOST_NAMED)


def _short(text: str) -> str:
    return one_line(text, MOST_NAMED)


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

    how = {
        Link.DATA: f" through {_short(edge.data)}",
        Link.USE: f", which uses {_short(edge.data)}",
        Link.KIND: "",
    }[edge.link]
    return f"{name(edge.first, edge.first_node)} comes before {name(edge.then, edge.then_node)}{how}"


def misses(missing: Missing) -> str:
    """What an object misses, behind its name."""
    kind = missing.upstream.kind or Kind.NODE
    data = f"{_short(missing.data)} of " if missing.data != missing.upstream.id else ""
    return f"needs {data}the {kind} {known(missing.upstream)}, which is neither selected nor in production"
