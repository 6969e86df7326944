"""What a person does about how an object ended: what happened, the likely cause, and the fix."""

from dataclasses import replace

from dataworks_deploy.domain.error import Known
from dataworks_deploy.domain.model import CANCEL, EXECUTABLE, FAIL, SUCCESS, TERMINAL
from dataworks_deploy.domain.outcome import End, Kind, Outcome, row_of
from dataworks_deploy.domain.reason import (
    AnswerLost,
    AwaitsPerson,
    Because,
    BrokenStage,
    Conflict,
    EarlierUnmarked,
    InFlight,
    InnerNode,
    Inside,
    Interruption,
    Killed,
    NamedOfOtherType,
    NeedsFailed,
    NeedsOpen,
    NoSuchStage,
    NotListed,
    NotOfWorkspace,
    NotOurs,
    NotStarted,
    OfOtherObject,
    OpenBefore,
    OthersUnreadable,
    OtherType,
    Overtaken,
    RunEnded,
    UnknownStatus,
    is_withdrawn,
)
from dataworks_deploy.domain.record import Record, is_unsent, was_refused

from .errors import ASK, ENGLISH, GO_ON, Advice, advice, advice_in, advice_seen, ask
from .language import say, word, words
from .reasons import BECAUSE, message, service_said
from .texts import spent

AGAIN = "Re-run the job."
FIX_NAMED = "Fix what the message or the stage's log in DataWorks names, then re-run the job."
ASK_WHO = "Ask who and why, then re-run the job."
LOOK_FIRST = "Look for the run in DataWorks first. If it exists, continue it with run-ids."
LOOK_AT_IT = "Look at that run in DataWorks before you try again."
NEXT_TIME = (
    "To follow such a run next time, set on-active-run: adopt. To create a run although it is active, set "
    "on-active-run: ignore."
)
# What to do here also depends on how the other objects ended.
APPROVE = "Open the run in DataWorks and approve the stage, or ask somebody who is allowed to."
IF_IT_WAITS = "If the stage waits for approval, approve it in DataWorks, in the details of the run."
GO_ON_THERE = "See How to continue in the job summary."
GO_ON_BELOW = "See How to continue, below."

OUTCOMES = {
    Outcome.SUCCEEDED: Advice("The run's status is Success, read twice."),
    Outcome.CREATED: Advice(
        "A run was created and is open, as asked.", fix="Continue it with run-ids, or in DataWorks."
    ),
    Outcome.PLANNED: Advice("A dry run: nothing was created."),
    Outcome.UNCHANGED: Advice("Nothing has changed since this repository deployed it."),
    Outcome.SKIPPED: Advice(
        "Not started.",
        "Another object did not succeed (fail-fast), or the step ended before its turn.",
        f"If another object failed, fix it first. {GO_ON}",
    ),
    Outcome.FAILED: Advice(
        "The run did not end in success.",
        "A stage failed, or the run could not be continued.",
        "Fix what the message names, then re-run the job. If the run is still open, you can continue it with run-ids.",
    ),
    Outcome.TERMINATED: Advice(
        "The run was terminated.",
        "Somebody ended it in DataWorks, or the service did.",
        ASK_WHO,
    ),
    Outcome.CANCELLED: Advice(
        "The work on this object was cancelled.",
        "The job was cancelled, or somebody cancelled the run in DataWorks.",
        f"If somebody cancelled the run in DataWorks, ask who and why, then re-run the job. {GO_ON}",
    ),
    Outcome.TIMED_OUT: Advice(
        "The run's end was not seen.",
        "The run takes longer than timeout-minutes, or could not be read.",
        f"The run may still succeed. {GO_ON} For a run that takes long, set a longer timeout-minutes.",
    ),
    Outcome.WAITING: Advice(
        "A stage waits for a person.",
        "It needs an approval, or something else in DataWorks that only a person can do.",
        f"{APPROVE} {GO_ON}",
    ),
    Outcome.REJECTED: Advice(
        "The request to create a run was refused, so this attempt of the job has no run.",
        "The message is all that is known here.",
        f"Fix what the message names, then re-run the job. If it names nothing, {ASK}",
    ),
    Outcome.CONFLICT: Advice(
        "Another run is active on this object.",
        "Somebody else's run was open on the object, while an answer to this job was lost.",
        f"{LOOK_AT_IT} {NEXT_TIME}",
    ),
    Outcome.UNKNOWN: Advice(
        "It is not known whether a run was created.",
        "The answer to the request was lost, and its run was not seen.",
        f"{LOOK_FIRST} If it does not, re-run the job.",
    ),
}
UNSENT = replace(
    OUTCOMES[Outcome.REJECTED], what="The request to create a run was not sent, so there is no run."
)
INNER = Advice(
    "A node inside a workflow is deployed and undeployed only with it.",
    "The ID is that of a node; the message names its workflow.",
    (
        "Give the workflow's ID in object-ids instead of its node's. With type: Offline, all nodes of the "
        "workflow leave production."
    ),
)
NO_SUCH_STAGE = Advice(
    "The run has no stage of this code.",
    "until-stage is mistyped, or names a stage of runs of another kind.",
    "Correct until-stage or leave it out, and continue the run with run-ids.",
    "Correct until-stage or leave it out, in a new workflow run.",
)
UNKNOWN_STATUS = Advice(
    "The run's end was not seen.",
    "The run or a stage has a status that this action does not know; it waited for a known one.",
    "Look at the run in DataWorks, continue it with run-ids if it goes on, and report the status.",
    "Report the status, and re-run the job: it begins with a new run.",
)
BROKEN_STAGE = Advice(
    "A stage has failed, and the run has not ended.",
    "The message says why the stage failed. The service leaves the run open.",
    "Fix what the message names, end the run in DataWorks, then re-run the job.",
    "Fix what the message names, then re-run the job: it begins with a new run.",
)
UNANSWERED = Advice(
    "A stage waits to be executed.",
    "The service, or the way to it, failed each time. This step tries three times at most to execute a stage.",
    "Execute it in DataWorks, or continue the run with run-ids.",
    "Re-run the job: it begins with a new run.",
)
NOT_OF_WORKSPACE = Advice(
    "The run is not one of this workspace.",
    "Its ID is mistyped, or the run is another workspace's.",
    "Check run-ids and project-id.",
)
OF_OTHER_OBJECT = Advice(
    "The run belongs to another of the objects.",
    "run-ids and object-ids are not in the same order.",
    "Put both lists into the same order, or leave object-ids out to continue the runs by themselves.",
)
NOT_OF_OBJECT = Advice(
    "The list of the object's runs does not show the run.",
    "run-ids and object-ids are not in the same order, or do not belong together; a list may also lag.",
    "Correct them, or leave object-ids out to continue the runs by themselves.",
)
OTHER_TYPE = Advice(
    "The run does the opposite of what was asked for.",
    "type is not the one that the run was created with.",
    "If you want what this run does, change type. Otherwise leave it out of run-ids. If nobody wants it, end it in "
    "DataWorks.",
)
OVERTAKEN = Advice(
    "A newer run has changed production since.",
    (
        "The run was left open, for example before an approval. Meanwhile another workflow run, or a person, has "
        "deployed or undeployed the object."
    ),
    (
        "If production is right, end the older run in DataWorks. If you want what the older run does, execute it "
        "there. To deploy or undeploy the object as it is now, start a new workflow run."
    ),
    "To deploy or undeploy the object as it is now, start a new workflow run.",
)
NOT_OURS = Advice(
    "The service answered with the ID of somebody else's run.",
    "The service has made a mistake: the run is older than the request, or has another description.",
    "Look in DataWorks for a run of this job. If there is none, re-run the job. Report the RequestId to Alibaba "
    "Cloud.",
)
EARLIER_UNMARKED = Advice(
    "Nothing was created, because an earlier attempt may already have done this.",
    "Runs show no descriptions here, and a re-run recognises its runs by their descriptions.",
    ("Look at the runs in the message. Continue this job's run with run-ids, or start a new workflow run."),
)
OPEN_BEFORE = Advice(
    "Another run is open on this object.",
    (
        "Somebody has begun to deploy or undeploy the object, or has left a run open. on-active-run: fail "
        "creates nothing then."
    ),
    "Wait until that run has ended, or end it in DataWorks. Then re-run the job. To go on beside such runs, set "
    "on-active-run: warn. To end open runs of this repository, set on-active-run: supersede.",
)
OTHERS_UNREADABLE = Advice(
    "Nothing was created.",
    "The runs of this object cannot be read, so nobody can tell whether another one is open.",
    "Allow dataworks:ListPipelineRuns in the RAM policy, or set on-active-run: ignore. Then re-run the job.",
)
LEFT_TO_PEOPLE = {
    Because.ADVANCE_FALSE: Advice(
        "A stage waits to be executed.",
        "With advance: false this step executes no stage.",
        "Execute it in DataWorks, or continue the run with run-ids and without advance: false.",
    ),
    Because.FOREIGN: Advice(
        "A stage of somebody else's run waits to be executed.",
        "on-active-run: adopt follows such a run, and executes none of its stages.",
        "Ask those whose run it is, or execute it in DataWorks.",
    ),
}
NEEDS_FAILED = Advice(
    "An object that comes before this one did not succeed.",
    "No object is started before those that come first have succeeded.",
    f"Fix what is wrong with that object. {GO_ON}",
)
NEEDS_OPEN = Advice(
    "An object that comes before this one waits for a person.",
    "on-approval: leave has left its run open, so nothing has changed in production for it yet.",
    f"Approve it in DataWorks and continue its run. Then give this object again. {GO_ON}",
)
# Those above, by what `docs/troubleshooting.md` lists of them.
PARTICULAR = (
    INNER,
    NO_SUCH_STAGE,
    UNKNOWN_STATUS,
    BROKEN_STAGE,
    UNANSWERED,
    *LEFT_TO_PEOPLE.values(),
    NOT_OF_WORKSPACE,
    OF_OTHER_OBJECT,
    NOT_OF_OBJECT,
    OTHER_TYPE,
    OVERTAKEN,
    NOT_OURS,
    EARLIER_UNMARKED,
    NEEDS_FAILED,
    NEEDS_OPEN,
)

START_ANEW = (
    "Then re-run the job. If you must change an input, start a new workflow run instead: a re-run keeps the "
    "old inputs."
)
NOT_AWAITED = "The step ended before the answer to its request came, so nobody has looked for the run."
NOT_LOOKED_FOR = "The answer to the request was lost, and nobody could look for the run."
# No reading tells one from the other.
SLOW_STAGE = "The stage takes longer than timeout-minutes, or it waits for approval in DataWorks."
RUN_CANCELLED = "Somebody cancelled the run in DataWorks."
STEP_CANCELLED = "A person, a newer workflow run or the job's time limit cancelled the job."
# What a killed step has left does not show who or what killed it.
STEP_KILLED = "Most likely the job was cancelled, the memory ran out, or the runner or its machine stopped."
NOBODYS = (
    "A run without a description was open on the object, while an answer to this job was lost. Nobody can tell whose "
    "it is."
)
WITHDRAWN = (
    "Most likely the job that created the run abolished it when it was cancelled: the run bears this action's mark "
    "and never began to change production. Or somebody ended it in DataWorks."
)
CHANGED = "Production may have changed: look in Operation Center."
NOT_CHANGED = "Production has not changed."
ANEW = (
    "A run that has ended cannot be continued. In a new workflow run leave run-ids out, and give object-ids."
)
AS_NEW = "A re-run begins with a new run."
AFTER_ABOLITION = "Re-run the job: it begins with a new run."
LONGER = "Start a new workflow run with a longer timeout-minutes. It begins with a new run."

# What brought these about may be an error; with the others the error is not what a person has to fix.
_BY_ERROR = frozenset({Outcome.REJECTED, Outcome.FAILED, Outcome.TIMED_OUT})


def explain(record: Record) -> Advice:
    """The advice on how an object ended. `what` is empty where the message says it by itself."""
    found = meaning(record)
    return replace(found, fix=found.filled(ask(record.fault), GO_ON_THERE))


def meaning(record: Record) -> Advice:
    """The same for all objects that ended so for the same reason: a place is left in it for whom to ask."""
    outcome = UNSENT if is_unsent(record) else OUTCOMES[record.outcome]
    # The wait has ended, and the advice speaks of it in the present tense.
    waited = record.abolished and record.waits
    error = _of_error(record) if record.outcome in _BY_ERROR and not waited else None
    speaks = bool(message(record))
    found = error or _particular(record, replace(outcome, what="") if speaks else outcome)
    if record.abolished:
        found = replace(found, fix=_anew(error, record.outcome))
    is_failure = row_of(record.outcome).kind is Kind.FAILURE
    if record.named and isinstance(record.reason, RunEnded) and is_withdrawn(record.reason.run):
        found = replace(found, cause=WITHDRAWN, fix=ANEW)
    elif record.named and is_failure and record.reading.status in TERMINAL - {SUCCESS}:
        to_fix = error is not None or record.reading.status == FAIL
        before = "Fix what the message names." if to_fix else "Ask who ended it, and why."
        found = replace(found, fix=words(before, ANEW))
    refused = record.outcome is not Outcome.TIMED_OUT and was_refused(record)
    if error and refused and not error.again:
        found = replace(found, fix=words(found.fix, START_ANEW))
    # What was not reached, and what is used up, the message says in words of our own: a second time says no more.
    unsaid = speaks and (is_unsent(record) or spent(record))
    return Advice("" if unsaid else word(found.what), word(found.cause), word(found.fix))


def _anew(error: Advice | None, outcome: Outcome) -> str:
    """What to do where the run is not there any more to be continued."""
    if error is None:
        return LONGER if outcome is Outcome.TIMED_OUT else AFTER_ABOLITION
    return error.anew or words(error.fix, AS_NEW)


def _of_error(record: Record) -> Advice | None:
    """What is known of what went wrong: what is most particular first, the error's code last."""
    noted = any(isinstance(note, Inside) and note.node.workflow for note in record.notes)
    if noted or isinstance(record.reason, InnerNode):
        return INNER
    return _said_or_seen(record) or _of_reason(record) or (advice(record.fault) if record.fault else None)


def _said_or_seen(record: Record) -> Advice | None:
    """By the service's own words, or by what this step has seen on the way to it."""
    faults = [record.fault, record.undone.fault if record.undone else None]
    said = map(advice_in, _service_words(record))
    seen = map(advice_seen, filter(None, faults))
    return next(filter(None, (*said, *seen)), None)


def _service_words(record: Record) -> list[str]:
    """All that the service itself has said of it."""
    interrupted = isinstance(record.reason, Interruption)
    found = [record.fault.message] if record.fault else []
    if isinstance(record.reason, RunEnded):
        found.append(service_said(record.reason.run))
    if interrupted and isinstance(record.reading.odd, BrokenStage):
        found.append(record.reading.odd.stage.message)
    return [*found, record.undone.fault.message] if record.undone else found


def _of_reason(record: Record) -> Advice | None:
    match record.reason:
        case NoSuchStage():
            return NO_SUCH_STAGE
        case NotOfWorkspace():
            return NOT_OF_WORKSPACE
        case NotListed():
            return NOT_OF_OBJECT
        case OfOtherObject():
            return OF_OTHER_OBJECT
        case NamedOfOtherType() | OtherType():
            return OTHER_TYPE
        case Overtaken():
            return OVERTAKEN
        case EarlierUnmarked():
            return EARLIER_UNMARKED
    return _of_reading(record) if isinstance(record.reason, Interruption) else None


def _of_reading(record: Record) -> Advice | None:
    """What the last reading or execution shows of a run whose end was not seen."""
    if not record.unread and isinstance(record.reading.odd, UnknownStatus):
        return UNKNOWN_STATUS
    if not record.unread and isinstance(record.reading.odd, BrokenStage):
        return BROKEN_STAGE
    return UNANSWERED if record.undone and not record.undone.refused else None


def _particular(record: Record, found: Advice) -> Advice:
    """The advice on an outcome, with what is known of this object."""
    match record.outcome:
        case Outcome.WAITING:
            choice = _left_to_a_person(record)
            return replace(choice, what=found.what) if choice else found
        case Outcome.CANCELLED if (
            record.abolished and record.withdrawal and record.withdrawal.by is End.FAILURE
        ):
            return replace(found, cause="The step failed, and abolish-on names failure.")
        case Outcome.CANCELLED if record.reading.status == CANCEL and not record.abolished:
            return replace(found, cause=RUN_CANCELLED, fix=ASK_WHO)
        case Outcome.CANCELLED:
            ended = record.reading.status in TERMINAL
            cause = STEP_KILLED if isinstance(record.reason, Killed) else STEP_CANCELLED
            return replace(found, cause=cause, fix=AGAIN if ended else GO_ON)
        case Outcome.CONFLICT if isinstance(record.reason, NotOurs):
            return replace(NOT_OURS, what=found.what and NOT_OURS.what)
        case Outcome.CONFLICT if isinstance(record.reason, OpenBefore):
            return OPEN_BEFORE
        case Outcome.REJECTED if isinstance(record.reason, OthersUnreadable):
            return OTHERS_UNREADABLE
        case Outcome.CONFLICT if isinstance(record.reason, Conflict) and record.reason.may_be_own:
            own = "If this job created it, continue it with run-ids."
            return replace(found, cause=NOBODYS, fix=words(LOOK_AT_IT, own, NEXT_TIME))
        case Outcome.CONFLICT if _is_opposite(record):
            return replace(
                found, fix=f"{LOOK_AT_IT} To go on beside such a run next time, set on-active-run: ignore."
            )
        case Outcome.UNKNOWN:
            return _unclear(record, found)
        case Outcome.TIMED_OUT:
            return _late(record, found)
        case Outcome.SKIPPED if isinstance(record.reason, NeedsFailed):
            return replace(NEEDS_FAILED, what="", cause="")
        case Outcome.SKIPPED if isinstance(record.reason, NeedsOpen):
            return replace(NEEDS_OPEN, what="", cause="")
        case Outcome.SKIPPED if isinstance(record.reason, NotStarted):
            return replace(found, cause="", fix=GO_ON)
        case Outcome.SKIPPED if record.reason:
            return replace(found, cause="")
        case Outcome.FAILED if record.reading.status == FAIL and record.reading.stage:
            cause = say(
                "Stage {stage} failed. Its log in DataWorks may say more.",
                stage=record.reading.stage,
            )
            if isinstance(record.reason, RunEnded):
                cause = words(cause, CHANGED if record.reason.run.may_have_deployed else NOT_CHANGED)
            return replace(found, cause=cause, fix=FIX_NAMED)
    return found


def _left_to_a_person(record: Record) -> Advice | None:
    known = _said_or_seen(record)
    if known and known != ENGLISH[Known.STAGE_NOT_NOW]:
        return known
    reason = record.reason
    chosen = LEFT_TO_PEOPLE.get(reason.because) if isinstance(reason, AwaitsPerson) else None
    return chosen or _of_reading(record)


def _is_opposite(record: Record) -> bool:
    """Whether somebody else's run does the opposite of what was asked for."""
    match record.reason:
        case OtherType():
            return True
        case Conflict(run, _, wanted):
            return not run.may_be(wanted)
    return False


def _unclear(record: Record, found: Advice) -> Advice:
    """Add why the answer was lost, or what came instead. The search comes before the fix."""
    match record.reason:
        case InFlight():
            found = replace(found, cause=NOT_AWAITED)
        case AnswerLost(never_read=True):
            found = replace(found, cause=NOT_LOOKED_FOR)
        case AnswerLost(unmarked=True):
            return replace(found, fix=f"{LOOK_FIRST} If it does not, start a new workflow run.")
    error = advice(record.fault) if record.fault and not record.unread else None
    if error is None:
        return found
    searched = "Look for the run" in error.fix
    fix = found.fix if searched else words(LOOK_FIRST, say("If it does not: {fix}", fix=word(error.fix)))
    return replace(found, cause=words(found.cause, error.cause), fix=fix)


def _late(record: Record, found: Advice) -> Advice:
    """Add what to do where there is no run, or no longer one."""
    if record.run is None:
        return replace(found, fix=f"{AGAIN} Later runs need a longer timeout-minutes.")
    if record.abolished and record.waits:
        return replace(
            found,
            cause=say("Until then it waited for {because}.", because=word(BECAUSE[record.waits.because])),
        )
    if record.reading.status in TERMINAL:
        return replace(found, fix=AGAIN)
    if record.reading.running in EXECUTABLE:
        return replace(found, cause=SLOW_STAGE, fix=words(IF_IT_WAITS, found.fix))
    return found
