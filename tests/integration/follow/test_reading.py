"""How runs are read: many with one call, patiently where it fails, and never beyond what is allowed."""

from itertools import pairwise

import pytest

from ..conftest import SiteMaker
from ..ended import Ended
from ..step import Site
from .carry import calls, carry, executed

TWENTY = [str(number) for number in range(201, 221)]


def readings(site: Site) -> list[float]:
    """The moments at which runs were read."""
    posts = [*site.truth.posts("GetPipelineRun"), *site.truth.posts("ListPipelineRuns")]
    return sorted(post["time"] for post in posts)


def test_one_page_serves_all(site_with: SiteMaker) -> None:
    site = site_with(stage_seconds=5)

    ended = carry(site, *TWENTY, max_parallel="20")

    assert ended.outcome == "succeeded", ended.stdout
    pages, single = calls(site, "ListPipelineRuns"), calls(site, "GetPipelineRun")
    assert pages >= 5
    # One call of its own confirms each end; a run or two may be read singly before others are under way.
    assert single <= len(TWENTY) + 6
    assert pages + single < 3 * len(TWENTY)


class TestThrottling:
    @pytest.mark.parametrize("action", ["GetPipelineRun", "ExecPipelineRunStage"])
    def test_what_the_service_asks_for_is_waited(self, site_with: SiteMaker, action: str) -> None:
        site = site_with(f"{action}:1:throttle:20000")

        ended = carry(site)

        assert ended.outcome == "succeeded", ended.stdout
        first, second, *_ = site.truth.posts(action)
        assert 20 <= second["time"] - first["time"] < 21

    def test_an_account_of_five_calls_a_second_is_enough(self, site_with: SiteMaker) -> None:
        site = site_with(edition="basic", day_calls=100_000, stage_seconds=1)

        ended = carry(site, *TWENTY[:8], max_parallel="8")

        assert ended.outcome == "succeeded", ended.stdout


def test_a_spent_quota_ends_the_step_as_timed_out_and_is_named(site_with: SiteMaker) -> None:
    site = site_with(day_calls=4)

    ended = carry(site)

    assert (ended.status, ended.outcome, ended.only["outcome"]) == (1, "timed_out", "timed_out")
    assert "quota" in ended.only["message"]
    assert ended.only["run_id"] == site.runs()[0]
    assert ended.only["run_id"] in ended.only["message"]


@pytest.mark.parametrize("action", ["GetPipelineRun", "ExecPipelineRunStage"])
@pytest.mark.parametrize("code", ["Throttling.Api.Risk", "InvalidSecurityToken.Expired"])
def test_what_a_person_has_to_mend_is_not_a_failed_run(site_with: SiteMaker, action: str, code: str) -> None:
    site = site_with(f"{action}:2-99:error:{code}")

    ended = carry(site)

    assert (ended.status, ended.outcome, ended.only["outcome"]) == (1, "timed_out", "timed_out")
    assert code in ended.only["message"]
    assert ended.only["run_id"] in ended.only["message"]
    assert "PROD" not in executed(site)


class TestThePauseBetweenReadings:
    def test_it_is_fixed_where_that_is_wanted(self, site_with: SiteMaker) -> None:
        site = site_with(stage_overrides={"BUILD_PACKAGE": 25})

        carry(site, poll_seconds="7")

        times = [moment for moment in readings(site) if moment < readings(site)[0] + 24]
        pauses = [later - earlier for earlier, later in pairwise(times)]
        assert pauses == [7, 7, 7]

    def test_it_adapts(self, site_with: SiteMaker) -> None:
        site = site_with(stage_overrides={"PROD": 70})

        carry(site)

        (started,) = site.truth.of("stage_executed", stage="PROD")
        times = [moment for moment in readings(site) if moment > started["time"]]
        assert times[1] - times[0] < 4
        assert times[-3] - times[-4] > 6
        (finished,) = site.truth.of("stage_finished", stage="PROD")
        assert times[-1] - finished["time"] < 30


def of_reading(ended: Ended) -> list[str]:
    """The lines that tell of readings that failed."""
    return [line for line in ended.lines if "reading run" in line]


class TestReadingsThatFail:
    def test_they_are_told_now_and_then_and_named_at_the_end(self, site_with: SiteMaker) -> None:
        site = site_with("GetPipelineRun:3-9999:status:502")

        ended = carry(site, timeout_minutes="10")

        lines = of_reading(ended)
        assert "HTTP status 502" in lines[0]
        assert "RequestId" in lines[0]
        failed = calls(site, "GetPipelineRun") - 2
        assert len(lines) == failed.bit_length()
        assert 20 < failed < 50
        assert f"{failed} readings failed" in ended.only["message"]
        assert "HTTP status 502" in ended.only["message"]
        assert "fault on Alibaba Cloud's side" in ended.errors[0], "not that it takes longer"


def test_a_status_that_nobody_knows_is_named_once_and_at_the_end(site_with: SiteMaker) -> None:
    site = site_with(odd_status="Foo")

    ended = carry(site, timeout_minutes="3")

    assert ended.only["outcome"] == "timed_out"
    (line,) = [
        line for line in ended.lines if "is not a known one: " in line and "still under way" not in line
    ]
    assert "Foo" in line
    assert "Foo" in ended.only["message"]
    assert "takes longer" not in ended.errors[0]
    assert "report the status" in ended.errors[0]
