"""The order in which runs are listed, kept for each workspace and each object."""

from bisect import bisect_right, insort
from collections import defaultdict

from dataworks_emulator.stages import Run

# More than the rounding error of a time in seconds since 1970.
MARGIN = 1e-3


class Listing:
    """All runs, oldest first. A run without a workspace is listed in all of them."""

    def __init__(self, lag: float) -> None:
        """`lag`: a run is missing for so many seconds after its creation."""
        self._lag = self._longest_lag = lag
        self._rows: defaultdict[tuple[str, str], list[Run]] = defaultdict(list)

    def add(self, run: Run) -> None:
        """Add a new run."""
        for object_id in ("", run.object_id):
            insort(self._rows[run.project, object_id], run, key=_order)

    def hide(self, run: Run, seconds: float) -> None:
        """Hide a run from the list for so many seconds after its creation."""
        run.hidden_for = seconds
        self._longest_lag = max(self._longest_lag, seconds)

    def shown(self, project: str, object_id: str, when: float) -> list[Run]:
        """Return the runs of a workspace, or of one object, that the list showed at that time, oldest first."""
        rows = self._rows.get((project, object_id), [])
        everywhere = self._rows.get(("", object_id), [])
        if everywhere and project:
            rows = sorted([*rows, *everywhere], key=_order)
        # Only the newest runs may still be missing.
        sure = bisect_right(rows, when - self._longest_lag - MARGIN, key=lambda run: run.created)
        young = [run for run in rows[sure:] if run.created + max(self._lag, run.hidden_for) <= when]
        return rows[:sure] + young


def _order(run: Run) -> tuple[float, int]:
    return run.created, run.number
