"""What the answers of a trial say of each claim: true or false, and what was seen. Nothing here makes a call."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .sandbox import PAGE_SIZE, TERMINAL
from .service import Answer
from .trial import LONG, Trial

TYPES = frozenset({"Build", "Check", "Deploy", "Offline", "Delete"})
CHANGES = frozenset({"Deploy", "Offline", "Delete"})
NOT_RUNNING, NO_OBJECT = "流水线不是正在运行", "未找到发布对象"
SKEW_MS = 600_000  # the action's tolerance between its clock and the service's

Judgement = tuple[bool, str]


class NotSeenError(Exception):
    """There is no answer to judge by; says which."""


def _answer(trial: Trial, name: str) -> Answer:
    """An answer that was given, whatever it says."""
    answer = trial.answers.get(name)
    if answer is None:
        raise NotSeenError("not tried here")
    if not answer.status or answer.status >= 500 or answer.code.startswith("Throttling"):
        raise NotSeenError(f"{answer}")
    return answer


def _good(trial: Trial, name: str) -> Answer:
    """An answer that is no error."""
    answer = _answer(trial, name)
    if answer.status != 200:
        raise NotSeenError(f"{answer}")
    return answer


def _second(trial: Trial) -> str:
    """The ID of the second run."""
    names = ("second", "second, short")
    ids = [trial.answers[name].body.get("Id") for name in names if name in trial.answers]
    if not any(ids):
        raise NotSeenError("there is no second run")
    return next(str(each) for each in ids if each)


def _stages(run: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found = run.get("Stages")
    return found if isinstance(found, list) else []


def echoed(trial: Trial) -> Judgement:
    sent, run = trial.sent["first"], _good(trial, "read").run
    rows = [row for row in trial.looks[-1][1].rows if row.get("Id") == run.get("Id")]
    same = [shown.get("Description") == sent for shown in (run, *rows)]
    length = len(str(run.get("Description")))
    return all(same), f"{length} of {len(sent)} characters; the same in {sum(same)} of {len(same)} answers"


def long(trial: Trial) -> Judgement:
    refused = _answer(trial, "second")
    if refused.status != 200 and _answer(trial, "second, short").status == 200:
        return False, f"a description of {LONG} characters: {refused}; a short one was taken"
    back = str(_good(trial, "second read").run.get("Description"))
    return back == trial.sent["second"], f"{len(back)} of {LONG} characters came back"


def at_once(trial: Trial) -> Judgement:
    answer = _answer(trial, "read")
    return answer.run.get("Id") == trial.sandbox.made[0], f"{answer}"


def shown(trial: Trial) -> Judgement:
    since, answer = trial.looks[-1] if trial.looks else (0.0, _answer(trial, "list"))
    if answer.status != 200:
        raise NotSeenError(f"{answer}")
    shown = any(row.get("Id") == trial.sandbox.made[0] for row in answer.rows)
    return shown, f"{'shown' if shown else 'not shown'} {since:.0f} s after the creation"


def ordered(trial: Trial) -> Judgement:
    older, newer = trial.sandbox.made[0], _second(trial)
    rows = _good(trial, "list").rows
    ids, times = [row.get("Id") for row in rows], [int(str(row.get("CreateTime"))) for row in rows]
    if not {older, newer} <= {*ids}:
        raise NotSeenError("the list does not show both runs yet")
    falling = times == sorted(times, reverse=True) and ids.index(newer) < ids.index(older)
    return falling, f"{len(ids)} runs listed, {'' if falling else 'not '}newest first"


def paged(trial: Trial) -> Judgement:
    whole, pages = _good(trial, "list"), [_good(trial, name) for name in ("page 1", "page 2")]
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
    rows = _good(trial, "list after the end").rows
    mine = [row for row in rows if row.get("Id") == trial.sandbox.made[0]]
    return bool(mine), f"{'listed' if mine else 'not listed'} after its end"


def fenced(trial: Trial) -> Judgement:
    names = [name for name in ("nonce again", "nonce at the end") if name in trial.answers]
    answers = [_answer(trial, name) for name in names or ["nonce again"]]
    good = all(answer.refused and answer.code == "SignatureNonceUsed" for answer in answers)
    return good, f"{answers[0]}" + "".join(
        f"; {each.sent - answers[0].sent:.0f} s later {each}" for each in answers[1:]
    )


def beside(trial: Trial) -> Judgement:
    second = trial.answers.get("second, short") or _answer(trial, "second")
    if second.status != 200:
        return False, f"{second}"
    status = _good(trial, "first beside the second").run.get("Status")
    return status not in TERMINAL, f"a second run was created, the first one is {status}"


def prepared(trial: Trial) -> Judgement:
    stages = _stages(_good(trial, "late").run)
    if not stages:
        raise NotSeenError("the run shows no stages")
    moved = [f"{stage.get('Code')} {stage.get('Status')}" for stage in stages if stage.get("Type") in CHANGES]
    return all(text.endswith(" Init") for text in moved) and bool(moved), ", ".join(moved)


def shaped(trial: Trial) -> Judgement:
    stages = _stages(_good(trial, "late").run)
    shapes = [f"{stage.get('Step')} {stage.get('Code')} ({stage.get('Type')})" for stage in stages]
    good = [
        stage.get("Type") in TYPES and str(stage.get("Step")).isdigit() and bool(stage.get("Status"))
        for stage in stages
    ]
    steps = {str(stage.get("Step")) for stage in stages}
    return bool(good) and all(good) and len(steps) == len(stages), ", ".join(shapes)


def abolished(trial: Trial) -> Judgement:
    abolished, run = _answer(trial, "abolished"), _good(trial, "ended").run
    status = run.get("Status")
    good = abolished.status == 200 and status in TERMINAL - {"Success"}
    return good, f"{abolished}, then {status}"


def executed_once(trial: Trial) -> Judgement:
    first, again = _good(trial, "executed"), _answer(trial, "executed again")
    return again.refused, f"{first}, then {again}"


def refused(*names: str) -> Callable[[Trial], Judgement]:
    def judge(trial: Trial) -> Judgement:
        answers = [_answer(trial, name) for name in names]
        return all(answer.refused for answer in answers), "; ".join(map(str, answers))

    return judge


def not_found(trial: Trial) -> Judgement:
    answer = _answer(trial, "unknown object")
    return answer.refused and NO_OBJECT in answer.message, _worded(answer, NO_OBJECT)


def not_running(trial: Trial) -> Judgement:
    answer = _answer(trial, "execute after the end")
    if answer.refused and NOT_RUNNING not in answer.message:
        raise NotSeenError(f"{answer}, perhaps for the stage, which is made up")
    return answer.refused, _worded(answer, NOT_RUNNING)


def _worded(answer: Answer, words: str) -> str:
    return f"{answer}, {'in these words' if words in answer.message else 'in other words'}"


def identified(trial: Trial) -> Judgement:
    answers = [answer for answer in trial.sandbox.service.answers if answer.status]
    without = [f"{answer.action} {answer}" for answer in answers if not answer.request_id]
    return not without, f"{len(answers) - len(without)} of {len(answers)} answers" + "".join(
        f"; not {w}" for w in without
    )


def timed(trial: Trial) -> Judgement:
    created, run = _good(trial, "first"), _good(trial, "read").run
    times = [run.get(name) for name in ("CreateTime", "ModifyTime")]
    digits = [len(str(time)) if str(time).isdigit() else 0 for time in times]
    if digits != [13, 13]:
        return False, f"digits: {digits}"
    skew = int(str(times[0])) - 1000 * created.came
    return abs(skew) <= SKEW_MS, f"13 digits each, {skew / 1000:+.0f} s against this machine's clock"


def only_first(trial: Trial) -> Judgement:
    created, items = _good(trial, "two objects"), _good(trial, "items of two objects").rows
    ids = [str(item.get("Id")) for item in items]
    return bool(created.body.get("Id")) and ids == [trial.sandbox.object_id], f"{len(ids)} objects in the run"
