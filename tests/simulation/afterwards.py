"""I3 and I4 of the post step: its summary names all runs that were left to it, and says what happened to them."""

from collections.abc import Iterator

from .actor import Attempt
from .facts import Fact, Facts
from .outputs import Results
from .seen import GOOD_END, INIT, production

NOT_DEPLOYED = "production has not changed"
ENDED = "had ended by then, as "


def check_afterwards(facts: Facts, attempt: Attempt, results: Results) -> Iterator[tuple[str, str]]:
    """Check a post step that has ended."""
    del results
    if attempt.post_ended is None or attempt.post_killed:
        return
    who, summary = f"{attempt.caller}-post", attempt.post_runner.summary_text
    objects = {call.object_id for call in attempt.post_sent} - {""}
    runs = {call.run_id for call in attempt.post_sent} - {""}
    objects |= {facts.runs[run_id].object_id for run_id in runs}
    said = "\n".join([summary, *attempt.post_runner.lines])
    for missing in [each for each in objects if each not in summary] + [
        each for each in runs if each not in said
    ]:
        yield "I3", f"{who} says nothing of {missing}"
    for line in summary.splitlines():
        for run_id in runs:
            if run_id in line:
                yield from (
                    ("I4", f"{who} says {line}, {text}")
                    for text in _wrong(facts, attempt, facts.runs[run_id], line)
                )


def _wrong(facts: Facts, attempt: Attempt, run: Fact, line: str) -> Iterator[str]:
    """Compare what the summary says about a run with what the service did."""
    status = run.status(attempt.post_ended or 0.0)
    stages = next(each.stages for each in facts.history.service.runs if each.id == run.id)
    begun = [each.code for each in stages if each.code in production(stages) and each.status != INIT]
    if NOT_DEPLOYED in line and (status in {"open", GOOD_END} or begun):
        yield f"and the service {status}, with {begun}"
    if ENDED in line and f"{ENDED}{status}." not in line:
        yield f"and the service {status}"
