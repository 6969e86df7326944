"""I4 and I11: whose run a result has, the type of the run, and how the step says that it got the run."""

import math
from collections.abc import Iterator

from .actor import Attempt
from .claim import Claim, claims
from .facts import Facts
from .operations import CREATE
from .outputs import Results
from .seen import succeeded
from .wire import TICK


def check_whose(facts: Facts, attempt: Attempt, results: Results) -> Iterator[tuple[str, str]]:
    """Check one object after another."""
    for claim in claims(facts, attempt, results):
        who = f"{attempt.caller} says {claim.outcome} of {claim.object_id}"
        yield from (("I11", f"{who}, {text}") for text in _somebody_elses(claim))
        for check in (_of_the_other_type, _requests, _request_id, _come_by):
            yield from (("I4", f"{who}, {text}") for text in check(claim))


def _somebody_elses(claim: Claim) -> Iterator[str]:
    """Check on-active-run: another run replaces a requested one only after a lost answer, and only with `adopt`.

    The same holds if the list showed the run before any request.
    """
    run, attempt = claim.run, claim.attempt
    if run is None or claim.given.named or claim.facts.is_own(attempt, run):
        return
    if run.id in claim.answered and not _could_read(claim):
        return  # the answer was wrong, and the step could not read the run
    choice = claim.given.on_active_run
    if choice != "adopt":
        yield f"with on-active-run {choice} for run {run.id} of {run.who}"
    elif not claim.lost and (claim.creations or not claim.lists):
        yield f"for run {run.id} of {run.who}, and has lost nothing"


def _could_read(claim: Claim) -> bool:
    """Whether the step was shown the run, and was not killed at that moment."""
    dies = claim.when - TICK if claim.attempt.killed else math.inf
    return any(reading.answered < dies for reading in claim.readings)


def _of_the_other_type(claim: Claim) -> Iterator[str]:
    """Check that a run of the opposite type is followed only until its stages show that, and is never a success."""
    if claim.run is None:
        return
    wanted = claim.given.type
    never = {"succeeded", "created"} if claim.shown_opposite(claim.run.id) else {"succeeded"}
    if claim.run.type != wanted and claim.outcome in never:
        yield f"for a run of type {claim.run.type}"


def _requests(claim: Claim) -> Iterator[str]:
    """Check that `attempts` is the number of requests. The outputs of a killed step may lack the last ones."""
    said, sent = claim.result["attempts"], len(claim.creations)
    known = min(said, 1) == min(sent, 1) and said <= sent if claim.attempt.killed else said == sent
    if not known:
        yield f"after {said} requests, and has sent {sent}"


def _request_id(claim: Claim) -> Iterator[str]:
    """Check that the RequestId is that of the last answer to a creation, and empty if another run is continued.

    That other run counts as a found one, which no answer has named.
    """
    said, run_id = claim.result["request_id"], claim.result["run_id"]
    born = [call.request_id for call in claim.creations if call.request_id]
    told = claim.answered
    elsewhere = run_id and told and run_id not in told
    due = None if elsewhere or not born else born[-1]
    if said != due and not (said is None and _has_twins(claim)):
        yield f"with RequestId {said}, and was answered {born}"


def _has_twins(claim: Claim) -> bool:
    """Whether the run was found, and there are others with its mark."""
    mark = claim.run.post.mark if claim.run and claim.run.post else None
    return bool(claim.result["adopted"] and mark and len(claim.facts.families[mark]) > 1)


def _come_by(claim: Claim) -> Iterator[str]:
    """Check that a run counts as adopted if no clear answer to the step's own requests has named it."""
    run_id = claim.result["run_id"]
    answered = any(
        succeeded(call) and call.ending.value == run_id
        for call in claim.attempt.sent
        if call.action == CREATE
    )
    if claim.result["adopted"] != (run_id is not None and not answered):
        yield f"with adopted {claim.result['adopted']}"
