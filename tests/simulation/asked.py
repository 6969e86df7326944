"""I11: the step does only what the inputs ask for, and at its end does all that they ask for."""

import json
import math
from collections.abc import Iterator, Mapping

from ..integration.job import PROJECT
from .actor import Attempt
from .facts import Fact, Facts
from .operations import ABOLISH, CREATE, EXECUTE, LIST, LOOKUPS, WRITES
from .outputs import Results, moment_of
from .seen import refused, succeeded, unclear

FAILED = {"failed", "terminated", "cancelled", "rejected", "conflict"}
POST_SECONDS = 60.0
INSTANT = 0.001  # seconds, because dates are rounded, and times are sums
CLOSE = 2.0  # seconds between a stop and the deadline in which either one may have ended the step
Found = Iterator[tuple[str, str]]


def check_asked(facts: Facts, attempt: Attempt, results: Results) -> Found:
    """Check one input after another."""
    for check in (_creations, _executions, _turns, _redeploys, _withdrawals, _post):
        yield from (("I11", f"{attempt.caller} {text}") for text in check(facts, attempt, results))


def _creations(facts: Facts, attempt: Attempt, results: Results) -> Iterator[str]:
    del results
    given = facts.given(attempt)
    if given.dry_run and any(call.action in WRITES for call in attempt.sent):
        yield "changes something in a dry run"
    for post in facts.posts.values():
        if post.who != attempt.caller:
            continue
        params = post.params
        wanted = {
            "ProjectId": PROJECT,
            "Type": given.type,
            "RunMode": given.run_mode,
            "AutoRunUntilStage": given.auto_run_until_stage,
        }
        if {name: params.get(name, "") for name in wanted} != wanted:
            yield f"asks for {params}"
        objects = json.loads(params["ObjectIds"])
        strange = not given.lines and given.upstream != "include" and objects[0] not in given.object_ids
        if given.named or len(objects) != 1 or strange:
            yield f"creates a run of {objects}"


def _executions(facts: Facts, attempt: Attempt, results: Results) -> Iterator[str]:
    del results
    given = facts.given(attempt)
    for call in attempt.sent:
        if call.action == EXECUTE:
            steps = facts.steps_of(call.run_id)
            beyond = given.until_stage and steps.get(call.stage, 0) > steps.get(given.until_stage, -1)
            if beyond or not (given.wait and given.advance):
                yield f"executes {call.stage}"


def _turns(facts: Facts, attempt: Attempt, results: Results) -> Iterator[str]:
    """Check max-parallel and fail-fast. Results have times in whole seconds, by the step's own clock."""
    given = facts.given(attempt)
    first: dict[str, float] = {}
    runs = {each["run_id"]: each["object_id"] for each in results if each["run_id"]}
    for call in attempt.sent:
        # A named run is read first, and then searched at other objects too. That does not begin work on these objects.
        begins = runs.get(call.run_id, "") if given.named else call.object_id
        # With lookups, the list may be read for an object that is not found.
        looks = call.action == LIST and (given.preflight or given.lines)
        if begins and not looks and call.action not in LOOKUPS:
            first.setdefault(begins, call.at)
    starts = {each["object_id"]: each["started_at"] for each in results if each["started_at"]}
    # The first call may have had to wait for its turn.
    begun = {
        each: min(at, moment_of(starts[each], attempt) + 1) for each, at in first.items() if each in starts
    }
    over = {
        each["object_id"]: moment_of(each["finished_at"], attempt) for each in results if each["finished_at"]
    }
    bad = [each for each in results if each["outcome"] in FAILED - {"cancelled"}]
    # A run that was left open may be seen to fail at the end of the step. The result keeps the older time.
    failed = {
        each["object_id"]: max(over.get(each["object_id"], math.inf), _seen_to_end(facts, attempt, each))
        for each in bad
    }
    for object_id, at in begun.items():
        before = {each for each in begun if each != object_id and begun[each] <= at}
        beside = {each for each in before if over.get(each, math.inf) > at + INSTANT}
        if len(beside) >= given.max_parallel and not attempt.killed:
            yield f"takes {object_id} on beside {sorted(beside)}"
        late = {each for each in before & failed.keys() if failed[each] + 1 < at}
        # A dry run must find all problems.
        if late and given.fail_fast and not (given.named or given.dry_run):
            yield f"takes {object_id} on after {sorted(late)} have failed"
    lost: set[str] = set()  # a run that may have been created is followed to its end
    for call in attempt.sent if given.fail_fast else ():
        others = {each for each, when in failed.items() if each != call.object_id and when + 1 < call.at}
        if call.action == CREATE and others and call.object_id not in lost:
            yield f"sends a creation of {call.object_id} after {sorted(others)} have failed"
        lost |= {call.object_id} if call.action == CREATE and unclear(call) else set()


def _seen_to_end(facts: Facts, attempt: Attempt, result: Mapping[str, object]) -> float:
    """When a reading first showed the end of the run, if one did."""
    readings = facts.seen(attempt).of.get(str(result["run_id"]), ())
    return min((each.answered for each in readings if each.ended), default=0.0)


def _redeploys(facts: Facts, attempt: Attempt, results: Results) -> Iterator[str]:
    """Check on-rerun: with redeploy, a deployment by an earlier attempt is not a result."""
    given = facts.given(attempt)
    wanted = given.on_rerun == "redeploy" and attempt.number > 1 and not given.named
    for result in results if wanted else ():
        if result["outcome"] == "succeeded" and _found_deployed(facts, attempt, result):
            yield f"does not deploy {result['object_id']} again"


def _found_deployed(facts: Facts, attempt: Attempt, result: Mapping[str, object]) -> bool:
    """Whether the step requested no run, and the run that it reports was never shown to it as open.

    If another run of its mark was shown as open before, the step continued that one, and this one appeared then.
    """
    asked = any(call.action == CREATE and call.object_id == result["object_id"] for call in attempt.sent)
    readings = facts.seen(attempt).of
    reported = readings.get(str(result["run_id"]), [])
    first = min((each.answered for each in reported), default=0.0)
    post = facts.runs[str(result["run_id"])].post
    twins = facts.families[post.mark] if post and post.mark else []
    carried = any(
        each.answered < first and not each.ended for run in twins for each in readings.get(run.id, ())
    )
    return not (asked or carried) and all(each.ended for each in reported)


def _withdrawals(facts: Facts, attempt: Attempt, results: Results) -> Iterator[str]:
    """Check abolish-on: the run is abolished only at the ends that the input names."""
    ends = _ends(facts, attempt, results)
    carried = {result["run_id"] for result in results if result["run_id"]}
    uncalled = not (_may(facts, attempt, results) or attempt.killed)
    for call in attempt.sent:
        if call.action == ABOLISH and call.run_id in carried and uncalled:
            yield f"abolishes {call.run_id} after {sorted(ends)}"
    if attempt.killed or not _owes(facts, attempt, results):
        return
    # A throttled step may have no time left for it, and leaves it to the post step.
    busy = any(refused(call, "THROTTLED") for call in attempt.sent)
    for run_id in carried:
        run = facts.runs.get(run_id)
        if run is None or not _is_left(facts, attempt, run):
            continue
        if not (_tried(attempt, results, run) or busy):
            yield f"leaves {run_id} open after {sorted(ends)}"
        if not _handed_on(attempt, run_id):
            yield f"leaves {run_id} open after {sorted(ends)}, and does not tell the post step"


def _ends(facts: Facts, attempt: Attempt, results: Results) -> set[str]:
    """The possible ends of a step, in the words of abolish-on. A kill is usually the end of a cancelled step.

    Of a stop and the deadline the first one counts, unless they are so close that both may count. If nothing shows that
    the work went on until then, it may have been done, and only the abolition was not.
    """
    if attempt.killed:
        return {"cancel"}
    deadline = attempt.began + facts.given(attempt).timeout_seconds
    moments = {"cancel": attempt.stopped, "timeout": deadline if "timeout" in facts.cut(attempt) else None}
    cuts = {name: at for name, at in moments.items() if at is not None}
    over = {"failure"} if any(_failed(each, cut_short=bool(cuts)) for each in results) else {"nothing"}
    first = min(cuts.values(), default=0.0)
    went_on = any(
        each["finished_at"] and moment_of(each["finished_at"], attempt) >= first for each in results
    )
    return {name for name, at in cuts.items() if at < first + CLOSE} | (set() if cuts and went_on else over)


def _failed(result: Mapping[str, object], *, cut_short: bool) -> bool:
    """Whether an object failed. Objects of a step that was cut off are called cancelled too, without such an end."""
    if result["outcome"] == "cancelled" and cut_short:
        return result["status"] == "Cancel"
    return result["outcome"] in FAILED


def _may(facts: Facts, attempt: Attempt, results: Results) -> bool:
    """Whether a step, or its post step, may abolish the runs that it has left."""
    given = facts.given(attempt)
    own = not (given.named or given.dry_run)
    return own and bool(_ends(facts, attempt, results) & facts.given(attempt).abolish_on)


def _owes(facts: Facts, attempt: Attempt, results: Results) -> bool:
    """Whether it must abolish them, whichever of the possible ends it was."""
    return _may(facts, attempt, results) and _ends(facts, attempt, results) <= facts.given(attempt).abolish_on


def _handed_on(attempt: Attempt, run_id: str) -> bool:
    """Whether the state for the post step names the run."""
    return any(run_id in text for text in attempt.runner.state.values())


def _is_left(facts: Facts, attempt: Attempt, run: Fact) -> bool:
    """Whether a run of this step's intent was open when the step ended, and had not reached production.

    A run whose abolition was accepted does not count: a deployment that nobody had seen may have begun before.
    """
    # If no run shows its mark, a step recognises its own run only by a clear answer.
    named = any(
        call.action == CREATE and succeeded(call) and call.ending.value == run.id for call in attempt.sent
    )
    recognised = named or facts.history.service.settings.show_descriptions
    mine = facts.is_own(attempt, run) and run.mark is not None and recognised
    open_then = run.status(facts.end_of(attempt)) == "open"
    reading = facts.seen(attempt).before(run.id, facts.end_of(attempt))
    granted = any(
        call.action == ABOLISH and call.run_id == run.id and succeeded(call) for call in attempt.sent
    )
    began = reading and (reading.ended or reading.deploys)
    return mine and open_then and not (began or granted)


def _tried(attempt: Attempt, results: Results, run: Fact) -> bool:
    """Whether the step, after its work, has at least requested the reading that must come before an abolition.

    A stop ends the work, or comes after it. Times are in whole seconds.
    """
    finished = [moment_of(each["finished_at"], attempt) for each in results if each["finished_at"]]
    over, stopped = max(finished, default=attempt.began), attempt.stopped
    since = over if stopped is None or over + 1 < stopped else stopped
    asked = (call for call in attempt.sent if call.run_id == run.id)
    return any(call.at >= since or call.action == ABOLISH for call in asked)


def _post(facts: Facts, attempt: Attempt, results: Results) -> Iterator[str]:
    """Check that the post step handles only the runs that the step should have abolished and has left open."""
    asked = {call.run_id for call in attempt.post_sent} | {call.object_id for call in attempt.post_sent}
    if attempt.post_sent and not _may(facts, attempt, results):
        yield f"has a post step after {sorted(_ends(facts, attempt, results))}"
    if not (attempt.step.post and _owes(facts, attempt, results)) or _was_cut(attempt):
        return
    for result in results:
        run = facts.runs.get(result["run_id"])
        if run and run.id not in asked and _is_left(facts, attempt, run):
            yield f"leaves {run.id} to a post step that does not ask for it"
        if result["outcome"] == "unknown" and result["object_id"] not in asked:
            yield f"leaves {result['object_id']} to a post step that does not look for its run"


def _was_cut(attempt: Attempt) -> bool:
    """Whether the post step was killed, or had no more time."""
    if attempt.post_began is None:
        return False
    return (
        attempt.post_ended is None
        or attempt.post_killed
        or attempt.post_ended - attempt.post_began >= POST_SECONDS - INSTANT
    )
