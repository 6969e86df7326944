"""What a dry run has found: what happens to each object and why, for a page and for the log."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from dataworks_deploy.domain.model import DeployType, ObjectId
from dataworks_deploy.domain.outcome import Outcome, row_of
from dataworks_deploy.domain.reason import Planned as WouldCreate
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.studio.changes import Changed, Unchanged
from dataworks_deploy.domain.studio.plan import (
    Action,
    Asked,
    Behind,
    Plan,
    Planned,
    TakenIn,
    WouldFail,
    code_of,
)
from dataworks_deploy.domain.studio.request import Line

from .choosing import GIVEN, known, misses
from .language import say, word
from .markup import REST, Room, entitled, listed, markdown, one_line, plain, told_apart, unbroken, within
from .reasons import message
from .step import first_sentence
from .texts import born, ended_as, in_plan, joined, number, planned, runs_listed, some

# An action as it is called of an object. What matters most comes first.
SIGNS = {Action.BLOCKED: "❌", Action.DEPLOY: "▶️", Action.SKIP: "🟰"}
CALLED = {Action.BLOCKED: "blocked", Action.DEPLOY: "deploy", Action.SKIP: "leave"}
# Of a reason that says no more than its code does.
WORDS = {
    "would_fail": "it would fail",
    "never_deployed": "this repository has not deployed it before",
    "edited": "edited since this repository deployed it",
    "taken_out": "not in production any more",
    "deployed_by_others": "deployed by somebody else since",
    "description_not_shown": "its runs show no descriptions, so nobody can tell whether it has changed",
    "cannot_tell": "nobody can tell whether it has changed",
}
ORDER, NOTES = "Order", "Worth knowing"
BLOCKS = "Not all of this could be done."
DRAFTS = "It shows the drafts in Data Studio as they are now, not the files of this repository."
LIVE = (
    "An undeployment takes out what is in production, whatever the drafts are. A dry run does not check whether other "
    "objects depend on it: the first stage of each run does."
)
AS_LISTED = "The objects come in the order in which they are listed."
# With more objects or arrows nobody can read a graph. Of a level, and of what misses an object, so many are named.
MOST_DRAWN, MOST_ARROWS, MOST_LABEL, MOST_NAMED = 40, 100, 40, 10
MOST_LEVELS = 5_000  # bytes
FEW_ROWS, FEW_NOTES = 25, 10
Records = Mapping[ObjectId, Record]


def log_lines(plan: Plan, records: Records) -> Iterator[str]:
    """The plan level by level, with what was found of each object."""
    names = _names(plan)
    yield say("the plan: {planned}", planned=planned(plan))
    for each in plan.in_order:
        level = say("level {level}: ", level=each.level) if plan.ordered else ""
        record = records.get(each.object.id)
        what, why = word(in_plan(CALLED[each.action], plan)), _reason(each, plan, names, record)
        yield joined(f"{level}{what} {names[each.object.id]}: {why}", _besides(record))


def _besides(record: Record | None) -> str:
    """What a dry run has found of an object, if it is more than that a run would be created."""
    match record:
        case None | Record(reason=WouldCreate(_, ()), notes=()):
            return ""
        case Record(outcome=Outcome.PLANNED):
            return message(record)
    return ""


def about_production(plan: Plan) -> str:
    """What the objects of the plan are: drafts that go into production, or what is there."""
    return LIVE if plan.type is DeployType.OFFLINE else DRAFTS


def table(plan: Plan, records: Records, url: str | None, room: Room) -> Iterator[str]:
    """Each object, what happens to it and why. Blocked objects come first."""
    names, ranks = _names(plan), [*SIGNS]
    rows = sorted(plan.in_order, key=lambda each: ranks.index(each.action))
    yield from listed(
        (_row(each, plan, _reason(each, plan, names, records.get(each.object.id)), url) for each in rows),
        len(rows),
        FEW_ROWS,
        room.open,
        room.table,
        head=(word("| object | action | why | level |"), "| --- | --- | --- | ---: |"),
        rest=f"\n{word(REST)}",
    )


def _row(each: Planned, plan: Plan, reason: str, url: str | None) -> str:
    cells = (
        entitled(each.object.id, each.object.name, url),
        unbroken(f"{SIGNS[each.action]} {word(in_plan(CALLED[each.action], plan))}"),
        markdown(reason),
        str(each.level) if plan.ordered else "",
    )
    return f"| {' | '.join(cells)} |"


def _reason(each: Planned, plan: Plan, names: Mapping[ObjectId, str], record: Record | None) -> str:
    if record and isinstance(each.why, WouldFail):
        return first_sentence(message(record))
    why = _why(each, names)
    if plan.type is DeployType.OFFLINE and each.object.in_production is False:
        why = say("{why}; it seems not to be in production", why=why)
    unchecked = record and each.action is not Action.BLOCKED and not row_of(record.outcome).good
    return (
        say("{why}; not checked: {outcome}", why=why, outcome=ended_as(record))
        if record and unchecked
        else why
    )


def _why(each: Planned, names: Mapping[ObjectId, str]) -> str:
    match each.why:
        case Asked(None):
            return say("{input} names it", input=GIVEN)
        case Asked(Line() as line):
            return say(
                "{source}, line {number}: {text}", source=line.source, number=line.number, text=line.text
            )
        case TakenIn(missed_by):
            return say("needed by {objects}", objects=some([names[each] for each in missed_by], MOST_NAMED))
        case Unchanged(run):
            return say("unchanged since run {run}, created {created}", run=run.id, created=born(run))
        case Changed(cause, run) if run:
            return say(
                "{why} (run {run}, created {created})", why=word(WORDS[cause]), run=run.id, created=born(run)
            )
        case Behind(because):
            return say("waits for {object}, which is blocked", object=names[because])
        case why:
            return word(WORDS[code_of(why)])


def order(plan: Plan) -> Iterator[str]:
    """What waits for what: a graph where people can read one, else the levels. Nothing where no object waits."""
    if not plan.ordered and len(plan.objects) > 1:
        yield from (word(AS_LISTED), "")
    arrows = sum(len(each.needs) for each in plan.objects)
    levels = max((each.level for each in plan.objects), default=0)
    if arrows and len(plan.objects) <= MOST_DRAWN and arrows <= MOST_ARROWS:
        yield from (f"### {word(ORDER)}", "", *_graph(plan), "")
    elif levels > 1:
        yield from (f"### {word(ORDER)}", "", *within(MOST_LEVELS, _levels(plan), f"- {word(REST)}"), "")


def _graph(plan: Plan) -> Iterator[str]:
    """Arrows lead from what comes first to what needs it."""
    labels = told_apart([(each.object.name, each.object.id) for each in plan.objects], MOST_LABEL)
    places = {each.object.id: f"n{place}" for place, each in enumerate(plan.objects, 1)}
    yield from ("```mermaid", "flowchart LR")
    for each, label in zip(plan.objects, labels, strict=True):
        # The sign in front keeps a name such as `1. x` from being a list. An underscore means something in a label.
        yield f'{places[each.object.id]}["{SIGNS[each.action]} {label.replace("_", "#95;")}"]'
    for each in plan.objects:
        yield from (f"{places[need]} --> {places[each.object.id]}" for need in each.needs)
    yield "```"


def _levels(plan: Plan) -> Iterator[str]:
    by_level = sorted(plan.objects, key=lambda each: each.level)
    for level, objects in groupby(by_level, key=lambda each: each.level):
        found = [entitled(each.object.id, plain(each.object.name, MOST_LABEL)) for each in objects]
        yield say(
            "- Level {level}, {objects}: {names}",
            level=level,
            objects=number(len(found), "object"),
            names=some(found, MOST_NAMED),
        )


def notes(plan: Plan, records: Records, room: Room) -> Iterator[str]:
    """What does not stand in the way for certain: upstream objects that are missing, and runs that are open."""
    found = [*_missing(plan), *_unplaced(plan), *_open(plan, records)]
    if found:
        yield from (f"### {word(NOTES)}", "")
        yield from listed(iter(found), len(found), FEW_NOTES, room.open, room.notes, rest=f"- {word(REST)}")


def _missing(plan: Plan) -> Iterator[str]:
    objects = {each.object.id: each.object for each in plan.objects}
    for each in plan.missing:
        found = objects[each.object_id]
        yield say(
            "- **{object}** {misses}. Its checks may fail.",
            object=entitled(found.id, found.name),
            misses=markdown(misses(each)),
        )


def _unplaced(plan: Plan) -> Iterator[str]:
    inputs = [*dict.fromkeys(each.data for each in plan.unplaced)]
    if inputs:
        names = markdown(some([one_line(each, MOST_LABEL) for each in inputs], MOST_NAMED))
        yield say(
            "- These upstream outputs were not looked for in production, because no object that was read "
            "produces them: {names}",
            names=names,
        )


def _open(plan: Plan, records: Records) -> Iterator[str]:
    for each in plan.objects:
        match records.get(each.object.id):
            case Record(reason=WouldCreate(_, active)) if active:
                runs = markdown(runs_listed(active))
                yield say(
                    "- **{object}** has open runs: {runs}",
                    object=entitled(each.object.id, each.object.name),
                    runs=runs,
                )


def _names(plan: Plan) -> dict[ObjectId, str]:
    return {each.object.id: known(each.object) for each in plan.objects}
