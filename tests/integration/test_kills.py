"""The process is killed in the middle of a creation: nothing known is lost, and a re-run doubles nothing."""

import json
import time
from collections.abc import Callable

from .conftest import SiteMaker
from .job import OBJECT, OBJECTS
from .step import Site


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for something that another process does."""
    limit = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.005)


def test_a_job_killed_after_its_run_was_created_finds_it_when_it_is_run_again(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:commit+delay:30")
    process = site.start()
    wait_until(site.runs)
    killed = process.kill()

    again = site.run(attempt=2)

    assert killed.outcome == "unknown"
    assert again.status == 0, again.stdout
    assert [again.only["run_id"]] == site.runs()
    assert again.only["adopted"] is True
    assert len(site.posts) == 1


def test_a_request_that_a_killed_job_left_on_its_way_creates_no_second_run(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:delay:60")
    process = site.start()
    wait_until(lambda: site.posts)
    process.kill()

    again = site.run(attempt=2)
    site.clock.forward(60)

    assert again.status == 0, again.stdout
    assert [again.only["run_id"]] == site.runs()
    assert len({*site.nonces}) == 1
    assert len(site.truth.of("duplicate_refused")) == 1


def test_the_outputs_of_a_killed_job_say_what_was_known(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:2:delay:30")
    process = site.start(*OBJECTS)
    wait_until(lambda: len(site.posts) == 2)

    killed = process.kill()

    killed.check_outputs(list(OBJECTS))
    assert killed.outcome == "unknown"
    assert killed.column("outcome") == ["created", "unknown", "skipped"]
    assert json.loads(killed.outputs["run-ids"]) == [*site.runs(OBJECT), None, None]
    assert "do not redeploy" in killed.results[1]["message"].lower()


def test_the_summary_of_a_killed_job_says_it_as_well(site_with: SiteMaker) -> None:
    """A page that calls what was sent "not started" would invite to a second deployment."""
    site = site_with("CreatePipelineRun:2:delay:30")

    began = site.clock.monotonic()

    def a_moment_later() -> bool:
        return len(site.posts) == 2 and site.clock.monotonic() > began

    killed = site.cut_off(a_moment_later, *OBJECTS)

    assert "**3 objects: 1 unknown, 1 not started, 1 open.**" in killed.summary
    assert site.runs(OBJECT)[0] in killed.summary


def test_a_run_that_a_killed_job_was_following_is_no_success(site: Site) -> None:
    killed = site.cut_off(lambda: site.truth.posts("GetPipelineRun"), wait="true", timeout_minutes="10")

    killed.check_outputs([OBJECT])
    assert (killed.outcome, killed.only["outcome"]) == ("cancelled", "cancelled")
    assert (killed.outputs["succeeded-count"], killed.outputs["failed-count"]) == ("0", "1")
    assert [killed.only["run_id"]] == site.runs()
    assert f"run-ids: {killed.only['run_id']}" in killed.only["message"]
    assert killed.only["run_id"] in killed.summary
    assert int(killed.outputs["api-calls"]) > 0


def test_the_outputs_of_a_job_killed_while_it_looks_for_a_run_say_unknown(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:drop", "ListPipelineRuns:1:delay:30")

    killed = site.cut_off(lambda: site.truth.posts("ListPipelineRuns"), settle_seconds="600")

    killed.check_outputs([OBJECT])
    assert killed.column("outcome") == ["unknown"]
