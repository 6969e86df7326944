"""I3: a step names the runs that it requested, was shown or abolishes, or the mark to find them."""

import re
from collections.abc import Iterator
from typing import Any

from .actor import Attempt
from .claim import Claim, claims
from .doubles import bears
from .facts import Fact, Facts, mark_of
from .operations import ABOLISH
from .outputs import Results
from .seen import ENDS, GOOD_END, refused, succeeded, whole
from .wire import Sent

LAST_MOMENTS = 1.0  # seconds before a cut in which a shown run may not be named yet


def check_mentions(facts: Facts, attempt: Attempt, results: Results) -> Iterator[tuple[str, str]]:
    """Check one object after another."""
    said = " ".join(result["message"] for result in results)
    named = {result["run_id"] for result in results} | {*said.replace(",", " ").replace(".", " ").split()}
    for claim in claims(facts, attempt, results):
        for run_id in {*_asked_for(claim, said), *_shown(claim), *_abolished(claim)} - named:
            yield "I3", f"{attempt.caller} says {claim.outcome} of {claim.object_id}, and nothing of {run_id}"
        if not _says_what_to_look_for(claim):
            yield (
                "I3",
                f"{attempt.caller} says {claim.outcome} of {claim.object_id}, and not what to look for",
            )


def _asked_for(claim: Claim, said: str) -> Iterator[str]:
    """Find runs that the step created and does not name, not even by their mark."""
    for run in claim.asked_for:
        if not (
            _doubled(claim, run) or run.id in claim.facts.excused or (run.mark and bears(run.mark, said))
        ):
            yield run.id


def _doubled(claim: Claim, run: Fact) -> bool:
    """Whether the network delivered the request twice, so that the step saw only the second answer, a refusal.

    The error about the used nonce would point to the other request.
    """
    if run.post is None or not {"twice", "duplicate"} & {*re.split(r"[+:]", run.post.fault)}:
        return False
    ending = next((call for call in claim.creations if call.call == run.post.call), None)
    if ending and refused(ending, "NONCE_USED"):
        return _came_too_late(claim, run, ending)
    return "twice" in run.post.fault or bool(ending and refused(ending))


def _came_too_late(claim: Claim, run: Fact, met: Sent) -> bool:
    """Whether a re-run took its own used nonce for that of an earlier attempt, whose run did not appear in time."""
    looks = [call.at for call in claim.lists if call.at > met.at]
    patient = bool(looks) and looks[-1] - met.at >= claim.given.settle_seconds
    return claim.attempt.number > 1 and patient and run.seen_at > looks[-1]


def _shown(claim: Claim) -> Iterator[str]:
    """Find runs of the same intent that the object's list showed, except in the last moments of a step that was cut.

    Only open runs count, and runs of the current generation in production.
    """
    attempt = claim.attempt
    # The step does not look for runs that the inputs name.
    if claim.given.named or claim.given.dry_run:
        return
    intents = claim.facts.intents_of(attempt, claim.object_id)
    carried = claim.run.mark if claim.run else None
    own = carried[1] if carried and carried[0] in intents else None
    rows = {row.id: row for page in _pages(claim) for row in page.ending.value.runs}
    for row in rows.values():  # each run as it was shown last
        mark = mark_of(row.description)
        if mark and mark[0] in intents and row.project_id in {None, claim.given.project_id}:
            yield from [row.id] if _counts(row, mark[1], own) else []


def _pages(claim: Claim) -> list[Sent]:
    """The pages that the step must have used. Half of a list does not count."""
    pages = list(claim.seen.pages(claim.object_id))
    if claim.cut:
        by = _cut_at(claim) - LAST_MOMENTS
        return [page for page in pages if (page.answered or 0.0) < by and whole(page)]
    return pages if all(map(succeeded, claim.lists[-1:])) else []


def _cut_at(claim: Claim) -> float:
    """When a step was cut off. After that it only ends its open calls."""
    attempt = claim.attempt
    stopped = claim.when if attempt.stopped is None else attempt.stopped
    return min(claim.when, stopped, attempt.began + claim.given.timeout_seconds)


def _counts(row: Any, generation: int, own: int | None) -> bool:
    if row.status in ENDS:
        return bool(row.status == GOOD_END and generation == own)
    return own is None or own - generation in {0, 1}


def _abolished(claim: Claim) -> Iterator[str]:
    """Find runs that the step wanted to abolish and does not name, even if it was killed meanwhile."""
    for call in claim.attempt.sent:
        if call.action == ABOLISH:
            run = claim.facts.runs.get(call.run_id)
            if run and run.object_id == claim.object_id:
                yield run.id


def _says_what_to_look_for(claim: Claim) -> bool:
    """Whether an uncertain result names a mark, if a request with a mark was received.

    The same holds for a re-run that could not look for runs of earlier attempts.
    """
    unread = claim.outcome == "rejected" and not claim.creations and not all(map(succeeded, claim.lists[-1:]))
    if unread and claim.attempt.number > 1:
        intents = claim.facts.intents_of(claim.attempt, claim.object_id)
        return not intents or any(f"[dwd1:{intent}:" in claim.message for intent in intents)
    marks = [
        post.mark
        for post in claim.facts.posts.values()
        if post.who == claim.attempt.caller and post.object_id == claim.object_id and post.mark
    ]
    doubt = claim.outcome in {"unknown", "conflict"} and marks
    return not doubt or any(bears(mark, claim.message) for mark in marks)
