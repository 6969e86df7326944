"""I6, and what the outputs say: read by the runner's rules, with no code of ours."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..e2e.command_files import parse
from ..integration.ended import EXIT_STATUS
from ..integration.job import action
from .actor import Attempt
from .seen import cut

Results = list[dict[str, Any]]


def read_results(attempt: Attempt, broken: list[tuple[str, str]]) -> Results:
    """I6: the outputs parse, whole and in order, also those of a step that was killed."""
    text = attempt.runner.output_file
    if not text:
        broken.append(("I6", f"{attempt.caller} left no outputs"))
        return []
    outputs = parse(text)
    try:
        results: Results = json.loads(outputs["results"])
    except ValueError as error:
        broken.append(("I6", f"{attempt.caller}: results are no JSON: {error}"))
        return []
    faults = _faults(outputs, results, attempt)
    broken.extend(("I6", f"{attempt.caller}: {fault}") for fault in faults)
    return results


def _faults(outputs: dict[str, str], results: Results, attempt: Attempt) -> Iterator[str]:
    outcomes = [result["outcome"] for result in results]
    if outputs.keys() != action()["outputs"].keys():
        yield "other outputs than declared"
    if [result["object_id"] for result in results] != attempt.objects:
        yield "not one result for each object in order"
    if attempt.named and [result["run_id"] for result in results] != [*attempt.named]:
        yield "not the runs that were to be continued"
    for name in ("run", "request"):
        column = [result[f"{name}_id"] for result in results]
        if json.loads(outputs[f"{name}-ids"]) != column or outputs[f"{name}-id"] != (column[0] or ""):
            yield f"{name}-ids do not agree"
    counts = Counter(
        "good"
        if outcome in {"created", "succeeded", "planned"}
        else outcome
        if outcome in {"unknown", "skipped"}
        else "bad"
        for outcome in outcomes
    )
    if [outputs[f"{name}-count"] for name in ("succeeded", "failed", "unknown")] != [
        str(counts[name]) for name in ("good", "bad", "unknown")
    ]:
        yield "the counts do not agree"
    if attempt.status is not None:
        yield from _wrong_verdict(outputs["outcome"], {*outcomes}, attempt)
    follow = attempt.inputs.follow
    if follow.wait and not follow.until_stage and "created" in outcomes:
        yield "a run is left open as if that had been asked for"


def _wrong_verdict(said: str, outcomes: set[str], attempt: Attempt) -> Iterator[str]:
    """What the step says of itself, and its exit status."""
    if attempt.stopped is None and said != _worst(outcomes, attempt):
        yield f"outcome {said} for {sorted(outcomes)}"
    if attempt.status != EXIT_STATUS.get(said, 1):
        yield f"exit status {attempt.status} for {said}"
    if attempt.status == 0 and outcomes - {"created", "succeeded", "planned"}:
        yield f"a good end with {sorted(outcomes)}"


def _worst(outcomes: set[str], attempt: Attempt) -> str:
    """What a step is that was not told to stop, by its objects: one may never begin because the deadline passed."""
    order = [
        ({"unknown"}, "unknown"),
        ({"failed", "terminated", "cancelled", "rejected", "conflict"}, "failed"),
        ({"timed_out", "waiting"}, "timed_out"),
        ({"skipped"}, "timed_out" if "timeout" in cut(attempt) else "failed"),
        ({"planned"}, "planned"),
        ({"created"}, "created"),
    ]
    return next((verdict for some, verdict in order if some & outcomes), "succeeded")
