"""Sentences about runs that were to be abolished with the step."""

from dataworks_deploy.domain.fate import Fate

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.model import Run

from .end import End
from .wording import quoted

_ABOLISHED = {
    End.CANCEL: "when the step was cancelled",
    End.TIMEOUT: "when the deadline had passed",
    End.FAILURE: "because the step has failed (abolish-on: failure)",
}


def abolished(run: Run, by: End) -> str:
    """A run of this job was ended with the step; whether a reading shows it depends on when there was one."""
    shown = "; nothing of it had reached production" if run.ended else ", which no reading shows yet"
    return f"Run {run.id} was abolished {_ABOLISHED[by]}{shown}."


def had_ended(run: Run) -> str:
    """A run of this job was to be ended with the step, and needs no end any more."""
    return f"Run {run.id} had ended by then, as {run.status}."


def not_abolished(run_id: str, fate: Fate, last: Fault | None = None) -> str:
    """A run of this job was to be ended with the step, and was not; `last` is what was said of the last try."""
    if fate is Fate.DEPLOYS:
        return f"Run {run_id} has begun to deploy and was left alone: it goes on, unless a stage of it waits."
    said = f" ({quoted(last)})" if last else ""
    return f"Run {run_id} was to be abolished when the step ended, and is not known to have been{said}."
