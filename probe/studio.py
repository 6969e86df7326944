"""What the answers of a trial say of Data Studio: its nodes as a list shows them, and as they are read alone."""

import re
from collections.abc import Mapping
from typing import Any

from .evidence import Judgement, NotSeenError, given, granted, stages_of
from .flowspec import Entry, texts
from .sandbox import PAGE_SIZE
from .service import Answer
from .trial import FEW, Trial

REFUSED = "InvalidPageSize"
# The action leaves this out when it compares what an object holds.
CHANGES_BY_ITSELF = re.compile(r"(^|\.)metadata\.(gmtCreate|gmtModified|innerVersion)\b|\.script\.id$")


def in_production(trial: Trial) -> Judgement:
    """A list may have lost the runs of a node with a task; what has a run that succeeded last tells for sure."""
    told = []
    for name, has in (("with a task", True), ("without a task", False)):
        if f"runs of a node {name}" not in trial.answers:
            continue
        deployed = _deployed(granted(trial, f"runs of a node {name}"))
        if deployed is not None or not has:
            told.append((f"a node {name} is {'' if deployed else 'not '}deployed", bool(deployed) is has))
    if not told:
        raise NotSeenError("no node is listed whose runs tell whether it is in production")
    return all(good for _, good in told), "; ".join(words for words, _ in told)


def _deployed(runs: Answer) -> bool | None:
    """Whether the object's last run that succeeded has deployed it; None if there is none."""
    good = [row for row in runs.rows if row.get("Status") == "Success"]
    if not good:
        return None
    last = max(good, key=lambda row: int(str(row.get("CreateTime"))))
    return "Deploy" in {stage.get("Type") for stage in stages_of(last)}


def placed(trial: Trial) -> Judgement:
    row, entry = _node(trial)
    listed, read = (path.strip("/") for path in (str(_within(row, "Script").get("Path") or ""), entry.path))
    if not listed or not read:
        return (
            False,
            f"{'no path' if not listed else 'a path'} in the list, {'none' if not read else 'one'} alone",
        )
    named = listed.rpartition("/")[2] == row.get("Name")
    return listed == read and named, (
        f"{'the same path' if listed == read else 'another path'}, {'' if named else 'not '}with the name at its end"
    )


def linked(trial: Trial) -> Judgement:
    row, entry = _node(trial)
    inputs, outputs = (_data(row, each) for each in ("Inputs", "Outputs"))
    normal = {output for type_, output in entry.needs if type_ == "Normal"}
    every = {output for _, output in entry.needs}
    seen = f"{len(inputs)} inputs listed, {len(every)} alone, {len(normal)} of them Normal"
    good = outputs == entry.outputs and normal <= inputs <= every
    return good, f"{seen}; {len(outputs)} outputs listed, {len(entry.outputs)} alone"


def still(trial: Trial) -> Judgement:
    """What differs between two readings, by its place: no content is shown."""
    _node(trial)
    try:
        first, second = (texts(str(granted(trial, name).node.get("Spec"))) for name in ("node", "node again"))
    except (ValueError, RecursionError):
        raise NotSeenError("the node has no FlowSpec") from None
    places = first.keys() | second.keys()
    moved = sorted(each for each in places if first.get(each) != second.get(each))
    known = [each for each in moved if CHANGES_BY_ITSELF.search(each)]
    return moved == known, f"{', '.join(moved) or 'nothing'} differs, of {len(places)} places"


def inner_listed(trial: Trial) -> Judgement:
    if "nodes of an inner name" not in trial.answers:
        raise NotSeenError("the object is no workflow with a node in it")
    return _found(trial, "nodes of an inner name", granted(trial, "nodes inside").rows[0])


def filtered(trial: Trial) -> Judgement:
    row, _ = _node(trial)
    both = [_found(trial, f"nodes of {name}", row) for name in ("its name", "a part of its name")]
    return all(good for good, _ in both), "; ".join(
        f"by {how} {words}" for how, (_, words) in zip(("the name", "a part of it"), both, strict=True)
    )


def page_sizes(trial: Trial) -> Judgement:
    whole, few = given(trial, "nodes"), given(trial, "nodes, few a page")
    return (
        whole.status == 200 and few.refused and few.code == REFUSED,
        f"{PAGE_SIZE} a page: {whole}; {FEW} a page: {few}",
    )


def _found(trial: Trial, name: str, row: Mapping[str, Any]) -> Judgement:
    answer = granted(trial, name)
    found = any(each.get("Id") == row.get("Id") for each in answer.rows)
    if not found and len(answer.rows) >= PAGE_SIZE:
        raise NotSeenError("too many nodes have such a name")
    return found, "found" if found else "not found"


def _node(trial: Trial) -> tuple[Mapping[str, Any], Entry]:
    """The node that was read: its row in the list, and what its FlowSpec says of it."""
    if trial.node is None:
        granted(trial, "nodes")
        raise NotSeenError("no node is listed")
    try:
        entry = Entry(str(granted(trial, "node").node.get("Spec")), str(trial.node.get("Id")))
    except (ValueError, RecursionError):
        raise NotSeenError("the node has no FlowSpec") from None
    return trial.node, entry


def _data(row: Mapping[str, Any], ends: str) -> set[str]:
    listed = _within(row, ends).get("NodeOutputs")
    return {str(each.get("Data")) for each in listed} if isinstance(listed, list) else set()


def _within(row: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = row.get(key)
    return found if isinstance(found, Mapping) else {}
