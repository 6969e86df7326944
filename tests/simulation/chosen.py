"""I15, I16 and I17: the objects of a step are those that its inputs select, and runs of earlier attempts are named."""

from collections import Counter
from collections.abc import Iterator

from ..witness.command_files import parse
from .actor import Attempt
from .facts import Fact, Facts
from .operations import CREATE, LIST, LISTS, NODE, WRITES
from .outputs import Results
from .seen import succeeded
from .view import View

INVALID, FAILED = "invalid", "failed"
PASSES = 6  # of a list that changes in each of them
Found = Iterator[tuple[str, str]]


def check_chosen(facts: Facts, attempt: Attempt, results: Results) -> Found:
    """Check a step that selects objects, or that looks them up."""
    view = facts.view(attempt)
    for text in _lost(facts, attempt, results):
        yield "I15", f"{attempt.caller} {text}"
    said = _outcome(attempt)
    if said == INVALID or (said == FAILED and not results):
        for text in _begun(attempt, results, 2 if said == INVALID else 1):
            yield "I17", f"{attempt.caller} is {said}, and {text}"
        has_cause = _has_cause(facts, attempt, view) if said == INVALID else _may_fail(facts, view)
        if not has_cause:
            yield "I17", f"{attempt.caller} is {said} without a cause"
        return
    if view.given.named or not (view.given.lines or view.given.preflight):
        return
    for text in (*_results(facts, attempt, view, results), *_created(attempt, results)):
        yield "I16", f"{attempt.caller} {text}"


def _outcome(attempt: Attempt) -> str:
    text = attempt.runner.output_file
    return parse(text)["outcome"] if text else ""


def _begun(attempt: Attempt, results: Results, status: int) -> Iterator[str]:
    if results or attempt.status != status:
        yield "says something of objects"
    yield from (f"sends {call.action}" for call in attempt.sent if call.action in WRITES)


def _has_cause(facts: Facts, attempt: Attempt, view: View) -> bool:
    """Whether something is wrong with the inputs, as far as the step could see."""
    given = facts.given(attempt)
    if not facts.schedule.setting("workspace"):
        # All objects exist. If the service says that one does not, it is wrong.
        lies = [call for call in attempt.sent if call.action == NODE and "404" in call.fault]
        return bool(lies and given.preflight) or _waits_for_itself(view, given.objects)
    # Two readings of a list that changes may agree, and both lack the same object.
    drifts = bool(facts.schedule.setting("list_drift"))
    if drifts or not (view.still and view.clear) or view.meant is None:
        return True
    ids = [*view.meant.ids]
    _, missing = view.missing(ids)
    fails = given.upstream == "fail" and given.type == "Online" and bool(missing)
    return bool(view.meant.wrong) or fails or _waits_for_itself(view, [*ids, *missing])


def _may_fail(facts: Facts, view: View) -> bool:
    """Whether something may not have been read: an answer that did not come, or a list that changed in each pass.

    Only lists of several pages need several passes.
    """
    calls = Counter(call.action for call in view.calls)
    never_settles = facts.schedule.setting("list_drift") and any(calls[each] >= PASSES * 2 for each in LISTS)
    return bool(never_settles) or not (view.still and view.clear)


def _waits_for_itself(view: View, ids: list[str | None]) -> bool:
    known = [each for each in ids if each]
    return view.given.order != "given" and any(moment.is_cyclic(known) for moment in view.moments)


def _results(facts: Facts, attempt: Attempt, view: View, results: Results) -> Iterator[str]:
    """Check that each selected object, and each added one, has one result."""
    said = [result["object_id"] for result in results]
    if len({*said}) != len(said):
        yield f"says twice of one object: {said}"
    if said == [*view.given.object_ids] and facts.cut(attempt):
        return  # it had not read so far
    asked = [each for each in said if view.may_take(each)]
    surely, maybe = view.missing(asked)
    includes = view.given.upstream == "include"
    strange = {*said} - {*asked} - (maybe if includes else set())
    if strange:
        yield f"is about {sorted(strange)}, which nobody has asked for"
    lost = view.must_take - {*said}
    # An object that no pass shows cannot be found. Then people must be told.
    told = any("What it does not show cannot be found" in line for line in attempt.runner.lines)
    if lost and not told:
        yield f"says nothing of {sorted(lost)}"
    if view.meant and [each for each in said if each in view.meant.ids] != [*view.meant.ids]:
        yield f"is about {said}, and was asked for {[*view.meant.ids]}"
    if view.meant and view.meant.wrong:
        yield f"begins, although {', '.join(view.meant.wrong)}"
    if includes and view.meant and surely - {*said}:
        yield f"does not take in {sorted(surely - {*said})}"


def _created(attempt: Attempt, results: Results) -> Iterator[str]:
    said = {result["object_id"] for result in results}
    for call in attempt.sent:
        if call.action == CREATE and call.object_id not in said:
            yield f"creates a run of {call.object_id}, of which it says nothing"


def _lost(facts: Facts, attempt: Attempt, results: Results) -> Iterator[str]:
    """Open runs of an earlier attempt, whose objects this attempt has read and has not selected."""
    shows = facts.history.service.settings.show_descriptions
    if attempt.number == 1 or facts.cut(attempt) or attempt.status is None or not shows:
        return
    said = {result["object_id"] for result in results}
    view = facts.view(attempt)
    # Pages that it reads later are about the runs that it follows.
    pages = [
        call for call in attempt.sent if call.action == LIST and not call.object_id and call.at < view.begun
    ]
    shown = {run.id for call in pages if succeeded(call) for run in call.ending.value.runs}
    for run in facts.runs.values():
        if run.object_id in said or run.object_id not in view.read or not _is_left(facts, attempt, run):
            continue
        if run.id not in "\n".join(attempt.runner.lines) and (run.id in shown or not pages):
            yield f"says nothing of run {run.id} of {run.object_id}"


def _is_left(facts: Facts, attempt: Attempt, run: Fact) -> bool:
    """Whether the run is of an earlier attempt of the same job, and open all the time while this attempt reads."""
    sender = facts.step_of(run.who)
    if sender is None or sender is attempt or run.mark is None:
        return False
    same = facts.wanted(sender, run.object_id) == facts.wanted(attempt, run.object_id)
    first = min(facts.view(attempt).begun, facts.end_of(attempt))
    return same and run.seen_at < attempt.began and run.status(first) == "open"
