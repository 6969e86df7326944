"""I18: a step that takes up an older run does not put back what a newer run has replaced in production."""

from collections.abc import Iterator
from typing import Any

from .actor import Attempt
from .facts import Fact, Facts, mark_of
from .operations import EXECUTE
from .outputs import Results
from .seen import ENDS, GOOD_END, has_begun, production


def check_overtaken(facts: Facts, attempt: Attempt, results: Results) -> Iterator[tuple[str, str]]:
    """Check that a run that every list before has shown as overtaken is not taken into production."""
    del results
    first = {
        call.run_id: call
        for call in reversed(attempt.sent)
        if call.action == EXECUTE and facts.seen(attempt).deploys(call.run_id, call.stage)
    }
    for run_id, call in first.items():
        run = facts.runs[run_id]
        # Without its object, nobody knows which list to read.
        known = facts.given(attempt).named.get(run_id, run.object_id)
        if run.at < attempt.began and known and all(lists := _lists(facts, attempt, run, call.at)) and lists:
            yield "I18", f"{attempt.caller} executes {call.stage} of {run_id}, and a newer run has succeeded"


def was_overtaken(facts: Facts, attempt: Attempt, run: Fact) -> bool:
    """Whether a list has shown the step that a newer run of the object has succeeded. It may not show this run yet."""
    seen, given = facts.seen(attempt), run.id in facts.given(attempt).named
    pages = [page.ending.value.runs for page in seen.pages(run.object_id)]
    return any(_shows_newer(each.run, rows, given) for each in seen.of.get(run.id, ()) for rows in pages)


def _lists(facts: Facts, attempt: Attempt, run: Fact, by: float) -> list[bool]:
    """What the object's lists that show this run say until then: whether a newer run has succeeded."""
    pages = (page for page in facts.seen(attempt).pages(run.object_id) if (page.answered or by) <= by)
    rows = ({row.id: row for row in page.ending.value.runs} for page in pages)
    given = run.id in facts.given(attempt).named
    return [_shows_newer(shown[run.id], shown.values(), given) for shown in rows if run.id in shown]


def _shows_newer(run: Any, others: Any, given: bool) -> bool:
    """Whether one of the others was created later and has succeeded, while this run has not begun to deploy.

    Among runs with the same mark, an election decides, unless the inputs give the run.
    """
    if run.status in ENDS or has_begun(run.stages, production(run.stages)) or not run.created_ms:
        return False
    own = mark_of(run.description)
    return any(
        other.status == GOOD_END and other.created_ms > run.created_ms
        for other in others
        if given or own is None or (mark_of(other.description) or ("",))[0] != own[0]
    )
