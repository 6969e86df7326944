"""The post step: it abolishes the runs that a killed step has left, and does nothing after any other step."""

import json

import pytest

from dataworks_deploy import post
from dataworks_deploy.render.markup import markdown

from ...witness.command_files import parse
from ..conftest import SiteMaker
from ..job import OBJECT, OBJECTS
from ..step import Site
from .carry import carry, resume


def finish(site: Site, state: str | None, *object_ids: str, without: str = "", **inputs: str) -> str:
    """Run the post step after a step that left this state, and return its log."""
    environment, outputs = site.environment(list(object_ids or (OBJECT,)), 1, inputs)
    environment.pop(without, None)
    given = {} if state is None else {"STATE_progress": state}
    ended = site.carry_out(post.run, environment | given, outputs)
    assert (ended.status, ended.stderr, ended.outputs) == (0, "", {})
    return ended.stdout


ANY_MARK, MARK = (f"[dwd1:{letter * 26}:g1]" for letter in "AB")


def left(*unclear: str, of: Site | None = None, since: float | None = None, **runs: str) -> str:
    """Make the state of a step that was killed. The runs are given by object, with an `o` before the ID.

    The mark that this site has for a run makes it the job's own. `since` is when the run was requested, if nobody had
    read it yet.
    """
    described = {run["run_id"]: run["description"].split(" ")[0] for run in of.truth.runs()} if of else {}
    claims = {
        name[1:]: [described.get(run, ANY_MARK), None if since is None else int(since * 1000)]
        for name, run in runs.items()
    }
    state = {"runs": {name[1:]: run for name, run in runs.items()}, "unclear": unclear, "told": []}
    return json.dumps(state | {"claims": claims})


def state_of(site: Site, step: int) -> str:
    """Read the state that a step has left. The state is empty if it has left none."""
    return parse((site.folder / f"outputs-{step}.state").read_text("utf-8")).get("progress", "")


@pytest.mark.parametrize("state", [None, "", "{}", "null", "[]", "{", '{"runs":[],"unclear":[]}', left()])
def test_without_a_useful_state_the_post_step_does_nothing(site: Site, state: str | None) -> None:
    site.emulator.deploy_as("alice", OBJECT, "by hand")

    assert finish(site, state) == ""
    assert site.truth.of("received") == []


@pytest.mark.parametrize(
    ("inputs", "outcome"),
    [
        ({}, "succeeded"),
        ({"wait": "false"}, "created"),
        ({"until_stage": "PROD_CHECK"}, "created"),
        ({"until_stage": "NOWHERE"}, "failed"),
        ({"advance": "false", "timeout_minutes": "0.1"}, "timed_out"),
        ({"type": "Sideways"}, "invalid"),
    ],
)
def test_after_a_step_that_ended_by_itself_the_post_step_does_nothing(
    site: Site, inputs: dict[str, str], outcome: str
) -> None:
    ended = carry(site, **inputs)
    assert ended.outcome == outcome
    calls = len(site.truth.of("received"))

    said = finish(site, state_of(site, 1))

    assert said == ""
    assert len(site.truth.of("received")) == calls


def test_the_runs_that_the_step_left_are_abolished(site: Site) -> None:
    one, two, _ = carry(site, *OBJECTS, wait="false").column("run_id")

    said = finish(site, left(of=site, o1=one, o2=two), *OBJECTS)

    assert {event["run_id"] for event in site.truth.of("abolished")} == {one, two}
    assert f"abolished run {one}" in said
    assert "looking after 2 objects" in said


@pytest.mark.parametrize("description", ["by hand", "", ANY_MARK])
@pytest.mark.parametrize("age", [0, 7200])
def test_a_run_is_abolished_only_if_it_has_the_mark_of_the_job(
    site: Site, description: str, age: int
) -> None:
    """The main step was killed directly after the answer to its creation."""
    run_id = site.emulator.deploy_as("alice", OBJECT, description, age=age)
    state = left(since=site.clock.time(), o1=run_id).replace(ANY_MARK, MARK)

    said = finish(site, state, "1")

    # A run that shows no description may be this job's, unless it is older than the request.
    abolished = [event["run_id"] for event in site.truth.of("abolished")]
    assert abolished == [run_id] * (description == "" and age == 0)
    shown = (site.folder / "outputs-1.summary").read_text("utf-8")
    for text in (
        f"run {run_id} of alice does not bear this job's mark",
        f"Look in DataWorks for a run with {MARK} at the start of its description.",
    ):
        assert (text in said) is (not abolished)
    for text in (
        "was left alone",
        f"Look in DataWorks for a run with {markdown(MARK, 60)} at the start of its description.",
    ):
        assert (text in shown) is (not abolished)


def test_a_step_that_continues_an_abolished_run_says_who_abolished_it(site: Site) -> None:
    run_id = carry(site, wait="false").only["run_id"]
    finish(site, left(of=site, o1=run_id), "1")

    named, again = resume(site, run_id), site.run(attempt=2)

    shown = "".join(named.errors)
    assert "Most likely the job that created the run abolished it" in shown
    assert "Ask who" not in shown
    assert (
        f"run {run_id} of an earlier attempt has ended as Termination, most likely because this job"
        in again.stdout
    )
    assert again.only["outcome"] == "created"


def test_a_run_whose_creation_had_no_answer_is_found_by_its_mark(site_with: SiteMaker) -> None:
    site = site_with(list_lag=5)
    carry(site, wait="false")
    foreign = site.emulator.deploy_as("alice", OBJECT, "by hand")

    finish(site, left(OBJECT))

    mine = [run["run_id"] for run in site.truth.runs() if run["run_id"] != foreign]
    assert [event["run_id"] for event in site.truth.of("abolished")] == mine


@pytest.mark.parametrize(
    ("fault", "abolished"), [("AbolishPipelineRun:*", 0), ("AbolishPipelineRun:2-99", 1)]
)
def test_a_run_that_is_found_and_not_abolished_is_named(
    site_with: SiteMaker, fault: str, abolished: int
) -> None:
    site = site_with("CreatePipelineRun:1:twice", f"{fault}:status:500")
    carry(site, wait="false")

    said = finish(site, left(OBJECT))

    runs, ended = site.runs(), [event["run_id"] for event in site.truth.of("abolished")]
    shown = (site.folder / "outputs-2.summary").read_text("utf-8")
    assert (len(runs), len(ended)) == (2, abolished)
    for run_id in runs:
        assert (f"run {run_id} could not be abolished" in shown) is (run_id not in ended)
        assert f"run {run_id} bears this job's mark" in said
    assert "found no run of this job" not in shown


def test_if_no_run_is_found_the_mark_to_look_for_is_named(site_with: SiteMaker) -> None:
    site = site_with("ListPipelineRuns:*:json:{}")
    carry(site, wait="false")
    mark = site.truth.runs()[0]["description"].partition("g1")[0]

    said = finish(site, left(OBJECT))

    assert "looking after 1 object that the main step left unfinished" in said
    assert f"nobody could look for an active run whose description begins with {mark}" in said
    shown = (site.folder / "outputs-2.summary").read_text("utf-8")
    assert f"a run with {markdown(mark)} at the start of its description" in shown
    assert shown.startswith("## DataWorks Deploy: what happened to the runs that the step left\n")


def test_known_runs_do_not_wait_for_runs_that_must_be_found_first(site: Site) -> None:
    """The runner gives a few minutes to all post steps together, so the known runs come first."""
    run_id = carry(site, wait="false").only["run_id"]
    lost = [str(number) for number in range(100, 120)]

    finish(site, left(*lost, of=site, o1=run_id), *lost)

    (abolished,) = site.truth.of("abolished")
    searches = [post["time"] for post in site.truth.posts("ListPipelineRuns")]
    assert abolished["time"] < max(searches), "it did not wait for the last look"
    assert {post["params"]["ObjectId"] for post in site.truth.posts("ListPipelineRuns")} == {*lost}


def late(*rules: str) -> tuple[str, ...]:
    """Delay the answers to readings until after their time limit."""
    return tuple(f"{rule}:delay:16" for rule in rules)


def test_when_its_time_is_over_the_post_step_names_each_object_that_it_did_not_finish(
    site_with: SiteMaker,
) -> None:
    site = site_with(*late("ListPipelineRuns:*"), "GetPipelineRun:*:drop", "AbolishPipelineRun:*:drop")
    run_id = carry(site, wait="false").only["run_id"]
    began = site.clock.monotonic()

    said = finish(site, left(OBJECTS[1], of=site, o1=run_id), "1", OBJECTS[1])

    assert site.clock.monotonic() - began == 60.0
    assert f"run {run_id} could not be abolished" in said
    assert f"{OBJECTS[1]}: no run was found and abolished in time" in said


def test_when_its_time_is_over_the_post_step_still_reports_what_it_has_done(site_with: SiteMaker) -> None:
    """Only the first list is answered in time. Its object depends on chance."""
    site = site_with(*late("ListPipelineRuns:2-9"))
    one, two, three = carry(site, *OBJECTS, wait="false").column("run_id")

    said = finish(site, left(*OBJECTS[1:], of=site, **{f"o{OBJECT}": one}), *OBJECTS)

    abolished = {event["run_id"] for event in site.truth.of("abolished")}
    assert one in abolished < {one, two, three}
    assert len(abolished) == 2
    assert said.count("no run was found and abolished in time") == 1
    assert "could not be abolished in time" not in said
    shown = (site.folder / "outputs-2.summary").read_text("utf-8")
    assert shown.count("was abolished") == 2
    assert shown.count("the post step found no run of this job to abolish") == 1


def test_outside_of_a_workflow_run_the_post_step_looks_for_no_runs(site: Site) -> None:
    """There is no mark that would find a run again."""
    run_id = carry(site, wait="false").only["run_id"]
    site.emulator.deploy_as("alice", OBJECTS[1], "by hand")

    said = finish(
        site, left(OBJECTS[1], of=site, **{f"o{OBJECT}": run_id}), *OBJECTS, without="GITHUB_RUN_ID"
    )

    assert "looking after 1 object" in said
    assert [event["run_id"] for event in site.truth.of("abolished")] == [run_id]
    assert site.truth.posts("ListPipelineRuns") == []


@pytest.mark.parametrize("fault", ["drop", "error:NoPermission", "json:{}", "garbled-page"])
def test_the_post_step_never_fails_the_job(site_with: SiteMaker, fault: str) -> None:
    site = site_with(f"ListPipelineRuns:*:{fault}", f"GetPipelineRun:*:{fault}")

    said = finish(site, left(OBJECTS[1], o1="run-1"))

    assert "could not be abolished" in said


def test_if_the_inputs_no_longer_work_the_runs_that_are_left_are_named(site: Site) -> None:
    """A variable of the job may have changed since the main step."""
    said = finish(site, left("123", o1="run-1", o2="run-2"), project_id="")

    warnings = [line for line in said.splitlines() if line.startswith("::warning")]
    told = [
        "object 1: run run-1 may be",
        "object 2: run run-2 may be",
        "object 123: the request to create a run had no",
    ]
    assert [text in line for text, line in zip(told, warnings, strict=True)] == [True] * 3
    assert "project-id" in said
    assert site.truth.of("received") == []
