"""The job is run again: runs of its earlier attempts are found, kept or replaced, and never created twice."""

import pytest

from dataworks_deploy.render.reasons import SENT_BEFORE

from .conftest import SiteMaker
from .job import OBJECTS
from .step import Site


def succeed(site: Site, run_id: str) -> None:
    """Carry a run to success, as a person would."""
    for code in ("PROD_CHECK", "PROD"):
        site.clock.forward(1)
        site.emulator.execute(run_id, code)
    site.clock.forward(1)
    assert site.emulator.status(run_id) == "Success"


def generations(site: Site) -> list[str]:
    """The generation in the mark of every run that was created, in order."""
    return [run["description"].split("]")[0].split(":")[2] for run in site.truth.runs()]


def intents(site: Site) -> set[str]:
    """The intents in the marks of all runs."""
    return {run["description"].split(":")[1] for run in site.truth.runs()}


REFUSALS = ["error:NoPermission", "error:Forbidden.Access", "error:no-object"]


@pytest.mark.parametrize("fault", REFUSALS)
def test_after_the_permission_is_given_a_re_run_deploys_once(site_with: SiteMaker, fault: str) -> None:
    """The gateway keeps the nonce of a refused request. Only this job uses that nonce, so no run exists for it."""
    site = site_with(f"CreatePipelineRun:1-2:{fault}")

    first, second, third = (site.run(attempt=attempt) for attempt in (1, 2, 3))

    assert [each.only["outcome"] for each in (first, second)] == ["rejected"] * 2
    assert (third.only["outcome"], third.only["run_id"], third.only["adopted"]) == (
        "created",
        site.runs()[0],
        False,
    ), third.stdout
    assert "has already sent this request: looking for its run for 8 s" in third.stdout
    succeed(site, site.runs()[0])
    fourth = site.run(attempt=4)
    assert (fourth.only["outcome"], len(site.runs())) == ("succeeded", 1)


def test_every_attempt_that_is_refused_says_why(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:*:error:NoPermission")

    ended = [site.run(attempt=attempt).only for attempt in (1, 2, 3, 4)]

    assert [each["outcome"] for each in ended] == ["rejected"] * 4
    assert all("NoPermission" in each["message"] for each in ended)
    assert site.runs() == []


def test_a_run_of_an_earlier_attempt_that_is_listed_late_is_found(site_with: SiteMaker) -> None:
    site = site_with(list_lag=5)
    first = site.run()

    second = site.run(attempt=2)

    assert second.only["run_id"] == first.only["run_id"]
    assert (len(site.runs()), site.truth.of("stage_executed")) == (1, [])


def test_for_a_run_that_is_listed_too_late_the_message_names_its_mark(site_with: SiteMaker) -> None:
    """This is a limit: the list shows the run after 20 s, and the step looks for it for 8 s."""
    site = site_with(list_lag=20)
    first = site.run()

    second = site.run(attempt=2)

    assert second.only["run_id"] != first.only["run_id"]
    mark = site.truth.runs()[0]["description"].split(" ")[0]
    assert f"If a second run appears whose description begins with {mark}" in second.only["message"]


def test_if_the_list_cannot_be_read_the_object_is_unknown(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:error:NoPermission", "ListPipelineRuns:2-99:status:500")
    site.run()

    second = site.run(attempt=2)

    assert second.only["outcome"] == "unknown"
    assert SENT_BEFORE in second.only["message"]
    assert site.runs() == []


@pytest.mark.parametrize("lost", [False, True])
def test_without_descriptions_a_re_run_says_that_it_cannot_recognise_its_runs(
    site_with: SiteMaker, *, lost: bool
) -> None:
    faults = ("CreatePipelineRun:1:commit+drop",) if lost else ()
    site = site_with(*faults, show_descriptions=False)
    first = site.run()

    second = site.run(attempt=2)

    assert (first.only["outcome"], second.only["outcome"]) == ("conflict" if lost else "created", "rejected")
    assert "cannot tell whether one of them is an earlier attempt's" in second.only["message"]
    assert site.runs()[0] in second.only["message"]
    assert len(site.runs()) == 1


def test_a_re_run_that_cannot_read_the_list_says_which_run_may_exist(site_with: SiteMaker) -> None:
    """A refused creation usually asks for a new workflow run. Here that would deploy a second time."""
    site = site_with("ListPipelineRuns:*:error:NoPermission")
    first = site.run(wait="true", until_stage="PROD_CHECK")

    second = site.run(attempt=2, wait="true", until_stage="PROD_CHECK")

    assert (first.only["outcome"], second.only["outcome"]) == ("created", "rejected")
    mark = site.posts[0]["params"]["Description"].split(":")[1]
    for text in (second.only["message"], second.stdout, second.summary):
        assert "at the start of its description" in text
        assert mark in text
        assert "start a new workflow run" not in text
    assert len(site.posts) == 1


def test_a_deployed_object_is_not_deployed_again(site: Site) -> None:
    succeed(site, site.run().only["run_id"])

    second = site.run(attempt=2)

    assert second.status == 0, second.stdout
    assert second.only["outcome"] == "succeeded"
    assert second.only["run_id"] == site.runs()[0]
    assert second.only["status"] == "Success"
    assert "has already done this" in second.only["message"]
    assert len(site.posts) == 1


def test_with_on_rerun_redeploy_a_deployed_object_is_deployed_again(site: Site) -> None:
    succeed(site, site.run().only["run_id"])

    second = site.run(attempt=2, on_rerun="redeploy")

    assert second.status == 0, second.stdout
    assert [second.only["run_id"]] == site.runs()[1:]
    assert second.only["adopted"] is False
    assert generations(site) == ["g1", "g2"]
    assert len(intents(site)) == 1
    assert len({*site.nonces}) == 2


@pytest.mark.parametrize(("choice", "end"), [("resume", "terminate"), ("redeploy", "cancel")])
def test_a_failed_run_is_replaced_by_the_next_generation(site: Site, choice: str, end: str) -> None:
    getattr(site.emulator, end)(site.run().only["run_id"])

    second = site.run(attempt=2, on_rerun=choice)

    assert second.status == 0, second.stdout
    assert [second.only["run_id"]] == site.runs()[1:]
    assert generations(site) == ["g1", "g2"]


def test_each_object_is_looked_up_separately(site: Site) -> None:
    first = site.run(*OBJECTS)
    succeed(site, first.column("run_id")[0])
    site.emulator.terminate(first.column("run_id")[1])

    second = site.run(*OBJECTS, attempt=2)

    assert second.status == 0, second.stdout
    assert second.column("outcome") == ["succeeded", "created", "created"]
    assert second.column("adopted") == [True, False, True]
    assert [len(site.runs(each)) for each in OBJECTS] == [1, 2, 1]


@pytest.mark.parametrize("fault", ["garbled-page", "drop", "throttle"])
def test_nothing_is_created_before_the_list_can_be_read(site_with: SiteMaker, fault: str) -> None:
    site = site_with(f"ListPipelineRuns:1-2:{fault}")
    first = site.run()

    second = site.run(attempt=2)

    assert second.status == 0, second.stdout
    assert second.only["run_id"] == first.only["run_id"]
    assert len(site.posts) == 1
