"""The job is run again: what its earlier attempts left is found, kept or replaced, never doubled."""

import pytest

from dataworks_deploy.render.reasons import SENT_BEFORE

from .conftest import SiteMaker
from .job import OBJECTS
from .step import Site


def succeed(site: Site, run_id: str) -> None:
    """Take a run to its good end, as a person would."""
    for code in ("PROD_CHECK", "PROD"):
        site.clock.forward(1)
        site.emulator.execute(run_id, code)
    site.clock.forward(1)
    assert site.emulator.status(run_id) == "Success"


def generations(site: Site) -> list[str]:
    """The generation in the mark of every run that was created, in order."""
    return [run["description"].split("]")[0].rpartition(":")[2] for run in site.truth.runs()]


def intents(site: Site) -> set[str]:
    """The intents in the marks of all runs."""
    return {run["description"].split(":")[1] for run in site.truth.runs()}


def test_a_refusal_uses_the_nonce_up_and_the_rerun_says_what_to_do(
    site_with: SiteMaker,
) -> None:
    """Nobody can tell a request that was refused from one that is still under way, so none is sent under another."""
    site = site_with("CreatePipelineRun:1:error:NoPermission")

    first, second = site.run(), site.run(attempt=2)

    assert (first.only["outcome"], second.only["outcome"]) == ("rejected", "unknown")
    assert SENT_BEFORE in second.only["message"]
    assert "half an hour" in second.only["message"]
    assert site.runs() == []
    site.clock.forward(30 * 60)
    assert site.run(attempt=3).only["outcome"] == "created"


def test_a_re_run_that_cannot_look_back_says_what_may_be_there(site_with: SiteMaker) -> None:
    """A new workflow run, which is what a refused creation asks for, would deploy beside it."""
    site = site_with("ListPipelineRuns:*:error:NoPermission")
    first = site.run(wait="true", until_stage="PROD_CHECK")

    second = site.run(attempt=2, wait="true", until_stage="PROD_CHECK")

    assert (first.only["outcome"], second.only["outcome"]) == ("created", "rejected")
    mark = site.posts[0]["params"]["Description"].split(":")[1]
    for text in (second.only["message"], second.stdout, second.summary):
        assert "Do not redeploy before you have looked for a run" in text
        assert mark in text
        assert "start a new workflow run" not in text
    assert len(site.posts) == 1


def test_what_was_deployed_is_not_deployed_again(site: Site) -> None:
    succeed(site, site.run().only["run_id"])

    second = site.run(attempt=2)

    assert second.status == 0, second.stdout
    assert second.only["outcome"] == "succeeded"
    assert second.only["run_id"] == site.runs()[0]
    assert second.only["status"] == "Success"
    assert "not done again" in second.only["message"]
    assert len(site.posts) == 1


def test_what_was_deployed_is_deployed_again_where_that_is_wanted(site: Site) -> None:
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


def test_each_object_is_looked_up_for_itself(site: Site) -> None:
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
