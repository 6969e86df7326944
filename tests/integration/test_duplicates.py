"""Where a fence fails, several runs bear one mark: one of them is carried on, the others are abolished."""

import pytest

from .conftest import SiteMaker
from .ended import Ended
from .job import OBJECT
from .step import Site

EMPTY_LIST = 'json:{"PagingInfo":{"PageNumber":1,"PageSize":100,"TotalCount":0,"PipelineRuns":[]}}'


def oldest_first(site: Site) -> list[str]:
    """The runs of the object. Of those of one millisecond that with the lowest ID comes first."""
    return sorted(site.runs(), key=lambda run_id: (site.truth.runs(run_id=run_id)[0]["time"], run_id))


def standing(site: Site) -> list[str]:
    """The runs of the object that nobody has abolished."""
    gone = {event["run_id"] for event in site.truth.of("abolished")}
    return [run_id for run_id in site.runs() if run_id not in gone]


def assert_one_is_left(site: Site, ended: Ended) -> None:
    assert ended.status == 0, ended.stdout
    first, *others = oldest_first(site)
    assert len(others) == 1
    assert standing(site) == [first], "the oldest wins, whoever looks"
    assert ended.only["run_id"] == first
    assert any(first in warning and others[0] in warning for warning in ended.warnings)


def test_a_request_that_arrived_twice_leaves_one_run_after_a_lost_answer(
    site_with: SiteMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dataworks_deploy.dataworks.service.CREATE_READ_SECONDS", 2)
    site = site_with("CreatePipelineRun:1:twice", latency_ms=3000)

    assert_one_is_left(site, site.run())


def test_a_request_that_arrived_twice_leaves_one_run_after_a_rerun(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:twice")
    site.run()

    assert_one_is_left(site, site.run(attempt=2))


def test_the_result_names_the_duplicate(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:twice")
    site.run()

    ended = site.run(attempt=2)

    assert oldest_first(site)[1] in ended.only["message"]


@pytest.mark.parametrize("fault", ["drop", "status:500", "throttle", "json:{}"])
def test_a_duplicate_is_abolished_for_certain(site_with: SiteMaker, fault: str) -> None:
    site = site_with("CreatePipelineRun:1:twice", f"AbolishPipelineRun:1:{fault}")
    site.run()

    assert_one_is_left(site, site.run(attempt=2))


@pytest.mark.parametrize("fault", ["drop", "status:500", "json:{}"])
def test_an_abolition_whose_answer_is_lost_has_happened(site_with: SiteMaker, fault: str) -> None:
    site = site_with("CreatePipelineRun:1:twice", f"AbolishPipelineRun:1:commit+{fault}")
    site.run()

    assert_one_is_left(site, site.run(attempt=2))
    assert len(site.truth.of("abolished")) == 1


def test_a_duplicate_that_cannot_be_abolished_is_reported(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:twice", "AbolishPipelineRun:*:error:NoPermission")
    site.run()

    ended = site.run(attempt=2)

    assert site.truth.of("abolished") == []
    assert any(oldest_first(site)[1] in warning and "NoPermission" in warning for warning in ended.warnings)


def test_the_run_that_somebody_has_advanced_is_the_one_that_is_kept(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:twice")
    site.run()
    site.clock.forward(1)
    older, younger = site.runs()
    site.emulator.execute(younger, "PROD_CHECK")

    ended = site.run(attempt=2)

    assert ended.status == 0, ended.stdout
    assert ended.only["run_id"] == younger
    assert standing(site) == [younger]
    assert [event["run_id"] for event in site.truth.of("abolished")] == [older]


def test_runs_of_another_intent_are_left_alone(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:commit+drop")
    for letter in "AB":
        site.emulator.deploy_as("somebody", OBJECT, f"[dwd1:{letter * 26}:g1] another job", age=60)

    ended = site.run()

    assert ended.status == 0, ended.stdout
    assert [ended.only["run_id"]] == site.marked(OBJECT)
    assert site.truth.of("abolished") == []


def test_without_a_fence_a_list_that_was_wrongly_empty_leaves_one_run(site_with: SiteMaker) -> None:
    site = site_with(
        "CreatePipelineRun:1:commit+drop", f"ListPipelineRuns:1-3:{EMPTY_LIST}", nonce_fence=False
    )

    ended = site.run()

    assert_one_is_left(site, ended)
    assert ended.only["attempts"] == 2


def test_without_a_fence_a_list_that_lags_leaves_one_run(site_with: SiteMaker) -> None:
    """The list lags by more than the settle time: the election sees the first run, not yet the second."""
    site = site_with("CreatePipelineRun:1:commit+drop", nonce_fence=False, list_lag=30)

    ended = site.run(settle_seconds="20")

    assert_one_is_left(site, ended)


def throttled_then_hidden(site_with: SiteMaker) -> tuple[Site, Ended]:
    """The first attempt was throttled, the second one does not know it, and the list does not show the run yet."""
    site = site_with("CreatePipelineRun:1:throttle", throttled_uses_nonce=False, list_lag=20)
    site.run()
    site.clock.forward(1)
    return site, site.run(attempt=2, settle_seconds="60")


def test_a_second_attempt_under_a_nonce_that_was_only_throttled_leaves_one_run(site_with: SiteMaker) -> None:
    assert_one_is_left(*throttled_then_hidden(site_with))


def test_a_run_that_won_over_the_one_that_we_created_is_adopted(site_with: SiteMaker) -> None:
    _, ended = throttled_then_hidden(site_with)

    assert ended.only["adopted"] is True


@pytest.mark.long
def test_racing_copies_of_one_job_share_one_run(site: Site) -> None:
    ended = [process.wait() for process in [site.start() for _ in range(3)]]

    assert [each.status for each in ended] == [0, 0, 0], ended
    assert {each.only["run_id"] for each in ended} == {*site.runs()}
    assert len(site.runs()) == 1
    assert len(site.truth.of("duplicate_refused")) == 2


def test_racing_copies_without_a_fence_are_settled_by_the_next_attempt(site_with: SiteMaker) -> None:
    """Each copy has a clear answer of its own, and knows of no other."""
    site = site_with(nonce_fence=False)
    for _ in range(3):
        site.run()

    ended = site.run(attempt=2)

    assert ended.status == 0, ended.stdout
    assert standing(site) == [ended.only["run_id"]] == oldest_first(site)[:1]
