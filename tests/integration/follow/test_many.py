"""Many objects: the order in which they start, how many runs are open at once, and what the log says."""

from dataworks_emulator import Failure

from ..conftest import SiteMaker
from ..job import OBJECTS
from ..step import Site
from .carry import SIMPLE, carry, executed

TEN = [str(number) for number in range(101, 111)]


def spans(site: Site) -> list[tuple[str, float, float]]:
    """For every object, in the order of creation: when its run was created and when the run ended."""
    ends: dict[str, float] = {}
    for event in site.truth.of("stage_finished"):
        ends[event["run_id"]] = event["time"]
    return [(run["object"], run["time"], ends[run["run_id"]]) for run in site.truth.runs()]


def most_under_way(site: Site) -> int:
    """The greatest number of runs that were open at once, by the service's own clock."""
    under_way = [
        sum(began <= moment < ended for _, began, ended in spans(site)) for _, moment, _ in spans(site)
    ]
    return max(under_way)


def test_max_parallel_runs_are_open_at_once_and_the_objects_start_in_order(site_with: SiteMaker) -> None:
    """The first few requests may arrive in any order. A later object starts when another one has ended."""
    site = site_with(stage_seconds=2)

    ended = carry(site, *TEN, max_parallel="4")

    assert ended.outcome == "succeeded", ended.stdout
    assert most_under_way(site) == 4
    assert all(executed(site, each) == SIMPLE for each in TEN)
    started = [each for each, _, _ in spans(site)]
    assert {*started[:4]} == {*TEN[:4]}
    assert all(abs(started.index(each) - TEN.index(each)) < 4 for each in TEN), started


class TestAfterAFailure:
    FAILURES = (Failure(OBJECTS[0], "PROD_CHECK", "no such table"),)

    def test_no_further_object_is_started(self, site_with: SiteMaker) -> None:
        site = site_with(failures=self.FAILURES)

        ended = carry(site, *OBJECTS)

        assert (ended.status, ended.outcome) == (1, "failed")
        assert ended.column("outcome") == ["failed", "skipped", "skipped"]
        assert len(site.posts) == 1
        assert "2 not started" in ended.stdout


class TestTheLog:
    def test_the_log_has_a_line_for_every_change_and_none_for_a_reading(self, site_with: SiteMaker) -> None:
        site = site_with(stage_seconds=12)

        ended = carry(site)

        changes = [line for line in ended.lines if ": run " in line and "created" not in line]
        assert len(changes) == len({line.rpartition(" (")[0] for line in changes}), changes
        assert len(changes) <= 6
        readings = len(site.truth.posts("GetPipelineRun")) + len(site.truth.posts("ListPipelineRuns"))
        assert readings > 12, "or this test shows nothing"
        assert len(ended.lines) <= len(changes) + len(["began", "created", "ended"]) + len(SIMPLE)

    def test_the_log_is_never_silent_for_more_than_a_minute(self, site_with: SiteMaker) -> None:
        site = site_with(stage_overrides={"PROD": 70})

        ended = carry(site, timeout_minutes="1.3")

        assert max(ended.silences) == 55
        alive = [line for line in ended.lines if "still running" in line]
        assert len(alive) == 1
        assert all(OBJECTS[0] in line and "API calls" in line for line in alive)
