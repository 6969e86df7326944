"""The job is run again: what its earlier attempts left is found, kept or replaced, never doubled."""

import pytest

from dataworks_deploy.app.wording_creation import SENT_BEFORE

from .conftest import SiteMaker
from .job import OBJECT, OBJECTS
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


def test_what_was_refused_is_not_said_to_be_safe_to_run_again(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:error:same-output")

    ended = site.run(*OBJECTS[:2])

    for text in (ended.stdout, ended.summary):
        assert "and save. Then start a new workflow run" in text
    assert "may be taken for a repetition within half an hour, and then ends as `unknown`" in ended.summary


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


def test_a_new_workflow_run_looks_for_nothing_and_creates_beside_what_is_open(site: Site) -> None:
    first = site.run()
    variables, outputs = site.environment([OBJECT], 1, {})

    second = site.run_in(variables | {"GITHUB_RUN_ID": "16245980124"}, outputs)

    assert second.status == 0, second.stdout
    assert site.runs() == [first.only["run_id"], second.only["run_id"]]
    assert len(intents(site)) == 2
    assert site.truth.posts("ListPipelineRuns") == []


def test_a_second_run_beside_the_one_that_was_deployed_is_abolished(site_with: SiteMaker) -> None:
    """Two copies of the job have created one each, where nonces are not fenced; one was deployed."""
    site = site_with(nonce_fence=False)
    deployed, twin = (site.run().only["run_id"] for _ in range(2))
    succeed(site, deployed)

    again = site.run(attempt=2)

    assert (again.only["outcome"], again.only["run_id"]) == ("succeeded", deployed)
    assert f"Run {twin} was abolished." in again.only["message"]
    assert [event["run_id"] for event in site.truth.of("abolished")] == [twin]


def test_what_was_deployed_is_deployed_again_where_that_is_wanted(site: Site) -> None:
    succeed(site, site.run().only["run_id"])

    second = site.run(attempt=2, on_rerun="redeploy")

    assert second.status == 0, second.stdout
    assert [second.only["run_id"]] == site.runs()[1:]
    assert second.only["adopted"] is False
    assert generations(site) == ["g1", "g2"]
    assert len(intents(site)) == 1
    assert len({*site.nonces}) == 2


@pytest.mark.parametrize("advanced", [False, True])
def test_a_second_run_beside_the_one_that_is_deployed_again_is_abolished(
    site_with: SiteMaker, advanced: bool
) -> None:
    site = site_with(nonce_fence=False)
    deployed, twin = (site.run().only["run_id"] for _ in range(2))
    succeed(site, deployed)
    if advanced:
        site.emulator.execute(twin, "PROD_CHECK")

    again = site.run(attempt=2, on_rerun="redeploy")

    assert again.status == 0, again.stdout
    assert generations(site) == ["g1", "g1", "g2"]
    assert again.only["run_id"] == site.runs()[-1]
    assert any(twin in warning for warning in again.warnings)
    what = "has been advanced, and was left alone" if advanced else "was abolished."
    assert f"Run {twin} {what}" in again.only["message"]
    assert [event["run_id"] for event in site.truth.of("abolished")] == ([] if advanced else [twin])


@pytest.mark.parametrize("choice", ["resume", "redeploy"])
@pytest.mark.parametrize("end", ["terminate", "cancel"])
def test_a_failed_run_is_replaced_by_the_next_generation(site: Site, choice: str, end: str) -> None:
    getattr(site.emulator, end)(site.run().only["run_id"])

    second = site.run(attempt=2, on_rerun=choice)

    assert second.status == 0, second.stdout
    assert [second.only["run_id"]] == site.runs()[1:]
    assert generations(site) == ["g1", "g2"]


def test_the_eleventh_generation_follows_the_tenth(site: Site) -> None:
    for attempt in range(1, 12):
        ended = site.run(attempt=attempt)
        assert ended.status == 0, ended.stdout
        if attempt < 11:
            site.emulator.terminate(ended.only["run_id"])

    assert generations(site) == [f"g{number}" for number in range(1, 12)]
    assert site.run(attempt=12).only["run_id"] == site.runs()[-1]


def test_the_first_generation_is_not_mistaken_for_the_tenth(site_with: SiteMaker) -> None:
    model = site_with()
    model.run()
    tenth = model.posts[0]["params"]["Description"].replace(":g1]", ":g10]")
    site = site_with("CreatePipelineRun:1:drop")
    other = site.emulator.deploy_as("somebody", OBJECT, tenth)

    ended = site.run(on_active_run="ignore")

    assert ended.status == 0, ended.stdout
    assert ended.only["run_id"] != other
    assert ended.only["adopted"] is False


def test_each_object_is_looked_up_for_itself(site: Site) -> None:
    first = site.run(*OBJECTS)
    succeed(site, first.column("run_id")[0])
    site.emulator.terminate(first.column("run_id")[1])

    second = site.run(*OBJECTS, attempt=2)

    assert second.status == 0, second.stdout
    assert second.column("outcome") == ["succeeded", "created", "created"]
    assert second.column("adopted") == [True, False, True]
    assert [len(site.runs(each)) for each in OBJECTS] == [1, 2, 1]


def test_an_attempt_that_finds_nothing_creates(site: Site) -> None:
    ended = site.run(attempt=2)

    assert ended.status == 0, ended.stdout
    assert [ended.only["run_id"]] == site.runs()
    assert generations(site) == ["g1"]


def test_what_is_not_known_is_looked_for_since_the_first_attempt(site_with: SiteMaker) -> None:
    """The mark is the same for all attempts, and a request of the first may come into sight late."""
    site = site_with("CreatePipelineRun:*:drop")

    first, second = site.run(), site.run(attempt=2)

    assert [ended.outcome for ended in (first, second)] == ["unknown", "unknown"]
    assert "first attempt" not in first.only["message"]
    assert "created between the workflow run's first attempt and 20" in second.only["message"]


def test_runs_of_other_jobs_are_not_ours(site: Site) -> None:
    """Same repository and object, another workflow run: another intent."""
    foreign = site.emulator.deploy_as("somebody", OBJECT, "[dwd1:AAAAAAAAAAAAAAAAAAAAAAAAAA:g1] x")

    ended = site.run(attempt=2)

    assert ended.status == 0, ended.stdout
    assert ended.only["run_id"] != foreign
    assert not site.truth.of("abolished")


def test_an_earlier_run_is_found_behind_a_hundred_newer_ones(site: Site) -> None:
    first = site.run()
    for _ in range(130):
        site.emulator.deploy_as("somebody", OBJECT, "by hand")

    second = site.run(attempt=2)

    assert second.status == 0, second.stdout
    assert second.only["run_id"] == first.only["run_id"]
    assert len(site.posts) == 1


@pytest.mark.parametrize(
    "fault", ["json:{}", "garbled-page", "short-page", "html", "status:500", "drop", "throttle"]
)
def test_nothing_is_created_before_the_list_can_be_read(site_with: SiteMaker, fault: str) -> None:
    site = site_with(f"ListPipelineRuns:1-2:{fault}")
    first = site.run()

    second = site.run(attempt=2)

    assert second.status == 0, second.stdout
    assert second.only["run_id"] == first.only["run_id"]
    assert len(site.posts) == 1


@pytest.mark.parametrize("code", ["NoPermission", "InvalidSecurityToken.Expired"])
def test_a_list_that_is_refused_ends_the_step_before_anything_is_created(
    site_with: SiteMaker, code: str
) -> None:
    site = site_with(f"ListPipelineRuns:*:error:{code}")

    ended = site.run(attempt=2)

    assert ended.status == 1
    assert ended.only["outcome"] == "rejected"
    assert code in ended.only["message"]
    assert site.posts == []


def test_a_run_that_the_list_does_not_show_yet_is_not_doubled(site_with: SiteMaker) -> None:
    """The nonce is derived, not drawn: it holds across attempts."""
    site = site_with(list_lag=20)
    first = site.run()

    second = site.run(attempt=2, settle_seconds="60")

    assert second.status == 0, second.stdout
    assert second.only["run_id"] == first.only["run_id"]
    assert len(site.runs()) == 1
    assert len(site.truth.of("duplicate_refused")) == 1


def test_a_run_after_throttling_that_the_list_does_not_show_yet_is_not_doubled(site_with: SiteMaker) -> None:
    """The second attempt does not know how often the first one was throttled."""
    site = site_with("CreatePipelineRun:1:throttle", list_lag=20)
    first = site.run()

    second = site.run(attempt=2, settle_seconds="60")

    assert second.status == 0, second.stdout
    assert second.only["run_id"] == first.only["run_id"]
    assert len(site.runs()) == 1
