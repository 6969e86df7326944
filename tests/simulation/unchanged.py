"""I12: an object with the outcome unchanged is in production exactly as it was read, by the emulator's own data."""

from collections.abc import Iterator
from dataclasses import replace

from dataworks_emulator.drafts import NODE, Draft

from .actor import Attempt
from .facts import Facts
from .outputs import Results
from .seen import STALE_SECONDS
from .virtual import EPOCH

Content = tuple[Draft, ...]


def check_unchanged(facts: Facts, attempt: Attempt, results: Results) -> Iterator[tuple[str, str]]:
    """Check one object after another. An edit while the step reads may come before or after its reading."""
    for result in results:
        if result["outcome"] != "unchanged":
            continue
        who = f"{attempt.caller} says unchanged of {result['object_id']}"
        if not facts.given(attempt).only_changed:
            yield "I12", f"{who}, and was not asked for changes"
        if not same(facts, attempt, result["object_id"]):
            yield "I12", f"{who}, and production holds something else"


def same(facts: Facts, attempt: Attempt, object_id: str) -> bool:
    """Whether production and the draft were equal at some times that the step's readings may have shown.

    Production may also be as it was before a run that no list showed yet. But only a node tells at once
    that it is not in production any more: it has no TaskId.
    """
    catalog = facts.history.service.catalog
    stale = STALE_SECONDS if any(call.fault == "stale" for call in attempt.sent) else 0.0
    first, last = EPOCH + attempt.began - stale, EPOCH + _read_until(facts, attempt)
    changes = catalog.moments(object_id)

    def moments(since: float) -> set[float]:
        return {since, last, *(at for at in changes if since <= at <= last)}

    drafts = {_content(catalog.parts(object_id, at)) for at in moments(first)}
    live = {_content(catalog.live(object_id, at)) for at in moments(first)}
    if not any(live) and any(draft.kind == NODE for draft in catalog.parts(object_id)[:1]):
        return False
    unseen = min(first, EPOCH + _unshown(facts, attempt, object_id))
    live |= {_content(catalog.live(object_id, at)) for at in moments(unseen)}
    return bool(drafts & live - {()})


def _unshown(facts: Facts, attempt: Attempt, object_id: str) -> float:
    """When the oldest run of the object was created that no list showed when the step began, or that beginning."""
    runs = (run for run in facts.runs.values() if run.object_id == object_id)
    return min([attempt.began, *(run.at for run in runs if run.seen_at > attempt.began)])


def _read_until(facts: Facts, attempt: Attempt) -> float:
    """The time of the last reading before the step creates anything, or its end."""
    reads = (call.at for call in attempt.sent if call.action == "CreatePipelineRun")
    return min(reads, default=facts.end_of(attempt))


def _content(parts: Content) -> Content:
    """The content without the times of edits, in a fixed order."""
    return tuple(sorted((replace(each, modified_ms=0) for each in parts), key=lambda each: each.id))
