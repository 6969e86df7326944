"""The job summary of real steps: what it tells people after a failure, and that its advice works."""

from datetime import UTC

import yaml

from dataworks_deploy import post
from dataworks_deploy.render.state import STATE

from ...witness.command_files import parse
from ...witness.markdown import fences
from ...witness.mermaid import Chart, read_gantt
from ..conftest import SiteMaker
from ..ended import Ended
from ..job import OBJECT, OBJECTS
from ..step import Site
from .carry import carry, resume


def blocks(ended: Ended, info: str) -> list[str]:
    """The fenced blocks of this kind in a step's summary."""
    return [text for found, text in fences(ended.summary) if found == info]


def chart(ended: Ended) -> Chart:
    """The chart that Mermaid would draw from the summary."""
    (text,) = blocks(ended, "mermaid")
    return read_gantt(text)


def test_a_success_is_one_line_a_table_and_a_chart_that_agrees_with_the_service(
    site_with: SiteMaker,
) -> None:
    site = site_with(stage_seconds=20)

    ended = carry(site, *OBJECTS, max_parallel="3")

    assert ended.summary.startswith("## ✅ DataWorks Deploy: succeeded\n")
    assert "**3 objects: 3 succeeded.**" in ended.summary
    assert "attention" not in ended.summary
    assert blocks(ended, "yaml") == []
    assert chart(ended).sections == [*OBJECTS]
    finished = [event["time"] for event in site.truth.of("stage_finished")]
    ends = sorted(bar.ended.replace(tzinfo=UTC).timestamp() for bar in chart(ended).bars)
    assert len(ends) == len(finished)
    # The step reads every few seconds, so it sees an end late and never too early.
    assert all(-1 < seen - real < 60 for seen, real in zip(ends, sorted(finished), strict=True))


def test_the_inputs_that_the_summary_offers_continue_the_runs(site_with: SiteMaker) -> None:
    site = site_with(stage_overrides={"PROD": 600})
    ended = carry(site, *OBJECTS[:2], max_parallel="2", timeout_minutes="1")
    assert ended.summary.startswith("## ⚠️ DataWorks Deploy: timed out\n")
    assert chart(ended).sections == [*OBJECTS[:2]]

    (text,) = blocks(ended, "yaml")
    given = yaml.safe_load(text)["with"]
    site.clock.forward(600)
    again = resume(site, *given["run-ids"].split(), object_ids=",".join(given["object-ids"].split()))

    assert again.outcome == "succeeded"
    assert again.column("run_id") == ended.column("run_id")


def cut_by_the_deadline(site: Site) -> Ended:
    """A step that leaves one run open, and two objects of three not started."""
    ended = carry(site, *OBJECTS, timeout_minutes="1")
    assert ended.column("outcome") == ["timed_out", "skipped", "skipped"]
    site.clock.forward(600)
    return ended


def test_the_inputs_that_the_summary_offers_for_a_new_workflow_run_deploy_everything(
    site_with: SiteMaker,
) -> None:
    site = site_with(stage_overrides={"PROD": 300})
    ended = cut_by_the_deadline(site)

    runs, objects = (yaml.safe_load(text)["with"] for text in blocks(ended, "yaml"))
    first = resume(
        site, *runs["run-ids"].split(), object_ids=runs["object-ids"].strip(), timeout_minutes="30"
    )
    assert first.outcome == "succeeded"
    rest = site.run(*objects["object-ids"].split(), wait="true", timeout_minutes="30")

    assert rest.column("outcome") == ["succeeded"] * 2
    assert [len(site.runs(each)) for each in OBJECTS] == [1, 1, 1]


def test_a_re_run_does_what_the_summary_says(site_with: SiteMaker) -> None:
    site = site_with(stage_overrides={"PROD": 300})
    ended = cut_by_the_deadline(site)
    assert (
        "**Re-run failed jobs** of this workflow run continues the open runs of this job and starts the rest. That is "
        "safe"
    ) in ended.summary

    again = site.run(*OBJECTS, attempt=2, wait="true", timeout_minutes="30")

    assert again.column("outcome") == ["succeeded"] * 3
    assert again.column("run_id")[0] == ended.column("run_id")[0]
    assert [len(site.runs(each)) for each in OBJECTS] == [1, 1, 1]


def test_the_inputs_that_the_summary_offers_advance_a_run_that_was_only_watched(site: Site) -> None:
    ended = carry(site, advance="false", timeout_minutes="1")
    assert ended.only["outcome"] == "waiting"
    (text,) = blocks(ended, "yaml")
    given = {"advance": "false"} | yaml.load(text, Loader=yaml.BaseLoader)["with"]

    again = resume(site, given["run-ids"].strip(), object_ids=OBJECT, advance=given["advance"])

    assert again.outcome == "succeeded", again.stdout


def test_outside_of_a_workflow_run_the_summary_does_not_say_that_runs_are_found_again(
    site_with: SiteMaker,
) -> None:
    site = site_with(stage_overrides={"PROD": 300})
    summaries = []
    for _ in range(2):
        variables, outputs = site.environment([OBJECT], 1, {"wait": "true", "timeout_minutes": "1"})
        del variables["GITHUB_RUN_ID"]
        summaries.append(site.run_in(variables, outputs).summary)

    assert len(site.runs()) == 2, "each start has a mark of its own"
    assert all("Outside of a workflow no run is found again." in summary for summary in summaries)
    assert not any("safe" in summary for summary in summaries)


def test_a_killed_step_leaves_a_summary_of_what_was_known(site_with: SiteMaker) -> None:
    site = site_with(stage_seconds=0, stage_overrides={"PROD_CHECK": 6000})
    summary = site.folder / "outputs-1.summary"

    ended = site.cut_off(
        lambda: "PROD_CHECK" in summary.read_text("utf-8"),
        wait="true",
        timeout_minutes="1",
        abolish_on="never",
    )

    assert ended.summary.startswith("## ⚠️ DataWorks Deploy: cut off\n")
    assert site.runs()[0] in ended.summary
    assert "This page shows the state at " in ended.summary
    assert "Runs that may still be open: 1." in ended.summary
    assert f"continue it with run-ids: {site.runs()[0]}" in ended.only["message"]
    assert chart(ended).bars[-1].text.endswith("under way")
    assert ended.leaks() == []


def test_the_summary_does_not_advise_to_continue_a_run_that_the_post_step_abolishes(
    site_with: SiteMaker,
) -> None:
    """Both texts are on one page. A step that names the run anyway says what has ended it."""
    site = site_with(stage_seconds=0, stage_overrides={"BUILD_PACKAGE": 6000})
    summary = site.folder / "outputs-1.summary"
    kept: list[str] = []

    def is_told() -> bool:
        kept.append(parse(summary.with_suffix(".state").read_text("utf-8")).get(STATE, ""))
        return "BUILD_PACKAGE" in summary.read_text("utf-8")

    ended = site.cut_off(is_told, wait="true")
    (run_id,) = site.runs()

    environment, outputs = site.environment([OBJECT], 1, {})
    site.carry_out(post.run, environment | {f"STATE_{STATE}": kept[-1]}, outputs)
    page = ended.summary + (site.folder / "outputs-2.summary").read_text("utf-8")

    assert "At the end of the job a post step abolishes 1 run of this job" in page
    assert f"run {run_id} was abolished" in page.replace("&#45;", "-")
    assert "run-ids:" not in page
    assert "a post step abolishes the run" in ended.only["message"]
    again = resume(site, run_id, object_ids=OBJECT)
    assert again.only["outcome"] == "terminated"
    assert "Most likely the job that created the run abolished it" in again.errors[0]
