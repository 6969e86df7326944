"""If the quota of an account is used up, the step says so, and does not say that its time was over."""

from ..conftest import SiteMaker
from .carry import carry

DAY = "the day's API calls are used up"


def test_a_used_up_daily_quota_is_named_everywhere(site_with: SiteMaker) -> None:
    site = site_with(edition="basic", day_calls=12, stage_seconds=60)

    ended = carry(site, timeout_minutes="30")

    (error,) = ended.stream.of("error")
    assert (ended.status, ended.outcome) == (1, "timed_out")
    assert error.properties["title"].endswith(DAY)
    assert "The day's API calls are used up." in error.data
    assert ended.only["message"].startswith("The day's API calls are used up.")
    assert ended.summary.startswith(f"## ⚠️ DataWorks Deploy: {DAY}\n")
    assert ended.lines[-1].startswith(f"DataWorks Deploy: {DAY}: ")
    assert "timed out" not in f"{ended.stdout}{ended.summary}"
    assert "See also: https://api.aliyun.com/troubleshoot?q=Throttling.Api.Risk" in error.data


def test_an_execution_is_tried_again_after_a_quota_error_that_may_be_only_about_the_rate(
    site_with: SiteMaker,
) -> None:
    site = site_with("ExecPipelineRunStage:1-3:quota", quota_code="Throttling.Resource")

    assert carry(site).outcome == "succeeded"


def test_a_quota_counts_as_used_up_if_no_call_succeeds_for_long(site_with: SiteMaker) -> None:
    site = site_with(day_calls=6, quota_code="Throttling.Resource", stage_seconds=60)
    began = site.clock.monotonic()

    ended = carry(site, timeout_minutes="30")

    assert ended.only["message"].startswith("The edition's API calls are used up.")
    assert 10 < site.clock.monotonic() - began < 120
