"""The other half of I1: the marks themselves must be right, because the judged code writes them."""

from collections.abc import Iterator

from .facts import Facts, Post
from .operations import LIST
from .seen import GOOD_END, STALE_SECONDS, succeeded

Found = Iterator[tuple[str, str]]


def check_marks(facts: Facts) -> Found:
    """Check that each job has one intent for an object, the same in every attempt, and that nothing else has it."""
    meant: dict[str, set[object]] = {}
    for post in facts.posts.values():
        step = facts.step_of(post.who)
        if step is None:
            continue
        if post.mark is None:
            yield "I1", f"{post.who} sends no mark"
            continue
        meant.setdefault(post.mark[0], set()).add(facts.wanted(step, post.object_id))
        intents = facts.intents_of(step, post.object_id)
        if len(intents) > 1:
            yield "I1", f"{post.who} and others want the same of {post.object_id} by {sorted(intents)}"
        if post.mark[1] > 1:
            yield from _generation(facts, post, post.mark)
    for intent, wants in meant.items():
        if len(wants) > 1:
            yield "I1", f"{intent} stands for {len(wants)} things"


def _generation(facts: Facts, post: Post, mark: tuple[str, int]) -> Found:
    """Check that a new generation follows only a failed one, or a deployed one that must be deployed again.

    A generation begins with its first request. A repetition after a lost answer begins nothing.
    """
    step = facts.step_of(post.who)
    assert step is not None
    begun = min(each.sent for each in facts.posts.values() if (each.who, each.mark) == (post.who, mark))
    before = facts.families.get((mark[0], mark[1] - 1), [])
    ends = {run.status(post.sent) for run in before} - {"open"}
    again = facts.given(step).on_rerun == "redeploy"
    if step.number == 1 or not (ends - {GOOD_END} or (again and ends)):
        yield "I1", f"{post.who} begins generation {mark[1]} after {sorted(ends) or 'nothing that has ended'}"
    looks = [
        look.at - STALE_SECONDS
        for look in step.sent
        if look.action == LIST and look.object_id == post.object_id and succeeded(look)
        if look.at < begun and look.fault != "short-page"
    ]
    if not again and any(
        run.mark and run.seen_at < looks[-1] and run.status(looks[-1]) == GOOD_END for run in before if looks
    ):
        yield "I1", f"{post.who} deploys again what it could see deployed"
