"""Whether a run is this job's own: a creation may be answered with the ID of any run there is."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from .mark import Mark, any_mark, parse_mark
from .model import SUCCESS, Run
from .reconcile import CLOCK_SKEW_MS

# A gateway that refuses a nonce has received it within half an hour; clocks differ.
FENCE_MS = 30 * 60 * 1000 + CLOCK_SKEW_MS
# What an earlier attempt of a job has created is looked for among runs of this age.
DAY_MS = 24 * 60 * 60 * 1000


class Shows(Enum):
    """What a run shows of itself."""

    OURS = auto()  # a mark of ours
    NOTHING = auto()  # no description, and it may be ours by its age
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Claim:
    """What makes a run this job's own: a mark of the same intent as this one.

    `since_ms` (UTC) is when its creation was asked for, None once a reading has proven that it is ours: until then one
    that shows no description is not, if it is older.
    """

    mark: Mark
    since_ms: int | None = None

    def weigh(self, run: Run) -> Shows:
        """What the run shows for it."""
        its, start = parse_mark(run.description), any_mark(self.mark.intent)
        if its:
            return Shows.OURS if its.intent == self.mark.intent else Shows.OTHER
        # A service may cut descriptions short.
        if not (start.startswith(run.description) or run.description.startswith(start)):
            return Shows.OTHER
        is_older = self.since_ms is not None and run.created_ms < self.since_ms - CLOCK_SKEW_MS
        return Shows.OTHER if is_older else Shows.NOTHING


def undescribed(runs: Iterable[Run], since_ms: int) -> tuple[Run, ...]:
    """Runs created since then that show no description and have not failed: any of them may be ours."""
    return tuple(
        run
        for run in runs
        if not run.description and run.created_ms >= since_ms and (not run.ended or run.status == SUCCESS)
    )
