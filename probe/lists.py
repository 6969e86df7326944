"""What the answers of a trial say of lists of runs."""

from collections.abc import Mapping
from typing import Any

from .evidence import Judgement, NotSeenError, given, granted, second_of, stages_of
from .sandbox import PAGE_SIZE
from .service import Answer
from .trial import Trial


def shown(trial: Trial) -> Judgement:
    since, answer = trial.looks[-1] if trial.looks else (0.0, given(trial, "list"))
    if answer.status != 200:
        raise NotSeenError(f"{answer}")
    row = _row_of_first(trial, answer)
    return bool(row), f"{'shown' if row else 'not shown'} {since:.0f} s after the creation"


def ordered(trial: Trial) -> Judgement:
    older, newer = trial.sandbox.made[0], second_of(trial)
    rows = granted(trial, "list").rows
    ids, times = [row.get("Id") for row in rows], [int(str(row.get("CreateTime"))) for row in rows]
    if not {older, newer} <= {*ids}:
        raise NotSeenError("the list does not show both runs yet")
    falling = times == sorted(times, reverse=True) and ids.index(newer) < ids.index(older)
    return falling, f"{len(ids)} runs listed, {'' if falling else 'not '}newest first"


def paged(trial: Trial) -> Judgement:
    whole, pages = granted(trial, "list"), [granted(trial, name) for name in ("page 1", "page 2")]
    cut = [page.rows[0].get("Id") if len(page.rows) == 1 else None for page in pages]
    total, rows = whole.paging.get("TotalCount"), whole.rows
    if len(rows) < 2:
        raise NotSeenError("fewer than two runs are listed")
    counted = str(total) == str(len(rows)) or len(rows) == PAGE_SIZE
    good = counted and cut == [row.get("Id") for row in rows[:2]]
    return (
        good,
        f"TotalCount {total!r} over {len(rows)} rows; pages of one: {[len(page.rows) for page in pages]}",
    )


def kept(trial: Trial) -> Judgement:
    row = _row_of_first(trial, granted(trial, "list after the end"))
    return bool(row), f"{'listed' if row else 'not listed'} after its end"


def of_workspace(trial: Trial) -> Judgement:
    _listed_first(trial)
    whole = granted(trial, "workspace")
    before, after = (_state(granted(trial, name).run) for name in ("first beside the second", "late"))
    row = _row_of_first(trial, whole)
    if not row:
        return False, f"not among the {len(whole.rows)} runs listed"
    same = _state(row) in (before, after)
    if not same and before != after:
        raise NotSeenError("the run moved while it was listed")
    shown = f"{row.get('Status')} with {len(stages_of(row))} stages"
    return same and bool(stages_of(row)), f"{shown}, {'' if same else 'not '}as it is read alone"


def of_object(trial: Trial) -> Judgement:
    _listed_first(trial)
    answer = granted(trial, "list of unknown object")
    if not isinstance(answer.paging.get("PipelineRuns"), list):
        raise NotSeenError(f"{answer}, without a list")
    return not answer.rows, f"{len(answer.rows)} runs listed for an object that does not exist"


def _listed_first(trial: Trial) -> None:
    """See to it that the object's own list has shown the first run by then."""
    if not _row_of_first(trial, granted(trial, "list")):
        raise NotSeenError("the list of the object does not show the run yet")


def _row_of_first(trial: Trial, answer: Answer) -> Mapping[str, Any]:
    """How a list shows the first run; empty where it does not."""
    return next((row for row in answer.rows if row.get("Id") == trial.sandbox.made[0]), {})


def _state(run: Mapping[str, Any]) -> tuple[str, list[tuple[str, ...]]]:
    names = ("Step", "Code", "Type", "Status")
    return str(run.get("Status")), sorted(
        tuple(str(stage.get(name)) for name in names) for stage in stages_of(run)
    )
