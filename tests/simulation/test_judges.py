"""Each judge finds its own kind of mistake: a test changes a good history in one place."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dataworks_deploy.domain.ending import Fault, Refusal, Refused, Unclear
from dataworks_deploy.domain.model import Run, RunId
from dataworks_emulator import Failure

from ..integration.job import KEY
from .actor import Attempt
from .invariants import judge
from .operations import ABOLISH, CREATE, EXECUTE, GET, LIST, NODE, WORKFLOW
from .outputs import read_results
from .play import History, objects_of, play
from .schedule import Deed, Held, Job, Kill, Schedule, Step, object_id
from .wire import Sent


def rewrite(attempt: Attempt, **changes: Any) -> None:
    """Change what the outputs say about the first object."""
    results = read_results(attempt, [])
    results[0] |= changes
    outputs = dict(attempt.runner._outputs) | {"results": json.dumps(results)}
    outputs["run-ids"] = json.dumps([result["run_id"] for result in results])
    outputs["run-id"] = results[0]["run_id"] or ""
    outputs["request-ids"] = json.dumps([result["request_id"] for result in results])
    outputs["request-id"] = results[0]["request_id"] or ""
    outcomes = [result["outcome"] for result in results]
    outputs["succeeded-count"] = str(outcomes.count("succeeded"))
    outputs["unknown-count"] = str(outcomes.count("unknown"))
    attempt.runner._outputs = outputs
    attempt.status = None


def ask(attempt: Attempt, **inputs: str) -> None:
    """Give a step other inputs afterwards."""
    given = ((name.replace("_", "-"), value) for name, value in inputs.items())
    attempt.step = replace(attempt.step, inputs=(*attempt.step.inputs, *given))


def a_foreign_run(history: History) -> None:
    truth = history.service.truth
    (foreign,) = truth.runs(who="alice")
    truth.record("abolished", foreign["time"], run_id=foreign["run_id"], who="key-0-1", stopped=False)


def too_many_calls(history: History) -> None:
    sent = history.attempts[0].sent
    sent.extend(replace(sent[-1]) for _ in range(60))


def too_many_calls_in_all(history: History) -> None:
    sent = history.attempts[0].sent
    sent.extend(replace(sent[-1], at=sent[-1].at + number) for number in range(1, 1000))
    history.attempts[0].status = None  # so that no judge compares the number of calls


def received(history: History, number: int) -> dict[str, Any]:
    """The received creation with this number, so that a test can change it."""
    return [
        each
        for each in history.service.truth._events
        if each["event"] == "received" and "ObjectIds" in each["params"]
    ][number]


def one_mark_for_two_objects(history: History) -> None:
    received(history, 1)["params"]["Description"] = received(history, 0)["params"]["Description"]


def a_generation_after_nothing(history: History) -> None:
    text = received(history, 0)["params"]["Description"]
    received(history, 0)["params"]["Description"] = text.replace(":g1", ":g2")


def a_stage_that_nobody_saw_wait(history: History) -> None:
    attempt = history.attempts[0]
    attempt.sent[:] = [call for call in attempt.sent if call.action != "GetPipelineRun"]


def a_stage_twice(history: History) -> None:
    sent = history.attempts[0].sent
    first = next(call for call in sent if call.action == "ExecPipelineRunStage")
    sent.insert(sent.index(first) + 1, replace(first, at=first.at + 0.01))


def an_abolition_of_what_deploys(history: History) -> None:
    sent = history.attempts[0].sent
    last = [call for call in sent if call.action == "GetPipelineRun"][-1]
    sent.append(replace(last, at=(last.answered or 0.0) + 1, action="AbolishPipelineRun"))


SPOILT: list[tuple[Callable[[History], None], set[str]]] = [
    (a_foreign_run, {"I7"}),
    (too_many_calls, {"I8"}),
    (too_many_calls_in_all, {"I8"}),
    (one_mark_for_two_objects, {"I1"}),
    (a_generation_after_nothing, {"I1"}),
    (a_stage_that_nobody_saw_wait, {"I2"}),
    (a_stage_twice, {"I2"}),
    (an_abolition_of_what_deploys, {"I7", "I11"}),
]


@pytest.mark.parametrize(("spoil", "names"), SPOILT)
def test_a_changed_history_breaks_the_expected_invariants(
    spoil: Callable[[History], None], names: set[str]
) -> None:
    history = play(Schedule(1, objects=2, deeds=(Deed(600.0, "deploy"),)))
    assert judge(history).broken == []

    spoil(history)

    assert names <= judge(history).names


def nothing_handed_on(attempt: Attempt) -> None:
    attempt.runner.state = {}


def a_post_step_that_does_nothing(attempt: Attempt) -> None:
    attempt.post_sent.clear()


def a_post_step_that_nobody_wants(attempt: Attempt) -> None:
    ask(attempt, abolish_on="cancel")


@pytest.mark.parametrize(
    "spoil", [nothing_handed_on, a_post_step_that_does_nothing, a_post_step_that_nobody_wants]
)
def test_the_judges_compare_the_work_of_the_post_step_with_the_inputs(
    spoil: Callable[[Attempt], None],
) -> None:
    inputs = (("abolish-on", "timeout"), ("timeout-minutes", "0.2"), ("advance", "false"))
    steps = (Step(post=True),)
    history = play(Schedule(1, jobs=(Job(0, steps),), inputs=inputs, faults=("AbolishPipelineRun:*:drop",)))
    assert judge(history).broken == []
    assert history.attempts[0].post_sent

    spoil(history.attempts[0])

    assert "I11" in judge(history).names


def saying_afterwards(old: str, new: str) -> Callable[[Attempt], None]:
    """Change a text in the summary of the post step."""

    def spoil(attempt: Attempt) -> None:
        runner = attempt.post_runner
        assert old in runner.summary_text
        runner.summary_text = runner.summary_text.replace(old, new)

    return spoil


def nothing_said_afterwards(attempt: Attempt) -> None:
    attempt.post_runner.summary_text = ""


def a_post_step_that_takes_longer(attempt: Attempt) -> None:
    attempt.post_ended = (attempt.post_began or 0.0) + 60.01


ABOLISHED = "was abolished; production has not changed"
LEFT_OPEN = "could not be abolished"


@pytest.mark.parametrize(
    ("faults", "spoil", "name"),
    [
        ((), nothing_said_afterwards, "I3"),
        ((), saying_afterwards(ABOLISHED, "had ended by then, as Fail"), "I4"),
        ((f"{ABOLISH}:*:drop",), saying_afterwards(LEFT_OPEN, ABOLISHED), "I4"),
        ((), saying_afterwards("7567482277219400001", KEY.token.encode().hex()), "I5"),
        ((), a_post_step_that_takes_longer, "I9"),
    ],
)
def test_the_summary_and_the_duration_of_the_post_step_are_judged(
    faults: tuple[str, ...], spoil: Callable[[Attempt], None], name: str
) -> None:
    step = Step(kill=Kill(at=2.0), post=True)
    history = play(Schedule(1, jobs=(Job(0, (step,)),), settings=(("stage_seconds", 30.0),), faults=faults))
    assert judge(history).broken == []

    spoil(history.attempts[0])

    assert name in judge(history).names


def test_a_post_step_that_uses_its_sixty_seconds_breaks_no_invariant() -> None:
    """The lists do not arrive in time. The post step says so, and the judges accept it."""
    lost = (f"{CREATE}:*:drop", f"{LIST}:*:delay:14")
    history = play(Schedule(1, jobs=(Job(0, (Step(kill=Kill(at=5.0), post=True),)),), faults=lost))
    (attempt,) = history.attempts

    assert judge(history).broken == []
    assert (attempt.post_ended or 0.0) - (attempt.post_began or 0.0) == pytest.approx(60.0)
    assert "no run was found and abolished in time" in attempt.post_runner.lines[-1]


@pytest.mark.parametrize("how", ["alone", "beside"])
def test_runs_are_continued_by_their_ids(how: str) -> None:
    steps = (Step(inputs=(("until-stage", "PROD_CHECK"),)), Step(resume=how))
    history = play(Schedule(1, objects=2, jobs=(Job(0, steps),)))

    assert judge(history).broken == []
    assert [result["outcome"] for result in read_results(history.attempts[1], [])] == ["succeeded"] * 2
    assert {event["who"] for event in history.service.truth.of("stage_executed", stage="PROD")} == {"key-0-2"}


def test_the_judges_find_runs_that_are_continued_for_another_object() -> None:
    steps = (Step(inputs=(("until-stage", "PROD_CHECK"),)), Step(resume="alone"))
    history = play(Schedule(1, objects=2, jobs=(Job(0, steps),)))
    one, two = objects_of(history.schedule)
    attempt = history.attempts[1]

    named = [run.id for run in history.service.runs]
    attempt.step = replace(attempt.step, resume="")
    ask(attempt, run_ids=",".join(named), object_ids=f"{two},{one}")
    rewrite(attempt, object_id=two)

    assert {"I4", "I7"} <= judge(history).names


def test_the_judges_find_an_abolished_run_that_was_named() -> None:
    history = play(Schedule(1, jobs=(Job(0, (Step(), Step(resume="alone"))),)))
    truth = history.service.truth
    (run,) = truth.runs()

    truth.record("abolished", run["time"], run_id=run["run_id"], who="key-0-2", stopped=False)

    assert judge(history).names == {"I7"}


# One delivery created a run, the other one was refused for now, and nothing remembers the nonce.
DELIVERED_TWICE = Schedule(
    69672,
    jobs=(Job(2, (Step(),)),),
    settings=(
        ("nonce_fence", False),
        ("edition", "basic"),
        ("workspace", {"workflows": [{"name": "ods_pay_3", "path": "订单/ods_pay_3"}]}),
    ),
    faults=(f"{CREATE}:1:duplicate",),
    inputs=(("object-ids", ""), ("objects", "workflow:订单/**"), ("only-changed", "true")),
)
# The first request came through only after two re-runs, whose runs failed and showed no marks.
LATE_AND_UNMARKED = Schedule(
    74080,
    jobs=(Job(0, (Step(), Step(), Step())),),
    settings=(
        ("show_descriptions", False),
        ("failures", (Failure(object_id(1), "PROD_CHECK", "no such table"),)),
    ),
    faults=(f"{CREATE}:1:late:731",),
)
# The workflow that holds the upstream node is not selected, and no list shows nodes inside workflows.
UPSTREAM_UNSEEN = Schedule(
    71856,
    settings=(
        (
            "workspace",
            {
                "workflows": [
                    {"name": "ods", "nodes": [{"id": object_id(502), "name": "inner"}]},
                    {"name": "ads_pay", "nodes": [{"name": "outer", "after": [object_id(502)]}]},
                ]
            },
        ),
        ("inner_listed", False),
    ),
    inputs=(("object-ids", ""), ("objects", "ads_pay"), ("preflight", "true"), ("upstream", "include")),
)
# Somebody undeploys a resource one second before the second step. Lists are late, and a resource has no TaskId.
TAKEN_OUT_UNSEEN = Schedule(
    142615,
    jobs=(Job(0, (Step(),)), Job(1, (Step(),), start=68.0)),
    settings=(("list_lag", 5.0), ("workspace", {"resources": [{"id": object_id(1), "name": "conf"}]})),
    deeds=(Deed(67.0, "undeploy to the end"),),
    inputs=(("object-ids", object_id(1)), ("preflight", "true"), ("only-changed", "true")),
)
# Somebody deletes an object and takes it out of production. The lists still show it, as one that is missing there.
DELETED_AND_TAKEN_OUT = Schedule(
    1052444,
    jobs=(Job(0, (Step(), Step())),),
    settings=(
        (
            "workspace",
            {
                "production": True,
                "nodes": [
                    {"id": object_id(1), "name": "dwd"},
                    {"id": object_id(2), "name": "ads", "after": [object_id(1)]},
                ],
            },
        ),
        ("draft_lag", 20.0),
    ),
    deeds=(Deed(0.0, "delete", run=1), Deed(0.0, "undeploy to the end")),
    inputs=(
        ("object-ids", ""),
        ("objects", f"node:{object_id(2)}"),
        ("preflight", "true"),
        ("upstream", "include"),
    ),
)
# The lists show an object that is deleted just before another one is read, which needs it since then.
NEEDED_WHEN_DELETED = Schedule(
    172430,
    settings=(
        (
            "workspace",
            {
                "nodes": [{"id": object_id(1), "name": "old"}, {"id": object_id(2), "name": "ods"}],
                "edits": [
                    {"before": "GetNode:1", "object": object_id(2), "after": [object_id(1)]},
                    {"before": "GetNode:1", "object": object_id(1), "remove": True},
                ],
            },
        ),
    ),
    inputs=(("fail-fast", "false"), ("object-ids", ""), ("objects", f"od*\n{object_id(1)}")),
)
# Somebody edits a node three seconds before it is read, and the answer is older than that.
EDITED_UNSEEN = Schedule(
    253208,
    jobs=(Job(0, (Step(),)), Job(1, (Step(),), start=135.0)),
    settings=(("workspace", {"nodes": [{"id": object_id(1), "name": "dwd"}]}),),
    faults=("GetNode:2:stale",),
    deeds=(Deed(132.0, "edit", run=6),),
    inputs=(("only-changed", "true"),),
)
# A node inside a workflow cannot be read, so it is taken for an object, with the upstream objects that lists show.
INNER_UNREAD = Schedule(
    308445,
    settings=(
        (
            "workspace",
            {
                "nodes": [{"id": object_id(3), "name": "ods"}],
                "workflows": [{"name": "ads", "nodes": [{"name": "inner", "after": [object_id(3)]}]}],
            },
        ),
    ),
    faults=("GetNode:1-2:error:stage-order",),
    inputs=(("object-ids", ""), ("objects", "inner"), ("preflight", "true"), ("upstream", "include")),
)
INNER_UNREAD_AND_NEEDED = Schedule(
    333016,
    settings=(
        (
            "workspace",
            {
                "nodes": [{"id": object_id(3), "name": "ads", "after": [object_id(400)]}],
                "workflows": [{"name": "dwd", "nodes": [{"id": object_id(400), "name": "inner"}]}],
            },
        ),
    ),
    faults=("GetNode:1-2:error:stage-order",),
    inputs=(("object-ids", ""), ("objects", "inner\nads"), ("preflight", "true"), ("fail-fast", "false")),
)
NOTHING_HAS_THE_ID = Schedule(348934, settings=(("workspace", {"nodes": []}),), inputs=(("dry-run", "true"),))
# A list shows the run only when it is read for the other object. Until then it was given up.
LISTED_TOO_LATE = Schedule(
    416153,
    objects=2,
    jobs=(Job(0, (Step(), Step(resume="beside", inputs=(("max-parallel", "4"),)))),),
    settings=(("edition", "basic"), ("retry_after_ms", 2000), ("list_lag", 5.0)),
    inputs=(("settle-seconds", "4"), ("wait", "false")),
)
# The step abolishes both runs. That of the second object is seen to end long before the first one is given up.
ABOLISHED_LONG_BEFORE_THE_END = Schedule(
    419731,
    objects=2,
    jobs=(Job(0, (Step(outage=(2.67, 56.42), inputs=(("max-parallel", "4"),)),)),),
    settings=(("list_lag", 59.0),),
    faults=("AbolishPipelineRun:1:duplicate",),
    held=(Held("GetPipelineRun", 3, 71.0),),
    inputs=(("abolish-on", "cancel,failure,timeout"), ("until-stage", "NOWHERE")),
)
# A step stops at once. Its next attempt and a copy then create a run each, which look like anybody's.
A_COPY_UNMARKED = Schedule(
    560881,
    jobs=(Job(0, (Step(stop=0.0), Step())), Job(0, (Step(),), start=3.0)),
    settings=(("nonce_fence", False), ("stage_seconds", 200.0), ("show_descriptions", False)),
)
# Six passes over a list, and each one misses something else.
NEVER_SETTLED = Schedule(
    2299,
    settings=(
        ("workspace", {"nodes": [{"id": object_id(each), "name": f"n{each}"} for each in range(1, 16)]}),
        ("list_drift", 3),
        ("page_rows", 5),
    ),
    inputs=(("object-ids", ""), ("objects", "**"), ("dry-run", "true")),
)
# The run of the first object is left open, as asked. That it failed is seen only at the end of the step.
SEEN_TO_FAIL_AT_THE_END = Schedule(
    602870,
    objects=3,
    settings=(("stages", "standard"), ("stage_seconds", 5.0), ("abolish_status", "Fail")),
    faults=(f"{ABOLISH}:1-3:commit+json:7",),
    inputs=(
        ("max-parallel", "1"),
        ("timeout-minutes", "0.25"),
        ("abolish-on", "timeout"),
        ("until-stage", "BUILD_PACKAGE"),
    ),
)
# The network delivers the request of a re-run twice, and no list shows its run for two minutes.
OWN_NONCE_MET = Schedule(
    761483,
    jobs=(Job(0, (Step(kill=Kill(at=0.17)), Step(gap=493.0))),),
    settings=(("list_lag", 120.0),),
    faults=(f"{CREATE}:1:truncate", f"{CREATE}:2:duplicate", f"{CREATE}:1-3:error:no-object"),
    inputs=(("settle-seconds", "10"),),
)
# A run could not be read, and was given up. Later a list that was read for another object showed it.
SHOWN_AFTER_IT_WAS_GIVEN_UP = Schedule(
    760630,
    objects=3,
    jobs=(
        Job(0, (Step(outage=(0.92, 67.36)),)),
        Job(0, (Step(),), start=0.17),
    ),
    settings=(("list_lag", 30.0), ("init_seconds", 60.0), ("show_descriptions", False)),
    faults=(f"{CREATE}:1:truncate",),
    held=(Held(CREATE, 1, 27.3),),
    latency=0.5,
    inputs=(
        ("settle-seconds", "10"),
        ("max-parallel", "4"),
        ("fail-fast", "false"),
        ("on-active-run", "ignore"),
        ("wait", "false"),
    ),
)
# The same, and the end of the step reads the run before it abolishes it.
READ_AFTER_IT_WAS_GIVEN_UP = Schedule(
    787108,
    objects=2,
    jobs=(Job(0, (Step(outage=(10.31, 70.76)),)),),
    faults=(f"{CREATE}:1:commit+delay:13",),
    inputs=(
        ("settle-seconds", "10"),
        ("fail-fast", "false"),
        ("abolish-on", "cancel,failure,timeout"),
        ("wait", "false"),
    ),
)
# No node may be read, so nobody knows that the node uses the function, whose run is lost.
USE_UNREAD = Schedule(
    846670,
    settings=(
        (
            "workspace",
            {
                "nodes": [
                    {"id": object_id(1), "name": "ads", "uses": ["mask"]},
                    {"id": object_id(3), "name": "dwd"},
                ],
                "functions": [{"id": object_id(2), "name": "mask", "production": True}],
            },
        ),
    ),
    faults=("GetNode:1:error:NoPermission", f"{CREATE}:1:late:29.15"),
    inputs=(
        ("settle-seconds", "10"),
        ("fail-fast", "false"),
        ("object-ids", object_id(3)),
        ("objects", "**"),
        ("preflight", "true"),
    ),
)
# Calls are scarce, so a creation that nobody can receive is given up after its second try.
NEVER_SENT = Schedule(
    888362,
    objects=3,
    jobs=(Job(0, (Step(),)), Job(1, (Step(outage=(0.18, 70.33)),), start=0.2)),
    settings=(("edition", "basic"),),
    faults=(f"{CREATE}:2:json:7",),
    inputs=(("settle-seconds", "4"), ("max-parallel", "4"), ("wait", "false")),
)
# The list that would show the run of the killed attempt is garbage three times. Later lists are about other runs.
LEFT_UNREAD = Schedule(
    896810,
    jobs=(Job(0, (Step(kill=Kill(at=3.0)), Step(inputs=(("objects", "**\n!ods"),)))),),
    settings=(
        (
            "workspace",
            {
                "nodes": [
                    {"id": object_id(each), "name": name}
                    for each, name in enumerate(("ods", "dwd", "ads"), 1)
                ]
            },
        ),
        ("stage_seconds", 5.0),
    ),
    faults=(f"{LIST}:2-4:json:[]",),
    inputs=(("object-ids", ""), ("objects", "ods"), ("preflight", "true"), ("max-parallel", "auto")),
)
EXCUSED = [
    DELIVERED_TWICE,
    LATE_AND_UNMARKED,
    UPSTREAM_UNSEEN,
    TAKEN_OUT_UNSEEN,
    DELETED_AND_TAKEN_OUT,
    NEEDED_WHEN_DELETED,
    EDITED_UNSEEN,
    INNER_UNREAD,
    INNER_UNREAD_AND_NEEDED,
    NOTHING_HAS_THE_ID,
    LISTED_TOO_LATE,
    ABOLISHED_LONG_BEFORE_THE_END,
    A_COPY_UNMARKED,
    NEVER_SETTLED,
    SEEN_TO_FAIL_AT_THE_END,
    OWN_NONCE_MET,
    SHOWN_AFTER_IT_WAS_GIVEN_UP,
    READ_AFTER_IT_WAS_GIVEN_UP,
    USE_UNREAD,
    NEVER_SENT,
    LEFT_UNREAD,
]


@pytest.mark.parametrize("schedule", EXCUSED)
def test_the_judges_excuse_what_no_step_can_know(schedule: Schedule) -> None:
    assert judge(play(schedule)).broken == []


SLOW = (("stage_seconds", 5.0),)
NO_FENCE = ("nonce_fence", False)
CARRIED_ON = Schedule(1, jobs=(Job(0, (Step(kill=Kill(at=0.3)), Step(resume="beside"))),), settings=SLOW)
TAKEN_OVER = Schedule(
    1, jobs=(Job(0, (Step(kill=Kill(at=3.0)), Step(stop=20.0))),), inputs=(("advance", "false"),)
)
STOPPED = Schedule(1, jobs=(Job(0, (Step(stop=3.0),)),), settings=SLOW)
STOPPED_IN_DOUBT = Schedule(1, jobs=(Job(0, (Step(stop=3.0),)),), faults=(f"{CREATE}:*:drop",))
LOST_TWICE = Schedule(1, faults=(f"{CREATE}:1-2:drop",))
ADOPTED = Schedule(
    3662,
    held=(Held(CREATE, 1, 121.05),),
    deeds=(Deed(8.65, "deploy"), Deed(100.0, "execute"), Deed(103.0, "execute")),
    inputs=(("on-active-run", "adopt"),),
)
DEPLOYED_TWICE = Schedule(
    876, jobs=(Job(0, (Step(), Step(gap=60.0))), Job(0, (Step(),))), settings=(NO_FENCE,)
)
ELECTED = Schedule(
    5,
    jobs=(Job(0, (Step(),)), Job(0, (Step(),))),
    settings=(NO_FENCE,),
    faults=(f"{CREATE}:1-2:commit+drop",),
)
# The second request of the first copy comes just before the older run of the other copy is seen and continued.
OUTDONE = Schedule(
    1,
    jobs=(Job(0, (Step(),)), Job(0, (Step(),))),
    settings=(NO_FENCE,),
    faults=(f"{CREATE}:1:drop", f"{CREATE}:2:lag:4.04"),
    inputs=(("settle-seconds", "4"),),
)
# A run that appears when the gateway no longer knows the nonce.
FORGOTTEN = Schedule(
    1,
    jobs=(Job(0, (Step(kill=Kill(call=1, phase="arrived")), Step(gap=1900.0))),),
    faults=(f"{CREATE}:1:late:2400",),
)
# An answer names somebody else's run, and the step is killed before or while it reads that run.
MISLED = Schedule(
    55029, jobs=(Job(0, (Step(kill=Kill(at=0.05)),)),), faults=(f"{CREATE}:1:commit+foreign-id",)
)
MISLED_AT_LAST = Schedule(
    55029,
    objects=3,
    jobs=(
        Job(
            0,
            (
                Step(
                    kill=Kill(call=2, phase="sent", action=EXECUTE),
                    inputs=(("max-parallel", "3"),),
                ),
            ),
        ),
    ),
    faults=(f"{CREATE}:3:commit+foreign-id",),
)
# A dry run to which the service says that an existing node does not exist.
DRY = (("dry-run", "true"),)
SAID_TO_BE_ABSENT = Schedule(51677, faults=(f"{NODE}:1:status:404",), inputs=DRY)
SAID_TO_BE_ABSENT_AGAIN = Schedule(
    55289, jobs=(Job(0, (Step(), Step())),), faults=(f"{NODE}:2:status:404",), inputs=DRY
)
A_RUN = Run(RunId("r"), "Running", description="by hand")


def saying(number: int, **changes: Any) -> Callable[[History], None]:
    """Change what one of the steps says about the first object."""

    def spoil(history: History) -> None:
        rewrite(history.attempts[number], **changes)

    return spoil


def saying_of_itself(number: int, outcome: str) -> Callable[[History], None]:
    """Change the outcome of one of the steps."""

    def spoil(history: History) -> None:
        runner = history.attempts[number].runner
        runner._outputs = dict(runner._outputs) | {"outcome": outcome}

    return spoil


def asking(**changes: str) -> Callable[[History], None]:
    """Give the first step other inputs afterwards."""

    def spoil(history: History) -> None:
        ask(history.attempts[0], **changes)

    return spoil


def a_success_of_the_other_type(history: History) -> None:
    for event in history.service.truth._events:
        if event["event"] == "committed":
            event["type"] = "Offline"


def nothing_lost(history: History) -> None:
    for call in history.attempts[0].sent:
        if call.action == CREATE:
            call.ending = Refused(Refusal.THROTTLED, Fault("too fast"))


def nothing_abolished(history: History) -> None:
    attempt = history.attempts[1]
    attempt.sent[:] = [call for call in attempt.sent if call.at < (attempt.stopped or 0.0)]
    events = history.service.truth._events
    events[:] = [event for event in events if event["event"] != "abolished"]
    assert not [call for call in attempt.sent if call.action == ABOLISH]


def a_last_list_that_did_not_come(history: History) -> None:
    last = [call for call in history.attempts[0].sent if call.action == LIST][-1]
    last.ending = Unclear(Fault("the connection was closed"))


def the_same_request_much_later(history: History) -> None:
    first, second = history.attempts
    first.sent.extend(second.sent)
    for event in history.service.truth._events:
        if event.get("who") == second.caller:
            event["who"] = first.caller


def a_step_that_was_stopped_before_it_spoke_of_twins(history: History) -> None:
    attempt = history.attempts[2]
    attempt.ended = attempt.stopped = (attempt.ended or 0.0) + 3.0
    rewrite(attempt, message="")


def a_stage_again_and_again(history: History) -> None:
    sent = history.attempts[0].sent
    sent.extend([next(call for call in sent if call.action == EXECUTE)] * 3)


def a_run_that_was_not_the_elected_one(history: History) -> None:
    """The copy was shown both runs, and continues its own, which is the younger one."""
    attempt = history.attempts[1]
    one, other = (run.id for run in history.service.runs)
    for call in attempt.sent:
        if call.action == EXECUTE:
            call.run_id = other if call.run_id == one else one


def a_list_that_was_not_asked_for(history: History) -> None:
    sent = history.attempts[0].sent
    sent.remove([call for call in sent if call.action == LIST][-1])


def a_run_that_was_just_told_to_deploy(history: History) -> None:
    sent = history.attempts[0].sent
    place = next(n for n, call in enumerate(sent) if call.action == ABOLISH)
    run_id, at = sent[place].run_id, sent[place].at - 1
    sent.insert(place, Sent(at, EXECUTE, "", run_id, "PROD", ending=Unclear(Fault("reset"))))


def the_request_id_of_answer(number: int) -> Callable[[History], None]:
    """Give the first step the RequestId of this answer to its creations."""

    def spoil(history: History) -> None:
        attempt = history.attempts[0]
        rewrite(
            attempt, request_id=[call.request_id for call in attempt.sent if call.action == CREATE][number]
        )

    return spoil


def a_creation_after_a_failure(history: History) -> None:
    attempt = history.attempts[0]
    late = Sent((attempt.ended or 0.0) + 60, CREATE, objects_of(history.schedule)[1])
    late.ending = Refused(Refusal.THROTTLED, Fault("too fast"))
    attempt.sent.append(late)


def a_stage_that_was_executed_at_last(history: History) -> None:
    sent = history.attempts[0].sent
    last = [call for call in sent if call.action == GET][-1]
    sent.append(
        Sent((last.answered or 0.0) + 0.1, EXECUTE, "", last.run_id, "PROD_CHECK", answered=last.answered)
    )


def a_kill_that_comes_later(history: History) -> None:
    history.attempts[0].ended = (history.attempts[0].ended or 0.0) + 0.1


def a_workflow_that_could_not_be_read(history: History) -> None:
    (call,) = (call for call in history.attempts[0].sent if call.action == WORKFLOW)
    call.ending = Refused(Refusal.OTHER, Fault("an error inside", http_status=500))


def a_node_that_was_read(history: History) -> None:
    sent = history.attempts[0].sent
    sent[:] = [call for call in sent if call.action != NODE]


def a_run_of_the_object(history: History) -> None:
    (call,) = (call for call in history.attempts[0].sent if call.action == LIST)
    call.ending = replace(call.ending, value=replace(call.ending.value, runs=(A_RUN,)))


SPOILT_OTHERWISE: list[tuple[Schedule, Callable[[History], None], str]] = [
    (ADOPTED, asking(on_active_run="ignore"), "with on-active-run ignore for run"),
    (ADOPTED, asking(on_active_run="fail"), "with on-active-run fail for run"),
    (ADOPTED, nothing_lost, "and has lost nothing"),
    (Schedule(1), a_success_of_the_other_type, "for a run of type Offline"),
    (Schedule(1, faults=(f"{CREATE}:1:throttle",)), saying(0, outcome="rejected"), "without a cause"),
    (CARRIED_ON, saying(1, outcome="failed"), "and the service Success"),
    (TAKEN_OVER, nothing_abolished, "open after ['cancel']"),
    (Schedule(1, inputs=(("wait", "false"),)), saying(0, outcome="skipped"), "without a cause"),
    (CARRIED_ON, saying_of_itself(0, "succeeded"), "outcome succeeded for"),
    (STOPPED, saying_of_itself(0, "failed"), "outcome failed for ['cancelled']"),
    (STOPPED_IN_DOUBT, saying_of_itself(0, "cancelled"), "outcome cancelled for ['unknown']"),
    (Schedule(1), saying(0, attempts=2), "after 2 requests, and has sent 1"),
    (Schedule(1), saying(0, adopted=True), "with adopted True"),
    (Schedule(1), saying(0, request_id="R-1"), "with RequestId R-1"),
    (Schedule(1), saying(0, request_id=None), "with RequestId None"),
    (LOST_TWICE, saying(0, request_id="R-1"), "with RequestId R-1"),
    (Schedule(1, faults=(f"{CREATE}:1:throttle",)), the_request_id_of_answer(0), "with RequestId"),
    (OUTDONE, the_request_id_of_answer(-1), "with RequestId"),
    (CARRIED_ON, saying(1, adopted=False), "with adopted False"),
    (
        Schedule(1, settings=SLOW, faults=(f"{EXECUTE}:2:late:20", f"{EXECUTE}:3:error:NoPermission")),
        saying(0, outcome="failed"),
        "and the service Success",
    ),
    (
        Schedule(
            1,
            jobs=(Job(0, (Step(), Step())),),
            inputs=(("wait", "false"),),
            faults=(f"{LIST}:*:error:NoPermission",),
        ),
        saying(1, message="NoPermission: it may not list the runs"),
        "and not what to look for",
    ),
    (
        Schedule(1, inputs=(("advance", "false"), ("timeout-minutes", "0.2"))),
        a_stage_that_was_executed_at_last,
        "says waiting",
    ),
    (LOST_TWICE, a_last_list_that_did_not_come, "and has given up looking"),
    (FORGOTTEN, the_same_request_much_later, "runs bear"),
    (DEPLOYED_TWICE, a_step_that_was_stopped_before_it_spoke_of_twins, "and nothing of"),
    (Schedule(1), a_stage_again_and_again, "4 times"),
    (ELECTED, a_run_that_was_not_the_elected_one, "and was shown"),
    (ELECTED, a_list_that_was_not_asked_for, "and has not looked for others"),
    (
        Schedule(
            1,
            inputs=(("abolish-on", "timeout"), ("timeout-minutes", "0.1")),
            settings=SLOW,
        ),
        a_run_that_was_just_told_to_deploy,
        "which it has just told to deploy",
    ),
    (
        Schedule(1, objects=2, faults=(f"{CREATE}:1:error:NoPermission",)),
        a_creation_after_a_failure,
        "have failed",
    ),
    (MISLED, saying(0, message="The step was killed."), "and nothing of"),
    (MISLED_AT_LAST, a_kill_that_comes_later, "with on-active-run warn for run"),
    (SAID_TO_BE_ABSENT, a_workflow_that_could_not_be_read, "without a cause"),
    (SAID_TO_BE_ABSENT, a_node_that_was_read, "without a cause"),
    (SAID_TO_BE_ABSENT, a_run_of_the_object, "without a cause"),
    (SAID_TO_BE_ABSENT, asking(dry_run="false"), "without a cause"),
]


@pytest.mark.parametrize(("schedule", "spoil", "text"), SPOILT_OTHERWISE)
def test_a_mistake_that_only_this_schedule_can_show_is_found(
    schedule: Schedule, spoil: Callable[[History], None], text: str
) -> None:
    history = play(schedule)
    assert judge(history).broken == []

    spoil(history)

    assert [said for _, said in judge(history).broken if text in said]


CARRIED_ELSEWHERE = Schedule(
    333264,
    jobs=(Job(0, (Step(stop=0.0),)), Job(1, (Step(), Step(inputs=(("on-rerun", "redeploy"),))))),
    held=(Held(CREATE, 1, 122.0),),
    inputs=(("on-active-run", "adopt"),),
)
STOPPED_WHILE_IT_ABOLISHES = Schedule(
    417035,
    jobs=(Job(0, (Step(stop=67.58, post=True),)),),
    unread=1,
    inputs=(("timeout-minutes", "1"), ("abolish-on", "timeout,cancel")),
)


CANCELLED_BY_A_COPY = Schedule(
    613470,
    objects=3,
    jobs=(
        Job(0, (Step(outage=(0.95, 5.83)),)),
        Job(0, (Step(inputs=(("max-parallel", "4"),)),), start=3.33),
    ),
    settings=(("list_lag", 9.0), ("abolish_status", "Cancel")),
    faults=(f"{ABOLISH}:1:huge:20000",),
    latency=0.5,
    inputs=(("timeout-minutes", "0.2"), ("abolish-on", "failure"), ("wait", "false")),
)


@pytest.mark.parametrize(
    "schedule",
    [
        CARRIED_ELSEWHERE,
        STOPPED_WHILE_IT_ABOLISHES,
        CANCELLED_BY_A_COPY,
        SAID_TO_BE_ABSENT,
        SAID_TO_BE_ABSENT_AGAIN,
    ],
)
def test_correct_histories_that_were_once_rejected_are_accepted(schedule: Schedule) -> None:
    """The judges once rejected each of these.

    A deployed run of the first generation beside somebody else's first run; a stop between two tries to abolish; a
    run that was really cancelled near the deadline, which is a failure; and a dry run that rejects an object because
    the service says that it does not exist and shows no run of it.
    """
    assert judge(play(schedule)).broken == []
