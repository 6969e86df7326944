"""What the answers of a trial say of lists of runs."""

from .evidence import Judgement, NotSeenError, given, granted, second_of
from .sandbox import PAGE_SIZE
from .trial import Trial


def shown(trial: Trial) -> Judgement:
    since, answer = trial.looks[-1] if trial.looks else (0.0, given(trial, "list"))
    if answer.status != 200:
        raise NotSeenError(f"{answer}")
    shown = any(row.get("Id") == trial.sandbox.made[0] for row in answer.rows)
    return shown, f"{'shown' if shown else 'not shown'} {since:.0f} s after the creation"


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
    rows = granted(trial, "list after the end").rows
    mine = [row for row in rows if row.get("Id") == trial.sandbox.made[0]]
    return bool(mine), f"{'listed' if mine else 'not listed'} after its end"
