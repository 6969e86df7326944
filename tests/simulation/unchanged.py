"""I12: an object with the outcome unchanged is in production exactly as it was read, by the emulator's own data."""

from collections.abc import Iterator
from dataclasses import replace

from dataworks_emulator.drafts import Draft

from .actor import Attempt
from .facts import Facts
from .outputs import Results
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
    """Whether production and the draft were equal at some times while the step read."""
    catalog = facts.history.service.catalog
    first, last = EPOCH + attempt.began, EPOCH + _read_until(facts, attempt)
    moments = {first, last, *(at for at in catalog.moments(object_id) if first <= at <= last)}
    drafts = {_content(catalog.parts(object_id, at)) for at in moments}
    live = {_content(catalog.live(object_id, at)) for at in moments}
    return bool(drafts & live - {()})


def _read_until(facts: Facts, attempt: Attempt) -> float:
    """The time of the last reading before the step creates anything, or its end."""
    reads = (call.at for call in attempt.sent if call.action == "CreatePipelineRun")
    return min(reads, default=facts.end_of(attempt))


def _content(parts: Content) -> Content:
    """The content without the times of edits, in a fixed order."""
    return tuple(sorted((replace(each, modified_ms=0) for each in parts), key=lambda each: each.id))
