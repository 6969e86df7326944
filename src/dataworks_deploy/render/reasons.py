"""Reasons and notes as sentences, and the stable code of each reason. A new reason is a new case here.

What comes first is what a person reads of an object; `advice.py` has the cause and the fix.
"""

from functools import reduce
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
    DuplicateAdvanced,
    DuplicateOpen,
    Duplicates,
    EarlierUnmarked,
    EarlierUnreadable,
    Elected,
    FollowPlanned,
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
    NotSuperseded,
    NotTakenUp,
    ObjectUnreadable,
    Odd,
    OfOtherObject,
    OpenBefore,
    OtherAbolished,
    OtherEnded,
    OthersUnreadable,
    OtherType,
    Overtaken,
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
from .language import say, word
from .texts import born, by, called, joined, listed_as, moment, runs_listed, spent

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
    Overtaken: "newer_run_succeeded",
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
    FollowPlanned: "follow_planned",
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
UNCHANGED = "Production already has this version. Nothing has changed since this repository deployed it."
ANOTHER_FAILED = "Not started: another object did not succeed."
# The gateway remembers the nonce of a refused request too.
SENT_BEFORE = (
    "An earlier attempt of this job has sent this request. If all earlier attempts ended without a run, and none of "
    "them as `unknown` or `conflict`, nothing was created. Then start a new workflow run, or run this one again in "
    "half an hour."
)

UNMARKED = (
    "Runs show no descriptions here, so the run cannot be recognised by its mark. Compare the times instead."
)


def code(record: Record) -> str | None:
    """The stable code of why an object is as it is; None where nothing has happened yet."""
    return CODES[type(record.reason)] if record.reason else None


def message(record: Record) -> str:
    """All that is said of an object: what happened, what else is known of the run, how it ended, and the notes."""
    text = said(record.reason) if record.reason else ""
    used_up = spent(record)
    text = joined(f"{used_up[0].upper()}{used_up[1:]}{word('.')}" if used_up else "", text)
    if isinstance(record.reason, Interruption):
        text = joined(joined(text, _unseen(record)), undone(record.undone) if record.undone else "")
    ended = record.withdrawal if record.fate in {Fate.ABOLISHED, Fate.ENDED} else None
    if not (ended and isinstance(record.reason, RunEnded)):
        text = joined(text, withdrawal(ended) if ended else left(record.reason))
    text = reduce(joined, (_once(record), _unproven(record)), text)
    # The run that counts is named in any case.
    counts = (record.run_id,) if record.run_id else ()
    notes = (each for each in record.notes if not (isinstance(each, BegunBefore) and each.run_ids == counts))
    text = reduce(joined, map(note, notes), text)
    other = record.withdrawal if not ended else None
    return joined(text, withdrawal(other, record.run_id or "") if other else "")


def in_common(record: Record) -> str:
    """The same as it is said of several objects at once, where that is all there is to say of each."""
    alone = not (record.notes or record.withdrawal)
    match record.reason:
        case NothingChanged() if alone:
            return word(UNCHANGED)
        case LeftToPerson(_, stage, because) if alone:
            waits = say("Stage {stage} waits for {what}.", stage=stage, what=word(BECAUSE[because]))
            return joined(waits, word("The run was left open there, as on-approval asks."))
    return message(record)


def _unseen(record: Record) -> str:
    """Why it is not known better how a run stands."""
    if record.unread:
        return say(
            "The last {count} readings failed, the last one with: {said}.",
            count=record.unread.count,
            said=detailed(record.unread.fault),
        )
    if record.reading.odd:
        return odd(record.reading.odd)
    runs = record.reading
    if runs.running == "Check" and isinstance(record.reason, DeadlinePassed):
        return say(
            "Stage {stage} is still {status} and may wait for approval in DataWorks.",
            stage=runs.stage,
            status=RUNNING,
        )
    return ""


def _once(record: Record) -> str:
    """What one reading alone has shown of the run's end."""
    if record.seen_once:
        once = "One reading showed the run as {status}, and no second one has confirmed that."
        return say(once, status=record.reading.status)
    return word("It may still be open.") if isinstance(record.reason, LostSight) else ""


def _unproven(record: Record) -> str:
    """What the run has to show, where nobody has seen that it does: the ID in an answer proves nothing.

    A step that is killed may have seen it since it wrote this, so that nothing is said of that.
    """
    if record.run is None or record.run.claim is None or record.proven:
        return ""
    mark = record.run.claim.mark
    return say(
        "Check that this run has {mark} at the start of its description. If it does not, look for a run that does.",
        mark=mark,
    )


def look_first(mark: Mark | str) -> str:
    """What matters most, in front: the messages of very many objects are cut short in the outputs."""
    return say("Before you try again, look for a run with {mark} at the start of its description.", mark=mark)


def said(reason: Reason) -> str:
    """What happened, whatever happens to the run afterwards. Empty where the outcome says it all."""
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
        case (
            NothingChanged()
            | Planned()
            | FollowPlanned()
            | RunPlanned()
            | NoAccess()
            | InnerNode()
            | NoSuchObject()
        ):
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
            return word("Not started before the step ended.")
        case AnotherFailed(last):
            if last is None:
                return word(ANOTHER_FAILED)
            not_again = (
                "Could not be sent ({said}), and was not tried again: another object failed."
                if last.unsent
                else "Refused for now ({said}), and not sent again: another object failed."
            )
            return say(not_again, said=quoted(last))
        case NeedsFailed(because, name):
            return say(
                "Not started: {object} comes before this object and did not succeed.",
                object=called(because, name),
            )
        case NeedsOpen(because, name):
            return say(
                "Not started: {object} comes before this object, and its run waits for a person.",
                object=called(because, name),
            )
        case InFlight(mark):
            return joined(
                look_first(mark),
                word("The request to create a run was sent, and the step ended before the answer came."),
            )
        case AnswerLost():
            return _answer_lost(reason)
        case RefusedForNow(fault) | CreationRefused(fault):
            return words_of(fault)
        case NotSent(fault):
            return say("Not sent: {said}", said=words_of(fault))
        case Conflict(run, mark, wanted):
            lost = say(
                "Run {run} of {creator}, created {created}, is active on this object, and the request to create a "
                "run had no clear answer.",
                run=run.id,
                creator=by(run),
                created=born(run),
            )
            own = word("It shows no description, so it may be this job's own.") if reason.may_be_own else ""
            said = (lost, _opposite(run, wanted), own, word("It was left alone."), note(MayTurnUp(mark)))
            return reduce(joined, said)
        case OpenBefore(run, wanted):
            open_ = say(
                "Run {run} of {creator}, created {created}, is open on this object.",
                run=run.id,
                creator=by(run),
                created=born(run),
            )
            return reduce(
                joined, (open_, _opposite(run, wanted), word("It was left alone, and nothing was created."))
            )
        case OthersUnreadable(choice, fault):
            return say(
                "The action cannot read whether other runs of this object are open ({said}). With on-active-run: "
                "{choice} it then creates nothing.",
                said=quoted(fault),
                choice=choice,
            )
        case NotOurs(run, mark):
            return say(
                "The service answered the request to create a run with the ID of run {run} of {creator}, created "
                "{created}. That run does not bear this job's mark, so it was left alone. Nobody can tell whether a "
                "run was created for this job. Look for one with {mark} at the start of its description.",
                run=run.id,
                creator=by(run),
                created=born(run),
                mark=mark,
            )
        case EarlierUnmarked(runs):
            return say(
                "Before you try again, look at these runs: {runs}. No run of this workspace shows a "
                "description, so this re-run cannot tell whether one of them is an earlier attempt's. "
                "It created nothing.",
                runs=runs_listed(runs),
            )
        case EarlierUnreadable(intent, fault):
            unread = say(
                "An earlier attempt of this job may have left it: its runs cannot be read ({said}). This re-run "
                "created nothing.",
                said=quoted(fault),
            )
            return joined(look_first(any_mark(intent)), unread)
        case _ as never:
            assert_never(never)


def _answer_lost(reason: AnswerLost) -> str:
    """All that a person needs to find out what the machine could not."""
    creation, lost, until = reason.creation, reason.lost, reason.until
    began = moment(reason.since) if reason.since else word("the workflow run's first attempt")
    ids = [fault.request_id for fault in lost if fault.request_id]
    answered = any(fault.http_status for fault in lost)
    find = (
        (
            "In the deployment records of workspace {workspace} in DataWorks (undeployments too), "
            "search for runs of object {object} created between {began} and {until}."
        )
        if until
        else (
            "In the deployment records of workspace {workspace} in DataWorks (undeployments too), "
            "search for runs of object {object} created since {began}."
        )
    )
    text = reduce(
        joined,
        (
            look_first(reason.mark),
            word(UNMARKED) if reason.unmarked else "",
            say(
                "The action could not find out whether this run was created ({said}).", said=quoted(lost[-1])
            ),
            say(
                find,
                workspace=creation.project_id,
                object=creation.object_id,
                began=began,
                until=moment(until) if until else "",
            ),
            say("RequestIds: {ids}.", ids=listed_as(ids))
            if ids
            else word("RequestIds: none, because the answer has none.")
            if answered
            else word("RequestIds: none, because no answer came."),
        ),
    )
    text = joined(text, word(SENT_BEFORE) if reason.sent_before else "")
    return joined(text, _list_unread(reason))


def _list_unread(reason: AnswerLost) -> str:
    """The list of runs could not be read in the end, or never."""
    if reason.unread is None:
        return ""
    if not reason.never_read:
        return say("The last reading of the list of runs failed ({said}).", said=detailed(reason.unread))
    return say(
        "The step could not look for it: no reading of the list of runs succeeded ({said}).",
        said=detailed(reason.unread),
    )


def _opposite(run: Run, wanted: DeployType) -> str:
    """That a run does the opposite of what is wanted, by its stages; nothing where it may do what is wanted."""
    if run.may_be(wanted):
        return ""
    other = DeployType.OFFLINE if wanted is DeployType.ONLINE else DeployType.ONLINE
    stages = listed_as(f"{stage.code} ({stage.type})" for stage in run.ordered)
    return say(
        "It is an {other} run, and type is {wanted}. Its stages are {stages}.",
        other=other,
        wanted=wanted,
        stages=stages,
    )


def _of_run(
    reason: DeployedBefore
    | StageReached
    | LeftToPerson
    | NoSuchStage
    | RunEnded
    | OtherType
    | Overtaken
    | StageRefused
    | LostSight
    | NotElected,
) -> str:
    match reason:
        case DeployedBefore(run):
            return say(
                "An earlier attempt of this job has already done this (run {run}, created {created}). "
                "What others have done since was not checked. To do it again on every attempt, set "
                "on-rerun: redeploy.",
                run=run.id,
                created=born(run),
            )
        case StageReached(run, goal):
            if run.reached and run.reached.step > goal.step:
                return say("Run {run} has already passed stage {stage}.", run=run.id, stage=goal.code)
            return say("Stage {stage} has succeeded.", stage=goal.code)
        case LeftToPerson(run_id, stage_code, because):
            return say(
                "Stage {stage} of run {run_id} waits for {what}.",
                stage=stage_code,
                run_id=run_id,
                what=word(BECAUSE[because]),
            )
        case NoSuchStage(run_id, wanted, codes):
            return say(
                "until-stage: run {run_id} has no stage {wanted}. It has {codes}.",
                run_id=run_id,
                wanted=wanted,
                codes=listed_as(codes),
            )
        case RunEnded(run):
            failed = failed_stage(run)
            ended = (
                "Run {run} ended as {status} at stage {stage}: {why}"
                if failed
                else "Run {run} ended as {status}: {why}"
            )
            return say(
                ended,
                run=run.id,
                status=run.status,
                stage=failed.code if failed else "",
                why=service_said(run) or word("The service gives no reason."),
            )
        case OtherType(run, of_type):
            wrong = say("Run {run} is not of type {wanted}.", run=run.id, wanted=of_type)
            return reduce(joined, (wrong, _opposite(run, of_type), word("It was left as it is.")))
        case Overtaken(run, newer):
            return say(
                "Run {run}, created {created}, was not continued. The newer run {newer}, created {later}, has ended as "
                "Success. To continue the older run may undo what the newer one did.",
                run=run.id,
                created=born(run),
                newer=newer.id,
                later=born(newer),
            )
        case StageRefused(run_id, stage, fault):
            return say(
                "Stage {stage} of run {run_id} was not executed ({said}), and the run went no further.",
                stage=stage.code,
                run_id=run_id,
                said=quoted(fault),
            )
        case LostSight(run_id, fault):
            return say(
                "Run {run_id} cannot be read ({said}), so its end is not known.",
                run_id=run_id,
                said=quoted(fault),
            )
        case NotElected(run_id, fault):
            return say(
                "The list of runs cannot be read ({said}), so it is not known whether run {run_id} is this job's "
                "only run. Its stages were not executed.",
                run_id=run_id,
                said=quoted(fault),
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
            return say(
                "The run does not stop there: with run-mode: Auto the service continues to {stage}.",
                stage=to.code,
            )
        case StageReached(run, stage):
            last = run.reached
            passed = last and last.step > stage.step
            if last and passed:
                return say("It was left open at {stage}.", stage=last.code)
            return word("The run was left open there, as until-stage asks.")
        case LeftToPerson(run_id, _, because):
            own = because is not Because.FOREIGN
            then = say("Afterwards continue it with run-ids: {run_id}.", run_id=run_id) if own else ""
            return joined(word("The run was left open there, as on-approval asks."), then)
        case NoSuchStage():
            return say("It was left open.")
        case StageRefused(run_id):
            return say("When the cause is fixed, continue the run with run-ids: {run_id}.", run_id=run_id)
        case NotElected():
            return say("It may still be open.")
    return ""


def _of_named(
    reason: NotOfWorkspace | NamedOfOtherType | NotListed | OfOtherObject | ObjectUnreadable,
) -> str:
    match reason:
        case NotOfWorkspace(run_id, project_id, fault):
            answer = say(" ({said})", said=quoted(fault)) if fault else ""
            return say(
                "run-ids: {run_id} is not a run of workspace {project_id}{answer}.",
                run_id=run_id,
                project_id=project_id,
                answer=answer,
            )
        case NamedOfOtherType(run, wanted):
            return say(
                "run-ids: run {run} is not of type {wanted}. {opposite} Nothing was done with it.",
                run=run.id,
                wanted=wanted,
                opposite=_opposite(run, wanted),
            )
        case NotListed(run_id, object_id):
            return say(
                "run-ids: {run_id} was not found among the runs of object {object_id}. Nothing was done with it.",
                run_id=run_id,
                object_id=object_id,
            )
        case OfOtherObject(run_id, object_id, owner):
            return say(
                "run-ids: {run_id} is a run of object {owner}, not of object {object_id}. Nothing was done with it.",
                run_id=run_id,
                owner=owner,
                object_id=object_id,
            )
        case ObjectUnreadable(run_id, object_id, fault):
            return say(
                "Nothing was done with run {run_id}, because the runs of object {object_id} cannot be read ({said}).",
                run_id=run_id,
                object_id=object_id,
                said=quoted(fault),
            )
        case _ as never:
            assert_never(never)


def _of_plan(
    reason: NothingChanged | Planned | FollowPlanned | RunPlanned | NoAccess | InnerNode | NoSuchObject,
) -> str:
    match reason:
        case NothingChanged(run):
            return say(
                "Production already has this version: run {run}, created {created}, deployed it, and nothing has "
                "changed since.",
                run=run.id,
                created=born(run),
            )
        case FollowPlanned(run):
            return say(
                "Would follow somebody else's run {run} and create none, as on-active-run: adopt asks. None of its "
                "stages would be executed.",
                run=runs_listed((run,)),
            )
        case Planned(creation, active, superseded):
            creates = (
                "Would create a run that takes object {object_id} out of production."
                if creation.type is DeployType.OFFLINE
                else "Would create a run for object {object_id}."
            )
            text = say(creates, object_id=creation.object_id)
            text = joined(text, say("Open on it now: {runs}.", runs=runs_listed(active)) if active else "")
            ids = listed_as(each.id for each in superseded)
            first = say("Before that, on-active-run: supersede would abolish {runs}.", runs=ids)
            return joined(text, first if superseded else "")
        case RunPlanned(run) if run.ended:
            return say(
                "Would only report run {run}: it has already ended, as {status}.",
                run=run.id,
                status=run.status,
            )
        case RunPlanned(run):
            stage = run.reached
            at = f"{run.status}, {stage.code} {stage.status}" if stage else run.status
            text = say("Would continue run {run}, which is {status}.", run=run.id, status=at)
            unknown = "" if run.stages else word("It shows no stages yet, so its type is not known.")
            return joined(text, unknown)
        case NoAccess(fault):
            return say(
                "Nothing was planned, because the object's runs cannot be read: {said}", said=words_of(fault)
            )
        case InnerNode(node):
            return joined(word("The request would be refused."), note(Inside(node)))
        case NoSuchObject(creation, fault):
            return say(
                "The request would be refused: nothing in workspace {project_id} has the ID "
                "{object_id} ({said}), and no run of it exists.",
                project_id=creation.project_id,
                object_id=creation.object_id,
                said=quoted(fault),
            )
        case _ as never:
            assert_never(never)


def _of_end(reason: Interruption | Killed) -> str:
    match reason:
        case NotTakenUp(run_id, ended):
            cut_off = (
                "The step was cancelled before it was clear whether run {run_id} must be continued: nothing was done "
                "with it."
                if ended is End.CANCEL
                else "The deadline (timeout-minutes) passed before it was clear whether run {run_id} must be "
                "continued: nothing was done with it."
            )
            return say(cut_off, run_id=run_id)
        case StepCancelled(None):
            return say("The step was cancelled before it created a run.")
        case StepCancelled(run_id):
            return say("The step was cancelled before it saw run {run_id} end.", run_id=run_id)
        case BrokenOff(None):
            return say("An internal error ended the step before it created a run.")
        case BrokenOff(run_id):
            return say("An internal error ended the step before it saw run {run_id} end.", run_id=run_id)
        case DeadlinePassed(None, last):
            text = word("The deadline (timeout-minutes) passed before this step created a run.")
            return joined(text, say("Last answer: {said}", said=words_of(last)) if last else "")
        case DeadlinePassed(run_id):
            return say(
                "The deadline (timeout-minutes) passed before the step saw run {run_id} end.", run_id=run_id
            )
        case AwaitsPerson(run_id, stage, because):
            return say(
                "Stage {stage} of run {run_id} waits for {what}, and the deadline (timeout-minutes) passed.",
                stage=stage,
                run_id=run_id,
                what=word(BECAUSE[because]),
            )
        case Killed(run_id, abolishes=True):
            return say(
                "The step was killed before it saw run {run_id} end. At the end of the job a post step "
                "abolishes the run, unless it has begun to change production by then.",
                run_id=run_id,
            )
        case Killed(run_id):
            return say(
                "The step was killed before it saw run {run_id} end. Look at it in DataWorks, or continue it with "
                "run-ids: {run_id}.",
                run_id=run_id,
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
            found = listed_as(
                say(
                    "stage {stage} is {status}" if stage else "the run is {status}",
                    stage=stage,
                    status=status or word("nothing"),
                )
                for stage, status in places
            )
            return say("This action does not know the status: {found}.", found=found)
        case BrokenStage(stage, run_status):
            text = say(
                "Stage {stage} has ended as {status}, and the run is still {run_status}.",
                stage=stage.code,
                status=stage.status,
                run_status=run_status,
            )
            return joined(text, stage.message)
        case _ as never:
            assert_never(never)


def undone(what: Undone) -> str:
    """An execution that was refused for now, or that may have happened."""
    if what.refused:
        return say(
            "Stage {stage} waits to be executed. The service refused it: {said}.",
            stage=what.stage,
            said=quoted(what.fault),
        )
    return say(
        "Whether stage {stage} was executed is not known, because no clear answer came: {said}.",
        stage=what.stage,
        said=quoted(what.fault),
    )


def note(what: Note) -> str:
    """What is worth knowing of an object, however it ends."""
    match what:
        case FoundByMark(run):
            return say(
                "No clear answer came to the request to create a run. Run {run} was found by its mark, created by "
                "{creator}.",
                run=run.id,
                creator=by(run),
            )
        case MayTurnUp(mark):
            return say(
                "If a run appears later whose description begins with {mark}, it is this job's own: abolish it.",
                mark=mark,
            )
        case MayBeSecond(mark):
            return say(
                "One request to create it had no clear answer. If a second run appears whose description begins with "
                "{mark}, keep one of them and abolish the other.",
                mark=mark,
            )
        case SentAnew(mark, seconds):
            return say(
                "An earlier attempt sent this request, and no run of it appeared within {seconds:.0f} s. So it was "
                "sent again. If a second run appears whose description begins with {mark}, keep one of them and "
                "abolish the other.",
                seconds=seconds,
                mark=mark,
            )
        case Duplicates(run_ids):
            return say("Duplicate runs of this job: {run_ids}.", run_ids=listed_as(run_ids))
        case Supersedes(run_ids):
            return say(
                "Open runs of this repository that a new run was to replace: {run_ids}.",
                run_ids=listed_as(run_ids),
            )
        case NotSuperseded(run_ids, fault):
            last = say(" ({said})", said=quoted(fault)) if fault else ""
            return say("Of these, not ended: {run_ids}{last}.", run_ids=listed_as(run_ids), last=last)
        case BegunBefore(run_ids):
            return say("Earlier runs of this job: {run_ids}.", run_ids=listed_as(run_ids))
        case Elected(winner, before):
            return say("Run {winner} is continued instead of {before}.", winner=winner, before=before)
        case OtherEnded(run_id, status):
            return say("Run {run_id} has ended, as {status}.", run_id=run_id, status=status)
        case DuplicateAdvanced(run_id):
            return say(
                "Stages of run {run_id} were executed, so it was left alone. Look at it in DataWorks.",
                run_id=run_id,
            )
        case OtherAbolished(run_id):
            return say("Run {run_id} was abolished.", run_id=run_id)
        case DuplicateOpen(run_id, fault):
            return say(
                "Run {run_id} could not be abolished ({said}). Look at it in DataWorks.",
                run_id=run_id,
                said=quoted(fault),
            )
        case Inside(node):
            where = say(" ({said})", said=node.path) if node.path else ""
            if node.workflow:
                return say(
                    "The node{where} is inside the workflow {workflow}.",
                    where=where,
                    workflow=node.workflow,
                )
            return say("In Data Studio the node is {path}. The path may name its workflow.", path=node.path)
        case _ as never:
            assert_never(never)


_ABOLISHED = {
    End.CANCEL: "Run {run} was abolished when the step was cancelled{untouched}.",
    End.TIMEOUT: "Run {run} was abolished when the deadline passed{untouched}.",
    End.FAILURE: "Run {run} was abolished because the step failed (abolish-on: failure){untouched}.",
}


def withdrawal(what: Withdrawal, run_id: str = "") -> str:
    """What happened to a run of this job that the step tried to abolish at its end."""
    run = what.run
    name = run.id if run else run_id
    match what.fate:
        case Fate.ABOLISHED:
            return say(_ABOLISHED[what.by], run=name, untouched=untouched(run))
        case Fate.ENDED:
            ended = run.status if run else word("nothing")
            return say("Run {run} had ended by then, as {status}.", run=name, status=ended)
        case Fate.DEPLOYS:
            return say(
                "Run {run} has begun to change production, so it was not stopped. It goes on, unless a "
                "stage of it waits.",
                run=name,
            )
        case Fate.FOREIGN:
            return say("Run {run} does not bear this job's mark, and was left alone.", run=name)
        case Fate.UNSEEN:
            last = say(" ({said})", said=quoted(what.fault)) if what.fault else ""
            return say(
                "The step tried to abolish run {run} when it ended, and does not know whether that happened{last}.",
                run=name,
                last=last,
            )
        case _ as never:
            assert_never(never)


def untouched(run: Run | None) -> str:
    """Behind the word that a run was abolished: what it has changed until then, as its last reading shows it."""
    if run is None or not run.ended:
        return word(", which no reading shows yet")
    if run.may_have_deployed:
        return word("; production may have changed")
    if run.develops:
        return word("; development has changed, production has not changed")
    return word("; production has not changed")
