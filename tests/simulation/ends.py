"""I3, I4 and I10: what is said of each object, held against what the service did and what the step was shown."""

from collections.abc import Iterator
from typing import Any

from .actor import Attempt
from .doubles import marked
from .facts import GOOD_END, Fact, Facts, mark_of
from .outputs import Results
from .seen import ENDS, cut, refused, succeeded

CREATE = "CreatePipelineRun"
Found = Iterator[tuple[str, str]]
Result = dict[str, Any]
NEVER = {"QUOTA_SPENT", "EXPIRED", "DENIED", "INNER", "OTHER"}
# As the statuses of runs are called in results.
SAID = {"Success": "succeeded", "Fail": "failed", "Termination": "terminated", "Cancel": "cancelled"}
LATEST_LOOK = 45.0  # seconds before a cut in which an end may have been seen, and not yet seen again


def check_objects(facts: Facts, attempt: Attempt, results: Results) -> Found:
    """Object by object."""
    shown = " ".join(result["message"] for result in results).replace(",", " ").replace(".", " ")
    for result in results:
        run = facts.runs.get(result["run_id"])
        who = f"{attempt.caller} says {result['outcome']} of {result['object_id']}"
        found = [
            *_unnamed(facts, attempt, result, run, shown),
            *_wrong_end(facts, attempt, result, run),
            *_unseen_end(facts, attempt, result),
            *_without_reason(attempt, result, facts),
            *_unknown(facts, attempt, result),
        ]
        yield from ((name, f"{who}, {text}") for name, text in found)


def _unnamed(facts: Facts, attempt: Attempt, result: Result, run: Fact | None, shown: str) -> Found:
    """I3: what the step has asked for, and what it was shown of the same intent, is named, or at least its mark."""
    words = {result["run_id"], *shown.split()}
    for each in facts.runs.values():
        mine = each.post and each.who == attempt.caller and each.object_id == result["object_id"]
        if not (mine and each.mark and each.at <= facts.end_of(attempt)) or each.id in facts.excused:
            continue
        # One that the network has doubled was answered twice, and one of the answers may be a refusal.
        doubled = each.post and "twice" in each.post.fault
        if not (each.id in words or marked(each.mark) in shown or doubled):
            yield "I3", f"and nothing of {each.id}"
    lists = [call for call in attempt.sent if call.object_id == result["object_id"] and call.action != CREATE]
    unread = bool(lists) and not succeeded(lists[-1])  # half of a list is none
    if not (cut(attempt) or attempt.named or attempt.inputs.dry_run or unread):
        for run_id in _rivals(facts, attempt, result, run):
            if run_id not in words:
                yield "I3", f"and nothing of {run_id}, which it was shown"


def _rivals(facts: Facts, attempt: Attempt, result: Result, run: Fact | None) -> set[str]:
    """Runs of the same intent that the object's list has shown: of the generation that is carried on those that are
    open or in production, of the one before it those that are open."""
    intents, own = facts.intents_of(attempt, result["object_id"]), run.mark[1] if run and run.mark else None
    found = set()
    for page in facts.seen(attempt).pages(result["object_id"]):
        for row in page.ending.value.runs:
            mark = mark_of(row.description)
            if not mark or mark[0] not in intents or row.project_id not in {None, attempt.inputs.project_id}:
                continue
            behind = 0 if own is None else own - mark[1]
            if (row.status not in ENDS and behind in {0, 1}) or (row.status == GOOD_END and mark[1] == own):
                found.add(row.id)
    return found


def _wrong_end(facts: Facts, attempt: Attempt, result: Result, run: Fact | None) -> Found:
    """I4: no other end than the service's own, at the moment at which the step ended."""
    outcome, status = result["outcome"], run.status(facts.end_of(attempt)) if run else "none"
    if outcome == "succeeded" and status != GOOD_END:
        yield "I4", f"and the service {status}"
    if outcome == "succeeded" and run and result["object_id"] not in {None, run.object_id}:
        yield "I4", f"for a run of {run.object_id}"
    if outcome == "terminated" and status != "Termination":
        yield "I4", f"and the service {status}"
    if outcome == "failed" and status != "Fail" and not _cannot_go_on(facts, attempt, run):
        yield "I4", f"and the service {status}"
    if outcome == "cancelled" and not cut(attempt) and status != "Cancel" and not _withdrew(attempt, run):
        yield "I4", f"and the service {status}"
    if result["status"] in ENDS and result["finished_at"] and run and result["status"] != status:
        yield "I4", f"with status {result['status']}, and the service {status}"
    if outcome == "created" and attempt.inputs.follow.wait and not _reached(facts, attempt, run):
        yield "I4", "and its stage has not succeeded"


def _cannot_go_on(facts: Facts, attempt: Attempt, run: Fact | None) -> bool:
    """Whether a step may give a run up that has not ended: it was refused, or there is no such stage."""
    until = attempt.inputs.follow.until_stage
    missing = bool(run and until and until not in facts.steps_of(run.id))
    denied = any(
        refused(call, "DENIED") for call in attempt.sent if call.run_id == (run.id if run else "none")
    )
    return missing or denied or bool(attempt.named)


def _withdrew(attempt: Attempt, run: Fact | None) -> bool:
    """Whether the step has abolished the run itself, because another object had failed."""
    return run is not None and any(who == attempt.caller for _, who in run.abolished)


def _reached(facts: Facts, attempt: Attempt, run: Fact | None) -> bool:
    until, when = attempt.inputs.follow.until_stage, facts.end_of(attempt)
    finished = run.finished if run else ()
    return any(stage == until and status == GOOD_END and at <= when for at, stage, status in finished)


def _unseen_end(facts: Facts, attempt: Attempt, result: Result) -> Found:
    """I4: an end is read twice, once by a call of its own; and one that was seen so is not kept quiet."""
    readings = facts.seen(attempt).of.get(result["run_id"], [])
    ended = [each for each in readings if each.ended]
    alone = [each for each in readings[-2:] if each.ended and each.alone]
    by_list_alone = result["adopted"] and not any(each.alone for each in ended)
    says_so = result["status"] in ENDS and SAID[result["status"]] == result["outcome"]
    asked = {call.run_id for call in attempt.sent if call.action == "AbolishPipelineRun"}
    free = bool(cut(attempt) or attempt.named or result["run_id"] in asked)
    if says_so and not (free or by_list_alone or any(each.alone for each in ended[1:])):
        yield "I4", "and has read it only once"
    late = len(alone) == 2 and alone[-1].answered < facts.end_of(attempt) - LATEST_LOOK
    follows = attempt.inputs.follow.wait and not (attempt.killed or attempt.inputs.dry_run)
    if late and follows and SAID[alone[-1].run.status] != result["outcome"]:
        yield "I4", f"and was shown {alone[-1].run.status}"


def _without_reason(attempt: Attempt, result: Result, facts: Facts) -> Found:
    """I4: ends without a run, or without its end, have a cause."""
    object_id, outcome, ends = result["object_id"], result["outcome"], cut(attempt)
    calls = [call for call in attempt.sent if call.object_id == object_id]
    unread = attempt.inputs.dry_run and calls and not succeeded(calls[-1])
    if outcome == "rejected" and not any(map(refused, calls)) and not unread:
        yield "I4", "and nothing was refused"
    hopeless = any(refused(call, *NEVER) for call in attempt.sent)
    if (
        outcome in {"timed_out", "waiting"}
        and "timeout" not in ends
        and not (hopeless and outcome != "waiting")
    ):
        yield "I4", "before its time was up"
    others = [run for run in facts.runs.values() if run.object_id == object_id and run.who != attempt.caller]
    if outcome == "conflict" and not (attempt.inputs.on_active_run == "fail" and others):
        yield "I4", "and there is no other run"
    marks = {
        post.mark
        for post in facts.posts.values()
        if post.who == attempt.caller and post.object_id == object_id
    }
    if (
        outcome in {"conflict", "unknown"}
        and marks
        and not any(mark and marked(mark) in result["message"] for mark in marks)
    ):
        yield "I3", "and not what to look for"
    if outcome == "skipped" and not (ends or attempt.inputs.fail_fast):
        yield "I4", "and could have gone on"
    if (outcome == "planned") is not attempt.inputs.dry_run and outcome in {
        "planned",
        "created",
        "succeeded",
    }:
        yield "I4", "which is another thing than was asked for"


def _unknown(facts: Facts, attempt: Attempt, result: Result) -> Found:
    """I10: a creation was sent of which nobody could tell the end, and it was looked for in vain."""
    object_id = result["object_id"]
    if result["outcome"] != "unknown":
        return
    lost = [
        call
        for call in attempt.sent
        if call.action == CREATE and call.object_id == object_id and _unclear(call)
    ]
    if not lost:
        yield "I10", "without reason"
        return
    if cut(attempt):
        return
    if not any(
        call.action == "ListPipelineRuns" and call.object_id == object_id and call.at > lost[0].at
        for call in attempt.sent
    ):
        yield "I10", "and has not looked for it"
    own = {run.id for run in facts.runs.values() if run.who == attempt.caller and run.mark}
    listed = {row.id for page in facts.seen(attempt).pages(object_id) for row in page.ending.value.runs}
    if own & listed - {run.id for run in facts.runs.values() if run.object_id != object_id}:
        yield "I10", f"and was shown {sorted(own & listed)}"


def _unclear(call: Any) -> bool:
    return call.ending is None or type(call.ending).__name__ == "Unclear" or refused(call, "NONCE_USED")
