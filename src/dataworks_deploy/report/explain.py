"""What an outcome means for a person: what happened, the likely cause, and the fix."""

from dataclasses import replace

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.outcome import ObjectResult, Outcome

from .known import ASK, TABLE, Explanation

__all__ = ["OUTCOMES", "Explanation", "ask", "explain", "explain_error"]

# Where to look a RequestId up, or whom to give it to.
DIAGNOSE = "OpenAPI Diagnose (api.alibabacloud.com/troubleshoot)"

OUTCOMES = {
    Outcome.SUCCEEDED: Explanation("The run's status is Success, read twice."),
    Outcome.CREATED: Explanation(
        "A run was created and is open, as asked.", fix="Continue it with run-ids, or in DataWorks."
    ),
    Outcome.PLANNED: Explanation("A dry run: nothing was created."),
    Outcome.SKIPPED: Explanation(
        "Not started.",
        "An object before it failed (fail-fast), or the step ended before its turn.",
        "Mend what failed, then run the job again: what is deployed already is kept.",
    ),
    Outcome.FAILED: Explanation(
        "The run did not end in success.",
        "A stage failed, or the run could not be carried on.",
        "Mend what the message names, then run the job again; a run that is open still can be continued with run-ids.",
    ),
    Outcome.TERMINATED: Explanation(
        "The run was terminated.",
        "Somebody ended it in DataWorks, or the service did.",
        "Ask who and why, then run the job again.",
    ),
    Outcome.CANCELLED: Explanation(
        "The work on this object was cancelled.",
        "The job was cancelled, or somebody cancelled the run in DataWorks.",
        "Run the job again: what is deployed already is kept, what is open is carried on.",
    ),
    Outcome.TIMED_OUT: Explanation(
        "The run's end was not seen.",
        "The run takes longer than timeout-minutes, or could not be read.",
        "Continue it with run-ids, or run the job again with a longer timeout-minutes.",
    ),
    Outcome.WAITING: Explanation(
        "A stage waits for a person.",
        "An approval, or a stage that no call may execute.",
        "Approve or execute it in DataWorks, then continue the run with run-ids.",
    ),
    Outcome.REJECTED: Explanation(
        "The creation was refused, so there is no run.",
        "The message is all that is known here.",
        f"Mend what the message names. If it names nothing, {ASK}",
    ),
    Outcome.CONFLICT: Explanation(
        "Somebody else's run is active on this object.",
        "The object was deployed elsewhere at the same time, while an answer to this job was lost.",
        "Look at that run in DataWorks before you deploy again; on-active-run says what to do next time.",
    ),
    Outcome.UNKNOWN: Explanation(
        "Nobody can tell whether a run was created.",
        "The answer to the creation was lost, and its run could not be found.",
        "Do not redeploy before you have looked for the run in DataWorks.",
    ),
}

# What brought these about may be an error; with the others the error is not what a person has to mend.
_BY_ERROR = frozenset({Outcome.REJECTED, Outcome.FAILED, Outcome.TIMED_OUT})


def explain(result: ObjectResult) -> Explanation:
    """The explanation of how an object ended. `what` is empty where the result's message says it by itself."""
    outcome, fault = OUTCOMES[result.outcome], result.fault
    error = explain_error(fault or Fault(result.message)) if result.outcome in _BY_ERROR else None
    found = error or (replace(outcome, what="") if result.message else outcome)
    return replace(found, fix=found.fix.replace(ASK, ask(fault)))


def explain_error(fault: Fault) -> Explanation | None:
    """The first row of the table that fits, or None; a place for the RequestId may be left in it."""
    fitting = (row.says for row in TABLE if row.fits(fault.message, fault.code, fault.http_status))
    return next(fitting, None)


def ask(fault: Fault | None) -> str:
    """Whom to ask about an error."""
    if fault is None or not fault.request_id:
        return "ask Alibaba Cloud support."
    return f"look its RequestId {fault.request_id} up in {DIAGNOSE}, or give it to Alibaba Cloud support."
