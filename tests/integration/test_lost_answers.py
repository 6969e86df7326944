"""CreatePipelineRun gives no usable answer: the step never creates a second run and never gives a false report."""

import re

import pytest

from .conftest import SiteMaker
from .ended import Ended
from .job import OBJECT, OBJECTS, PROJECT
from .step import Site

# What may come instead of an answer, whether or not the run was created.
GARBLED = [
    "drop",
    "reset",
    "truncate",
    "empty",
    "html",
    "html:502",
    "html:403",
    "json:{}",
    "json:null",
    'json:{"Id":""}',
    'json:{"Id":{"a":1}}',
    'json:{"Id":"x"',
    "status:408",
    "status:500",
    "error:InternalError.System",
    "error:Forbidden.Not.Server",
    "redirect:http://127.0.0.1:9/",
    "huge:9000000",
]
SILENT_LISTS = ["json:{}", 'json:{"PagingInfo":null}', "garbled-page"]


def assert_unknown(ended: Ended, site: Site) -> None:
    """Check that the step says that it does not know, and says all that a person needs to find out."""
    assert ended.status == 1
    assert ended.outcome == "unknown"
    message = ended.only["message"]
    mark = site.posts[0]["params"]["Description"].split(" ")[0]
    assert OBJECT in message
    assert PROJECT in message
    assert mark in message
    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
    assert re.search(rf"created (between {moment} and|since) {moment}\. ", message)
    assert "at the start of its description" in message.lower()
    assert any(mark in error for error in ended.errors)


@pytest.mark.parametrize("fault", GARBLED)
def test_a_run_that_was_not_created_is_created_by_repeating_the_same_request(
    site_with: SiteMaker, fault: str
) -> None:
    site = site_with(f"CreatePipelineRun:1:{fault}")

    ended = site.run(settle_seconds="4")

    assert ended.status == 0, ended.stdout
    assert [ended.only["run_id"]] == site.runs()
    assert (ended.only["outcome"], ended.only["adopted"], ended.only["attempts"]) == ("created", False, 2)
    first, second = site.posts
    assert first["params"] == second["params"]
    assert first["nonce"] == second["nonce"]


@pytest.mark.parametrize("seconds", [4, 30])
def test_the_request_is_sent_again_when_settle_seconds_have_passed(
    site_with: SiteMaker, seconds: int
) -> None:
    site = site_with("CreatePipelineRun:1:drop")

    site.run(settle_seconds=str(seconds))

    first, second = (post["time"] for post in site.posts)
    assert seconds <= second - first < seconds + 1


@pytest.mark.parametrize("fault", ["drop", "status:500"])
def test_a_request_that_is_lost_twice_is_not_sent_a_third_time(site_with: SiteMaker, fault: str) -> None:
    site = site_with(f"CreatePipelineRun:*:{fault}")

    ended = site.run()

    assert_unknown(ended, site)
    assert len(site.posts) == 2
    assert len({*site.nonces}) == 1


def test_the_step_waits_for_a_run_that_is_created_late(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:late:5")

    ended = site.run(settle_seconds="60")

    assert ended.status == 0, ended.stdout
    assert [ended.only["run_id"]] == site.runs()
    assert ended.only["adopted"] is True
    assert len(site.posts) == 1


def test_a_run_that_is_created_after_the_second_request_stays_the_only_one(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:late:300")

    ended = site.run()
    site.clock.forward(300)

    assert_unknown(ended, site)
    assert site.truth.answers("CreatePipelineRun") == ["dropped", "400"]
    assert len(site.truth.of("duplicate_refused")) == 1
    assert len(site.runs()) == 1


def test_after_an_unknown_object_no_further_object_is_started(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:2-9:drop")

    ended = site.run(*OBJECTS)

    assert ended.status == 1
    assert ended.column("outcome") == ["created", "unknown", "skipped"]
    assert ended.column("attempts") == [1, 2, 0]
    assert site.runs(OBJECTS[2]) == []


def test_the_step_does_not_wait_for_ever_for_a_dripping_answer(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:drip:60")

    ended = site.run()

    assert ended.status == 0, ended.stdout
    assert [ended.only["run_id"]] == site.runs()
    assert ended.only["adopted"] is True


def test_a_wrong_region_is_reported_within_a_minute(site_with: SiteMaker) -> None:
    """Every answer is a denial with status 500. It leaves a doubt about the creation only."""
    wrong = "error:Forbidden.Not.Server"
    site = site_with(f"CreatePipelineRun:*:{wrong}", f"ListPipelineRuns:*:{wrong}")

    ended = site.run(settle_seconds="20")

    assert_unknown(ended, site)
    assert site.clock.monotonic() < 60
    assert len(site.truth.posts("ListPipelineRuns")) <= 6
    assert "Check region" in ended.errors[0]


def test_a_step_that_could_not_look_does_not_say_that_it_found_nothing(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:*:commit+drop", "ListPipelineRuns:*:status:500")

    ended = site.run()

    assert_unknown(ended, site)
    assert "no reading of the list of runs succeeded" in ended.only["message"]
    assert "HTTP status 500" in ended.only["message"]
    for shown in (ended.errors[0], ended.summary):
        assert "could not look for it" in shown
        assert "was not seen" not in shown
