"""Which duplicates the protocol does not promise to prevent, told by what really happened, not by settings.

A second request for the same mark is excused only if nobody could have known of the first one's run when it was
sent, and if there is a reason why the gateway let it pass.
"""

from .facts import Fact, Facts
from .operations import CREATE, LIST
from .seen import GOOD_END, STALE_SECONDS, refused, succeeded

NONCE_SECONDS = 1800.0
RESEND_SECONDS = 600.0  # after which no step may send its request once more


def bound_of(facts: Facts, family: list[Fact]) -> str | None:
    """The reason why a mark may have several runs, or None where it may not."""
    reasons = [_reason(facts, family[:n], run) for n, run in enumerate(family) if n]
    return None if None in reasons else next(iter(sorted(set(filter(None, reasons)))), None)


def _reason(facts: Facts, before: list[Fact], run: Fact) -> str | None:
    """Why nobody could prevent this run beside those that were asked for before; None where ours should have."""
    post, fenced = run.post, facts.history.service.settings.nonce_fence
    assert post is not None
    if any("twice" in each.post.fault for each in (*before, run) if each.post):
        return "doubled by the network"
    if any(each.post and each.post.call == post.call for each in before):
        return None if fenced else "doubled by the network"
    if any(each.mark is None for each in before):
        return "mark lost by the service"
    hidden = not facts.history.service.settings.show_descriptions
    if hidden and all(each.status(post.sent) not in {"open", GOOD_END} for each in before):
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
    refused = any(_was_refused(facts, each) for each in (*before, run))
    apart = all(each.who != run.who for each in before)
    if refused and apart:
        return f"another nonce after throttling{copies}"
    # Also where the network has delivered the step's own request twice: it sees the second refusal alone.
    return f"another nonce after a used one{copies}" if _has_settled(facts, run) else None


def _has_settled(facts: Facts, run: Fact) -> bool:
    """Whether the sender of the run has met a nonce that was used before its time, and has looked for long enough."""
    step = facts.step_of(run.who)
    assert step is not None
    assert run.post is not None
    sent = [call for call in step.sent if call.object_id == run.object_id and call.at < run.post.sent]
    met = any(call.action == CREATE and refused(call, "NONCE_USED") for call in sent)
    looks = [call.at for call in sent if call.action == LIST and succeeded(call)]
    return step.number > 1 and met and looks[-1] - looks[0] >= facts.given(step).settle_seconds


def _outlived(one: Fact, other: Fact) -> bool:
    """Whether one of them came half an hour after the other was received, and not because a step sent it so late."""
    assert one.post is not None
    assert other.post is not None
    if one.who == other.who and abs(one.post.sent - other.post.sent) > RESEND_SECONDS:
        return False
    moments = (one.at, other.at, one.post.at, other.post.at)
    return max(moments) - min(moments) >= NONCE_SECONDS


def _was_refused(facts: Facts, run: Fact) -> bool:
    """Whether the sender of the run has met a refusal first, after which another nonce is due."""
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
    """Whether the later request was sent only after all that its sender owes had been done in vain."""
    step = facts.step_of(run.who)
    assert step is not None
    assert run.post is not None
    if step.number == 1 and earlier.who != run.who and not facts.history.service.settings.show_descriptions:
        return True  # a copy's run looks like anybody's, and the fence alone is left
    looked = [
        look
        for look in step.sent
        if look.action == LIST
        and look.object_id == run.object_id
        and look.at < run.post.sent
        and succeeded(look)
    ]
    # Half of a list that gives no count cannot be told from a whole one.
    cut = looked and looked[-1].fault == "short-page" and facts.schedule.setting("string_counts")
    if looked and not cut and earlier.seen_at < looked[-1].at - STALE_SECONDS:
        return False  # it was there to be seen
    if earlier.who == run.who and earlier.post:
        return bool(looked) and looked[-1].at - earlier.post.sent >= facts.given(step).settle_seconds
    # The first attempt of a job cannot know of a copy of itself, and relies on the fence alone.
    return bool(looked) or step.number == 1
