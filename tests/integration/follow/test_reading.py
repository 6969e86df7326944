"""How runs are read: many with one call, patiently where it fails, and never beyond what is allowed."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from dataworks_emulator import Denial, Emulator, Settings

from ..clock import VirtualClock
from ..conftest import SiteMaker
from ..ended import Ended
from ..job import KEY, OBJECT
from ..step import Site
from .carry import SIMPLE, calls, carry, executed, resume

SLOW = {"BUILD_PACKAGE": 3600.0}
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


def test_a_single_run_is_read_by_itself(site: Site) -> None:
    carry(site)

    assert calls(site, "ListPipelineRuns") == 0


def test_runs_that_the_page_does_not_show_are_read_one_by_one(site_with: SiteMaker) -> None:
    site = site_with(oldest_first=True, stage_seconds=2)
    for number in range(130):
        site.emulator.deploy_as("somebody", f"other-{number}")

    ended = carry(site, "1", "2", "3", max_parallel="3")

    assert ended.outcome == "succeeded", ended.stdout
    assert calls(site, "ListPipelineRuns") <= 3
    assert calls(site, "GetPipelineRun") >= 9


def test_runs_that_the_list_does_not_show_yet_are_followed(site_with: SiteMaker) -> None:
    site = site_with(list_lag=120, stage_seconds=2)

    ended = carry(site, "1", "2", "3", max_parallel="3")

    assert ended.outcome == "succeeded", ended.stdout
    assert [executed(site, each) for each in ("1", "2", "3")] == [SIMPLE] * 3


@pytest.mark.parametrize("fault", ["garbled-page", "json:{}", "short-page", "stale", "html", "throttle"])
def test_a_list_that_is_no_good_hides_no_run(site_with: SiteMaker, fault: str) -> None:
    site = site_with(f"ListPipelineRuns:*:{fault}", stage_seconds=1)

    ended = carry(site, "1", "2", max_parallel="2")

    assert ended.outcome == "succeeded", ended.stdout
    assert [executed(site, each) for each in ("1", "2")] == [SIMPLE] * 2


@pytest.mark.parametrize("fault", ["status:503", "error:InternalError.System", "json:{}", "reset"])
def test_readings_may_fail(site_with: SiteMaker, fault: str) -> None:
    site = site_with(f"GetPipelineRun:2-4:{fault}")

    ended = carry(site)

    assert (ended.status, ended.outcome) == (0, "succeeded"), ended.stdout
    assert executed(site) == SIMPLE


def test_readings_may_fail_twenty_times(site_with: SiteMaker) -> None:
    site = site_with("GetPipelineRun:2-21:drop")

    ended = carry(site)

    assert (ended.status, ended.outcome) == (0, "succeeded"), ended.stdout
    assert executed(site) == SIMPLE


def test_a_run_that_cannot_be_read_to_the_end_has_not_failed(site_with: SiteMaker) -> None:
    site = site_with("GetPipelineRun:3-9999:status:503")

    ended = carry(site, timeout_minutes="0.5")

    assert (ended.outcome, ended.only["outcome"]) == ("timed_out", "timed_out")
    assert ended.only["run_id"] in ended.only["message"]


class TestThrottling:
    def test_a_throttled_reading_is_repeated(self, site_with: SiteMaker) -> None:
        site = site_with("GetPipelineRun:1-5:throttle")

        assert carry(site).outcome == "succeeded"

    @pytest.mark.parametrize("action", ["GetPipelineRun", "ExecPipelineRunStage"])
    def test_what_the_service_asks_for_is_waited(self, site_with: SiteMaker, action: str) -> None:
        site = site_with(f"{action}:1:throttle:20000")

        ended = carry(site)

        assert ended.outcome == "succeeded", ended.stdout
        first, second, *_ = site.truth.posts(action)
        assert 20 <= second["time"] - first["time"] < 21

    def test_no_call_of_any_kind_is_made_meanwhile(self, site_with: SiteMaker) -> None:
        site = site_with("GetPipelineRun:2:throttle:20000", stage_seconds=3)

        carry(site)

        refused = site.truth.posts("GetPipelineRun")[1]["time"]
        # What was sent before the refusal arrived does not count.
        after = [post["time"] - refused for post in site.truth.of("received") if post["time"] > refused]
        assert 20 <= min(after) < 21

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


def test_a_token_that_expires_half_way_ends_the_step_as_timed_out_with_the_run(tmp_path: Path) -> None:
    clock = VirtualClock()
    settings = Settings(credentials=(replace(KEY, expires_after=15),), stage_overrides={"PROD": 60})
    with Emulator(settings, clock.time) as emulator:
        site = Site(tmp_path, emulator, clock)

        ended = carry(site)

    assert (ended.status, ended.outcome, ended.only["outcome"]) == (1, "timed_out", "timed_out")
    assert "InvalidSecurityToken" in ended.only["message"]
    assert [ended.only["run_id"]] == site.runs()
    assert clock.monotonic() < 60, "it ended as soon as it was certain"


def test_a_key_that_may_create_and_not_execute_fails_the_object(site_with: SiteMaker) -> None:
    site = site_with("ExecPipelineRunStage:*:error:NoPermission")

    ended = carry(site)

    assert (ended.status, ended.outcome, ended.only["outcome"]) == (1, "failed", "failed")
    assert "NoPermission" in ended.only["message"]
    assert calls(site, "ExecPipelineRunStage") == 1
    assert site.emulator.status(ended.only["run_id"]) == "Running"


def test_a_key_that_may_only_read_creates_nothing(site_with: SiteMaker) -> None:
    site = site_with(denials=(Denial(KEY.access_key_id, writes_only=True),))

    ended = carry(site)

    assert (ended.outcome, ended.only["outcome"]) == ("failed", "rejected")


class TestThePauseBetweenReadings:
    def test_it_is_fixed_where_that_is_wanted(self, site_with: SiteMaker) -> None:
        site = site_with(stage_overrides={"BUILD_PACKAGE": 25})

        carry(site, poll_seconds="7")

        times = [moment for moment in readings(site) if moment < readings(site)[0] + 24]
        pauses = [later - earlier for earlier, later in pairwise(times)]
        assert pauses == [7, 7, 7]

    def test_it_is_not_undercut_after_a_reading_that_failed(self, site_with: SiteMaker) -> None:
        site = site_with("GetPipelineRun:2-3:drop", stage_overrides={"BUILD_PACKAGE": 30})

        carry(site, poll_seconds="8")

        times = readings(site)[:4]
        assert [later - earlier for earlier, later in pairwise(times)] == [8, 8, 8]

    def test_it_adapts(self, site_with: SiteMaker) -> None:
        site = site_with(stage_overrides={"PROD": 70})

        carry(site)

        (started,) = site.truth.of("stage_executed", stage="PROD")
        times = [moment for moment in readings(site) if moment > started["time"]]
        assert times[1] - times[0] < 4
        assert times[-3] - times[-4] > 6
        (finished,) = site.truth.of("stage_finished", stage="PROD")
        assert times[-1] - finished["time"] < 30


def test_calls_are_counted(site_with: SiteMaker) -> None:
    site = site_with("GetPipelineRun:3:throttle", "ExecPipelineRunStage:1:drop", stage_seconds=2)

    ended = carry(site, OBJECT, "2", "3", max_parallel="2")

    assert ended.outputs["api-calls"] == str(len(site.truth.of("received")))
    assert f"{ended.outputs['api-calls']} API calls" in ended.stdout


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

    def test_a_page_of_a_gateway_in_between_says_nothing_against_the_endpoint(
        self, site_with: SiteMaker
    ) -> None:
        site = site_with("GetPipelineRun:3-9999:html:502")

        ended = carry(site, timeout_minutes="5")

        assert "HTTP status 502 without the service's answer" in ended.only["message"]
        assert "fault on Alibaba Cloud's side, or of a gateway" in ended.errors[0]
        assert "Run the job again in a while" in ended.errors[0]
        assert "endpoint" not in ended.errors[0]

    def test_another_error_is_told_at_once(self, site_with: SiteMaker) -> None:
        site = site_with(
            *("GetPipelineRun:2-3:status:502", "GetPipelineRun:4:status:503"),
            stage_overrides={"BUILD_PACKAGE": 9},
        )

        ended = carry(site)

        assert ended.outcome == "succeeded"
        told = [re.findall(r"HTTP status (\d+)", line) for line in of_reading(ended)]
        assert told == [["502"], ["502"], ["503"]]

    def test_what_was_read_again_in_time_does_not_explain_the_deadline(self, site_with: SiteMaker) -> None:
        site = site_with("GetPipelineRun:3-9:status:502", stage_overrides=SLOW)

        ended = carry(site, timeout_minutes="5")

        assert len(of_reading(ended)) == 3
        assert "HTTP status" not in ended.only["message"] + ended.errors[0]

    def test_a_page_that_fails_is_told_of_each_object(self, site_with: SiteMaker) -> None:
        site = site_with("GetPipelineRun:*:status:502", "ListPipelineRuns:*:status:502", stage_overrides=SLOW)

        ended = carry(site, "1", "2", max_parallel="2", timeout_minutes="2")

        assert all("readings failed" in message for message in ended.column("message"))
        assert {line.partition(":")[0] for line in of_reading(ended)} == {"[1/2] 1", "[2/2] 2"}

    def test_those_of_a_named_run_are_told_too(self, site_with: SiteMaker) -> None:
        site = site_with("GetPipelineRun:*:status:502")
        run_id = site.emulator.deploy_as("somebody", OBJECT)

        ended = resume(site, run_id, timeout_minutes="1")

        assert ended.only["outcome"] == "timed_out"
        assert of_reading(ended)
        assert "readings failed" in ended.only["message"]


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
