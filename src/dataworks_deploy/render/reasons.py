"""Reasons and notes as sentences, and the stable code of each reason. A new reason is a new case here.

What comes first is what a person reads of an object; `advice.py` has the cause and the fix.
"""

from typing import assert_never

from dataworks_deploy.domain.model import RUNNING, SUCCESS, TERMINAL, DeployType, Run, Stage
from dataworks_deploy.domain.outcome import End
from dataworks_deploy.domain.reason import (
    AnotherFailed,
    AnswerLost,
    AwaitsPerson,
    Because,
    BegunBefore,
    BrokenOff,
    BrokenStage,
    Conflict,
    CreationRefused,
    DeadlinePassed,
    DeployedBefore,
    DuplicateAbolished,
    DuplicateAdvanced,
    DuplicateEnded,
    DuplicateOpen,
    Duplicates,
    EarlierUnmarked,
    EarlierUnreadable,
    Elected,
    FoundByMark,
    InFlight,
    InnerNode,
    Inside,
    Interruption,
    Killed,
    LeftOpen,
    LeftToPerson,
    LostSight,
    MayBeSecond,
    MayTurnUp,
    NamedOfOtherType,
    NeedsFailed,
    NeedsOpen,
    NoAccess,
    NoSuchObject,
    NoSuchStage,
    Note,
    NotElected,
    NothingChanged,
    NotListed,
    NotOfWorkspace,
    NotOurs,
    NotSent,
    NotStarted,
    NotTakenUp,
    ObjectUnreadable,
    Odd,
    OfOtherObject,
    OpenBefore,
    OthersUnreadable,
    OtherType,
    Planned,
    Reason,
    RefusedForNow,
    RunEnded,
    RunPlanned,
    SentAnew,
    StageReached,
    StageRefused,
    StepCancelled,
    Succeeded,
    Supersedes,
    UnknownStatus,
)
from dataworks_deploy.domain.reconcile import Mark, any_mark
from dataworks_deploy.domain.record import Fate, Record, Undone, Withdrawal

from .errors import detailed, quoted, words_of
from .texts import born, by, called, joined, moment, runs_listed, spent

# The stable code of each reason, for `reason` in `results`: docs list them, and they never change.
CODES: dict[type[Reason], str] = {
    NotStarted: "not_started",
    AnotherFailed: "another_failed",
    NeedsFailed: "upstream_failed",
    NeedsOpen: "upstream_open",
    InFlight: "answer_awaited",
    AnswerLost: "answer_lost",
    RefusedForNow: "creation_put_off",
    CreationRefused: "creation_refused",
    NotSent: "creation_not_sent",
    Conflict: "other_run_active",
    OpenBefore: "other_run_open",
    OthersUnreadable: "other_runs_unreadable",
    NotOurs: "other_run_answered",
    EarlierUnmarked: "earlier_attempts_unmarked",
    EarlierUnreadable: "earlier_attempts_unreadable",
    Succeeded: "succeeded",
    DeployedBefore: "deployed_by_earlier_attempt",
    LeftOpen: "left_open",
    StageReached: "stage_reached",
    LeftToPerson: "left_to_person",
    NoSuchStage: "no_such_stage",
    RunEnded: "run_ended",
    OtherType: "run_of_other_type",
    StageRefused: "stage_refused",
    LostSight: "run_unreadable",
    NotElected: "rivals_unreadable",
    NotOfWorkspace: "run_not_of_workspace",
    NamedOfOtherType: "named_run_of_other_type",
    NotListed: "run_not_of_object",
    OfOtherObject: "run_of_other_object",
    ObjectUnreadable: "object_unreadable",
    NothingChanged: "unchanged",
    Planned: "planned",
    RunPlanned: "run_planned",
    NoAccess: "no_access",
    InnerNode: "node_inside_workflow",
    NoSuchObject: "no_such_object",
    NotTakenUp: "run_not_taken_up",
    StepCancelled: "step_cancelled",
    BrokenOff: "internal_error",
    DeadlinePassed: "deadline_passed",
    AwaitsPerson: "awaits_person",
    Killed: "step_killed",
}
ANOTHER_FAILED = "Not started: another object failed before."
# The gateway remembers what a refused request has used up as well as it does for one that was carried out.
SENT_BEFORE = (
    "An earlier attempt of this job has sent this request. Only if all earlier attempts ended without a run, none of "
    "them as `unknown` or `conflict`, was nothing created: then start a new workflow run, or run this one again in "
    "half an hour."
)

UNMARKED = "Runs show no descriptions here, so the run cannot be recognised by its mark: compare the times."


def code(record: Record) -> str | None:
    """The stable code of why an object is as it is; None where nothing has happened yet."""
    return CODES[type(record.reason)] if record.reason else None


def message(record: Record) -> str:
    """All that is said of an object: what happened, what else is known of the run, what became of it, and the notes."""
    text = said(record.reason) if record.reason else ""
    used_up = spent(record)
    text = joined(f"{used_up[0].upper()}{used_up[1:]}." if used_up else "", text)
    if isinstance(record.reason, Interruption):
        text = joined(joined(text, _unseen(record)), undone(record.undone) if record.undone else "")
    ended = record.withdrawal if record.fate in {Fate.ABOLISHED, Fate.ENDED} else None
    text = joined(text, withdrawal(ended) if ended else left(record.reason))
    text = joined(text, _unproven(record))
    # The run that counts is named in any case.
    notes = (each for each in record.notes if each != BegunBefore((record.run_id,) if record.run_id else ()))
    text = joined(text, " ".join(map(note, notes)))
    other = record.withdrawal if not ended else None
    return joined(text, withdrawal(other, record.run_id or "") if other else "")


def _unseen(record: Record) -> str:
    """Why it is not known better how a run stands."""
    if record.unread:
        return f"The last {record.unread.count} readings failed, the last one with: {detailed(record.unread.fault)}."
    if record.reading.odd:
        return odd(record.reading.odd)
    runs = record.reading
    if runs.running == "Check" and isinstance(record.reason, DeadlinePassed):
        return f"Stage {runs.stage} is still {RUNNING} and may wait for approval in DataWorks."
    return ""


def _unproven(record: Record) -> str:
    """What the run has to show, where nobody has seen that it does: the ID in an answer proves nothing.

    A step that is killed may have seen it since it wrote this, so that nothing is said of that.
    """
    if record.run is None or record.run.claim is None or record.proven:
        return ""
    mark = record.run.claim.mark
    return f"If the description of this run does not begin with {mark}, look for another run whose description does."


def look_first(mark: Mark | str) -> str:
    """What matters most, in front: the messages of very many objects are cut short in the outputs."""
    return f"Do not redeploy before you have looked for a run whose description begins with {mark}"


def said(reason: Reason) -> str:
    """What happened, whatever becomes of the run afterwards; empty where the outcome says it all."""
    match reason:
        case Succeeded() | LeftOpen():
            return ""
        case (
            NotStarted()
            | AnotherFailed()
            | NeedsFailed()
            | NeedsOpen()
            | InFlight()
            | AnswerLost()
            | RefusedForNow()
            | CreationRefused()
            | NotSent()
            | Conflict()
            | OpenBefore()
            | OthersUnreadable()
            | NotOurs()
            | EarlierUnmarked()
            | EarlierUnreadable()
        ):
            return _of_creation(reason)
        case NotOfWorkspace() | NamedOfOtherType() | NotListed() | OfOtherObject() | ObjectUnreadable():
            return _of_named(reason)
        case NothingChanged() | Planned() | RunPlanned() | NoAccess() | InnerNode() | NoSuchObject():
            return _of_plan(reason)
        case NotTakenUp() | StepCancelled() | BrokenOff() | DeadlinePassed() | AwaitsPerson() | Killed():
            return _of_end(reason)
        case _:
            return _of_run(reason)


def _of_creation(
    reason: NotStarted
    | AnotherFailed
    | NeedsFailed
    | NeedsOpen
    | InFlight
    | AnswerLost
    | RefusedForNow
    | CreationRefused
    | NotSent
    | Conflict
    | OpenBefore
    | OthersUnreadable
    | NotOurs
    | EarlierUnmarked
    | EarlierUnreadable,
) -> str:
    match reason:
        case NotStarted():
            return "Not started before the step ended."
        case AnotherFailed(last):
            put_off = (
                f"Refused for now ({quoted(last)}), and not sent again: another object failed."
                if last
                else ""
            )
            return put_off or ANOTHER_FAILED
        case NeedsFailed(because, name):
            return f"Not started because of {called(because, name)}: this object needs it, and it did not succeed."
        case NeedsOpen(because, name):
            needed = called(because, name)
            return f"Not started because of {needed}: this object needs it, and its run waits for a person."
        case InFlight(mark):
            return f"{look_first(mark)}: the creation was sent, and the step ended before its answer came."
        case AnswerLost():
            return _answer_lost(reason)
        case RefusedForNow(fault) | CreationRefused(fault):
            return words_of(fault)
        case NotSent(fault):
            return f"Not sent: {words_of(fault)}"
        case Conflict(run, mark, wanted):
            other = "" if run.may_be(wanted) else f" It {_opposite(run, wanted)}."
            other += "" if run.description else " It shows no description: it may be this job's own."
            return (
                f"The answer to the creation was lost, and run {run.id} of {by(run)}, created {born(run)}, is active "
                f"on this object.{other} It was left alone. {note(MayTurnUp(mark))}"
            )
        case OpenBefore(run, wanted):
            does = f" It {_opposite(run, wanted)}." if not run.may_be(wanted) else ""
            return (
                f"Run {run.id} of {by(run)}, created {born(run)}, is open on this object.{does} It was left alone, "
                "and nothing was created."
            )
        case OthersUnreadable(choice, fault):
            return (
                f"Whether other runs of this object are open cannot be read ({quoted(fault)}). Because of "
                f"on-active-run: {choice} nothing was created."
            )
        case NotOurs(run, mark):
            return (
                f"The service answered the creation with the ID of run {run.id} of {by(run)}, created {born(run)}. "
                "That run does not bear this job's mark, so it was left alone. Nobody can tell whether a run was "
                f"created for this job: look for one whose description begins with {mark}."
            )
        case EarlierUnmarked(runs):
            return (
                f"Do not redeploy before you have looked at these runs: {runs_listed(runs)}. This re-run cannot tell "
                "whether one of them is of an earlier attempt of this job, because no run of this workspace shows a "
                "description. It has created nothing."
            )
        case EarlierUnreadable(intent, fault):
            return (
                f"{look_first(any_mark(intent))}, which an earlier attempt of this job may have left: what those did "
                f"cannot be read ({quoted(fault)}). This re-run has created nothing."
            )
        case _ as never:
            assert_never(never)


def _answer_lost(reason: AnswerLost) -> str:
    """All that a person needs to find out what the machine could not."""
    creation, lost, until = reason.creation, reason.lost, reason.until
    began = moment(reason.since) if reason.since else "the workflow run's first attempt"
    when = f"between {began} and {moment(until)}" if until else f"since {began}"
    ids = [fault.request_id for fault in lost if fault.request_id]
    answered = any(fault.http_status for fault in lost)
    none = "none, what was answered bears none" if answered else "none, no response came"
    text = (
        f"{look_first(reason.mark)}: nobody can tell whether it was created ({quoted(lost[-1])}). In DataWorks, open "
        f"the deployment records of workspace {creation.project_id} and search for runs of object "
        f"{creation.object_id} that were created {when}. RequestIds: {', '.join(ids) or none}."
    )
    text = joined(text, UNMARKED if reason.unmarked else "")
    text = joined(text, SENT_BEFORE if reason.sent_before else "")
    return joined(text, _list_unread(reason))


def _list_unread(reason: AnswerLost) -> str:
    """The list of runs could not be read in the end, or never."""
    if reason.unread is None:
        return ""
    if not reason.never_read:
        return f"The last reading of the list of runs failed ({detailed(reason.unread)})."
    return (
        "The step has not seen whether it is there: no reading of the list of runs succeeded "
        f"({detailed(reason.unread)})."
    )


def _opposite(run: Run, wanted: DeployType) -> str:
    """What tells that a run does the opposite, behind its name."""
    stages = ", ".join(f"{stage.code} ({stage.type})" for stage in run.ordered)
    return f"has not the stages of type: {wanted}, but {stages}"


def _of_run(
    reason: DeployedBefore
    | StageReached
    | LeftToPerson
    | NoSuchStage
    | RunEnded
    | OtherType
    | StageRefused
    | LostSight
    | NotElected,
) -> str:
    match reason:
        case DeployedBefore(run):
            return (
                f"Done already by an earlier attempt of this job (run {run.id}, created {born(run)}), and not done "
                "again. To do it on every attempt set on-rerun: redeploy."
            )
        case StageReached(run, goal):
            passed = run.reached and run.reached.step > goal.step
            return (
                f"Run {run.id} has passed {goal.code} already."
                if passed
                else f"Stage {goal.code} has succeeded."
            )
        case LeftToPerson(run_id, stage_code, because):
            return f"Stage {stage_code} of run {run_id} waits for {BECAUSE[because]}."
        case NoSuchStage(run_id, wanted, codes):
            return f"until-stage: run {run_id} has no stage {wanted}. It has {', '.join(codes)}."
        case RunEnded(run):
            failed = failed_stage(run)
            where = f" at stage {failed.code}" if failed else ""
            why = service_said(run) or "The service gives no reason."
            return f"Run {run.id} ended as {run.status}{where}: {why}"
        case OtherType(run, of_type):
            return f"Run {run.id} {_opposite(run, of_type)}. It was left as it is."
        case StageRefused(run_id, stage, fault):
            return (
                f"Stage {stage.code} of run {run_id} was not executed ({quoted(fault)}), and nothing more was "
                "deployed."
            )
        case LostSight(run_id, fault):
            return f"Run {run_id} cannot be read ({quoted(fault)}), so its end is not known."
        case NotElected(run_id, fault):
            return (
                f"Whether run {run_id} is this job's only one cannot be seen: the list of runs cannot be read "
                f"({quoted(fault)}). It was not advanced."
            )
        case _ as never:
            assert_never(never)


def failed_stage(run: Run) -> Stage | None:
    """The first stage that did not end in success, None where each did or none has ended."""
    return next((each for each in run.ordered if each.status in TERMINAL - {SUCCESS}), None)


def service_said(run: Run) -> str:
    """What the service itself says of a run that ended otherwise than in success; empty where it says nothing."""
    stage = failed_stage(run)
    return (stage.message if stage else "") or run.message


def left(reason: Reason | None) -> str:
    """What is true of the run only as long as it is left as it is."""
    match reason:
        case StageReached(run, _, to) if to:
            return f"The run is not held up there: run-mode: Auto has the service go on to {to.code}."
        case StageReached(run, stage):
            last = run.reached
            passed = last and last.step > stage.step
            where = f"It was left open at {last.code}." if last and passed else ""
            return where or "The run was left open there, as until-stage asks."
        case LeftToPerson(run_id, _, because):
            then = f"Afterwards continue it with run-ids: {run_id}." if because is not Because.FOREIGN else ""
            return joined("The run was left open there, as on-approval asks.", then)
        case NoSuchStage():
            return "It was left open."
        case StageRefused(run_id):
            return f"When the cause is mended, continue the run with run-ids: {run_id}."
        case LostSight() | NotElected():
            return "It may still be open."
    return ""


def _of_named(
    reason: NotOfWorkspace | NamedOfOtherType | NotListed | OfOtherObject | ObjectUnreadable,
) -> str:
    match reason:
        case NotOfWorkspace(run_id, project_id, fault):
            answer = f" ({quoted(fault)})" if fault else ""
            return f"run-ids: {run_id} is not a run of workspace {project_id}{answer}."
        case NamedOfOtherType(run, wanted):
            return f"run-ids: {run.id} {_opposite(run, wanted)}. Nothing was done with it."
        case NotListed(run_id, object_id):
            return f"run-ids: {run_id} was not found among the runs of object {object_id}. Nothing was done with it."
        case OfOtherObject(run_id, object_id, owner):
            return f"run-ids: {run_id} is a run of object {owner}, not of object {object_id}. Nothing was done with it."
        case ObjectUnreadable(run_id, object_id, fault):
            return (
                f"Nothing was done with run {run_id}, because the runs of object {object_id} cannot be read "
                f"({quoted(fault)})."
            )
        case _ as never:
            assert_never(never)


def _of_plan(reason: NothingChanged | Planned | RunPlanned | NoAccess | InnerNode | NoSuchObject) -> str:
    match reason:
        case NothingChanged(run):
            return (
                f"Production holds what Data Studio holds: run {run.id}, created {born(run)}, has deployed it, and "
                "nothing has changed since."
            )
        case Planned(creation, active):
            what = f"for object {creation.object_id}"
            if creation.type is DeployType.OFFLINE:
                what = f"that takes object {creation.object_id} out of production"
            text = f"Would create one pipeline run {what}."
            return f"{text} Active on it now: {runs_listed(active)}." if active else text
        case RunPlanned(run) if run.ended:
            return f"Would only report run {run.id}: it has ended already, as {run.status}."
        case RunPlanned(run):
            stage = run.reached
            where = f" at {stage.code} {stage.status}" if stage else ""
            unknown = (
                "" if run.stages else " It shows no stages yet, so whether it is of this type is not known."
            )
            return f"Would continue run {run.id}, which is {run.status}{where}.{unknown}"
        case NoAccess(fault):
            return f"Nothing was planned, because the object's runs cannot be read: {words_of(fault)}"
        case InnerNode(node):
            return f"A deployment would be refused. {note(Inside(node))}"
        case NoSuchObject(creation, fault):
            return (
                f"A deployment would be refused: nothing in workspace {creation.project_id} has the ID "
                f"{creation.object_id} ({quoted(fault)}), and the workspace has no run of it."
            )
        case _ as never:
            assert_never(never)


_CUT_OFF = {End.CANCEL: "The step was cancelled", End.TIMEOUT: "The deadline (timeout-minutes) passed"}


def _of_end(reason: Interruption | Killed) -> str:
    match reason:
        case NotTakenUp(run_id, ended):
            return (
                f"{_CUT_OFF[ended]} before it was clear whether run {run_id} is to be continued: nothing was done "
                "with it."
            )
        case StepCancelled(None):
            return "The step was cancelled before it created a run."
        case StepCancelled(run_id):
            return f"The step was cancelled while run {run_id} was under way."
        case BrokenOff(None):
            return "An internal error ended the step before it created a run."
        case BrokenOff(run_id):
            return f"An internal error ended the step while run {run_id} was under way."
        case DeadlinePassed(None, last):
            more = f" Last: {words_of(last)}" if last else ""
            return f"The deadline (timeout-minutes) passed before this step created a run.{more}"
        case DeadlinePassed(run_id):
            return f"The deadline (timeout-minutes) passed while run {run_id} was under way."
        case AwaitsPerson(run_id, stage, because):
            return (
                f"Stage {stage} of run {run_id} waits for {BECAUSE[because]}, and the deadline (timeout-minutes) "
                "passed."
            )
        case Killed(run_id, abolishes=True):
            return (
                f"The step was killed while run {run_id} was under way. At the end of the job a post step abolishes "
                "the run, unless it has begun to deploy by then."
            )
        case Killed(run_id):
            return (
                f"The step was killed while run {run_id} was under way, so that its end is not known. Look at it in "
                f"DataWorks, or continue it with run-ids: {run_id}."
            )
        case _ as never:
            assert_never(never)


# What a stage waits for.
BECAUSE = {
    Because.NO_CALL_MOVES_IT: "approval in DataWorks",
    Because.ADVANCE_FALSE: "a person, because advance: false leaves all stages to people",
    Because.FOREIGN: "a person, because the run is somebody else's and is only followed",
}


def odd(seen: Odd) -> str:
    """What is strange about a reading."""
    match seen:
        case UnknownStatus(places):
            found = ", ".join(
                f"{f'stage {stage}' if stage else 'the run'} is {status or 'nothing'}"
                for stage, status in places
            )
            return f"Its status is not a known one: {found}."
        case BrokenStage(stage, run_status):
            why = f": {stage.message}" if stage.message else "."
            return f"Stage {stage.code} has ended as {stage.status}, while the run is {run_status} still{why}"
        case _ as never:
            assert_never(never)


def undone(what: Undone) -> str:
    """An execution that was refused for now, or of which nobody can tell whether it has happened."""
    if what.refused:
        return f"Stage {what.stage} waits to be executed, which was refused: {quoted(what.fault)}."
    return f"Stage {what.stage} was to be executed, and no clear answer came: {quoted(what.fault)}."


def note(what: Note) -> str:
    """What is worth knowing of an object, however it ends."""
    match what:
        case FoundByMark(run):
            text = "There was no clear answer to the creation; run"
            return f"{text} {run.id} was found by its mark, created by {by(run)}."
        case MayTurnUp(mark):
            return (
                "The answer to this job's own creation was lost: should a run turn up whose description begins with "
                f"{mark}, abolish it."
            )
        case MayBeSecond(mark):
            return (
                "What became of a request for it that was lost is not proven: should a second run turn up whose "
                f"description begins with {mark}, keep one of them and abolish the other."
            )
        case SentAnew(mark, seconds):
            return (
                f"An earlier attempt had sent this request, and no run of it came into sight within {seconds:.0f} s, "
                f"so it was sent anew: should a second run turn up whose description begins with {mark}, keep one of "
                "them and abolish the other."
            )
        case Duplicates(run_ids):
            return f"Duplicate runs of this job: {', '.join(run_ids)}."
        case Supersedes(run_ids):
            return f"Open runs of this repository that give way to this one: {', '.join(run_ids)}."
        case BegunBefore(run_ids):
            return f"Runs of this job that were there before: {', '.join(run_ids)}."
        case Elected(winner, before):
            return f"Run {winner} is carried on instead of {before}."
        case DuplicateEnded(run_id, status):
            return f"Run {run_id} has ended, as {status}."
        case DuplicateAdvanced(run_id):
            return f"Run {run_id} has been advanced, and was left alone: look at it in DataWorks."
        case DuplicateAbolished(run_id):
            return f"Run {run_id} was abolished."
        case DuplicateOpen(run_id, fault):
            return f"Run {run_id} could not be abolished ({quoted(fault)}): look at it in DataWorks."
        case Inside(node):
            where = f" ({node.path})" if node.path else ""
            if node.workflow:
                return f"The node{where} lies inside the workflow {node.workflow}."
            return f"In Data Studio the node is {node.path}, which may name its workflow."
        case _ as never:
            assert_never(never)


_ABOLISHED = {
    End.CANCEL: "when the step was cancelled",
    End.TIMEOUT: "when the deadline had passed",
    End.FAILURE: "because the step has failed (abolish-on: failure)",
}


def withdrawal(what: Withdrawal, run_id: str = "") -> str:
    """What became of a run of this job that was to be abolished with the step."""
    run = what.run
    name = run.id if run else run_id
    match what.fate:
        case Fate.ABOLISHED:
            return f"Run {name} was abolished {_ABOLISHED[what.by]}{untouched(run)}."
        case Fate.ENDED:
            return f"Run {name} had ended by then, as {run.status if run else 'nothing'}."
        case Fate.DEPLOYS:
            return (
                f"Run {name} has begun to deploy and was left alone: it goes on, unless a stage of it waits."
            )
        case Fate.FOREIGN:
            return f"Run {name} does not bear this job's mark, and was left alone."
        case Fate.UNSEEN:
            last = f" ({quoted(what.fault)})" if what.fault else ""
            return f"Run {name} was to be abolished when the step ended, and is not known to have been{last}."
        case _ as never:
            assert_never(never)


def untouched(run: Run | None) -> str:
    """Behind the word that a run was abolished: what it has changed until then, as its last reading shows it."""
    if run is None or not run.ended:
        return ", which no reading shows yet"
    if run.develops:
        return "; only development has changed, and nothing of it had reached production"
    return "; nothing of it had reached production"
