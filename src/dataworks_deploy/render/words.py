"""Words for outcomes and verdicts."""

from dataworks_deploy.domain.outcome import Outcome, Verdict

# Behind a count, as in "3 not started".
COUNTED = {
    Outcome.UNKNOWN: "unknown",
    Outcome.FAILED: "failed",
    Outcome.TERMINATED: "terminated",
    Outcome.CANCELLED: "cancelled",
    Outcome.REJECTED: "rejected",
    Outcome.CONFLICT: "in conflict with somebody else's run",
    Outcome.TIMED_OUT: "not seen to end",
    Outcome.WAITING: "waiting for a person",
    Outcome.SKIPPED: "not started",
    Outcome.CREATED: "open",
    Outcome.PLANNED: "planned",
    Outcome.SUCCEEDED: "succeeded",
}


def spaced(word: Outcome | Verdict) -> str:
    """The outcome as people write it."""
    return word.value.replace("_", " ")
