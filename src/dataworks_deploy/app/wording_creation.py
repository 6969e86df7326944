"""Sentences about the creation of a run: what became of it, and how its run is recognised."""

from collections.abc import Sequence
from datetime import datetime

from dataworks_deploy.domain.ending import Fault, Refusal
from dataworks_deploy.domain.mark import Mark, any_mark
from dataworks_deploy.domain.model import Creation, DeployType, Node, Run

from .wording import SKIPPED, born, by, listed, moment, quoted, words
from .wording_named import opposite
from .wording_reading import detailed


def look_first(mark: Mark | str) -> str:
    """What matters most, in front: the messages of very many objects are cut short in the outputs."""
    return f"Do not redeploy before you have looked for a run whose description begins with {mark}"


def in_flight(mark: Mark) -> str:
    """For a request whose answer is still awaited: what stands if nothing more is heard."""
    return f"{look_first(mark)}: the creation was sent, and the step ended before its answer came."


# The gateway remembers what a refused request has used up as well as it does for one that was carried out.
SENT_BEFORE = (
    "An earlier attempt of this job has sent this request. Only if all earlier attempts ended without a run, none of "
    "them as `unknown` or `conflict`, was nothing created: then start a new workflow run, or run this one again in "
    "half an hour."
)


def unknown(
    creation: Creation,
    mark: Mark,
    lost: Sequence[Fault],
    since: datetime | None,
    until: datetime | None,
) -> str:
    """All that a person needs to find out what the machine could not.

    `since` is None for a re-run of the job, `until` as long as the request may still be sent or carried out.
    """
    began = moment(since) if since else "the workflow run's first attempt"
    when = f"between {began} and {moment(until)}" if until else f"since {began}"
    ids = [fault.request_id for fault in lost if fault.request_id]
    answered = any(fault.http_status for fault in lost)
    none = "none, what was answered bears none" if answered else "none, no response came"
    return (
        f"{look_first(mark)}: nobody can tell whether it was created ({quoted(lost[-1])}). In DataWorks, open the "
        f"deployment records of workspace {creation.project_id} and search for runs of object {creation.object_id} "
        f"that were created {when}. RequestIds: {', '.join(ids) or none}."
    )


def not_seen(fault: Fault, *, always: bool) -> str:
    """The list of runs could not be read in the end, or never."""
    if not always:
        return f"The last reading of the list of runs failed ({detailed(fault)})."
    return (
        "The step has not seen whether it is there: no reading of the list of runs succeeded "
        f"({detailed(fault)})."
    )


def refused(why: Refusal, fault: Fault) -> str:
    """A creation that is not tried again; where nothing was reached nobody has refused it."""
    return f"Not sent: {words(fault)}" if why is Refusal.UNREACHABLE else words(fault)


def found_again(run: Run) -> str:
    """A run that no clear answer told of."""
    return f"There was no clear answer to the creation; run {run.id} was found by its mark, created by {by(run)}."


def inside(node: Node) -> str:
    """Where an object lies that cannot be deployed alone."""
    where = f" ({node.path})" if node.path else ""
    if node.workflow:
        return f"The node{where} lies inside the workflow {node.workflow}."
    return f"In Data Studio the node is {node.path}, which may name its workflow." if node.path else ""


def conflict(run: Run, mark: Mark, wanted: DeployType) -> str:
    """A creation was lost while somebody else's run is under way."""
    other = "" if run.may_be(wanted) else f" It {opposite(run, wanted)}."
    return (
        f"The answer to the creation was lost, and run {run.id} of {by(run)}, created {born(run)}, is active "
        f"on this object.{other} It was left alone. {may_turn_up(mark)}"
    )


def leftovers(runs: Sequence[Run]) -> str:
    """Runs of somebody else that are too old to have to do with a lost creation."""
    return f"still active on this object, and left alone: {listed(runs)}"


def deployed_before(run: Run) -> str:
    """A re-run of the job found its work done."""
    return (
        f"Done already by an earlier attempt of this job (run {run.id}, created {born(run)}), and not done again. "
        "To do it on every attempt set on-rerun: redeploy."
    )


def may_turn_up(mark: Mark) -> str:
    """Somebody else's run is reported, and what became of our own request is not known."""
    return (
        "The answer to this job's own creation was lost: should a run turn up whose description begins with "
        f"{mark}, abolish it."
    )


def may_be_second(mark: Mark) -> str:
    """A run is carried on; what became of one of the requests for it is not proven."""
    return (
        "What became of a request for it that was lost is not proven: should a second run turn up whose "
        f"description begins with {mark}, keep one of them and abolish the other."
    )


def twins(kept: str | None, others: Sequence[Run]) -> str:
    """Several runs bear the same mark, or will."""
    names = ", ".join(run.id for run in others)
    if kept is None:
        return f"open runs of this job's earlier attempts: {names}; they give way to a new one"
    return f"{len(others) + 1} runs bear this job's mark; {kept} is kept, not {names}"


def duplicates(others: Sequence[Run]) -> str:
    """The same, to stand with the object's result."""
    return f"Duplicate runs of this job: {', '.join(run.id for run in others)}."


def held_back(fault: Fault | None) -> str:
    """A creation that is not wanted any more; one that was refused for now was not carried out."""
    return (
        f"Refused for now ({quoted(fault)}), and not sent again: another object failed." if fault else SKIPPED
    )


def unelected(run_id: str, fault: Fault) -> tuple[str, str]:
    """A run that may have rivals, which nobody can see any more."""
    why = (
        f"Whether run {run_id} is this job's only one cannot be seen: the list of runs cannot be read "
        f"({quoted(fault)}). It was not advanced."
    )
    return why, "It may still be open."


def elected(winner: str, before: str) -> str:
    """Another run of the mark is carried on than the one that was named first."""
    return f"Run {winner} is carried on instead of {before}."


def duplicate_ended(run: Run) -> str:
    """One that needs no end any more."""
    return f"Run {run.id} has ended, as {run.status}."


def duplicate_advanced(run: Run) -> str:
    """One that is left to people, because it may reach production."""
    return f"Run {run.id} has been advanced, and was left alone: look at it in DataWorks."


def duplicate_abolished(run: Run) -> str:
    """One that was ended."""
    return f"Run {run.id} was abolished."


def duplicate_open(run: Run, fault: Fault) -> str:
    """One that could not be ended."""
    return f"Run {run.id} could not be abolished ({quoted(fault)}): look at it in DataWorks."


def no_look_back(intent: str, fault: Fault) -> str:
    """A re-run of the job may not list the object's runs."""
    return (
        f"{look_first(any_mark(intent))}, which an earlier attempt of this job may have left: what those did cannot be "
        f"read ({quoted(fault)}). This re-run has created nothing."
    )
