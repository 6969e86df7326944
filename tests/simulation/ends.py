"""I4 and I10: how objects ended, held against what the service did and what the step was shown."""

from collections.abc import Iterator

from .actor import Attempt
from .claim import Claim, claims
from .facts import Facts
from .operations import ABOLISH
from .outputs import Results
from .seen import ENDS, GOOD_END, refused, succeeded
from .wire import Sent

# Refusals that a repeat cannot turn into success.
FOR_GOOD = {"QUOTA_SPENT", "EXPIRED", "DENIED", "INNER", "OTHER"}
# As the statuses of runs are called in results.
SAID = {"Success": "succeeded", "Fail": "failed", "Termination": "terminated", "Cancel": "cancelled"}
LATEST_LOOK = 45.0  # seconds before a cut in which an end may have been seen, and not yet seen again


def check_ends(facts: Facts, attempt: Attempt, results: Results) -> Iterator[tuple[str, str]]:
    """Object by object."""
    for claim in claims(facts, attempt, results):
        who = f"{attempt.caller} says {claim.outcome} of {claim.object_id}"
        for check in (_the_services, _read_twice, _with_a_cause):
            yield from (("I4", f"{who}, {text}") for text in check(claim))
        if claim.outcome == "unknown":
            yield from (("I10", f"{who}, {text}") for text in _unknown(claim))


def _the_services(claim: Claim) -> Iterator[str]:
    """No other end than the service's own, at the moment at which the step ended."""
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
    if claim.outcome == "created" and claim.attempt.inputs.follow.wait and not _reached(claim):
        yield "and its stage has not succeeded"


def _cannot_go_on(claim: Claim) -> bool:
    """Whether a step may give a run up that has not ended: it was refused, or there is no such stage."""
    until, run = claim.attempt.inputs.follow.until_stage, claim.run
    missing = run is not None and until and until not in claim.facts.steps_of(run.id)
    denied = run and any(refused(call, "DENIED") for call in claim.attempt.sent if call.run_id == run.id)
    return bool(missing or denied or claim.attempt.named)


def _withdrew(claim: Claim) -> bool:
    """Whether the step has had the run abolished, because another object had failed; a copy may have come before it."""
    return any(call.action == ABOLISH for call in claim.attempt.sent if claim.is_about(call))


def _reached(claim: Claim) -> bool:
    """Whether the stage that the run was to be taken to has succeeded."""
    until, finished = claim.attempt.inputs.follow.until_stage, claim.run.finished if claim.run else ()
    return any(stage == until and status == GOOD_END and at <= claim.when for at, stage, status in finished)


def _read_twice(claim: Claim) -> Iterator[str]:
    """An end is read twice, once by a call of its own; and one that was seen so is not kept quiet."""
    attempt, readings = claim.attempt, claim.readings
    ended = [each for each in readings if each.ended]
    free = claim.cut or _cannot_go_on(claim) or _withdrew(claim) or any(each.alone for each in ended[1:])
    if SAID.get(claim.result["status"]) == claim.outcome and not free:
        yield "and has read it only once"
    last = [each for each in readings[-2:] if each.ended and each.alone]
    late = len(last) == 2 and last[-1].answered < claim.when - LATEST_LOOK
    follows = attempt.inputs.follow.wait and not (attempt.killed or attempt.inputs.dry_run)
    if late and follows and SAID[last[-1].run.status] != claim.outcome:
        yield f"and was shown {last[-1].run.status}"


def _with_a_cause(claim: Claim) -> Iterator[str]:
    """Ends without a run, or without its end, have a cause."""
    attempt, inputs = claim.attempt, claim.attempt.inputs
    for_good = any(refused(call, *FOR_GOOD) for call in attempt.sent)
    # What the service shows without its mark is somebody else's, for all that a step can know.
    others = any(
        run.object_id == claim.object_id and (run.who != attempt.caller or run.mark is None)
        for run in claim.facts.runs.values()
    )
    last = claim.lists[-1] if claim.lists else None
    unread = inputs.dry_run and last and (last.fault == "short-page" or not succeeded(last))
    causes = {
        "rejected": unread or any(map(refused, [*claim.creations, *claim.lists])),
        "timed_out": "timeout" in claim.cut or for_good,
        "waiting": "timeout" in claim.cut,
        "conflict": inputs.on_active_run == "fail" and others,
        "skipped": claim.cut or inputs.fail_fast,
        "planned": inputs.dry_run,
        "created": not inputs.dry_run,
        "succeeded": not inputs.dry_run,
    }
    if not causes.get(claim.outcome, True):
        yield "without a cause"


def _unknown(claim: Claim) -> Iterator[str]:
    """A creation was sent of which nobody could tell the end, and it was looked for in vain."""
    lost = [call for call in claim.creations if _unclear(call)]
    if not lost:
        yield "without reason"
    elif not claim.cut:
        if not any(call.at > lost[0].at for call in claim.lists):
            yield "and has not looked for it"
        listed = {row.id for page in claim.seen.pages(claim.object_id) for row in page.ending.value.runs}
        shown = sorted(listed & {run.id for run in claim.asked_for})
        if shown:
            yield f"and was shown {shown}"


def _unclear(call: Sent) -> bool:
    return call.ending is None or type(call.ending).__name__ == "Unclear" or refused(call, "NONCE_USED")
