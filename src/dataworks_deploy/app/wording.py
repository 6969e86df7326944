"""Sentences that the app leaves behind with an object: what happened, and what a person does next."""

from collections.abc import Sequence
from datetime import UTC, datetime

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.mark import Mark
from dataworks_deploy.domain.model import Creation, Run


def words(fault: Fault) -> str:
    """What was said, in one line."""
    return f"{fault.code}: {fault.message}" if fault.code else fault.message


def moment(when: datetime) -> str:
    """A time as people search for it."""
    return when.strftime("%Y-%m-%d %H:%M:%S UTC")


def born(run: Run) -> str:
    """When the service says that a run was created."""
    return moment(datetime.fromtimestamp(run.created_ms / 1000, UTC))


def by(run: Run) -> str:
    """Who the service says created a run."""
    return run.creator or "an unknown creator"


def in_flight(mark: Mark) -> str:
    """For a request whose answer is still awaited: what stands if nothing more is heard."""
    return (
        "The creation was sent, and the step ended before its answer came. Do not redeploy before you have "
        f"looked for a run whose description begins with {mark}."
    )


def unknown(creation: Creation, mark: Mark, lost: Sequence[Fault], since: datetime, until: datetime) -> str:
    """All that a person needs to find out what the machine could not."""
    ids = [fault.request_id for fault in lost if fault.request_id]
    return (
        f"Nobody can tell whether a run was created for object {creation.object_id}: {words(lost[-1])}. "
        "Do not redeploy before you have looked: in DataWorks, open the deployment records of workspace "
        f"{creation.project_id} and search for a run of this object whose description begins with {mark}, "
        f"created between {moment(since)} and {moment(until)}. "
        f"RequestIds: {', '.join(ids) or 'none, no response came'}."
    )


def conflict(run: Run) -> str:
    """A creation was lost while somebody else's run is under way."""
    return (
        f"The answer to the creation was lost, and run {run.id} of {by(run)}, created {born(run)}, is active "
        "on this object. It was left alone. Look at it in DataWorks before you deploy again. To follow such "
        "a run set on-active-run: adopt; to go on beside it, ignore."
    )


def deployed_before(run: Run) -> str:
    """A re-run of the job found its work done."""
    return (
        f"Already deployed by an earlier attempt of this job (run {run.id}, created {born(run)}), "
        "not deployed again. To deploy on every attempt set on-rerun: redeploy."
    )


def no_look_back(fault: Fault) -> str:
    """A re-run of the job may not list the object's runs."""
    return (
        "This is a re-run of the job, and what its earlier attempts did cannot be read, so nothing was "
        f"created: {words(fault)}"
    )
