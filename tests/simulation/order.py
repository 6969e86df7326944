"""I14: the run of an object is created only after all needed objects of the step have succeeded."""

from collections.abc import Iterator

from .actor import Attempt
from .facts import Facts
from .operations import CREATE, EXECUTE
from .outputs import Results
from .wire import Sent

GOOD = {"created", "succeeded", "planned", "unchanged"}
# With these words a step says that it uses the given order.
UNKNOWN = "come in the order given"


def check_order(facts: Facts, attempt: Attempt, results: Results) -> Iterator[tuple[str, str]]:
    """Check what the step sent, and what it says about the needed objects."""
    view = facts.view(attempt)
    given, needs = view.given, view.needs
    unknown = any(UNKNOWN in line for line in attempt.runner.lines)
    selects = given.preflight or given.lines
    if given.named or given.order == "given" or unknown or not selects:
        return
    said = {result["object_id"]: result["outcome"] for result in results}
    for sent in attempt.sent:
        for needed in needs.get(sent.object_id, ()) if sent.action == CREATE else ():
            late = [each for each in attempt.sent if each.at > sent.at and _advances(facts, each, needed)]
            if late:
                yield "I14", f"{attempt.caller} created {sent.object_id} and went on with {needed} after that"
            # A run that should stay open may be abolished at the end.
            # An object that was left to a person is not in production.
            good = GOOD - {"created"} if given.leaves else GOOD
            if given.wait and not given.until_stage and said.get(needed, "succeeded") not in good:
                yield "I14", f"{attempt.caller} created {sent.object_id}, and says {said[needed]} of {needed}"


def _advances(facts: Facts, sent: Sent, needed: str) -> bool:
    run = facts.runs.get(sent.run_id)
    executes = sent.action == EXECUTE and run is not None and run.object_id == needed
    return executes or (sent.action == CREATE and sent.object_id == needed)
