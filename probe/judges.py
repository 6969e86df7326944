"""What the answers of a trial say of each claim: true or false, and what was seen. Nothing here makes a call."""

from collections.abc import Callable

from . import flowspec
from .evidence import Judgement, NotSeenError, given, granted, stages_of
from .sandbox import TERMINAL
from .service import Answer
from .trial import LONG, Trial

TYPES = frozenset({"Build", "Check", "Deploy", "Offline", "Delete"})
CHANGES = frozenset({"Deploy", "Offline", "Delete"})
NOT_RUNNING, NO_OBJECT = "流水线不是正在运行", "未找到发布对象"
USED = "SignatureNonceUsed"
SKEW_MS = 600_000  # the action's tolerance between its clock and the service's


def echoed(trial: Trial) -> Judgement:
    sent, run = trial.sent["first"], granted(trial, "read").run
    rows = [row for row in trial.looks[-1][1].rows if row.get("Id") == run.get("Id")]
    same = [shown.get("Description") == sent for shown in (run, *rows)]
    length = len(str(run.get("Description")))
    return all(same), f"{length} of {len(sent)} characters; the same in {sum(same)} of {len(same)} answers"


def long(trial: Trial) -> Judgement:
    refused = given(trial, "second")
    if refused.status != 200 and given(trial, "second, short").status == 200:
        return False, f"a description of {LONG} characters: {refused}; a short one was taken"
    back = str(granted(trial, "second read").run.get("Description"))
    return back == trial.sent["second"], f"{len(back)} of {LONG} characters came back"


def at_once(trial: Trial) -> Judgement:
    answer = given(trial, "read")
    return answer.run.get("Id") == trial.sandbox.made[0], f"{answer}"


def fenced(trial: Trial) -> Judgement:
    names = [name for name in ("nonce again", "nonce at the end") if name in trial.answers]
    answers = [given(trial, name) for name in names or ["nonce again"]]
    good = all(answer.refused and answer.code == USED for answer in answers)
    return good, f"{answers[0]}" + "".join(
        f"; {each.sent - answers[0].sent:.0f} s later {each}" for each in answers[1:]
    )


def beside(trial: Trial) -> Judgement:
    second = given(trial, "second, short" if "second, short" in trial.answers else "second")
    if second.status != 200:
        return False, f"{second}"
    status = granted(trial, "first beside the second").run.get("Status")
    return status not in TERMINAL, f"a second run was created, the first one is {status}"


def prepared(trial: Trial) -> Judgement:
    stages = stages_of(granted(trial, "late").run)
    if not stages:
        raise NotSeenError("the run shows no stages")
    moved = [f"{stage.get('Code')} {stage.get('Status')}" for stage in stages if stage.get("Type") in CHANGES]
    return all(text.endswith(" Init") for text in moved) and bool(moved), ", ".join(moved)


def shaped(trial: Trial) -> Judgement:
    stages = stages_of(granted(trial, "late").run)
    shapes = [f"{stage.get('Step')} {stage.get('Code')} ({stage.get('Type')})" for stage in stages]
    good = [
        stage.get("Type") in TYPES and str(stage.get("Step")).isdigit() and bool(stage.get("Status"))
        for stage in stages
    ]
    steps = {str(stage.get("Step")) for stage in stages}
    return bool(good) and all(good) and len(steps) == len(stages), ", ".join(shapes)


def abolished(trial: Trial) -> Judgement:
    abolished, run = given(trial, "abolished"), granted(trial, "ended").run
    status = run.get("Status")
    good = abolished.status == 200 and status in TERMINAL - {"Success"}
    return good, f"{abolished}, then {status}"


def executed_once(trial: Trial) -> Judgement:
    first, again = granted(trial, "executed"), given(trial, "executed again")
    return again.refused, f"{first}, then {again}"


def refused(*names: str) -> Callable[[Trial], Judgement]:
    def judge(trial: Trial) -> Judgement:
        answers = [given(trial, name) for name in names]
        return all(answer.refused for answer in answers), "; ".join(map(str, answers))

    return judge


def not_found(trial: Trial) -> Judgement:
    answer = given(trial, "unknown object")
    return answer.refused and NO_OBJECT in answer.message, _worded(answer, NO_OBJECT)


def used_up(trial: Trial) -> Judgement:
    first, again = given(trial, "unknown object"), given(trial, "unknown object again")
    return again.refused and again.code == USED, f"{first}, then {again}"


def located(trial: Trial) -> Judgement:
    nodes, object_id = granted(trial, "nodes inside").rows, trial.sandbox.object_id
    if "node inside" not in trial.answers:
        raise NotSeenError("the object is no workflow with a node in it")
    try:
        found = flowspec.texts(str(granted(trial, "node inside").node.get("Spec")))
    except (ValueError, RecursionError):
        return False, "no FlowSpec"
    taken = flowspec.workflow(found, str(nodes[0].get("Id")))
    places = [place for place, text in found.items() if text == object_id]
    if found.get(taken) == object_id:
        return True, f"named at {taken}"
    elsewhere = f"named at {places[0]}" if places else "named nowhere"
    return False, f"{elsewhere}, {f'another ID at {taken}' if taken else 'and no ID where it is looked for'}"


def not_running(trial: Trial) -> Judgement:
    answer = given(trial, "execute after the end")
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
    created, run = granted(trial, "first"), granted(trial, "read").run
    times = [run.get(name) for name in ("CreateTime", "ModifyTime")]
    digits = [len(str(time)) if str(time).isdigit() else 0 for time in times]
    if digits != [13, 13]:
        return False, f"digits: {digits}"
    skew = int(str(times[0])) - 1000 * created.came
    return abs(skew) <= SKEW_MS, f"13 digits each, {skew / 1000:+.0f} s against this machine's clock"


def only_first(trial: Trial) -> Judgement:
    created, items = granted(trial, "two objects"), granted(trial, "items of two objects").rows
    ids = [str(item.get("Id")) for item in items]
    first, second = trial.sandbox.object_id, f"{trial.sandbox.object_id}2"
    return (
        bool(created.body.get("Id")) and first in ids and second not in ids,
        f"{len(ids)} objects in the run, the second one {'among them' if second in ids else 'not'}",
    )
