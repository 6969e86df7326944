"""The words for what is read, found and ordered before anything is created, and for what is wrong there."""

import re
from collections.abc import Iterable
from typing import assert_never

from dataworks_deploy.domain.ending import Fault, Refusal
from dataworks_deploy.domain.error import refusal_of
from dataworks_deploy.domain.event import (
    ChangesUnread,
    ContentUnread,
    LeftBehind,
    ListIsLong,
    ListIsShort,
    NothingFits,
    ObjectsChosen,
    OfChoice,
    OrderUnknown,
    ReadingDenied,
    UpstreamAdded,
    UpstreamMissing,
)
from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject
from dataworks_deploy.domain.studio.dependencies import Missing
from dataworks_deploy.domain.studio.graph import Edge, Link
from dataworks_deploy.domain.studio.problem import (
    NothingRead,
    NotOrdered,
    NotRead,
    Problem,
    TooManyCalls,
    UpstreamNeeded,
)
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

from .errors import ENGLISH, advice, ask, quoted
from .language import say, word
from .markup import one_line
from .problems import NAMES_GO
from .texts import called, clauses, joined, listed_as, number, some

GIVEN = "object-ids"
MOST_NAMED = 200
_SEPARATORS = re.compile(r"[,，、\s]|^\[")
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
BY_WORKFLOWS = (
    "No single node waits for itself. The cycle exists only because a workflow is deployed and "
    "undeployed as a whole."
)
BREAK_CYCLE = (
    "Correct the dependencies in Data Studio. With type: Online you can also list these objects in the order that you "
    "want, and set order: given, without upstream: include. With type: Offline DataWorks refuses a cycle in any order."
)
# Why one object comes before another.
EDGES = {
    Link.DATA: "{first} comes before {then} through {data}",
    Link.USE: "{first} comes before {then}, which uses {data}",
    Link.KIND: "{first} comes before {then}",
}


def of_choice(event: OfChoice) -> str:
    """What happens while objects are chosen."""
    match event:
        case ListIsLong(operation, objects, calls):
            return say(
                "{operation} shows {objects}: reading all of them takes about {calls} calls",
                operation=operation,
                objects=number(objects, "object"),
                calls=calls,
            )
        case ListIsShort(operation, seen, total):
            return say(
                "{operation} claims {total} and shows {shown:,}, each time that it is read. What it does not show "
                "cannot be found.",
                operation=operation,
                total=number(total, "object"),
                shown=seen,
            )
        case ReadingDenied(operation, fault, needless):
            return say(
                "{operation} is refused ({said}), so {without}. The step goes on. Allow dataworks:{operation} in the "
                "RAM policy, or give IDs and set preflight: false."
                if needless
                else "{operation} is refused ({said}), so {without}. The step goes on. Allow dataworks:{operation} in "
                "the RAM policy.",
                operation=operation,
                said=quoted(fault),
                without=_without(operation),
            )
        case OrderUnknown(objects):
            return say(
                "objects that were not looked up: {count:,}. So all objects come in the order given.",
                count=objects,
            )
        case ChangesUnread(objects):
            return say(
                "the runs of {objects} could not be read. Whether these have changed is not known, so they are "
                "deployed.",
                objects=number(objects, "object"),
            )
        case ContentUnread(objects):
            return say(
                "{objects} could not be read. Whether these have changed is not known, so they are deployed.",
                objects=number(objects, "object"),
            )
        case UpstreamAdded(objects):
            return say(
                "upstream: include adds {objects}",
                objects=some([known(each) for each in objects], MOST_NAMED),
            )
        case UpstreamMissing(found, missing):
            return say("{object} {misses}. Its checks may fail.", object=known(found), misses=misses(missing))
        case NothingFits(lines):
            return say("found nothing for {lines}, which allow-empty permits", lines=listed_as(lines))
        case LeftBehind(found, run):
            return say(
                "an earlier attempt of this job left run {run} of {object} open. This attempt does not select that "
                "object, and leaves the run alone. Continue it with run-ids, or abolish it in DataWorks.",
                run=run.id,
                object=known(found),
            )
        case ObjectsChosen(objects, levels, at_once, unchanged):
            if objects == unchanged:
                if not objects:
                    return word("there is nothing to do")
                return say("there is nothing to do: {objects} unchanged", objects=number(objects, "object"))
            shown = number(objects, "object")
            if levels > 1:
                shown = say("{objects} in {levels}", objects=shown, levels=number(levels, "level"))
            same = say("{count:,} of them unchanged", count=unchanged) if unchanged else ""
            most = say("at most {at_once} at once", at_once=at_once) if objects > 1 else ""
            return clauses(each for each in (shown, same, most) if each)
        case _ as never:
            assert_never(never)


def problem_of(problem: Problem) -> str:
    """What is wrong with what was asked for: where, why, and what to do."""
    match problem:
        case NothingFound(line, nearest, folder):
            meant = _nearest(line, nearest)
            if folder:
                meant = say(
                    "It is a folder. Write {folder}/** for all that is in it; with type: Offline, name each object.",
                    folder=_short(folder),
                )
            return f"{_at(line)}{word(': ')}{joined(_nothing(line), meant)}"
        case NotHere(object_id, line):
            return say(
                "{at}: there is no object {object_id} in this workspace. {not_here}",
                at=_at(line),
                object_id=object_id,
                not_here=_not_here(object_id),
            )
        case Ambiguous(line, candidates):
            return say(
                "{at}: {text} fits {objects}. Give the path, the ID, or a kind in front, such as workflow:, so that "
                "only one of these fits: {all}.",
                at=_at(line),
                text=line.text,
                objects=number(len(candidates), "object"),
                all=_all(candidates),
            )
        case InnerNode(node, workflow, line):
            return say(
                "{at}: {node} is a node inside the workflow {workflow}, which is deployed and "
                "undeployed only as a whole. Give the workflow instead; with type: Offline, all its "
                "nodes leave production.",
                at=_at(line),
                node=known(node),
                workflow=known(workflow),
            )
        case Undecided(object_id, line, by):
            return say(
                "{at}: object {object_id} could not be read, so nobody can tell whether the line {text} takes it "
                "away. Remove one of the two lines, or re-run the job.",
                at=_at(line),
                object_id=object_id,
                text=by.text,
            )
        case TooMany(count, most, first):
            return say(
                "objects: the lines select {objects}, and max-objects is {most}. Narrow the patterns, or raise "
                "max-objects. The first are {all}.",
                objects=number(count, "object"),
                most=most,
                all=_all(first),
            )
        case TooManyInAll(count, most):
            return say(
                "objects: {objects} are selected, and one step takes {most:,} at most. Split them over several steps.",
                objects=number(count, "object"),
                most=most,
            )
        case Empty():
            return say(
                "objects: nothing is selected, because later lines take away what earlier ones took. Correct the "
                "lines, or set allow-empty: true."
            )
        case _:
            return _of_reading(problem)


def _of_reading(problem: NotRead | NothingRead | TooManyCalls | NotOrdered | UpstreamNeeded) -> str:
    match problem:
        case NothingRead(known_error, fault):
            found = ENGLISH[known_error]
            return say(
                "objects: nothing can be looked up: {said}. {what} {fix}",
                said=quoted(fault),
                what=word(found.what),
                fix=found.filled(ask(fault)),
            )
        case NotRead(operation, fault, for_upstream):
            return say(
                "{wanted_for}, because {operation} fails: {said}. {fix} {other_way}",
                wanted_for=_wanted_for(operation, for_upstream),
                operation=operation,
                said=quoted(fault),
                fix=_fix_of(operation, fault),
                other_way=_other_way(for_upstream),
            )
        case TooManyCalls(operation, calls, for_upstream):
            return say(
                "{wanted_for}, because the whole list takes about {calls} of {operation}, and this account serves "
                "few calls. {other_way}",
                wanted_for=_wanted_for(operation, for_upstream),
                calls=number(calls, "call"),
                operation=operation,
                other_way=_other_way(for_upstream),
            )
        case NotOrdered(cycle, objects):
            names = {each.id: each for each in objects}
            cause = say("order: {objects} wait for each other.", objects=number(len(cycle.edges), "object"))
            if cycle.only_by_workflows:
                cause = joined(cause, word(BY_WORKFLOWS))
            chain = word("; ").join(_edge(edge, names) for edge in cycle.edges)
            return joined(joined(cause, word(BREAK_CYCLE)), f"{chain}{word('.')}")
        case UpstreamNeeded(found, missing):
            return say(
                "upstream: {object} {misses}. Select it too, and with order: given put it before this object. Or "
                "deploy it first, or set upstream: include.",
                object=known(found),
                misses=misses(missing),
            )
        case _ as never:
            assert_never(never)


def _fix_of(operation: str, fault: Fault) -> str:
    if refusal_of(fault) is Refusal.DENIED:
        return say(
            "Allow dataworks:{operation} in the RAM policy if the permission is missing.", operation=operation
        )
    found = advice(fault)
    return found.filled(ask(fault)) if found else word("Re-run the job.")


def _without(operation: str) -> str:
    return word(WITHOUT.get(operation, "something is not known"))


def _wanted_for(operation: str, for_upstream: bool) -> str:  # noqa: FBT001
    if for_upstream:
        return word("upstream: what objects miss cannot be found")
    return say("objects: {without}", without=_without(operation))


def _other_way(for_upstream: bool) -> str:  # noqa: FBT001
    return word(OTHER_UPSTREAM if for_upstream else OTHER_WAY)


def known(each: StudioObject) -> str:
    """An object by its path, which tells it from others of its name."""
    return called(each.id, each.path or each.name, MOST_NAMED)


def _short(text: str) -> str:
    return one_line(text, MOST_NAMED)


def _at(line: Line | None) -> str:
    return say("{source}, line {number}", source=line.source, number=line.number) if line else GIVEN


def _nothing(line: Line) -> str:
    if line.form is Form.PATTERN:
        return say("nothing fits {text}.", text=line.text)
    if _SEPARATORS.search(line.sought):
        return say(
            "nothing is called {text}. Write one object on each line: blanks, commas and brackets do not separate "
            "here.",
            text=line.text,
        )
    kind = word(line.kind.value if line.kind else "object")
    what = "ID" if line.form is Form.ID else "path" if "/" in line.sought else "name"
    return say(
        "no {kind} of this workspace has the {what} {sought}.", kind=kind, what=word(what), sought=line.sought
    )


def _nearest(line: Line, nearest: Iterable[StudioObject]) -> str:
    found = list(nearest)
    if found and line.form is Form.ID:
        kind = word(found[0].kind or "object of another kind")
        return say("It is a {kind}: {object}.", kind=kind, object=known(found[0]))
    if found:
        names = word(" or ").join(_with_kind(each, line) for each in found)
        return say("Did you mean {names}?", names=names)
    if line.form is Form.PATTERN:
        return word("A pattern must fit the whole path: **/name* finds names in every folder.")
    return word(
        "Upper and lower case differ. Give the name that Data Studio shows, or write /** behind the path of a folder."
    )


def _with_kind(each: StudioObject, line: Line) -> str:
    other = each.kind and line.kind and each.kind is not line.kind
    return f"{each.kind}: {known(each)}" if other else known(each)


def _not_here(object_id: ObjectId) -> str:
    if not object_id.isdigit():
        return joined(say("It looks like a name."), word(NAMES_GO))
    if is_task_id(object_id):
        return say("An ID of 12 digits is mostly a scheduling task's. Give the ID that Data Studio shows.")
    return say("Look at project-id, and at the ID in Data Studio. It may have been deleted.")


def _all(objects: Iterable[StudioObject]) -> str:
    return listed_as(f"{word(each.kind or 'object')} {known(each)}" for each in objects)


def _edge(edge: Edge, names: dict[ObjectId, StudioObject]) -> str:
    def name(whole: ObjectId, node: ObjectId | None) -> str:
        shown = known(names.get(whole, StudioObject(whole)))
        if node is None:
            return shown
        return say(
            "{object}, by its node {node}", object=shown, node=known(names.get(node, StudioObject(node)))
        )

    return say(
        EDGES[edge.link],
        first=name(edge.first, edge.first_node),
        then=name(edge.then, edge.then_node),
        data=_short(edge.data),
    )


def misses(missing: Missing) -> str:
    """What an object misses, behind its name."""
    kind = missing.upstream.kind or Kind.NODE
    needs = (
        "needs the {kind} {object}, which is not selected and not in production"
        if missing.data == missing.upstream.id
        else "needs {data} of the {kind} {object}, which is not selected and not in production"
    )
    return say(needs, data=_short(missing.data), kind=word(kind), object=known(missing.upstream))
