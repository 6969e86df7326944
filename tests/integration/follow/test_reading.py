"""How runs are read: many with one call, again after a failure, and never above the quota."""

from itertools import pairwise

import pytest

from ..conftest import SiteMaker
from .carry import calls, carry, executed

TWENTY = [str(number) for number in range(201, 221)]


def test_one_page_serves_all_runs(site_with: SiteMaker) -> None:
    site = site_with(stage_seconds=5)

    ended = carry(site, *TWENTY, max_parallel="20")

    assert ended.outcome == "succeeded", ended.stdout
    pages, single = calls(site, "ListPipelineRuns"), calls(site, "GetPipelineRun")
    assert pages >= 5
    # One more call confirms each end. One or two runs may be read alone before the others are created.
    assert single <= len(TWENTY) + 6
    assert pages + single < 3 * len(TWENTY)


def test_with_poll_seconds_a_run_is_read_at_this_pace(site_with: SiteMaker) -> None:
    site = site_with(stage_seconds=40)

    ended = carry(site, poll_seconds="7")

    assert ended.outcome == "succeeded", ended.stdout
    times = [post["time"] for post in site.truth.posts("GetPipelineRun")]
    *pauses, last = (round(later - sooner, 3) for sooner, later in pairwise(times))
    assert {*pauses} == {7.0}
    assert last < 1, "the end is read once more at once"


class TestThrottling:
    @pytest.mark.parametrize("action", ["GetPipelineRun", "ExecPipelineRunStage"])
    def test_the_step_waits_as_long_as_the_service_asks(self, site_with: SiteMaker, action: str) -> None:
        site = site_with(f"{action}:1:throttle:20000")

        ended = carry(site)

        assert ended.outcome == "succeeded", ended.stdout
        first, second, *_ = site.truth.posts(action)
        assert 20 <= second["time"] - first["time"] < 21

    def test_a_quota_of_five_calls_a_second_is_enough(self, site_with: SiteMaker) -> None:
        site = site_with(edition="basic", day_calls=100_000, stage_seconds=1)

        ended = carry(site, *TWENTY[:8], max_parallel="8")

        assert ended.outcome == "succeeded", ended.stdout


def test_a_used_up_quota_ends_the_step_as_timed_out_and_is_named(site_with: SiteMaker) -> None:
    site = site_with(day_calls=4)

    ended = carry(site)

    assert (ended.status, ended.outcome, ended.only["outcome"]) == (1, "timed_out", "timed_out")
    assert "quota" in ended.only["message"]
    assert ended.only["run_id"] == site.runs()[0]
    assert ended.only["run_id"] in ended.only["message"]


@pytest.mark.parametrize("action", ["GetPipelineRun", "ExecPipelineRunStage"])
@pytest.mark.parametrize("code", ["Throttling.Api.Risk", "InvalidSecurityToken.Expired"])
def test_an_error_that_a_person_has_to_fix_is_not_a_failed_run(
    site_with: SiteMaker, action: str, code: str
) -> None:
    site = site_with(f"{action}:2-99:error:{code}")

    ended = carry(site)

    assert (ended.status, ended.outcome, ended.only["outcome"]) == (1, "timed_out", "timed_out")
    assert code in ended.only["message"]
    assert ended.only["run_id"] in ended.only["message"]
    assert "PROD" not in executed(site)


def test_an_unknown_status_is_named_once_and_at_the_end(site_with: SiteMaker) -> None:
    site = site_with(odd_status="Foo")

    ended = carry(site, timeout_minutes="3")

    assert ended.only["outcome"] == "timed_out"
    (line,) = [
        line for line in ended.lines if "does not know the status: " in line and "still running" not in line
    ]
    assert "Foo" in line
    assert "Foo" in ended.only["message"]
    assert "takes longer" not in ended.errors[0]
    assert "report the status" in ended.errors[0]
