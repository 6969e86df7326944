"""What happens, as lines of the log. A new event is a new case here."""

from typing import assert_never

from dataworks_deploy.domain.ending import Ending, Ok, Refusal, Refused, did_nothing
from dataworks_deploy.domain.error import denies_all, refusal_of
from dataworks_deploy.domain.event import (
    CallEnded,
    CreationPutOff,
    CreationRepeated,
    CreationUnanswered,
    DeployedMeanwhile,
    DescriptionsHidden,
    EarlierRequestGone,
    EarlierRequestMet,
    EarlierRunActive,
    EarlierRunAppeared,
    EarlierRunOver,
    Event,
    Leftovers,
    MissingFromList,
    NotAbolished,
    NotListedYet,
    OddSeen,
    OfAbolition,
    OfCalls,
    OfChoice,
    OfCreation,
    OfRun,
    OtherFollowed,
    OthersUnread,
    PersonNeeded,
    ReadingFailed,
    RunAbolished,
    RunCreated,
    RunDeploys,
    RunFound,
    RunHasEnded,
    RunIsOthers,
    RunShows,
    RunsUnread,
    RunUnread,
    StageExecuted,
    StageNotExecuted,
    StagesMissing,
    StageStill,
    StillUnderWay,
    Twins,
)
from dataworks_deploy.domain.model import (
    EXECUTABLE,
    AbolishPipelineRun,
    CreatePipelineRun,
    ExecPipelineRunStage,
    GetPipelineRun,
    ListPipelineRuns,
)
from dataworks_deploy.domain.reason import Because, is_withdrawn
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.studio.operations import (
    AnyOperation,
    GetFunction,
    GetNode,
    GetResource,
    GetWorkflowDefinition,
    ListFunctions,
    ListNodes,
    ListResources,
    ListWorkflowDefinitions,
)

from .choosing import of_choice
from .errors import detailed, quoted, words_of
from .language import say, word
from .reasons import BECAUSE, note, odd
from .texts import by, joined, known_as, listed_as, number, runs_listed, some

ALLOW_LISTS = "Allow dataworks:ListPipelineRuns in the RAM policy, or set on-active-run: ignore."
DO_APPROVE = "Approve it there, in the run's details."
DO_EITHER = "Approve or execute it in DataWorks, in the run's details."


def line(event: Event) -> str:
    """The event in words."""
    if isinstance(event, OfCreation):
        return _of_creation(event)
    if isinstance(event, OfRun):
        return _of_run(event)
    if isinstance(event, OfAbolition):
        return _of_abolition(event)
    if isinstance(event, OfChoice):
        return of_choice(event)
    return _of_calls(event) if isinstance(event, OfCalls) else note(event)


def _of_creation(event: OfCreation) -> str:
    match event:
        case CreationPutOff(fault, seconds):
            put_off = (
                "could not be sent ({said}), trying again in {seconds:.0f} s"
                if fault.unsent
                else "refused for now ({said}), trying again in {seconds:.0f} s"
            )
            return say(put_off, said=words_of(fault), seconds=seconds)
        case CreationUnanswered(fault):
            return say(
                "the request to create a run has no clear answer ({said}), looking for its run",
                said=words_of(fault),
            )
        case CreationRepeated():
            return say("no run found, sending the same request again under the same nonce")
        case RunCreated(run_id, request_id):
            return say(
                "created run {run_id} (RequestId {request_id})",
                run_id=run_id,
                request_id=request_id or word("none"),
            )
        case RunFound(run):
            return say(
                "found: run {run}, created by {creator}, bears this job's mark", run=run.id, creator=by(run)
            )
        case OtherFollowed(run):
            return say("following run {run} of {creator} instead", run=run.id, creator=by(run))
        case EarlierRunActive(run_id):
            return say("following run {run_id}, which this job created before", run_id=run_id)
        case EarlierRunOver(run):
            over = (
                "run {run} of an earlier attempt has ended as {status}, most likely because this job abolished it: "
                "creating a new run"
                if is_withdrawn(run)
                else "run {run} of an earlier attempt has ended as {status}: creating a new run"
            )
            return say(over, run=run.id, status=run.status)
        case EarlierRunAppeared(run_id):
            return say(
                "following run {run_id} of an earlier attempt, which the list shows only now", run_id=run_id
            )
        case EarlierRequestMet(seconds):
            return say(
                "an earlier attempt of this job has already sent this request: looking for its run for {seconds:.0f} "
                "s",
                seconds=seconds,
            )
        case EarlierRequestGone():
            return say("that request created no run: sending it again under another nonce")
        case DescriptionsHidden(run_id):
            return say(
                "run {run_id} shows no description, so this job's runs cannot be recognised by their "
                "marks. If an answer is lost from now on, the object ends as unknown. A re-run of this "
                "job cannot tell what is done. Continue runs with run-ids instead, or start a new "
                "workflow run.",
                run_id=run_id,
            )
        case OthersUnread(fault):
            unread = say(
                "whether other runs of this object are open cannot be read ({said}). The step goes on.",
                said=quoted(fault),
            )
            # Of what denies every call, the creation says what to do.
            denied = refusal_of(fault) is Refusal.DENIED and not denies_all(fault)
            return joined(unread, word(ALLOW_LISTS)) if denied else unread
        case Leftovers(runs):
            return say(
                ("other open runs of this object, left alone. What they do, they may still do: {runs}"),
                runs=runs_listed(runs),
            )
        case Twins(None, others):
            return say(
                "open runs of this job's earlier attempts: {others}. A new run replaces them.",
                others=listed_as(others),
            )
        case Twins(kept, others):
            return say(
                "{count} runs bear this job's mark: keeping {kept}, and not {others}",
                count=len(others) + 1,
                kept=kept,
                others=listed_as(others),
            )
        case MissingFromList(run_id):
            return say("the list of runs does not show run {run_id}", run_id=run_id)
        case _ as never:
            assert_never(never)


def _of_run(event: OfRun) -> str:
    match event:
        case StageExecuted(stage):
            return say("executing {stage}", stage=stage)
        case StageNotExecuted(stage, ending):
            not_done = (
                "{stage} was not executed ({said})"
                if did_nothing(ending)
                else "{stage} may not have been executed ({said})"
            )
            return say(not_done, stage=stage, said=words_of(ending.fault))
        case RunShows(run_id, status, reached, after):
            where = f", {reached.code} {reached.status}" if reached else ""
            shown = f"{run_id} {status}{where}"
            return say("run {shown} ({seconds:.0f} s)", shown=shown, seconds=after.total_seconds())
        case OddSeen(seen):
            return odd(seen)
        case PersonNeeded(run_id, stage, because, executions):
            approves = because is Because.NO_CALL_MOVES_IT and stage.type in EXECUTABLE
            known = because is not Because.NO_CALL_MOVES_IT or approves
            waits = say(
                "stage {stage} ({type} {status}) of run {run_id} waits for {what}.",
                stage=stage.code,
                type=stage.type,
                status=stage.status,
                run_id=run_id,
                what=word(BECAUSE[because] if known else "a person, because its type is not known here"),
            )
            if executions:
                waits = joined(waits, say("{count} executions did not start it.", count=executions))
            return joined(waits, word(DO_APPROVE if approves else DO_EITHER))
        case StageStill(run_id, stage, seconds):
            return say(
                "stage {stage} of run {run_id} has not started for {seconds:.0f} s, although all stages before it "
                "are done. Look at the run in DataWorks.",
                stage=stage.code,
                run_id=run_id,
                seconds=seconds,
            )
        case StillUnderWay(records, calls):
            return _under_way(records, calls)
        case StagesMissing(run_id):
            return say(
                "run {run_id} shows no stages yet, so its type is not known: reading again", run_id=run_id
            )
        case NotListedYet(run_id, object_id, seconds):
            return say(
                "run {run_id} is not among the runs of object {object_id} yet, looking again for {seconds:.0f} s",
                run_id=run_id,
                object_id=object_id,
                seconds=seconds,
            )
        case _ as never:
            assert_never(never)


def _under_way(records: tuple[Record, ...], calls: int) -> str:
    """What is under way while nothing changes."""
    shown = some([_state(each) for each in records], 5)
    return say("still running: {objects}; {calls} so far", objects=shown, calls=number(calls, "API call"))


def _state(record: Record) -> str:
    at = record.reading.stage or record.reading.status or _beginning(record)
    shown = f"{known_as(record)} {at}"
    if record.waits:
        shown = say("{object} waits for a person", object=shown)
    if record.unread:
        shown = say("{object} ({count} readings failed)", object=shown, count=record.unread.count)
    return shown


def _beginning(record: Record) -> str:
    if record.named:
        return word("is read first")
    return word("created" if record.run else "is being created")


def _of_abolition(event: OfAbolition) -> str:
    match event:
        case RunAbolished(run_id):
            return say("abolished run {run_id}", run_id=run_id)
        case RunDeploys(run_id):
            return say("run {run_id} has begun to change production, so it is not stopped", run_id=run_id)
        case RunHasEnded(run_id, status):
            return say("run {run_id} has ended, as {status}", run_id=run_id, status=status)
        case RunIsOthers(run, mark):
            return say(
                "run {run} of {creator} does not bear this job's mark, and is left alone. Look in DataWorks for a "
                "run with {mark} at the start of its description.",
                run=run.id,
                creator=by(run),
                mark=mark,
            )
        case DeployedMeanwhile(run_id):
            return say(
                "run {run_id} began to change production while it was being abolished. Look at it in "
                "DataWorks.",
                run_id=run_id,
            )
        case NotAbolished(run_id, fault):
            said = say(" ({said})", said=quoted(fault)) if fault else ""
            return say(
                "run {run_id} could not be abolished{said}. Look at it in DataWorks.",
                run_id=run_id,
                said=said,
            )
        case _ as never:
            assert_never(never)


def _of_calls(event: OfCalls) -> str:
    match event:
        case ReadingFailed(run_id, count, fault):
            what = say("run {run_id}", run_id=run_id) if run_id else word("the list of runs")
            failed = (
                "reading {what} failed ({said}), trying again"
                if count == 1
                else "reading {what} failed {count} times in a row ({said}), trying again"
            )
            return say(failed, what=what, count=count, said=detailed(fault))
        case RunUnread(run_id, seconds):
            return say(
                "run {run_id} was not read, trying again in {seconds:.1f} s", run_id=run_id, seconds=seconds
            )
        case RunsUnread(seconds):
            return say("not all runs were read, trying again in {seconds:.1f} s", seconds=seconds)
        case CallEnded(number, operation, ending, milliseconds):
            how = _how(ending) if ending else word("given up")
            return say(
                "call {number}, {what}: {how} ({milliseconds:.0f} ms)",
                number=number,
                what=_what(operation),
                how=how,
                milliseconds=milliseconds,
            )
        case _ as never:
            assert_never(never)


def _what(operation: AnyOperation) -> str:
    name = type(operation).__name__
    match operation:
        case CreatePipelineRun(creation, _, nonce):
            return say(
                "{name} of object {object_id} under nonce {nonce}",
                name=name,
                object_id=creation.object_id,
                nonce=nonce,
            )
        case ListPipelineRuns(object_id, page):
            whose = (
                "{name} of object {object_id}, page {page}"
                if object_id
                else "{name} of the workspace, page {page}"
            )
            return say(whose, name=name, object_id=object_id, page=page)
        case GetPipelineRun(known) | AbolishPipelineRun(known):
            return f"{name} {known}"
        case GetNode(known) | GetWorkflowDefinition(known) | GetResource(known) | GetFunction(known):
            return f"{name} {known}"
        case ListNodes() | ListWorkflowDefinitions() | ListResources() | ListFunctions():
            which = "{name} of names with {part}, page {page}" if operation.name else "{name}, page {page}"
            return say(which, name=name, part=operation.name, page=operation.number)
        case ExecPipelineRunStage(run_id, stage):
            return say("{name} {stage} of run {run_id}", name=name, stage=stage, run_id=run_id)
        case _ as never:
            assert_never(never)


def _how(ending: Ending[object]) -> str:
    if isinstance(ending, Ok):
        return say("ok, RequestId {request_id}", request_id=ending.request_id or word("none"))
    fault = ending.fault
    kind = say("refused as {kind}", kind=ending.why.name) if isinstance(ending, Refused) else word("unclear")
    status = f", HTTP {fault.http_status}" if fault.http_status else ""
    return say(
        "{kind}: {said}{status}, RequestId {request_id}",
        kind=kind,
        said=words_of(fault),
        status=status,
        request_id=fault.request_id or word("none"),
    )
