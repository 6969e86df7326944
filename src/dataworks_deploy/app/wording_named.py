"""Sentences about runs that turn out not to be what they were named or taken for."""

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.model import DeployType, Run

from .wording import quoted


def not_yours(run_id: str, project_id: int, fault: Fault | None) -> str:
    """A run ID of the user's that leads nowhere."""
    said = f" ({quoted(fault)})" if fault else ""
    return f"run-ids: {run_id} is not a run of workspace {project_id}{said}."


def of_other_type(run: Run, wanted: DeployType) -> str:
    """A run ID of the user's that leads to a run that does the opposite."""
    return f"run-ids: {run.id} {opposite(run, wanted)}. Nothing was done with it."


def turned_out(run: Run, wanted: DeployType) -> str:
    """A run that was followed until it showed that it does the opposite."""
    return f"Run {run.id} {opposite(run, wanted)}. It was left as it is."


def opposite(run: Run, wanted: DeployType) -> str:
    """What tells that a run does the opposite, behind its name."""
    stages = ", ".join(f"{stage.code} ({stage.type})" for stage in run.ordered)
    return f"has not the stages of type: {wanted}, but {stages}"


def bare(run_id: str) -> str:
    """A young run, of which nobody can tell yet what it does."""
    return f"run {run_id} shows no stages yet, and so not its type: reading on"


def not_listed(run_id: str, object_id: str) -> str:
    """A run ID of the user's that was given with an object that does not show it; a list may lag for long."""
    return f"run-ids: {run_id} was not found among the runs of object {object_id}. Nothing was done with it."


def not_listed_yet(run_id: str, object_id: str, seconds: float) -> str:
    """A young run that may only be missing."""
    return f"run {run_id} is not among the runs of object {object_id} yet, looking again for {seconds:.0f} s"


def object_unread(run_id: str, object_id: str, fault: Fault) -> str:
    """Nobody can tell whether a run is of the object that it was given with."""
    return (
        f"Nothing was done with run {run_id}, because the runs of object {object_id} cannot be read "
        f"({quoted(fault)})."
    )
