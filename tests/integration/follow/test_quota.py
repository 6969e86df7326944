"""An account whose calls are used up is told so, and not that the time was over."""

from ..conftest import SiteMaker
from .carry import carry

DAY = "the day's API calls are used up"


def test_a_day_whose_calls_are_used_up_is_called_so_everywhere(site_with: SiteMaker) -> None:
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


def test_one_that_may_be_mere_rate_is_waited_for_where_a_stage_is_to_be_executed(
    site_with: SiteMaker,
) -> None:
    site = site_with("ExecPipelineRunStage:1-3:quota", quota_code="Throttling.Resource")

    assert carry(site).outcome == "succeeded"


def test_it_is_believed_once_no_call_is_served_for_long(site_with: SiteMaker) -> None:
    site = site_with(day_calls=6, quota_code="Throttling.Resource", stage_seconds=60)
    began = site.clock.monotonic()

    ended = carry(site, timeout_minutes="30")

    assert ended.only["message"].startswith("The edition's API calls are used up.")
    assert 10 < site.clock.monotonic() - began < 120
