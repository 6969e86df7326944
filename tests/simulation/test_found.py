"""Mistakes that the simulation has found, each in its shortest form, so that they do not come back."""

from typing import Any

import pytest

from .invariants import judge
from .operations import ABOLISH, CREATE, EXECUTE, LIST
from .outputs import Results, read_results
from .play import History, play
from .schedule import Deed, Held, Job, Kill, Schedule, Step, object_id

NO_FENCE = ("nonce_fence", False)


def results(history: History, number: int = 0) -> Results:
    """The results of one of the steps, in a history that breaks no invariant."""
    assert judge(history).broken == []
    return read_results(history.attempts[number], [])


def mark(history: History) -> str:
    """The mark of the first request."""
    first = history.service.truth.posts(CREATE)[0]["params"]["Description"]
    return str(first).split()[0]


def test_another_order_of_the_stages_is_not_a_change_that_makes_readings_faster() -> None:
    """Seed 283: each reading seemed to show a change, so the step read a run every second for half an hour."""
    settings = (("stages", "standard"), ("shuffle_stages", True))
    history = play(Schedule(283, settings=settings, inputs=(("advance", "false"),)))

    assert judge(history).broken == []
    assert len(history.attempts[0].sent) < 150


def test_a_run_from_the_second_request_names_the_mark_of_a_run_that_may_still_appear() -> None:
    """Seed 2967: the gateway let a lost request pass four minutes after the end of the step."""
    history = play(Schedule(2967, settings=(NO_FENCE,), held=(Held(CREATE, 1, 309.96),)))

    (result,) = results(history)
    assert result["outcome"] == "succeeded"
    assert result["attempts"] == 2
    assert mark(history) in result["message"]
    assert len(list(history.service.runs)) == 2


def test_a_step_that_follows_somebody_elses_run_says_that_its_own_run_may_still_appear() -> None:
    """Seed 3662: a delayed creation became a run that no output named, while the step followed another run."""
    schedule = Schedule(3662, held=(Held(CREATE, 1, 121.05),), deeds=(Deed(8.65, "deploy"),))
    for choice, outcome in (("adopt", "waiting"), ("fail", "conflict")):
        history = play(
            Schedule(3662, held=schedule.held, deeds=schedule.deeds, inputs=(("on-active-run", choice),))
        )

        (result,) = results(history)
        assert result["outcome"] == outcome
        assert mark(history) in result["message"]


def test_a_re_run_that_finds_two_successful_runs_names_both() -> None:
    """Seed 876: the list showed two successful runs of the job, and the re-run named only one."""
    copies = (Job(0, (Step(), Step(gap=60.0))), Job(0, (Step(),)))
    history = play(Schedule(876, jobs=copies, settings=(NO_FENCE,)))

    (result,) = results(history, 2)
    assert result["outcome"] == "succeeded"
    assert {run.id for run in history.service.runs} <= set(result["message"].replace(".", " ").split()) | {
        result["run_id"]
    }


def test_the_message_of_an_abolished_run_still_names_its_duplicates() -> None:
    """Seed 340: the message about the abolition replaced the names of the duplicates."""
    copies = (Job(0, (Step(stop=9.0),)), Job(0, (Step(),), start=0.5))
    history = play(
        Schedule(
            340,
            jobs=copies,
            settings=(NO_FENCE, ("stage_seconds", 30.0)),
            faults=(f"{CREATE}:1:commit+json:{{}}",),
        )
    )

    (result,) = results(history)
    assert "abolished when the step was cancelled" in result["message"]
    assert "Duplicate runs of this job" in result["message"]


def test_a_run_adopted_after_two_lost_requests_names_the_mark_of_the_third() -> None:
    """Seed 5895: both requests of a step were lost, it adopted the run of a copy, and its second request came late."""
    settings = (NO_FENCE, ("list_lag", 15.0))
    history = play(
        Schedule(
            5895,
            jobs=(Job(0, (Step(),)), Job(0, (Step(),))),
            settings=settings,
            faults=(f"{CREATE}:1:refuse",),
            held=(Held(CREATE, 2, 30.43),),
            latency=0.5,
            inputs=(("settle-seconds", "4"),),
        )
    )

    (result,) = results(history)
    assert result["adopted"] is True
    assert mark(history) in result["message"]


def test_the_note_about_duplicates_does_not_replace_an_earlier_note() -> None:
    """Seed 14080: of two notes about one object only the second was kept."""
    history = play(
        Schedule(
            14080,
            jobs=(Job(0, (Step(),)), Job(0, (Step(),))),
            settings=(NO_FENCE, ("stage_seconds", 200.0)),
            faults=(f"{CREATE}:1-2:late:304.36",),
            latency=0.5,
            inputs=(("run-mode", "Auto"), ("auto-run-until-stage", "PROD")),
        )
    )

    (result,) = results(history)
    assert mark(history) in result["message"]
    assert "Duplicate runs of this job" in result["message"]


def test_a_request_that_was_never_sent_keeps_its_nonce_so_the_gateway_stops_a_duplicate() -> None:
    """Seed 132870: after an outage a copy of the job sent another nonce, and the gateway let it pass."""
    copies = (Job(0, (Step(),)), Job(0, (Step(outage=(0.0, 1.18)),)))
    history = play(Schedule(132870, jobs=copies, settings=(("list_lag", 3.0),)))

    assert judge(history).broken == []
    assert len(list(history.service.runs)) == 1
    assert len(history.service.truth.of("duplicate_refused")) == 1


@pytest.mark.parametrize("refusal", ["error:not-running", "error:9990020002"])
def test_a_stage_that_is_refused_again_and_again_does_not_make_readings_faster(refusal: str) -> None:
    """Seeds 36184 and 44007: after each refusal the readings started again at the fastest pace, for half an hour."""
    history = play(Schedule(36184, faults=(f"ExecPipelineRunStage:*:{refusal}",)))

    assert judge(history).broken == []
    assert len(history.attempts[0].sent) < 250


def test_the_outputs_of_a_killed_step_already_say_that_a_second_run_may_exist() -> None:
    """Seed 14080 again: the note was only written at the end, so the outputs of a killed step did not have it."""
    job = Job(0, (Step(kill=Kill(at=200.0)),))
    settings = (NO_FENCE, ("stage_seconds", 200.0))
    history = play(Schedule(14080, jobs=(job,), settings=settings, faults=(f"{CREATE}:1:late:304.36",)))

    (result,) = results(history)
    assert result["outcome"] == "cancelled"
    assert mark(history) in result["message"]


def test_a_run_of_an_earlier_attempt_is_not_taken_for_the_run_of_a_lost_request() -> None:
    """Seeds 282811 and 311425: the list was late, so the re-run created a run and the answer was lost. Then the run of
    the earlier attempt appeared first and was taken for it, and no output named the second run."""
    job = Job(0, (Step(kill=Kill(at=4.3)), Step(gap=4.67)))
    settings = (NO_FENCE, ("list_lag", 15.0), ("shuffle_stages", True))
    faults = (f"{CREATE}:2-3:commit+json:7",)
    history = play(Schedule(282811, jobs=(job,), settings=settings, faults=faults, latency=0.5))

    assert len(list(history.service.runs)) == 2
    assert judge(history).broken == []
    assert mark(history) in results(history, 1)[0]["message"]


def test_a_re_run_after_throttling_may_create_a_duplicate_which_is_then_abolished() -> None:
    """This is a limit of the protocol: the nonce changed after the refusal, and the new process cannot know that."""
    steps = (Step(kill=Kill(call=2, phase="arrived")), Step(gap=0.5))
    history = play(
        Schedule(
            1,
            jobs=(Job(0, steps),),
            settings=(("throttled_uses_nonce", False), ("list_lag", 5.0)),
            faults=(f"{CREATE}:1:throttle",),
        )
    )

    verdict = judge(history)
    assert verdict.broken == []
    assert list(verdict.beyond) == ["another nonce after throttling: reported"]
    assert len(history.service.truth.of("abolished")) == 1
    assert len({event["run_id"] for event in history.service.truth.of("stage_executed")}) == 1


@pytest.mark.parametrize(("pause", "runs"), [(":20000", 1), ("", 2)])
def test_a_throttled_re_run_looks_again_before_its_nonce_changes(pause: str, runs: int) -> None:
    """A limit too, while the list is late: the lost request of the earlier attempt had the earlier nonce."""
    steps = (Step(kill=Kill(call=1, phase="arrived")), Step(gap=0.5))
    settings, faults = (("list_lag", 5.0),), (f"{CREATE}:2:throttle{pause}",)
    history = play(Schedule(1, jobs=(Job(0, steps),), settings=settings, faults=faults))

    verdict = judge(history)
    assert verdict.broken == []
    assert list(verdict.beyond) == ["another nonce after throttling: reported"] * (runs - 1)
    assert len(list(history.service.runs)) == runs
    assert len({event["run_id"] for event in history.service.truth.of("stage_executed")}) == 1


def test_the_status_of_a_duplicate_is_not_reported_for_the_run_that_is_continued() -> None:
    """Seed 284905: a cancelled run of the earlier attempt was found first, and the other run kept its status."""
    schedule = Schedule(
        284905,
        jobs=(Job(0, (Step(), Step())),),
        settings=(NO_FENCE, ("list_lag", 9.0)),
        faults=(f"{CREATE}:2:commit+hostile",),
        deeds=(Deed(3.0, "cancel"),),
        latency=0.5,
        inputs=(("wait", "false"),),
    )
    history = play(schedule)

    (result,) = results(history, 1)
    assert "has ended, as Cancel" in result["message"]
    assert result["status"] == "Running"


def test_an_end_that_was_read_before_the_run_is_followed_counts_as_one_of_two_readings() -> None:
    """Seed 394675: a named run was read twice as deployed, and then the service could not be reached."""
    job = Job(0, (Step(), Step(expires=12.0, outage=(0.88, 72.46), resume="alone")))
    settings = (("init_seconds", 60.0), ("shuffle_stages", True))
    history = play(Schedule(394675, jobs=(job,), settings=settings, latency=0.1))

    assert results(history, 1)[0]["outcome"] == "succeeded"


def test_a_duplicate_stays_known_even_if_an_older_list_does_not_show_it() -> None:
    """Seed 709392: the first list of a re-run showed two open runs of the job, and the second list only one of them."""
    jobs = (Job(0, (Step(), Step(gap=6.0))), Job(0, (Step(),), start=1.2))
    faults = ("ListPipelineRuns:2:stale",)
    history = play(
        Schedule(709392, jobs=jobs, settings=(NO_FENCE,), faults=faults, inputs=(("wait", "false"),))
    )

    assert "Duplicate runs of this job" in results(history, 2)[0]["message"]


def test_the_step_waits_for_a_denied_stage_that_may_have_been_executed_before() -> None:
    """The first request to execute the stage was late, and the second was denied, so the step gave the run up."""
    faults = (f"{EXECUTE}:2:late:20", f"{EXECUTE}:3:error:NoPermission")
    history = play(Schedule(1, settings=(("stage_seconds", 5.0),), faults=faults))

    assert results(history)[0]["outcome"] == "succeeded"


def test_a_cancelled_step_names_the_duplicates_that_a_list_has_shown() -> None:
    """The list with its lost run also showed the run of a copy, and no later list came."""
    copies = (Job(0, (Step(stop=6.5),)), Job(0, (Step(),)))
    settings = (NO_FENCE, ("list_lag", 1.0))
    faults = (f"{CREATE}:1-2:commit+drop", f"{LIST}:3-9:drop")
    history = play(Schedule(5, jobs=copies, settings=settings, faults=faults))

    (result,) = results(history)
    assert result["outcome"] == "cancelled"
    assert "Duplicate runs of this job" in result["message"]


def test_a_duplicate_is_named_before_the_list_shows_the_steps_own_run() -> None:
    """Seed 2053: a re-run was cancelled while the list showed the run of a copy and not yet its own."""
    copy = (Step(kill=Kill(call=1, phase="arrived")), Step(gap=66.0, stop=11.0))
    jobs = (Job(0, (Step(),)), Job(0, copy, start=3.0))
    faults = (f"{CREATE}:1:drop", f"{CREATE}:2:throttle:20000")
    history = play(Schedule(727, jobs=jobs, settings=(NO_FENCE, ("list_lag", 15.0)), faults=faults))

    one, other = history.service.runs
    (result,) = results(history, 2)
    assert (result["run_id"], result["outcome"]) == (other.id, "cancelled")
    assert one.id in result["message"]


def test_a_run_that_the_post_step_finds_late_and_cannot_abolish_in_time_is_named() -> None:
    """Seed 51312: the run appeared after forty seconds, and the log showed only the try to abolish it."""
    faults = (f"{CREATE}:1:delay:31", f"{ABOLISH}:*:error:not-running")
    step = Step(kill=Kill(at=0.0), post=True)
    history = play(Schedule(51312, jobs=(Job(0, (step,)),), faults=faults))

    (run,) = history.service.runs
    (attempt,) = history.attempts
    assert judge(history).broken == []
    assert (attempt.post_ended or 0.0) == pytest.approx(60.0)
    assert run.id in "\n".join(attempt.post_runner.lines)


@pytest.mark.parametrize("end", [{"stop": 30.0}, {"kill": Kill(at=30.0)}])
def test_an_unknown_object_has_the_last_request_id_even_if_a_repetition_still_waits(
    end: dict[str, Any],
) -> None:
    """Seed 178458: the step ended while the repetition was throttled, and the RequestId was not in the outputs."""
    job = Job(0, (Step(**end),))
    faults = (f"{CREATE}:1:empty", f"{CREATE}:2:throttle:300000")
    history = play(Schedule(178458, jobs=(job,), faults=faults, inputs=(("settle-seconds", "4"),)))

    (result,) = results(history)
    assert result["outcome"] == "unknown"
    assert result["request_id"] is not None


def test_the_jobs_own_run_is_continued_although_an_answer_names_another_run() -> None:
    """Seed 5206: the list showed the run that the lost request had created, and no output named it."""
    faults = (f"{CREATE}:1:status:503", f"{CREATE}:2:commit+foreign-id")
    history = play(Schedule(5206, faults=faults))

    (result,) = results(history)
    ours, theirs = history.service.runs
    assert (result["outcome"], result["run_id"]) == ("succeeded", ours.id)
    assert theirs.id in result["message"]


def test_the_step_waits_for_a_first_reading_that_is_delayed_by_throttling() -> None:
    """Seed 18652: a throttled object delayed the reading of another one, which was given up without a reading."""
    job = Job(0, (Step(inputs=(("max-parallel", "4"),)),))
    schedule = Schedule(18652, 2, (job,), faults=(f"{CREATE}:1:throttle:60000",), inputs=(("wait", "false"),))

    assert {result["outcome"] for result in results(play(schedule))} == {"created"}


@pytest.mark.parametrize("wait", ["true", "false"])
def test_somebody_elses_run_is_a_conflict_whoever_reads_it(wait: str) -> None:
    """Seed 3042: the first reading showed the run, and a second reading of the same run was refused."""
    schedule = Schedule(
        3042, settings=(("day_calls", 2),), faults=(f"{CREATE}:1:foreign-id",), inputs=(("wait", wait),)
    )

    (result,) = results(play(schedule))
    assert (result["outcome"], result["run_id"]) == ("conflict", None)


def test_a_re_run_after_a_refusal_deploys_once_and_says_which_run_may_still_appear() -> None:
    steps = (Step(), Step(gap=5.0), Step(gap=5.0))
    history = play(Schedule(1, jobs=(Job(0, steps),), faults=(f"{CREATE}:1:error:NoPermission",)))

    outcomes = [results(history, number)[0]["outcome"] for number in range(3)]
    assert outcomes == ["rejected", "succeeded", "succeeded"]
    assert mark(history) in results(history, 1)[0]["message"]
    assert len(list(history.service.runs)) == 1


@pytest.mark.parametrize(("lag", "bound"), [(20.0, []), (70.0, ["another nonce after a used one"])])
def test_a_run_of_an_earlier_attempt_that_is_listed_late_is_found_or_reported(
    lag: float, bound: list[str]
) -> None:
    """This is a limit: a run that is listed later than settle-seconds becomes a second run."""
    steps = (Step(kill=Kill(call=1, phase="arrived")), Step(gap=0.5))
    history = play(Schedule(1, jobs=(Job(0, steps),), settings=(("list_lag", lag),)))

    verdict = judge(history)
    assert verdict.broken == []
    assert [name.partition(",")[0].partition(":")[0] for name in verdict.beyond] == bound


def test_without_descriptions_no_run_is_taken_for_another_one() -> None:
    steps = (Step(kill=Kill(call=1, phase="arrived")), Step(gap=30.0), Step(gap=3600.0))
    settings = (("show_descriptions", False),)
    history = play(Schedule(1, jobs=(Job(0, steps),), settings=settings))

    assert [results(history, number)[0]["outcome"] for number in (1, 2)] == ["rejected"] * 2
    assert len(list(history.service.runs)) == 1


def test_a_request_is_not_repeated_if_a_run_without_a_description_may_be_its_own() -> None:
    """Seed 44038: before any reading it was unknown that no run shows a description, so a second run came."""
    settings = (NO_FENCE, ("show_descriptions", False))
    inputs = (("on-active-run", "ignore"),)
    history = play(Schedule(44038, settings=settings, faults=(f"{CREATE}:1:commit+empty",), inputs=inputs))

    (result,) = results(history)
    assert (result["outcome"], len(list(history.service.runs))) == ("unknown", 1)
    assert "Compare the times instead." in result["message"]


def test_a_request_is_not_repeated_if_a_copy_of_the_job_may_have_deployed() -> None:
    """Seed 50660: both runs were executed. The copy's run had ended before the repetition, so it was no conflict."""
    settings = (NO_FENCE, ("show_descriptions", False))
    jobs = (Job(0, (Step(),)), Job(0, (Step(),)))
    history = play(Schedule(50660, jobs=jobs, settings=settings, faults=(f"{CREATE}:1:drop",)))

    outcomes = [results(history, number)[0]["outcome"] for number in range(2)]
    assert (sorted(outcomes), len(list(history.service.runs))) == (["succeeded", "unknown"], 1)


@pytest.mark.parametrize(
    ("end", "inputs"),
    [
        ({"kill": Kill(at=0.05)}, ()),
        ({"kill": Kill(at=0.05), "post": True}, ()),
        ({"stop": 0.05}, (("abolish-on", "never"),)),
    ],
    ids=["killed", "killed, with a post step", "stopped"],
)
def test_a_step_that_cannot_read_the_run_of_an_answer_says_which_mark_it_must_have(
    end: dict[str, Any], inputs: tuple[tuple[str, str], ...]
) -> None:
    """Seed 55029: the run was somebody else's. The step was killed before it read the run, and named no other one."""
    job = Job(0, (Step(**end),))
    history = play(Schedule(55029, jobs=(job,), faults=(f"{CREATE}:1:commit+foreign-id",), inputs=inputs))

    (result,), (attempt,) = results(history), history.attempts
    _, theirs = history.service.runs
    assert (result["outcome"], result["run_id"]) == ("cancelled", theirs.id)
    assert mark(history) in result["message"]
    if attempt.step.post:
        said = f"Look in DataWorks for a run with {mark(history)} at the start of its description."
        assert said in "\n".join(attempt.post_runner.lines)
        assert "at the start of its description." in attempt.post_runner.summary_text


def test_a_step_that_is_killed_during_the_first_reading_says_which_mark_the_run_must_have() -> None:
    """The original seed 55029: the page had arrived, and the first two objects came before the third one."""
    kill = Kill(call=2, phase="sent", action=EXECUTE)
    jobs = (Job(0, (Step(kill=kill, inputs=(("max-parallel", "3"),)),)),)
    history = play(Schedule(55029, 3, jobs, faults=(f"{CREATE}:3:commit+foreign-id",)))

    assert "If it does not, look for a run that does." in results(history)[1]["message"]


def test_a_re_run_names_each_open_run_whose_object_is_no_longer_selected() -> None:
    """Seed 1980: two copies had created two runs with one mark, and the re-run named only one of them."""
    workspace = {
        "nodes": [{"id": object_id(1), "name": "ods_pay"}, {"id": object_id(2), "name": "dws_orders"}]
    }
    changed = (("object-ids", ""), ("objects", "**/*_pay\n!ods_pay\n!dws_pay"))
    killed, other = Step(kill=Kill(at=1.0)), Step(inputs=changed)
    settings = (NO_FENCE, ("workspace", workspace))
    history = play(
        Schedule(1980, jobs=(Job(0, (killed, other)), Job(0, (Step(kill=Kill(at=1.0)),))), settings=settings)
    )

    assert judge(history).broken == []
    told = "\n".join(history.attempts[-1].runner.lines)
    assert [run.id in told for run in history.service.runs] == [True, True]


def test_a_workflow_that_is_deleted_during_the_reading_leaves_no_nodes() -> None:
    """Seed 2449: the emulator kept the nodes, and showed them as nodes that can be deployed."""
    flow = {"id": object_id(2), "name": "daily", "nodes": [{"id": object_id(3), "name": "first"}]}
    workspace = {"nodes": [{"id": object_id(1), "name": "ods_pay"}], "workflows": [flow]}
    inputs = (("object-ids", ""), ("objects", "**"))
    deeds = (Deed(0.0, "delete", 1),)
    history = play(Schedule(2449, 2, settings=(("workspace", workspace),), deeds=deeds, inputs=inputs))

    assert [result["object_id"] for result in results(history)] == [object_id(1)]


def test_an_object_that_is_needed_only_from_an_earlier_cycle_is_not_added() -> None:
    """Seed 10671: lists show such an input like any other one. They were read last, and the step believed them."""
    yesterday = {"output": object_id(1), "type": "CrossCycleDependsOnOtherNode"}
    nodes = [
        {"id": object_id(1), "name": "dws_orders"},
        {"id": object_id(2), "name": "dwd_orders", "after": [yesterday]},
    ]
    inputs = (("object-ids", ""), ("objects", "dwd_orders"), ("preflight", "true"), ("upstream", "include"))
    history = play(Schedule(10671, 2, settings=(("workspace", {"nodes": nodes}),), inputs=inputs))

    assert [result["object_id"] for result in results(history)] == [object_id(2)]


def test_nodes_inside_workflows_do_not_count_against_max_objects() -> None:
    """Seed 937: lists do not distinguish these nodes. A pattern that selects one workflow was refused for its nodes."""
    flow = {"name": "daily", "path": "etl/daily", "nodes": [{"name": "first"}, {"name": "last"}]}
    inputs = (("object-ids", ""), ("objects", "etl/**"), ("max-objects", "1"))
    history = play(Schedule(937, settings=(("workspace", {"workflows": [flow]}),), inputs=inputs))

    assert [result["outcome"] for result in results(history)] == ["succeeded"]


@pytest.mark.parametrize(("upstream", "number"), [("include", 2), ("fail", 0)])
def test_a_needed_workflow_that_is_not_in_production_counts_as_missing(upstream: str, number: int) -> None:
    """Seed 759: lists do not show whether a workflow is in production, so all workflows counted as in production."""
    flow = {"id": object_id(1), "name": "daily"}
    node = {"id": object_id(2), "name": "dwd_orders", "after": ["daily"]}
    inputs = (("object-ids", ""), ("objects", "dwd_orders"), ("preflight", "true"), ("upstream", upstream))
    settings = (("workspace", {"workflows": [flow], "nodes": [node]}),)
    history = play(Schedule(759, 2, settings=settings, inputs=inputs))

    assert [result["outcome"] for result in results(history)] == ["succeeded"] * number


def test_an_unread_object_that_a_line_may_exclude_is_not_deployed() -> None:
    """Seed 5029: the object was deleted and had runs, so it was accepted without a look at the excluding line."""
    workspace = {"nodes": [{"id": object_id(1), "name": "dwd_orders"}]}
    inputs = (("object-ids", ""), ("objects", f"{object_id(1)}\n!**/ods_*"), ("preflight", "true"))
    deeds = (Deed(0.0, "deploy"), Deed(0.0, "delete"))
    history = play(Schedule(5029, settings=(("workspace", workspace),), inputs=inputs, deeds=deeds))

    assert results(history) == []
    assert "nobody can tell whether the line !**/ods_* takes it away" in "\n".join(
        history.attempts[0].runner.lines
    )


def test_an_old_list_does_not_change_the_status_of_a_named_run() -> None:
    """Seed 70024: two readings showed the end of the run, and an old list between them showed an earlier state."""
    history = play(
        Schedule(
            70024,
            jobs=(Job(0, (Step(), Step(resume="beside"))),),
            settings=(("approval", True),),
            faults=("ListPipelineRuns:1:stale",),
            inputs=(("abolish-on", "cancel,failure,timeout"), ("timeout-minutes", "1")),
        )
    )

    assert judge(history).broken == []
    assert "terminated" in "\n".join(history.attempts[-1].runner.lines)


def test_a_dry_run_finds_a_resource() -> None:
    """Seed 21855: without preflight it looked only for nodes and workflows, and said that nothing has this ID."""
    settings = (("workspace", {"resources": [{"id": object_id(1), "name": "cny.jar"}]}),)
    history = play(Schedule(21855, settings=settings, inputs=(("dry-run", "true"),)))

    assert [result["outcome"] for result in results(history)] == ["planned"]


def test_without_descriptions_no_request_with_another_nonce_is_sent_after_throttling() -> None:
    """Seed 23556: the list then showed the run of the first attempt without a mark, and the object got a second run."""
    history = play(
        Schedule(
            23556,
            jobs=(Job(0, (Step(), Step())),),
            settings=(("list_lag", 30.0), ("show_descriptions", False)),
            faults=("CreatePipelineRun:2:throttle:900000",),
            inputs=(("until-stage", "NOWHERE"),),
        )
    )

    assert judge(history).broken == []
    assert len([*history.service.runs]) == 1
    assert "No run of this workspace shows a description" in "\n".join(history.attempts[-1].runner.lines)


def test_an_older_list_takes_back_an_end_until_two_readings_in_a_row_show_it() -> None:
    """Seed 75510: one list showed that the run had succeeded, the next one was older, and one more reading counted as
    the second.
    """
    jobs = (Job(0, (Step(),)), Job(0, (Step(),), start=10.0))
    faults = ("ListPipelineRuns:2:stale", f"{EXECUTE}:1:empty")
    history = play(Schedule(75510, jobs=jobs, faults=faults, inputs=(("type", "Offline"),)))

    assert judge(history).broken == []


def test_a_run_that_was_read_to_find_out_whether_an_object_exists_is_named() -> None:
    """Seed 122400: the re-run saw its own run of a deleted object, timed out before that object, and said nothing."""
    first, flow, last = map(object_id, (1, 2, 3))
    workspace = {
        "nodes": [{"id": first, "name": "ads_orders"}, {"id": last, "name": "dwd_users", "after": [flow]}],
        "workflows": [{"id": flow, "name": "ods_users"}],
        "edits": [{"before": "GetPipelineRun:2", "object": flow, "remove": True}],
    }
    history = play(
        Schedule(
            122400,
            jobs=(Job(1, (Step(), Step())),),
            settings=(("approval", True), ("workspace", workspace)),
            inputs=(
                ("run-mode", "Auto"),
                ("auto-run-until-stage", "PROD"),
                ("object-ids", f"{first}\n{flow}\n{last}"),
                ("preflight", "true"),
            ),
        )
    )

    assert judge(history).broken == []
    run = next(run for run in history.service.runs if run.object_id == flow)
    assert f"Earlier runs of this job: {run.id}." in results(history, 1)[1]["message"]


def test_a_run_that_a_copy_creates_while_another_one_is_looked_for_is_named() -> None:
    """Seed 374466: the second attempt looked for its lost run, saw an open run of the job's first generation, and said
    nothing of it.
    """
    jobs = (Job(0, (Step(stop=0.0), Step())), Job(0, (Step(),), start=11.0))
    faults = (f"{CREATE}:2:redirect:http://127.0.0.1:9/",)
    inputs = (("timeout-minutes", "1"), ("until-stage", "NOWHERE"))
    history = play(Schedule(374466, jobs=jobs, settings=(NO_FENCE,), faults=faults, inputs=inputs))

    assert judge(history).broken == []
    (lost,) = results(history, 1)
    assert lost["outcome"] == "unknown"
    *_, last = history.service.runs
    assert f"Duplicate runs of this job: {last.id}." in lost["message"]


def test_a_run_that_a_copy_has_abolished_is_not_said_to_be_left_open() -> None:
    """Seed 438092: a step had left its run to a person. It saw at its end that a copy had abolished the run, and still
    said *created*.
    """
    jobs = (Job(0, (Step(),)), Job(0, (Step(),), start=6.0))
    settings = (("list_lag", 59.0), ("stage_seconds", 200.0))
    inputs = (
        ("timeout-minutes", "5"),
        ("abolish-on", "timeout"),
        ("advance", "false"),
        ("on-approval", "leave"),
    )
    history = play(Schedule(438092, objects=2, jobs=jobs, settings=settings, inputs=inputs))

    left, _ = results(history, 1)
    assert (left["outcome"], left["reason"]) == ("terminated", "run_ended")
    assert f"Run {left['run_id']} ended as Termination" in left["message"]


def test_open_runs_that_a_rerun_will_replace_are_named_before_the_list_is_read_again() -> None:
    """Seed 543042: the re-run saw an open run of its first attempt, could not read the list again, was killed, and had
    named nothing.
    """
    killed = Step(kill=Kill(call=3, phase="answered"))
    redeploying = Step(gap=2428.0, kill=Kill(call=5, phase="before"), inputs=(("on-rerun", "redeploy"),))
    jobs = (Job(0, (killed, redeploying)), Job(0, (Step(),)))
    faults = ("ListPipelineRuns:2-3:commit+status:500",)
    history = play(Schedule(543042, jobs=jobs, settings=(NO_FENCE,), faults=faults))

    (left,) = results(history, 2)
    first, *_ = history.service.runs
    assert f"Duplicate runs of this job: {first.id}." in left["message"]


def test_a_run_that_the_step_has_abolished_did_not_fail_whatever_its_status_is_called() -> None:
    """Seed 579146: a service shows abolished runs as `Fail`, and the step said that its run had failed."""
    job = Job(0, (Step(stop=1.0),))
    settings = (("abolish_status", "Fail"),)
    history = play(
        Schedule(579146, 3, jobs=(job,), settings=settings, latency=0.1, inputs=(("wait", "false"),))
    )

    first, *_ = results(history)
    assert first["outcome"] == "cancelled"
    assert f"Run {first['run_id']} was abolished when the step was cancelled" in first["message"]


def test_a_run_is_read_again_before_an_abolition_that_had_to_wait_long() -> None:
    """Seed 690366: a refusal of another call held the abolition back for twenty seconds after the reading."""
    killed = Step(kill=Kill(call=1, phase="sent"))
    jobs = (Job(0, (Step(),)), Job(1, (killed,), start=0.2), Job(1, (Step(),), start=1.0))
    faults = (f"{ABOLISH}:1:error:9990020002", f"{CREATE}:3:throttle:20000")
    inputs = {"on-active-run": "supersede", "poll-seconds": "20", "preflight": "true", "max-parallel": "auto"}
    upstreams = {object_id(3): (object_id(1),)}
    history = play(
        Schedule(
            690366,
            3,
            jobs=jobs,
            settings=(("upstreams", upstreams),),
            faults=faults,
            inputs=tuple(inputs.items()),
        )
    )

    assert [each["outcome"] for each in results(history, 2)] == ["succeeded"] * 3


def test_a_run_that_the_comparison_has_seen_is_named_although_the_list_of_another_object_hangs() -> None:
    """Seed 969633: the re-run saw the open run of its first attempt, and a list of another object did not come before
    the deadline. The step ended without a word of the run.
    """
    inputs = {
        "timeout-minutes": "0.2",
        "object-ids": f"{object_id(1)}\n{object_id(2)}",
        "only-changed": "true",
    }
    history = play(
        Schedule(
            969633,
            jobs=(Job(0, (Step(inputs=(("max-parallel", "3"),)), Step())),),
            faults=("GetNode:1:error:Forbidden.Not.Server",),
            held=(Held("ListPipelineRuns", 2, 259.0),),
            inputs=tuple(inputs.items()),
        )
    )

    assert judge(history).broken == []
    run = next(run for run in history.service.runs if run.object_id == object_id(1))
    assert f"Earlier runs of this job: {run.id}." in results(history, 1)[0]["message"]


@pytest.mark.parametrize(
    ("lines", "upstream"),
    [("etl/**\n!workflow:etl/**", "warn"), ("node:etl/**", "include")],
    ids=["the path shows the workflow", "the workflow is read as an upstream object"],
)
def test_a_node_inside_a_workflow_is_not_deployed_alone_where_nodes_cannot_be_read(
    lines: str, upstream: str
) -> None:
    """Seed 1270582: GetNode was denied, so a pattern took the nodes inside a workflow. The step then read that workflow
    as an upstream object, and went on with its nodes.
    """
    inner, flow, outer = "7567482277219400600", "7567482277219400006", "7567482277219400008"
    workspace = {
        "nodes": [{"id": outer, "name": "ads_users", "path": "etl/ads_users", "after": [flow]}],
        "workflows": [
            {
                "id": flow,
                "name": "ads_pay",
                "path": "etl/ads_pay",
                "production": True,
                "nodes": [{"id": inner, "name": "dws_inner"}],
            }
        ],
    }
    inputs = {"object-ids": "", "objects": lines, "preflight": "true", "upstream": upstream}
    history = play(
        Schedule(
            1270582,
            settings=(("workspace", workspace),),
            faults=("GetNode:1:error:NoPermission",),
            inputs=tuple(inputs.items()),
        )
    )

    assert [each["object_id"] for each in results(history)] == [outer]


def test_no_object_is_begun_while_another_ones_failure_is_explained() -> None:
    """Seed 1332461: a creation was refused, and GetNode was asked why. Meanwhile the re-run took up the next object."""
    history = play(
        Schedule(
            1332461,
            3,
            jobs=(Job(0, (Step(inputs=(("max-parallel", "3"),)), Step())),),
            settings=(NO_FENCE, ("stage_seconds", 60.0), ("known_objects", (object_id(1), object_id(3)))),
            faults=("GetNode:1-9:delay:5",),
            inputs=(("max-parallel", "2"), ("wait", "false")),
        )
    )

    assert [each["outcome"] for each in results(history, 1)] == ["created", "rejected", "skipped"]


def test_a_new_description_of_a_node_inside_a_workflow_is_a_change_of_the_workflow() -> None:
    """Seed 1350017: the emulator showed a description outside of the FlowSpec alone, so no reading of the workflow
    showed that somebody had changed it.
    """
    inner = "7567482277219400200"
    workspace = {
        "workflows": [{"name": "dws_users", "nodes": [{"id": inner, "name": "ads_inner"}]}],
        "edits": [{"before": "ListWorkflowDefinitions:3", "object": inner, "description": "new"}],
    }
    inputs = {"object-ids": "", "objects": "workflow:**", "only-changed": "true"}
    jobs = (Job(0, (Step(),)), Job(1, (Step(),), start=60.0))
    history = play(
        Schedule(1350017, jobs=jobs, settings=(("workspace", workspace),), inputs=tuple(inputs.items()))
    )

    assert [results(history, number)[0]["outcome"] for number in (0, 1)] == ["succeeded", "succeeded"]


def test_a_creation_that_waits_for_longer_than_nonces_are_remembered_may_become_a_second_run() -> None:
    """Seed 1395978: a judge excused this only where both requests had the same nonce."""
    jobs = (Job(0, (Step(), Step())), Job(0, (Step(), Step(gap=2000.0))))
    faults = (f"{CREATE}:4:late:2130", f"{CREATE}:1:error:no-object")
    history = play(Schedule(1395978, jobs=jobs, faults=faults))

    assert judge(history).broken == []
    assert len(list(history.service.runs)) == 2


def test_a_run_that_a_list_shows_only_after_the_step_has_given_it_up_was_not_found() -> None:
    """Seed 1472044: the list showed the run when it was read once more, for another object. A judge counted that."""
    job = Job(0, (Step(), Step(gap=70.0, resume="beside")))
    settings = (("list_lag", 120.0), ("stage_seconds", 5.0))
    inputs = (("fail-fast", "false"), ("run-mode", "Auto"), ("auto-run-until-stage", "PROD"))
    schedule = Schedule(1472044, 5, jobs=(job,), settings=settings, latency=0.1, inputs=inputs)

    assert "run_not_of_object" in {each["reason"] for each in results(play(schedule), 1)}


def test_a_throttled_re_run_that_cannot_read_the_list_again_creates_nothing() -> None:
    """A reader found it: the list that could not be read was taken for one without a run, and a second run appeared."""
    job = Job(0, (Step(kill=Kill(call=1, phase="sent", action=CREATE)), Step()))
    faults = (f"{CREATE}:2:throttle", f"{LIST}:2-99:error:NoPermission")
    history = play(Schedule(1790326, jobs=(job,), faults=faults, settings=(("list_lag", 20.0),)))

    (result,) = results(history, 1)
    assert (result["outcome"], result["reason"]) == ("rejected", "earlier_attempts_unreadable")
    assert len(list(history.service.runs)) == 1


def test_a_list_that_shows_less_than_it_claims_each_time_causes_a_warning() -> None:
    """Seed 1855023: the step found nothing for a name, and did not say that the list lacked an object."""
    schedule = Schedule(
        1855023,
        settings=(("workspace", {"nodes": [{"name": "dwd_pay_1"}]}),),
        faults=("ListNodes:1-7:short-page",),
        inputs=(("objects", "dwd_pay_1"), ("allow-empty", "true")),
    )
    history = play(schedule)

    assert judge(history).broken == []
    (attempt,) = history.attempts
    assert "ListNodes claims 1 object and shows 0" in "\n".join(attempt.runner.lines)


def test_a_list_that_arrives_between_a_reading_and_an_abolition_does_not_undo_the_reading() -> None:
    """Seed 1924335: a judge took the list, which was read for another run, for the reading before the abolition."""
    again = (("max-parallel", "4"), ("on-rerun", "redeploy"))
    jobs = (Job(0, (Step(kill=Kill(at=5.7)), Step(inputs=again))), Job(100, (Step(),)))
    faults = (f"{ABOLISH}:1:throttle:50", f"{CREATE}:1:error:no-object")
    settings = (NO_FENCE, ("list_lag", 1.0), ("get_lag", 2.0))
    schedule = Schedule(
        1924335, 3, jobs=jobs, settings=settings, faults=faults, inputs=(("fail-fast", "false"),)
    )

    assert judge(play(schedule)).broken == []


def test_a_throttled_re_run_may_see_late_that_descriptions_are_hidden() -> None:
    """Seed 2007840: a judge did not know that a list which is read before the nonce changes may show such a run."""
    settings = (("list_lag", 9.0), ("show_descriptions", False))
    schedule = Schedule(
        2007840,
        jobs=(Job(0, (Step(), Step())),),
        settings=settings,
        faults=(f"{CREATE}:3:throttle:20000",),
        inputs=(("settle-seconds", "4"),),
    )
    history = play(schedule)

    (result,) = results(history, 1)
    assert result["reason"] == "earlier_attempts_unmarked"
    assert judge(history).broken == []


def test_a_re_run_does_not_put_an_older_version_back() -> None:
    """Seed 2080734: a re-run continued a run although somebody had deployed the object since."""
    schedule = Schedule(
        2080734,
        jobs=(Job(0, (Step(stop=0.0), Step(gap=719.0))),),
        deeds=(Deed(568.0, "deploy to the end"),),
        inputs=(("abolish-on", "never"),),
    )
    history = play(schedule)

    (result,) = results(history, 1)
    assert result["reason"] == "newer_run_succeeded"
    assert len(history.service.truth.of("stage_executed")) == 0


def test_a_stage_that_is_throttled_for_an_hour_is_tried_again_beside_the_readings_that_are_asked_for() -> (
    None
):
    """Seed 2623080: a judge allowed only the readings of poll-seconds, and 200 other calls."""
    schedule = Schedule(
        2623080,
        faults=(f"{EXECUTE}:*:error:9990020002",),
        held=(Held(EXECUTE, 4, 32.0),),
        inputs=(("timeout-minutes", "60"), ("poll-seconds", "5")),
    )
    history = play(schedule)

    assert judge(history).broken == []
    assert len(history.attempts[0].sent) > 920
