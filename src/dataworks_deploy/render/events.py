"""What happens, as lines of the log. A new event is a new case here."""

from typing import assert_never

from dataworks_deploy.domain.ending import Ending, Ok, Refusal, Refused
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
from .reasons import BECAUSE, note, odd
from .texts import by, known_as, number, runs_listed


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
            return f"refused for now ({words_of(fault)}), trying again in {seconds:.0f} s"
        case CreationUnanswered(fault):
            return f"no clear answer to the creation ({words_of(fault)}), looking for its run"
        case CreationRepeated():
            return "no run found, sending the same request under the same nonce once more"
        case RunCreated(run_id, request_id):
            return f"created run {run_id} (RequestId {request_id or 'none'})"
        case RunFound(run):
            return f"found: run {run.id}, created by {by(run)}, bears this job's mark"
        case OtherFollowed(run):
            return f"following run {run.id} of {by(run)} instead"
        case EarlierRunActive(run_id):
            return f"run {run_id} of this job was created before, and is followed"
        case EarlierRunOver(run):
            why = ", most likely because this job abolished it" if is_withdrawn(run) else ""
            return f"run {run.id} of an earlier attempt has ended as {run.status}{why}: a new one follows it"
        case EarlierRunAppeared(run_id):
            return f"run {run_id} of an earlier attempt has come into sight, and is followed"
        case EarlierRequestMet(seconds):
            return (
                "an earlier attempt of this job has sent this request already: looking for its run for "
                f"{seconds:.0f} s"
            )
        case EarlierRequestGone():
            return "no run came of it: sending the request anew, under another nonce"
        case DescriptionsHidden(run_id):
            return (
                f"run {run_id} shows no description, so this job's runs cannot be recognised by their marks. If an "
                "answer gets lost from now on, the object ends as unknown. A re-run of this job cannot tell what is "
                "deployed: continue runs with run-ids instead, or start a new workflow run"
            )
        case OthersUnread(fault):
            return (
                f"whether other runs of this object are open cannot be read ({quoted(fault)}). The step goes on. Allow "
                "dataworks:ListPipelineRuns in the RAM policy, or set on-active-run: ignore."
            )
        case Leftovers(runs):
            return f"open on this object too, and left alone: {runs_listed(runs)}"
        case Twins(None, others):
            return (
                f"open runs of this job's earlier attempts: {', '.join(others)}; they give way to a new one"
            )
        case Twins(kept, others):
            return f"{len(others) + 1} runs bear this job's mark; {kept} is kept, not {', '.join(others)}"
        case MissingFromList(run_id):
            return f"run {run_id} does not show in the list of runs"
        case _ as never:
            assert_never(never)


def _of_run(event: OfRun) -> str:
    match event:
        case StageExecuted(stage):
            return f"executing {stage}"
        case StageNotExecuted(stage, ending):
            # A used nonce is refused as well, and tells nothing of the first use.
            clear = isinstance(ending, Refused) and ending.why is not Refusal.NONCE_USED
            return (
                f"{stage} {'was not' if clear else 'may not have been'} executed ({words_of(ending.fault)})"
            )
        case RunShows(run_id, status, reached, after):
            where = f", {reached.code} {reached.status}" if reached else ""
            return f"run {run_id} {status}{where} ({after.total_seconds():.0f} s)"
        case OddSeen(seen):
            return odd(seen)
        case PersonNeeded(run_id, stage, because, executions):
            approves = because is Because.NO_CALL_MOVES_IT and stage.type in EXECUTABLE
            known = because is not Because.NO_CALL_MOVES_IT or approves
            what = BECAUSE[because] if known else "a person, because its type is not known here"
            why = f", because {executions} executions did not start it" if executions else ""
            do = "approve it there" if approves else "approve or execute it in DataWorks"
            return (
                f"stage {stage.code} ({stage.type} {stage.status}) of run {run_id} waits for {what}{why}: {do}, in the "
                "run's details"
            )
        case StageStill(run_id, stage, seconds):
            return (
                f"stage {stage.code} of run {run_id} has not started for {seconds:.0f} s, although all before it "
                "are done: look at the run in DataWorks"
            )
        case StillUnderWay(records, calls):
            return _under_way(records, calls)
        case StagesMissing(run_id):
            return f"run {run_id} shows no stages yet, and so not its type: reading on"
        case NotListedYet(run_id, object_id, seconds):
            return f"run {run_id} is not among the runs of object {object_id} yet, looking again for {seconds:.0f} s"
        case _ as never:
            assert_never(never)


def _under_way(records: tuple[Record, ...], calls: int) -> str:
    """What is under way while nothing changes."""
    shown = [
        f"{known_as(each)} {each.reading.stage or each.reading.status or _beginning(each)}"
        + (" waits for a person" if each.waits else "")
        + (f", {each.unread.count} readings failed" if each.unread else "")
        for each in records[:5]
    ]
    more = f" and {len(records) - 5} more" if len(records) > 5 else ""
    return f"still under way: {', '.join(shown)}{more}; {number(calls, 'API call')} so far"


def _beginning(record: Record) -> str:
    if record.named:
        return "being looked at"
    return "created" if record.run else "being created"


def _of_abolition(event: OfAbolition) -> str:
    match event:
        case RunAbolished(run_id):
            return f"abolished run {run_id}"
        case RunDeploys(run_id):
            return f"run {run_id} is deploying already, and is left alone"
        case RunHasEnded(run_id, status):
            return f"run {run_id} has ended, as {status}"
        case RunIsOthers(run, mark):
            return (
                f"run {run.id} of {by(run)} does not bear this job's mark, and is left alone; look in DataWorks for "
                f"one whose description begins with {mark}"
            )
        case DeployedMeanwhile(run_id):
            return f"run {run_id} began to deploy while it was abolished; look at it in DataWorks"
        case NotAbolished(run_id, fault):
            said = f" ({quoted(fault)})" if fault else ""
            return f"run {run_id} could not be abolished{said}; look at it in DataWorks"
        case _ as never:
            assert_never(never)


def _of_calls(event: OfCalls) -> str:
    match event:
        case ReadingFailed(run_id, count, fault):
            what = f"run {run_id}" if run_id else "the list of runs"
            times = f" {count} times in a row" if count > 1 else ""
            return f"reading {what} failed{times} ({detailed(fault)}), trying again"
        case RunUnread(run_id, seconds):
            return f"run {run_id} was not read, trying again in {seconds:.1f} s"
        case RunsUnread(seconds):
            return f"not all runs were read, trying again in {seconds:.1f} s"
        case CallEnded(number, operation, ending, milliseconds):
            how = _how(ending) if ending else "given up"
            return f"call {number}, {_what(operation)}: {how} ({milliseconds:.0f} ms)"
        case _ as never:
            assert_never(never)


def _what(operation: AnyOperation) -> str:
    name = type(operation).__name__
    match operation:
        case CreatePipelineRun(creation, _, nonce):
            return f"{name} of object {creation.object_id} under nonce {nonce}"
        case ListPipelineRuns(object_id, page):
            whose = f"of object {object_id}" if object_id else "of the workspace"
            return f"{name} {whose}, page {page}"
        case GetPipelineRun(known) | AbolishPipelineRun(known):
            return f"{name} {known}"
        case GetNode(known) | GetWorkflowDefinition(known) | GetResource(known) | GetFunction(known):
            return f"{name} {known}"
        case ListNodes() | ListWorkflowDefinitions() | ListResources() | ListFunctions():
            which = f" of names with {operation.name}" if operation.name else ""
            return f"{name}{which}, page {operation.number}"
        case ExecPipelineRunStage(run_id, stage):
            return f"{name} {stage} of run {run_id}"
        case _ as never:
            assert_never(never)


def _how(ending: Ending[object]) -> str:
    if isinstance(ending, Ok):
        return f"ok, RequestId {ending.request_id or 'none'}"
    fault = ending.fault
    kind = f"refused as {ending.why.name}" if isinstance(ending, Refused) else "unclear"
    status = f", HTTP status {fault.http_status}" if fault.http_status else ""
    return f"{kind}: {words_of(fault)}{status}, RequestId {fault.request_id or 'none'}"
