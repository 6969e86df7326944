"""Sentences that the app leaves behind with an object: what happened to its run, and with the step."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from dataworks_deploy.domain.ending import Fault, Refusal, Refused, Unclear
from dataworks_deploy.domain.model import SUCCESS, TERMINAL, Creation, DeployType, Run, Stage
from dataworks_deploy.domain.outcome import ObjectResult, Outcome

from .end import End

MOST_WORDS = 400
SKIPPED = "Not started: another object failed before."


def words(fault: Fault) -> str:
    """What was said; cut, because what a person has to do comes behind it."""
    said = f"{fault.code}: {fault.message}" if fault.code else fault.message
    return said if len(said) <= MOST_WORDS else said[: MOST_WORDS - 1] + "…"


def quoted(fault: Fault) -> str:
    """The same within a sentence of ours, which has a stop of its own."""
    return words(fault).rstrip(" .。")


def joined(said: str, more: str) -> str:
    """Two texts as one; the first may be the service's, and end without a stop or with one of Chinese."""
    stop = "" if said.endswith((".", "!", "?", "…")) else "."
    return f"{said.rstrip(' 。')}{stop} {more}" if said and more else said or more


def moment(when: datetime) -> str:
    """A time as people search for it."""
    return when.strftime("%Y-%m-%d %H:%M:%S UTC")


def born(run: Run) -> str:
    """When the service says that a run was created."""
    return moment(datetime.fromtimestamp(run.created_ms / 1000, UTC)) if run.created_ms else "(time unknown)"


def by(run: Run) -> str:
    """Who the service says created a run: mostly the number of an account."""
    return f"account {run.creator}" if run.creator.isdecimal() else run.creator or "an unknown creator"


def listed(runs: Sequence[Run]) -> str:
    """Some of the runs by name, the rest by number."""
    shown = ", ".join(f"{run.id} of {by(run)} since {born(run)}" for run in runs[:5])
    return f"{shown} and {len(runs) - 5} more" if len(runs) > 5 else shown


def left_to_person(entry: ObjectResult) -> str:
    """Why a stage is not executed that could be."""
    if entry.foreign:
        return ", because the run is somebody else's and is only followed"
    return ", because advance: false leaves all stages to people"


def needs_person(run_id: str, stage: Stage, why: str) -> str:
    """A stage that no call moves, or that is left to a person."""
    return (
        f"stage {stage.code} ({stage.type} {stage.status}) of run {run_id} waits for a person{why}: approve or "
        "execute it in DataWorks, in the run's details"
    )


def still_waiting(run_id: str, stage: str, why: str) -> str:
    """The deadline passed in front of a person."""
    return (
        f"Stage {stage} of run {run_id} waits for a person{why}, and the deadline (timeout-minutes) passed."
    )


def timed_out(run_id: str) -> str:
    """The deadline passed while the run was under way."""
    return f"The deadline (timeout-minutes) passed while run {run_id} was under way."


def cut_short(run_id: str | None) -> str:
    """The step was cancelled."""
    if run_id is None:
        return "The step was cancelled before it created a run."
    return f"The step was cancelled while run {run_id} was under way."


def not_begun(run_id: str, why: str) -> str:
    """The step ended before a run of the user's was known to be what it was given as."""
    return f"{why} before it was clear whether run {run_id} is to be continued: nothing was done with it."


def left_by_a_kill(entry: ObjectResult) -> ObjectResult:
    """What is true of an object if the step is killed now: a run under way is no success, unless it was left open
    on purpose."""
    if entry.outcome is not Outcome.CREATED or entry.finished_at:
        return entry
    text = (
        f"The step was killed while run {entry.run_id} was under way, so that its end is not known. Look at it in "
        f"DataWorks, or continue it with run-ids: {entry.run_id}."
    )
    return replace(entry, outcome=Outcome.CANCELLED, message=f"{text} {entry.remark}".strip())


def broken_off(run_id: str | None) -> str:
    """An error of this action's own ended the step."""
    if run_id is None:
        return "An internal error ended the step before it created a run."
    return f"An internal error ended the step while run {run_id} was under way."


Left = tuple[str, str]  # what is true of a run whatever becomes of it, and what is while it is left as it is


def reached(stage: Stage, run: Run, automatic_until: str) -> Left:
    """until-stage did its work, or came too late for it; the service may go on by itself."""
    last, goes_on_to = run.reached, run.stage(automatic_until)
    passed = last and last.step > stage.step
    why = f"Run {run.id} has passed {stage.code} already." if passed else f"Stage {stage.code} has succeeded."
    if goes_on_to and goes_on_to.step > stage.step:
        return (
            why,
            f"The run is not held up there: run-mode: Auto has the service go on to {goes_on_to.code}.",
        )
    if last and passed:
        return why, f"It was left open at {last.code}."
    return why, "The run was left open there, as until-stage asks."


def no_such_stage(run_id: str, wanted: str, codes: Sequence[str]) -> Left:
    """until-stage names a stage that does not exist."""
    return f"until-stage: run {run_id} has no stage {wanted}. It has {', '.join(codes)}.", "It was left open."


def ended(run: Run) -> str:
    """A run that ended otherwise than in success, in its own words where it has any."""
    stage = next((each for each in run.ordered if each.status in TERMINAL - {SUCCESS}), None)
    reason = (stage.message if stage else "") or run.message or "The service gives no reason."
    where = f" at stage {stage.code}" if stage else ""
    return f"Run {run.id} ended as {run.status}{where}: {reason}"


def not_done(stage: Stage, ending: Refused | Unclear) -> str:
    """An execution without success: a used nonce is refused as well, and tells nothing of the first use."""
    clear = isinstance(ending, Refused) and ending.why is not Refusal.NONCE_USED
    return f"{stage.code} {'was not' if clear else 'may not have been'} executed ({words(ending.fault)})"


def not_answered(stage: Stage, fault: Fault) -> str:
    """An execution of which nobody can tell whether it has happened."""
    return f"Stage {stage.code} was to be executed, and no clear answer came: {quoted(fault)}."


def tried_enough(times: int) -> str:
    """Why a stage is left to people that is executed otherwise."""
    return f", because it still does after {times} executions"


def not_executed_yet(stage: Stage, fault: Fault) -> str:
    """An execution that is refused for now, and tried again."""
    return f"Stage {stage.code} waits to be executed, which was refused: {quoted(fault)}."


def not_advanced(run_id: str, stage: Stage, fault: Fault) -> Left:
    """An execution that was refused for good."""
    return (
        f"Stage {stage.code} of run {run_id} was not executed ({quoted(fault)}), and nothing more was deployed.",
        f"When the cause is mended, continue the run with run-ids: {run_id}.",
    )


def lost_sight(run_id: str, fault: Fault) -> Left:
    """A run that cannot be read, for a reason that patience does not mend."""
    return f"Run {run_id} cannot be read ({quoted(fault)}), so its end is not known.", "It may still be open."


def heartbeat(entries: Sequence[ObjectResult], calls: int) -> str:
    """What is under way while nothing changes."""
    shown = [
        f"{entry.object_id} {entry.stage or entry.status or _beginning(entry)}"
        + (" waits for a person" if entry.waits_for else "")
        + (f", {entry.unread} readings failed" if entry.unread else "")
        for entry in entries[:5]
    ]
    more = f" and {len(entries) - 5} more" if len(entries) > 5 else ""
    return f"still under way: {', '.join(shown)}{more}; {calls} API call{'' if calls == 1 else 's'} so far"


def _beginning(entry: ObjectResult) -> str:
    if entry.named:
        return "being looked at"
    return "created" if entry.run_id else "being created"


_BEFORE_IT_WAS_LOOKED_AT = {
    End.CANCEL: (Outcome.CANCELLED, "The step was cancelled"),
    End.TIMEOUT: (Outcome.TIMED_OUT, "The deadline (timeout-minutes) passed"),
}


def interrupted(entry: ObjectResult, *, by: End) -> tuple[Outcome, str]:
    """What is true of an object whose work was cut off."""
    if entry.outcome is Outcome.UNKNOWN:
        return Outcome.UNKNOWN, entry.why
    if entry.started_at is None:
        return Outcome.SKIPPED, entry.why or "Not started before the step ended."
    if entry.run_id and entry.named and entry.status is None and by in _BEFORE_IT_WAS_LOOKED_AT:
        outcome, why = _BEFORE_IT_WAS_LOOKED_AT[by]
        return outcome, not_begun(entry.run_id, why)
    if by is End.CANCEL:
        return Outcome.CANCELLED, cut_short(entry.run_id)
    if by is not End.TIMEOUT:
        return Outcome.FAILED, broken_off(entry.run_id)
    if entry.run_id is None:
        last = f" Last: {words(entry.fault)}" if entry.fault and not entry.unread else ""
        return (
            Outcome.TIMED_OUT,
            f"The deadline (timeout-minutes) passed before this step created a run.{last}",
        )
    if entry.waits_for:
        return Outcome.WAITING, still_waiting(entry.run_id, entry.waits_for, entry.waits_because)
    return Outcome.TIMED_OUT, timed_out(entry.run_id)


def planned(creation: Creation, active: Sequence[Run]) -> str:
    """A dry run of a creation."""
    what = f"for object {creation.object_id}"
    if creation.type is DeployType.OFFLINE:
        what = f"that takes object {creation.object_id} out of production"
    text = f"Would create one pipeline run {what}."
    if active:
        text += f" Active on it now: {listed(active)}."
    return text


def planned_run(run: Run) -> str:
    """A dry run of a continuation."""
    if run.ended:
        return f"Would only report run {run.id}: it has ended already, as {run.status}."
    stage = run.reached
    where = f" at {stage.code} {stage.status}" if stage else ""
    unknown = "" if run.stages else " It shows no stages yet, so whether it is of this type is not known."
    return f"Would continue run {run.id}, which is {run.status}{where}.{unknown}"


def no_access(fault: Fault) -> str:
    """A dry run found that nothing can be read."""
    return f"Nothing was planned, because the object's runs cannot be read: {words(fault)}"
