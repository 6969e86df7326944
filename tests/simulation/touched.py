"""I2 and I7: what steps do with runs, whether they may, and after which reading."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from .actor import Attempt
from .facts import Fact, Facts, mark_of
from .operations import ABOLISH, CREATE, EXECUTE
from .outputs import Results
from .play import repository_of
from .seen import ENDS, GOOD_END, Seen, executed, has_begun, refused, succeeded, unclear, whole
from .wire import Sent

LAG_SECONDS = 15.0  # for this time a reading may not show yet that a stage was executed
FRESH_SECONDS = 6.0  # seconds between a reading and the abolition that relies on it
MOST_EXECUTIONS = 3  # of one stage by one step, if each may have worked
TURN_SECONDS = 15.0  # seconds that a call may wait if the service throttles
Found = Iterator[tuple[str, str]]


def check_foreign(facts: Facts) -> Found:
    """Check I7: a step executes or abolishes only runs of its own job, and never abolishes named runs.

    I13: with `on-active-run: supersede` it also abolishes runs of its own repository.
    """
    for run in facts.runs.values():
        for who, what in _touched(run):
            step, owner = facts.step_of(who), facts.step_of(run.who)
            named = facts.given(step).named if step else {}
            if run.id in named:
                good = what == "executed" and named[run.id] in {None, run.object_id}
            else:
                good = step is None or (
                    owner is not None and (owner.job, owner.action) == (step.job, step.action)
                )
            if good:
                continue
            if what == "abolished" and step and facts.given(step).on_active_run == "supersede":
                if owner is None or repository_of(owner.job) != repository_of(step.job):
                    yield "I13", f"{who} supersedes run {run.id} of {run.who}"
                continue
            yield "I7", f"{who} {what} run {run.id} of {run.who}"


def _touched(run: Fact) -> Iterator[tuple[str, str]]:
    yield from ((who, "executed") for _, _, who in run.executed)
    yield from ((who, "abolished") for _, who in run.abolished)


def check_touched(facts: Facts, attempt: Attempt, results: Results) -> Found:
    """Check I2 and I7: stages are executed and runs abolished only after readings that allow it."""
    carried = {result["run_id"] for result in results}
    yield from _executed(attempt.caller, attempt.sent, facts.seen(attempt))
    # A policy that does not choose between runs is judged only by its results.
    if getattr(facts.history.deployment, "elects", True):
        yield from _elected(facts, attempt)
    others = {run.id for run in facts.runs.values() if not facts.is_own(attempt, run)}
    yield from _abolished(attempt.caller, attempt.sent, facts.seen(attempt), carried | others)
    yield from _told(facts, attempt)
    everything = {call.run_id for call in attempt.post_sent}
    yield from _abolished(f"{attempt.caller}-post", attempt.post_sent, Seen(attempt.post_sent), everything)


def _executed(who: str, sent: Sequence[Sent], seen: Seen) -> Found:
    """Check that no stage is executed out of order, or again before a new reading shows that it still waits."""
    tried: dict[tuple[str, str], Sent] = {}
    times: Counter[tuple[str, str]] = Counter()
    queued = _queued(sent)
    for call in sent:
        if call.action != EXECUTE:
            continue
        before = tried.get((call.run_id, call.stage))
        if not seen.waited(call.run_id, call.stage, call.at, queued):
            yield "I2", f"{who} executes {call.stage} of {call.run_id} without having seen it wait"
        elif before and not refused(before) and not seen.alone(call.run_id, before.at, call.at):
            yield "I2", f"{who} executes {call.stage} of {call.run_id} again, unread"  # lists lag
        tried[call.run_id, call.stage] = call
        times[call.run_id, call.stage] += not refused(call)
    for (run_id, stage), count in times.items():
        if count > MOST_EXECUTIONS:
            yield "I2", f"{who} executes {stage} of {run_id} {count} times"


def _elected(facts: Facts, attempt: Attempt) -> Found:
    """Check that before a run with possible duplicates is advanced, a list is read, and the right run is continued.

    This does not hold for named runs, and runs of somebody else are not duplicates.
    """
    begun: dict[str, Sent] = {}
    for call in attempt.sent:
        own = call.action == EXECUTE and facts.is_own(attempt, facts.runs[call.run_id])
        if own and not facts.given(attempt).named:
            begun.setdefault(call.run_id, call)
    for run_id, call in begun.items():
        best = _best(facts, attempt, run_id, call.at)
        if best not in {"", run_id}:
            yield "I2", f"{attempt.caller} executes {call.stage} of {run_id}, and was shown {best}"
        if not (_is_sure(facts, attempt, run_id) or _has_looked(facts, attempt, run_id, call.at)):
            yield "I2", f"{attempt.caller} executes {call.stage} of {run_id}, and has not looked for others"


def _is_sure(facts: Facts, attempt: Attempt, run_id: str) -> bool:
    """Whether the run came from the only request of a first attempt, so that no other run can have its mark."""
    object_id = facts.runs[run_id].object_id
    creations = [call for call in attempt.sent if call.action == CREATE and call.object_id == object_id]
    return attempt.number == 1 and not any(map(unclear, creations))


def _has_looked(facts: Facts, attempt: Attempt, run_id: str, by: float) -> bool:
    """Whether a list arrived that was requested after the run, or another one with its mark, was known."""
    post = facts.runs[run_id].post
    family = {run.id for run in facts.families[post.mark]} if post and post.mark else {run_id}
    readings = (each.answered for each_id in family for each in facts.seen(attempt).of.get(each_id, ()))
    # An answer with somebody else's run also shows that there may be a run.
    answers = (
        call.answered or by
        for call in attempt.sent
        if call.action == CREATE and succeeded(call) and call.object_id == facts.runs[run_id].object_id
        if call.ending.value in family or not facts.is_own(attempt, facts.runs[call.ending.value])
    )
    known = min((*readings, *answers), default=by)
    pages = facts.seen(attempt).pages(facts.runs[run_id].object_id)
    return any(known <= page.at and (page.answered or by) <= by for page in pages)


def _best(facts: Facts, attempt: Attempt, run_id: str, by: float) -> str:
    """The run to continue, according to the last list that showed this run."""
    pages = facts.seen(attempt).pages(facts.runs[run_id].object_id)
    lists = [page.ending.value.runs for page in pages if (page.answered or by) <= by and whole(page)]
    rows = next((rows for rows in reversed(lists) if any(row.id == run_id for row in rows)), ())
    mark = next((mark_of(row.description) for row in rows if row.id == run_id), None)
    rivals = [row for row in rows if mark and mark_of(row.description) == mark]
    return str(min(rivals, key=_rank).id) if rivals else ""


def _rank(run: Any) -> tuple[object, ...]:
    """Runs that may be in production come first, then open ones from the oldest on, then failed ones."""
    advanced = has_begun(run.stages, executed(run.stages))
    ended = run.status in ENDS
    return ended and run.status != GOOD_END, not advanced, ended, run.created_ms, run.id


def _told(facts: Facts, attempt: Attempt) -> Found:
    """Check that a step leaves a run alone after it requested its deployment, until a reading must show it."""
    seen = facts.seen(attempt)
    told: dict[str, float] = {}
    for call in (*attempt.sent, *attempt.post_sent):
        if call.action == EXECUTE and not refused(call) and seen.deploys(call.run_id, call.stage):
            told[call.run_id] = call.at
        elif call.action == ABOLISH and call.at < told.get(call.run_id, -math.inf) + LAG_SECONDS:
            yield "I7", f"{attempt.caller} abolishes {call.run_id}, which it has just told to deploy"


def _queued(sent: Sequence[Sent]) -> float:
    """Seconds for which a call may have waited since the decision to make it."""
    return TURN_SECONDS if any(refused(call, "THROTTLED") for call in sent) else 0.0


def _abolished(who: str, sent: Sequence[Sent], seen: Seen, carried: set[Any]) -> Found:
    """Check that a duplicate is abolished only before anybody executes it, and other runs only before production."""
    fresh = FRESH_SECONDS + _queued(sent)
    for call in sent:
        if call.action != ABOLISH:
            continue
        # A list that is read for other runs may arrive in between.
        own, last = (seen.before(call.run_id, call.at, alone=alone) for alone in (True, False))
        if own is None or last is None or own.answered < call.at - fresh:
            yield "I7", f"{who} abolishes {call.run_id} unread"
        elif any(each.deploys if call.run_id in carried else each.advanced for each in (own, last)):
            yield "I7", f"{who} abolishes {call.run_id}, which it has seen go on"
