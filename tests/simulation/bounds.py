"""The duplicates that the protocol cannot prevent. What really happened decides, and not the settings.

A second request for the same mark is excused only if nobody could know the run of the first one when it was sent,
and if there is a reason why the gateway let it pass.
"""

from .facts import Fact, Facts
from .operations import CREATE, LIST
from .seen import GOOD_END, STALE_SECONDS, refused, succeeded

NONCE_SECONDS = 1800.0
RESEND_SECONDS = 600.0  # after this time no step may repeat its request


def bound_of(facts: Facts, family: list[Fact]) -> str | None:
    """The reason why a mark may have several runs, or None if it may not. Of several reasons, one of copies counts."""
    reasons = [_reason(facts, family[:n], run) for n, run in enumerate(family) if n]
    return None if None in reasons else min(filter(None, reasons), key=_rank, default=None)


def _rank(reason: str) -> tuple[bool, str]:
    return "copies" not in reason, reason


def _reason(facts: Facts, before: list[Fact], run: Fact) -> str | None:
    """Why nobody could prevent this run besides earlier ones, or None if our step should have prevented it."""
    post, fenced = run.post, facts.history.service.settings.nonce_fence
    assert post is not None
    if any("twice" in each.post.fault for each in (*before, run) if each.post):
        return "doubled by the network"
    if any(each.post and each.post.call == post.call for each in before):
        return None if fenced else "doubled by the network"
    # One delivery created a run, and the step saw the refusal of the other one.
    if not fenced and any(
        each.post and each.post.fault == "duplicate" and _was_refused(facts, each) for each in before
    ):
        return "doubled by the network"
    if any(each.mark is None for each in before):
        return "mark lost by the service"
    hidden = not facts.history.service.settings.show_descriptions
    if hidden:  # after a run that has failed, a re-run starts the same generation again
        before = [each for each in before if each.status(post.sent) in {"open", GOOD_END}]
        if not before:
            return "descriptions not shown"
    if not all(_was_careful(facts, each, run) for each in before):
        return None
    copies = ", copies" if any(_are_copies(facts, each, run) for each in before) else ""
    if not fenced:
        return f"no fence{copies or ', seen too late'}"
    return _past_the_fence(facts, before, run, copies)


def _past_the_fence(facts: Facts, before: list[Fact], run: Fact, copies: str) -> str | None:
    """Why the gateway let a second request pass."""
    assert run.post is not None
    same = [each for each in before if each.post and each.post.nonce == run.post.nonce]
    if same:
        return "older than the fence's memory" if all(_outlived(each, run) for each in same) else None
    if all(each.at - each.post.sent >= NONCE_SECONDS for each in before if each.post):
        return "older than the fence's memory"  # they were carried out half an hour after they were sent
    refused = any(_was_refused(facts, each) for each in (*before, run))
    apart = all(each.who != run.who for each in before)
    if refused and apart:
        return f"another nonce after throttling{copies}"
    # This includes a request that the network delivered twice: the step sees only the second refusal.
    return f"another nonce after a used one{copies}" if _has_settled(facts, run) else None


def _has_settled(facts: Facts, run: Fact) -> bool:
    """Whether the sender of the run was told that its nonce was used before, and has looked for long enough."""
    step = facts.step_of(run.who)
    assert step is not None
    assert run.post is not None
    sent = [call for call in step.sent if call.object_id == run.object_id and call.at < run.post.sent]
    met = any(call.action == CREATE and refused(call, "NONCE_USED") for call in sent)
    looks = [call.at for call in sent if call.action == LIST and succeeded(call)]
    return step.number > 1 and met and looks[-1] - looks[0] >= facts.given(step).settle_seconds


def _outlived(one: Fact, other: Fact) -> bool:
    """Whether one of them came half an hour after the other, and not because a step sent it so late."""
    assert one.post is not None
    assert other.post is not None
    if one.who == other.who and abs(one.post.sent - other.post.sent) > RESEND_SECONDS:
        return False
    moments = (one.at, other.at, one.post.at, other.post.at)
    return max(moments) - min(moments) >= NONCE_SECONDS


def _was_refused(facts: Facts, run: Fact) -> bool:
    """Whether the sender of the run was refused first, and then had to use another nonce."""
    step = facts.step_of(run.who)
    return step is not None and any(
        refused(sent, "THROTTLED")
        for sent in step.sent
        if sent.action == CREATE and sent.object_id == run.object_id
    )


def _are_copies(facts: Facts, one: Fact, other: Fact) -> bool:
    first, second = facts.step_of(one.who), facts.step_of(other.who)
    return first is not None and second is not None and first.copy != second.copy


def _was_careful(facts: Facts, earlier: Fact, run: Fact) -> bool:
    """Whether the sender of the later request first did all that it must do, without finding a run."""
    step = facts.step_of(run.who)
    assert step is not None
    assert run.post is not None
    if step.number == 1 and earlier.who != run.who and not facts.history.service.settings.show_descriptions:
        return True  # the run of a copy looks like anybody's, and only the nonce can stop a duplicate
    looked = [
        look
        for look in step.sent
        if look.action == LIST
        and look.object_id == run.object_id
        and look.at < run.post.sent
        and succeeded(look)
    ]
    # Half of a list without a count looks like a whole list.
    cut = looked and looked[-1].fault == "short-page" and facts.schedule.setting("string_counts")
    if looked and not cut and earlier.seen_at < looked[-1].at - STALE_SECONDS:
        return False  # the run could be seen
    if earlier.who == run.who and earlier.post:
        return bool(looked) and looked[-1].at - earlier.post.sent >= facts.given(step).settle_seconds
    # The first attempt of a job cannot know a copy of itself, and relies only on the nonce.
    return bool(looked) or step.number == 1
