"""I4 and I10: how objects ended, compared with what the service did and what the step was shown."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from .actor import Attempt
from .claim import Claim, claims
from .facts import Fact, Facts, mark_of
from .operations import ABOLISH, EXECUTE, GET, LISTS, LOOKUPS, READS
from .outputs import Results, moment_of
from .overtaken import was_overtaken
from .seen import ADVANCED, ENDS, GOOD_END, INIT, refused, succeeded
from .wire import TICK, Sent

# Refusals that stay after a repetition.
FOR_GOOD = {"QUOTA_SPENT", "EXPIRED", "DENIED", "INNER", "OTHER"}
# The statuses of runs, and their names in results.
SAID = {"Success": "succeeded", "Fail": "failed", "Termination": "terminated", "Cancel": "cancelled"}
LATEST_LOOK = 45.0  # seconds before a cut in which an end may have been seen only once
GOOD = {"created", "succeeded", "planned", "unchanged"}
LOOK_SECONDS = 600.0  # seconds for which a failed list is read again
LONGEST_PAUSE = 45.0  # seconds between two of these readings, including an answer that does not come
UNREACHABLE_TRIES = 3
MOST_EXECUTIONS = 3
NOT_DONE = {"THROTTLED", "UNREACHABLE", "NOT_RUNNING"}  # refusals of an execution that do not count


def check_ends(facts: Facts, attempt: Attempt, results: Results) -> Iterator[tuple[str, str]]:
    """Check one object after another."""
    for claim in claims(facts, attempt, results):
        who = f"{attempt.caller} says {claim.outcome} of {claim.object_id}"
        for check in (_the_services, _read_twice, _with_a_cause):
            yield from (("I4", f"{who}, {text}") for text in check(claim))
        if claim.outcome == "unknown":
            yield from (("I10", f"{who}, {text}") for text in _unknown(claim))


def _the_services(claim: Claim) -> Iterator[str]:
    """Check that the end is that of the service at the end of the step."""
    ends = {said: status for status, said in SAID.items()}
    excused = {
        "succeeded": False,
        "terminated": False,
        "failed": _cannot_go_on(claim),
        "cancelled": bool(claim.cut) or _withdrew(claim),
    }
    if not excused.get(claim.outcome, True) and claim.status != ends[claim.outcome]:
        yield f"and the service {claim.status}"
    if claim.outcome == "succeeded" and claim.run and claim.object_id not in {"", claim.run.object_id}:
        yield f"for a run of {claim.run.object_id}"
    status = claim.result["status"]
    if status in ENDS and claim.result["finished_at"] and claim.run and status != claim.status:
        yield f"with status {status}, and the service {claim.status}"
    if claim.outcome == "created" and claim.given.wait and not (_reached(claim) or _left(claim)):
        yield "and its stage has not succeeded, nor does it wait for a person"


def _cannot_go_on(claim: Claim) -> bool:
    """Whether a step may give up a run that has not ended: because of a refusal, a missing stage or a newer run."""
    until, run = claim.given.until_stage, claim.run
    missing = run is not None and until and until not in claim.facts.steps_of(run.id)
    overtaken = run is not None and was_overtaken(claim.facts, claim.attempt, run)
    return bool(missing or overtaken or _may_not_execute(claim) or _is_not_what_was_named(claim))


def _may_not_execute(claim: Claim) -> bool:
    """Whether a stage of the run was denied, and no earlier execution may have worked."""
    tried = [call for call in claim.attempt.sent if call.action == EXECUTE and claim.is_about(call)]
    return any(
        refused(call, "DENIED") and all(refused(each) for each in tried[:n] if each.stage == call.stage)
        for n, call in enumerate(tried)
    )


def _is_not_what_was_named(claim: Claim) -> bool:
    """Whether a run of run-ids has another type, cannot be read, or is never in its object's list."""
    attempt, run = claim.attempt, claim.run
    if not claim.given.named or run is None:
        return bool(claim.given.named)
    reads = [call for call in attempt.sent if call.action in READS]
    denied = any(
        refused(call, "OTHER", "DENIED")
        for call in reads
        if claim.is_about(call) or (not call.run_id and call.object_id in {"", claim.object_id})
    )
    return denied or run.type != claim.given.type or _never_listed(claim, run)


def _never_listed(claim: Claim, run: Fact) -> bool:
    """Whether the object's list was read, and has not shown the run as long as the step waits for a run of this age.

    Afterwards the list may be read for another object.
    """
    pages = [*claim.seen.pages(claim.object_id)] if claim.lists else []
    if not pages:
        return bool(claim.lists)
    age = max(0.0, pages[0].at + claim.attempt.step.skew - run.at)
    until = max(pages[0].answered or 0.0, pages[0].at + claim.given.settle_seconds - age)
    in_time = (page for page in pages if (page.answered or 0.0) <= until + TICK)
    return not any(row.id == run.id for page in in_time for row in page.ending.value.runs)


def _withdrew(claim: Claim) -> bool:
    """Whether the step abolished the run because another object had failed. A copy may have done it before."""
    return any(call.action == ABOLISH for call in claim.attempt.sent if claim.is_about(call))


def _reached(claim: Claim) -> bool:
    """Whether the stage of until-stage has succeeded."""
    until, finished = claim.given.until_stage, claim.run.finished if claim.run else ()
    return any(stage == until and status == GOOD_END and at <= claim.when for at, stage, status in finished)


def _left(claim: Claim) -> bool:
    """Whether the step should leave a run to a person: the last reading shows that its stage has not moved.

    That stage was executed three times before, or this step may not execute it, or the service should have.
    """
    if not (claim.given.leaves and claim.result["reason"] == "left_to_person" and claim.run):
        return False
    # Later readings belong to an abolition at the end of the step. Dates are in whole seconds.
    until = moment_of(claim.result["finished_at"], claim.attempt) + 1.0
    tries = (call.at for call in claim.attempt.sent if call.action == ABOLISH and claim.is_about(call))
    until = min((until, *tries))
    alone = [each for each in claim.readings if each.alone]
    before = [each for each in alone if each.answered <= until]
    stage = before[-1].next if before else None
    if stage is None or before[-1].run.status != "Running":
        return False
    # The result shows what the last reading has shown.
    if before == alone and stage.code != claim.result["stage"]:
        return False
    tried = [
        call
        for call in claim.attempt.sent
        if call.action == EXECUTE and claim.is_about(call) and call.stage == stage.code
        if not refused(call, *NOT_DONE)
    ]
    named = claim.run.id in claim.given.named
    # A run without its mark is somebody else's, as far as a step can know.
    own = named or (claim.facts.is_own(claim.attempt, claim.run) and not _is_unmarked(claim))
    others = not claim.given.advance or not own
    by_service = stage.status == INIT and _is_automatic(claim, before[-1].run, stage)
    return stage.type not in ADVANCED or others or by_service or len(tried) >= MOST_EXECUTIONS


def _is_automatic(claim: Claim, run: Any, stage: Any) -> bool:
    """Whether the service should execute the stage by itself (run-mode: Auto). An approval keeps it from that."""
    until = claim.given.auto_run_until_stage if claim.given.run_mode == "Auto" else None
    return any(each.code == until and stage.step <= each.step for each in run.stages)


def _is_unmarked(claim: Claim) -> bool:
    """Whether no reading has shown a mark of the run."""
    return all(mark_of(each.run.description) is None for each in claim.readings)


def _read_twice(claim: Claim) -> Iterator[str]:
    """Check that an end was read twice in a row, once by a separate call, and that such an end is reported."""
    attempt, readings = claim.attempt, claim.readings
    # The list that shows whether a named run belongs to the object may be old, and does not count for the status.
    alone = [each for each in readings if each.alone] if claim.result["run_id"] in claim.given.named else []
    agree = any(
        one.run.status == other.run.status == claim.result["status"] and other.alone
        for one, other in (*pairwise(readings), *pairwise(alone))
    )
    free = claim.cut or _cannot_go_on(claim) or _withdrew(claim) or agree
    if SAID.get(claim.result["status"]) == claim.outcome and not free:
        yield "and has not read it twice in a row"
    last = [each for each in readings[-2:] if each.ended and each.alone]
    agreed = len(last) == 2 and last[0].run.status == last[1].run.status
    late = agreed and last[-1].answered < claim.when - LATEST_LOOK
    # What the step abolishes at its end keeps its outcome.
    follows = claim.given.wait and not (attempt.killed or claim.given.dry_run or _withdrew(claim))
    if late and follows and SAID[last[-1].run.status] != claim.outcome:
        yield f"and was shown {last[-1].run.status}"


def _was_told_to_go_on(claim: Claim) -> bool:
    """Whether a stage may have been executed since the last reading of the run. A refused stage waits again."""
    read = max((each.answered for each in claim.readings), default=0.0)
    tried = [call for call in claim.attempt.sent if call.action == EXECUTE and claim.is_about(call)]
    waits = {call.stage for call in tried if refused(call)}
    return any(call.at >= read and call.stage not in waits for call in tried)


def _with_a_cause(claim: Claim) -> Iterator[str]:
    """Check that an end without a run, or without an end of the run, has a cause."""
    attempt, inputs = claim.attempt, claim.given
    for_good = any(_stays(claim, call) for call in attempt.sent if call.action not in {*LOOKUPS, *LISTS})
    # A run without its mark is somebody else's, as far as a step can know.
    others = [
        run
        for run in claim.facts.runs.values()
        if run.object_id == claim.object_id and (run.who != attempt.caller or run.mark is None)
    ]
    opposite = inputs.on_active_run == "adopt" and any(claim.shown_opposite(run.id) for run in others)
    last = claim.lists[-1] if claim.lists else None
    unread = last and (last.fault == "short-page" or not succeeded(last))
    # Before a request of a re-run changes its nonce, the list must show that no run is there.
    unsure = {"earlier_attempts_unreadable": unread, "earlier_attempts_unmarked": claim.undescribed}
    blind = attempt.number > 1 and unsure.get(claim.result["reason"])
    causes = {
        "rejected": (inputs.dry_run and (unread or claim.seems_absent)) or _refused_for_good(claim) or blind,
        "timed_out": "timeout" in claim.cut or for_good or _never_read(claim),
        "waiting": "timeout" in claim.cut and not _was_told_to_go_on(claim),
        "conflict": (inputs.on_active_run not in {"ignore", "adopt"} and others)
        or opposite
        or claim.misled
        or claim.undescribed,
        "skipped": claim.cut or (inputs.fail_fast and _has_failed(claim.others)) or _lacks(claim),
        "planned": inputs.dry_run,
        "unchanged": inputs.only_changed,
        "created": not inputs.dry_run,
        "succeeded": not inputs.dry_run,
    }
    if not causes.get(claim.outcome, True):
        yield "without a cause"


def _lacks(claim: Claim) -> bool:
    """Whether the object in `because` is not in production, and is needed, directly or indirectly."""
    root = claim.result["because"]
    bad = [each for each in claim.others if each["outcome"] not in GOOD or each["reason"] == "left_to_person"]
    if not any(each["object_id"] == root for each in bad):
        return False
    needs, known, ahead = claim.facts.view(claim.attempt).may_need, set[str](), {claim.object_id}
    while ahead and root not in ahead:
        known |= ahead
        ahead = {up for each in ahead for up in needs.get(each, ())} - known
    return root in ahead


def _never_read(claim: Claim) -> bool:
    """Whether a run that should only be created could not be read within the time limit.

    Later, a list that is read for another object may show it, or the reading before it is abolished.
    """
    seen = min((each.asked for each in claim.readings), default=math.inf)
    calls = [call.at for call in claim.attempt.sent if call.action == GET and claim.is_about(call)]
    tries = [at for at in calls if at < seen]
    if not tries or claim.given.wait or not _is_later(claim, seen):
        return False
    return tries[-1] - tries[0] >= claim.given.settle_seconds - LONGEST_PAUSE


def _is_later(claim: Claim, moment: float) -> bool:
    """Whether it was after the object's own end, which the result names in whole seconds."""
    finished = claim.result["finished_at"]
    return bool(finished) and moment > moment_of(finished, claim.attempt)


def _refused_for_good(claim: Claim) -> bool:
    """Whether waiting does not help: a refusal that stays, or an endpoint that cannot be reached again and again.

    Before any creation, the list is refused.
    """
    creations = claim.creations
    if not creations:
        return claim.undescribed or any(_stays(claim, call) for call in claim.lists)
    if claim.undescribed and all(refused(call, "THROTTLED") for call in creations):
        return True
    unreachable = [call.at for call in creations if refused(call, "UNREACHABLE")]
    # A scarce account may have time for only two of them.
    patient = bool(unreachable) and unreachable[-1] - unreachable[0] >= claim.given.settle_seconds
    stays = _stays(claim, creations[-1]) or refused(creations[-1], "NOT_RUNNING")
    return not claim.in_doubt and (stays or patient or len(unreachable) >= UNREACHABLE_TRIES)


def _stays(claim: Claim, call: Sent) -> bool:
    """Whether more waiting does not help."""
    return refused(call, *FOR_GOOD) or id(call) in claim.facts.spent(claim.attempt)


def _has_failed(results: Results) -> bool:
    """Whether any object ended without success."""
    return any(each["outcome"] not in GOOD and each["finished_at"] for each in results)


def _unknown(claim: Claim) -> Iterator[str]:
    """Check that the end of a creation is not known, and that the step looked for its run without success."""
    lost = claim.lost
    if not lost:
        yield "without reason"
    elif not claim.cut:
        if not any(call.at > lost[-1].at for call in claim.lists):
            yield "and has not looked for it"
        elif not (_looked_to_the_end(claim) or claim.blind):
            yield "and has given up looking"
        rows = (row for page in claim.seen.pages(claim.object_id) for row in page.ending.value.runs)
        listed = {row.id for row in rows if mark_of(row.description)}
        shown = sorted(listed & {run.id for run in claim.asked_for})
        if shown:
            yield f"and was shown {shown}"


def _looked_to_the_end(claim: Claim) -> bool:
    """Whether the last list came, will never come, or was requested until ten minutes after the first request."""
    last = claim.lists[-1]
    patient = last.at >= claim.creations[0].at + LOOK_SECONDS - LONGEST_PAUSE
    return succeeded(last) or _stays(claim, last) or patient
