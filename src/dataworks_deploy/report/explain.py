"""What an outcome means for a person: what happened, the likely cause, and the fix."""

from collections.abc import Sequence
from dataclasses import replace

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.model import CANCEL, FAIL, SUCCESS, TERMINAL
from dataworks_deploy.domain.outcome import FAILURES, ObjectResult, Outcome

from .known import TABLE
from .row import ASK, Explanation

__all__ = ["OUTCOMES", "Explanation", "ask", "explain", "explain_error"]

# Where to look a RequestId up, or whom to give it to.
DIAGNOSE = "OpenAPI Diagnose (api.alibabacloud.com/troubleshoot)"
AGAIN = "Run the job again."
ASK_WHO = "Ask who and why, then run the job again."
LOOK_FIRST = "Look for the run first. If it is there continue it with run-ids"
LOOK_AT_IT = "Look at that run in DataWorks before you deploy again."
# What that is depends on what became of the other objects as well.
GO_ON = "See How to continue in the job summary."

OUTCOMES = {
    Outcome.SUCCEEDED: Explanation("The run's status is Success, read twice."),
    Outcome.CREATED: Explanation(
        "A run was created and is open, as asked.", fix="Continue it with run-ids, or in DataWorks."
    ),
    Outcome.PLANNED: Explanation("A dry run: nothing was created."),
    Outcome.SKIPPED: Explanation(
        "Not started.",
        "Another object failed before (fail-fast), or the step ended before its turn.",
        f"Mend what failed, if anything did. {GO_ON}",
    ),
    Outcome.FAILED: Explanation(
        "The run did not end in success.",
        "A stage failed, or the run could not be carried on.",
        "Mend what the message names, then run the job again; a run that is open still can be continued with run-ids.",
    ),
    Outcome.TERMINATED: Explanation(
        "The run was terminated.",
        "Somebody ended it in DataWorks, or the service did.",
        ASK_WHO,
    ),
    Outcome.CANCELLED: Explanation(
        "The work on this object was cancelled.",
        "The job was cancelled, or somebody cancelled the run in DataWorks.",
        "Of a run that was cancelled in DataWorks ask who and why, then run the job again. "
        "Else see How to continue in the job summary.",
    ),
    Outcome.TIMED_OUT: Explanation(
        "The run's end was not seen.",
        "The run takes longer than timeout-minutes, or could not be read.",
        "The run may still succeed. See How to continue in the job summary; a run that takes long needs a longer "
        "timeout-minutes.",
    ),
    Outcome.WAITING: Explanation(
        "A stage waits for a person.",
        "An approval, or a stage that no call may execute.",
        f"Approve or execute it in DataWorks. {GO_ON}",
    ),
    Outcome.REJECTED: Explanation(
        "The creation was refused, so this attempt of the job has no run.",
        "The message is all that is known here.",
        "Mend what the message names, then start a new workflow run: within half an hour a re-run may be taken for a "
        f"repetition. If it names nothing, {ASK}",
    ),
    Outcome.CONFLICT: Explanation(
        "Somebody else's run is active on this object.",
        "The object was deployed elsewhere at the same time, while an answer to this job was lost.",
        f"{LOOK_AT_IT} To follow such a run next time set on-active-run: adopt; to go on beside it, ignore.",
    ),
    Outcome.UNKNOWN: Explanation(
        "Nobody can tell whether a run was created.",
        "The answer to the creation was lost, and its run was not seen.",
        f"{LOOK_FIRST}, else run the job again.",
    ),
}
# Nobody has received a creation, of which another could be taken for a repetition.
UNSENT = Explanation(
    "The creation was not sent, so there is no run.",
    OUTCOMES[Outcome.REJECTED].cause,
    f"Mend what the message names, then run the job again. If it names nothing, {ASK}",
)

# The gateway remembers the nonce of what it has refused for half an hour, and a re-run begins with the same one.
START_ANEW = "Then start a new workflow run: within half an hour a re-run may be taken for a repetition."

SOON = "Within half an hour a re-run may be taken for a repetition of what was refused: then start a new workflow run."

# What app/wording_named says of a run that does the opposite of what was asked for, which nobody follows.
OPPOSITE = "has not the stages of type:"
# What app/wording_creation says of a creation that was cut off before anybody could look for its run.
CUT_OFF = "the step ended before its answer came"
NOT_AWAITED = "The step ended before the answer to the creation came, so nobody has looked for its run."
# What app/create says where no reading of the list succeeded.
NOT_SEEN = "The step has not seen whether it is there"
NOT_LOOKED_FOR = "The answer to the creation was lost, and its run could not be looked for."
RUN_CANCELLED = "Somebody cancelled the run in DataWorks."
STEP_CANCELLED = (
    "The job was cancelled, by a person, by a newer run of the workflow or by a time limit of the job."
)
ANEW = (
    "A run that has ended cannot be continued: in a new workflow run leave run-ids out, and give object-ids."
)
AFTER_ABOLITION = "Run the job again: it begins with a new run."
# What app/wording says of a run that was abolished with the step because one failed.
STEP_FAILED = "because the step has failed"

# What brought these about may be an error; with the others the error is not what a person has to mend.
_BY_ERROR = frozenset({Outcome.REJECTED, Outcome.FAILED, Outcome.TIMED_OUT})


def explain(result: ObjectResult) -> Explanation:
    """The explanation of how an object ended. `what` is empty where the result's message says it by itself."""
    found = meaning(result)
    return replace(found, fix=found.fix.replace(ASK, ask(result.fault)))


def meaning(result: ObjectResult) -> Explanation:
    """The same for all objects that ended so for the same reason: a place is left in it for whom to ask."""
    outcome = UNSENT if is_unsent(result) else OUTCOMES[result.outcome]
    waited = (
        result.abolished and result.waits_for
    )  # which is over, and what is said of it in the present tense
    error = _of_error(result) if result.outcome in _BY_ERROR and not waited else None
    found = error or _particular(result, replace(outcome, what="") if result.message else outcome)
    if result.abolished:
        found = replace(found, fix=_anew(error))
    if result.named and result.outcome in FAILURES and result.status in TERMINAL - {SUCCESS}:
        to_mend = error is not None or result.status == FAIL
        before = "Mend what the message names." if to_mend else "Ask who ended it, and why."
        found = replace(found, fix=f"{before} {ANEW}")
    if was_refused(result) and result.outcome is Outcome.TIMED_OUT:
        found = replace(found, fix=f"{found.fix} {SOON}")
    elif error and was_refused(result) and "the job again" not in found.fix.lower():
        found = replace(found, fix=f"{found.fix} {START_ANEW}")
    if is_unsent(result) and result.message:
        # The words for what was not reached are our own: a second time says no more.
        found = replace(found, what="")
    return found


def _anew(error: Explanation | None) -> str:
    """What to do where the run is not there any more to be continued."""
    if error is None:
        return AFTER_ABOLITION
    return error.anew or f"{error.fix} A re-run begins with a new run."


def _of_error(result: ObjectResult) -> Explanation | None:
    """The first row of the table that fits what the user reads: our own words, and those that we were answered."""
    fault = result.fault or Fault("")
    return explain_error(replace(fault, message=f"{result.message}\n{fault.message}"))


def _particular(result: ObjectResult, found: Explanation) -> Explanation:
    """The explanation of an outcome, with what is known of this object."""
    match result.outcome:
        case Outcome.WAITING:
            choice = explain_error(Fault(result.message))
            return replace(choice, what=found.what) if choice else found
        case Outcome.CANCELLED if STEP_FAILED in result.message:
            return replace(found, cause="The step failed, and abolish-on names failure.")
        case Outcome.CANCELLED if result.status == CANCEL and not result.abolished:
            return replace(found, cause=RUN_CANCELLED, fix=ASK_WHO)
        case Outcome.CANCELLED:
            return replace(found, cause=STEP_CANCELLED, fix=AGAIN if result.status in TERMINAL else GO_ON)
        case Outcome.CONFLICT if OPPOSITE in result.message:
            return replace(
                found, fix=f"{LOOK_AT_IT} To go on beside such a run next time set on-active-run: ignore."
            )
        case Outcome.UNKNOWN:
            return _unclear(result, found)
        case Outcome.TIMED_OUT:
            return _late(result, found)
        case Outcome.SKIPPED if result.message:
            return replace(found, cause="")
        case Outcome.FAILED if result.status == FAIL and result.stage:
            cause = f"Stage {result.stage} failed; in DataWorks its log may say more than this."
            return replace(found, cause=cause, fix="Mend what the message names, then run the job again.")
    return found


def _unclear(result: ObjectResult, found: Explanation) -> Explanation:
    """With what stood in the way of the answer, or came as one; what is to be mended comes after the search."""
    fault = result.fault
    if CUT_OFF in result.message:
        found = replace(found, cause=NOT_AWAITED)
    if NOT_SEEN in result.message:
        found = replace(found, cause=NOT_LOOKED_FOR)
    error = explain_error(fault) if fault and not result.unread else None
    if error is None:
        return found
    searched = "Look for the run" in error.fix
    fix = found.fix if searched else f"{LOOK_FIRST}. Else: {error.fix}"
    return replace(found, cause=f"{found.cause} {error.cause}", fix=fix)


def _late(result: ObjectResult, found: Explanation) -> Explanation:
    """With what there is to be done where there is no run, or none any more."""
    if not result.run_id:
        return replace(found, fix=f"{AGAIN} Later runs need a longer timeout-minutes.")
    if result.abolished and result.waits_for:
        return replace(found, cause=f"It waited for a person until then{result.waits_because}.")
    return replace(found, fix=AGAIN) if result.status in TERMINAL else found


def was_refused(result: ObjectResult) -> bool:
    """Whether the service has received a creation of the object, and refused it, and no later one was lost."""
    answered = result.request_id or (result.fault and (result.fault.code or result.fault.http_status))
    ended = not result.run_id and result.outcome not in {Outcome.UNKNOWN, Outcome.CONFLICT}
    return ended and result.attempts > 0 and bool(answered)


def is_unsent(result: ObjectResult) -> bool:
    """Whether no creation has left, because its way or its key could not be had."""
    fault = result.fault
    if fault is None or result.outcome is not Outcome.REJECTED:
        return False
    return not (fault.code or fault.http_status or result.request_id)


def explain_error(fault: Fault) -> Explanation | None:
    """The first row of the table that fits, or None; a place for the RequestId may be left in it."""
    fitting = (row.says for row in TABLE if row.fits(fault.message, fault.code, fault.http_status))
    return next(fitting, None)


def ask(fault: Fault | None) -> str:
    """Whom to ask about an error."""
    if fault is None or not fault.request_id:
        return "ask Alibaba Cloud support."
    return f"look its RequestId {fault.request_id} up in {DIAGNOSE}, or give it to Alibaba Cloud support."


def ask_all(faults: Sequence[Fault | None]) -> str:
    """Whom to ask about the errors of several objects, whose RequestIds stand elsewhere."""
    if len(faults) == 1 or not any(fault and fault.request_id for fault in faults):
        return ask(faults[0])
    return f"look one of their RequestIds up in {DIAGNOSE}, or give it to Alibaba Cloud support."
