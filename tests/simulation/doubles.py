"""I1 and I2: one run for a mark, of which one is executed, and the duplicates that no step can prevent."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from .bounds import bound_of
from .facts import Fact, Facts
from .outputs import read_results
from .seen import GOOD_END

# Cases in which no step can report a duplicate: a clear answer to a request that the network delivered twice; a request
# that waited for half an hour before the gateway, which in reality checks its date; and parallel copies of a job that
# no nonce stops, and that take each other's run as their own.
NOT_TO_BE_SEEN = (
    "doubled by the network",
    "older than the fence's memory",
    "no fence, copies",
    "another nonce after throttling, copies",
)


def bears(mark: tuple[str, int], text: str) -> bool:
    """Whether a text has the mark, with or without its other parts."""
    start = f"[dwd1:{mark[0]}:g{mark[1]}"
    return any(f"{start}{end}" in text for end in "]:")


def check_families(facts: Facts, beyond: Counter[str]) -> Iterator[tuple[str, str]]:
    """Check I1 and I2: runs and executions of one mark."""
    for mark, family in facts.families.items():
        executed = executed_by_steps(facts, family)
        if len(family) == 1:
            continue
        bound = bound_of(facts, family)
        names = ", ".join(run.id for run in family)
        if bound is None:
            yield "I1", f"{len(family)} runs bear {mark}: {names}"
        if any(not named for _, named in executed[1:]) and not (bound and may_double(facts, family, bound)):
            yield "I2", f"{len(executed)} runs of {mark} were executed: {names} ({bound or 'no bound'})"
        if bound:
            facts.excused |= {run.id for run in family}
            doubled = ", both executed" if len(executed) > 1 else ""
            told = _told(facts, family)
            beyond[f"{bound}{doubled}: {told}"] += 1
            if told == "silent" and bound not in NOT_TO_BE_SEEN:
                yield "I3", f"nothing is said of {names} ({bound})"


def executed_by_steps(facts: Facts, family: list[Fact]) -> list[tuple[float, bool]]:
    """When a step first executed each run, in order, and whether the inputs of that step named the run."""
    first = []
    for run in family:
        steps = [(at, step) for at, _, who in run.executed if (step := facts.step_of(who))]
        if steps:
            at, step = steps[0]
            first.append((at, run.id in facts.given(step).named))
    return sorted(first)


def may_double(facts: Facts, family: list[Fact], bound: str) -> bool:
    """Whether I2 allows it, because nobody could see the other run before this one was executed."""
    if "copies" in bound or "doubled" in bound or any(run.mark is None for run in family):
        return True
    steps = [facts.step_of(run.who) for run in family]
    settle = min(facts.given(step).settle_seconds for step in steps if step)
    return any(run.seen_at - run.at >= settle or _late(run, family) for run in family) or _in_turn(family)


def _in_turn(family: list[Fact]) -> bool:
    """Whether each run was executed after the failure of the one before, like a next generation."""
    executed = sorted((run for run in family if run.executed), key=lambda run: run.executed[0][0])
    return all(
        before.status(after.executed[0][0]) not in {"open", GOOD_END} for before, after in pairwise(executed)
    )


def _late(run: Fact, family: list[Fact]) -> bool:
    """Whether a run appeared only after another one was executed."""
    return any(run.seen_at >= each.executed[0][0] for each in family if each is not run and each.executed)


def _told(facts: Facts, family: list[Fact]) -> str:
    """Whether people are told about a duplicate: by a result with another run or its mark; by results that each name
    one run; or not at all, because it came after the end of all steps."""
    attempts = facts.history.attempts
    results = [result for each in attempts for result in read_results(each, [])]
    shown = "\n".join(each.runner.output_file + "\n".join(each.runner.lines) for each in attempts)
    lost = {result["object_id"] for result in results if result["outcome"] in {"unknown", "conflict"}}
    missing = [run for run in family if run.id not in shown and run.object_id not in lost]
    beside = {
        run.id
        for run in family
        for result in results
        if run.id in result["message"] and run.id != result["run_id"]
    }
    warned = any(run.post and run.post.mark and bears(run.post.mark, shown) for run in family)
    if warned or len(beside) >= len(family) - 1:
        return "reported"
    if not missing:
        return "each named by itself"
    last = max(each.ended or 0.0 for each in attempts)
    return "after the end" if all(run.seen_at > last for run in missing) else "silent"
