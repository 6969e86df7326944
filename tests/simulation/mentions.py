"""I3: runs that a step has asked for, was shown or abolishes are named, or the mark by which they are found."""

from collections.abc import Iterator
from typing import Any

from .actor import Attempt
from .claim import Claim, claims
from .doubles import marked
from .facts import Facts, mark_of
from .operations import ABOLISH
from .outputs import Results
from .seen import ENDS, GOOD_END, succeeded


def check_mentions(facts: Facts, attempt: Attempt, results: Results) -> Iterator[tuple[str, str]]:
    """Object by object."""
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
    """Runs that the step has created, unless their mark is named."""
    for run in claim.asked_for:
        # One that the network has doubled was answered twice, and one of the answers may be a refusal.
        doubled = run.post and "twice" in run.post.fault
        if not (doubled or run.id in claim.facts.excused or (run.mark and marked(run.mark) in said)):
            yield run.id


def _shown(claim: Claim) -> Iterator[str]:
    """Runs of the same intent that the object's list has shown, where the step went on to its own end.

    Those that are open, and of the generation that is carried on those in production.
    """
    attempt = claim.attempt
    # Half of a list is none, and runs that are named are not looked for.
    unread = claim.lists and not succeeded(claim.lists[-1])
    if claim.cut or unread or attempt.named or attempt.inputs.dry_run:
        return
    intents = claim.facts.intents_of(attempt, claim.object_id)
    own = claim.run.mark[1] if claim.run and claim.run.mark else None
    rows = {row.id: row for page in claim.seen.pages(claim.object_id) for row in page.ending.value.runs}
    for row in rows.values():  # each as it was shown last
        mark = mark_of(row.description)
        if mark and mark[0] in intents and row.project_id in {None, attempt.inputs.project_id}:
            yield from [row.id] if _counts(row, mark[1], own) else []


def _counts(row: Any, generation: int, own: int | None) -> bool:
    if row.status in ENDS:
        return bool(row.status == GOOD_END and generation == own)
    return own is None or own - generation in {0, 1}


def _abolished(claim: Claim) -> Iterator[str]:
    """Runs that the step wants to abolish, also where it dies of it."""
    for call in claim.attempt.sent:
        if call.action == ABOLISH:
            run = claim.facts.runs.get(call.run_id)
            if run and run.object_id == claim.object_id:
                yield run.id


def _says_what_to_look_for(claim: Claim) -> bool:
    """Whether a doubt names a mark, where a request was received that bears one."""
    marks = [
        post.mark
        for post in claim.facts.posts.values()
        if post.who == claim.attempt.caller and post.object_id == claim.object_id and post.mark
    ]
    doubt = claim.outcome in {"unknown", "conflict"} and marks
    return not doubt or any(marked(mark) in claim.message for mark in marks)
