"""I6: the outputs are complete, and agree with each other, with the inputs and with the exit status."""

import json
from collections import Counter
from collections.abc import Iterator

from ..integration.job import action
from ..witness.command_files import parse
from ..witness.verdict import EXIT_STATUS, GOOD, cut_off, deciding, worst
from .actor import Attempt
from .facts import Facts
from .outputs import Results, moment_of


def check_outputs(facts: Facts, attempt: Attempt, results: Results) -> Iterator[tuple[str, str]]:
    """Check every step, including a killed one."""
    if results or attempt.runner.output_file:
        faults = _faults(facts, parse(attempt.runner.output_file), results, attempt)
        yield from (("I6", f"{attempt.caller}: {fault}") for fault in faults)


def _faults(facts: Facts, outputs: dict[str, str], results: Results, attempt: Attempt) -> Iterator[str]:
    if outputs["outcome"] == "invalid" or (outputs["outcome"] == "failed" and not results):
        return  # check_chosen checks this
    given = facts.given(attempt)
    outcomes = [result["outcome"] for result in results]
    if outputs.keys() != action()["outputs"].keys():
        yield "other outputs than declared"
    # check_chosen checks the objects of the lines, and those that were added.
    if not given.lines and [result["object_id"] for result in results][: len(given.objects)] != given.objects:
        yield "not one result for each object in order"
    if given.named and [result["run_id"] for result in results] != [*given.named]:
        yield "not the runs that were to be continued"
    for name in ("run", "request"):
        column = [result[f"{name}_id"] for result in results]
        if json.loads(outputs[f"{name}-ids"]) != column or outputs[f"{name}-id"] != (
            [*column, None][0] or ""
        ):
            yield f"{name}-ids do not agree"
    counts = Counter(
        outcome if outcome in {"unknown", "skipped", "unchanged"} else "good" if outcome in GOOD else "bad"
        for outcome in outcomes
    )
    if [outputs[f"{name}-count"] for name in ("succeeded", "failed", "unknown", "unchanged")] != [
        str(counts[name]) for name in ("good", "bad", "unknown", "unchanged")
    ]:
        yield "the counts do not agree"
    yield from _wrong_verdict(facts, outputs["outcome"], results, attempt)
    if given.wait and not (given.until_stage or given.leaves) and "created" in outcomes:
        yield "a run is left open as if that had been asked for"


def _wrong_verdict(facts: Facts, said: str, results: Results, attempt: Attempt) -> Iterator[str]:
    """Check the outcome of the step, and its exit status."""
    outcomes = {*deciding(results)}
    if said not in _verdicts(facts, outcomes, results, attempt):
        yield f"outcome {said} for {sorted(outcomes)}"
    if attempt.status is None:
        return
    if attempt.status != EXIT_STATUS.get(said, 1):
        yield f"exit status {attempt.status} for {said}"
    if attempt.status == 0 and outcomes - GOOD:
        yield f"a good end with {sorted(outcomes)}"


def _verdicts(facts: Facts, outcomes: set[str], results: Results, attempt: Attempt) -> set[str]:
    """The possible outcomes: one, unless it is unclear whether a stop came before the end of the work."""
    if attempt.status is None:
        return {cut_off(outcomes)}
    own = worst(outcomes) if outcomes else "unchanged"
    if not outcomes and "timeout" in facts.cut(attempt):
        own = "timed_out"
    if outcomes & {"skipped"} and outcomes <= GOOD | {"skipped"} and "timeout" in facts.cut(attempt):
        own = "timed_out"  # it did not start because of the deadline, and nobody refused it
    if attempt.stopped is None:
        return {own}
    said = {cut_off(outcomes)}
    return said if _was_at_work(facts, attempt.stopped, results, attempt) else {own} | said


def _was_at_work(facts: Facts, stopped: float, results: Results, attempt: Attempt) -> bool:
    """Whether an object was not done when the stop came, as far as the whole seconds in the results show."""
    if "timeout" in facts.cut(attempt) or "failure" in facts.given(attempt).abolish_on:
        return False
    if any(each["outcome"] == "cancelled" and each["status"] != "Cancel" for each in results):
        return True
    ends = [moment_of(each["finished_at"], attempt) for each in results if each["finished_at"]]
    return any(end > stopped for end in ends)
