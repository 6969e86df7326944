"""Words that several sentences share: counts, times, runs."""

from collections.abc import Sequence
from datetime import UTC, datetime

from dataworks_deploy.domain.model import Run


def number(count: int, thing: str) -> str:
    """So many things."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


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


def runs_listed(runs: Sequence[Run]) -> str:
    """Some of the runs by name, the rest by number."""
    shown = ", ".join(f"{run.id} of {by(run)} since {born(run)}" for run in runs[:5])
    return f"{shown} and {len(runs) - 5} more" if len(runs) > 5 else shown
