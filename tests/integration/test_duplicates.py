"""If the nonce does not stop a duplicate, several runs have one mark. One is continued, the others are abolished."""

import pytest

from .conftest import SiteMaker
from .ended import Ended
from .step import Site


def oldest_first(site: Site) -> list[str]:
    """The runs of the object, oldest first. In the same millisecond the lowest ID comes first."""
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


def test_a_request_that_arrived_twice_leaves_one_run_after_a_re_run(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:twice")
    site.run()

    assert_one_is_left(site, site.run(attempt=2))


def test_a_duplicate_that_cannot_be_abolished_is_reported(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:twice", "AbolishPipelineRun:*:error:NoPermission")
    site.run()

    ended = site.run(attempt=2)

    assert site.truth.of("abolished") == []
    assert any(oldest_first(site)[1] in warning and "NoPermission" in warning for warning in ended.warnings)


def test_the_run_that_somebody_has_advanced_is_kept(site_with: SiteMaker) -> None:
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


@pytest.mark.long
def test_copies_of_one_job_at_the_same_time_share_one_run(site: Site) -> None:
    ended = [process.wait() for process in [site.start() for _ in range(3)]]

    assert [each.status for each in ended] == [0, 0, 0], ended
    assert {each.only["run_id"] for each in ended} == {*site.runs()}
    assert len(site.runs()) == 1
    assert len(site.truth.of("duplicate_refused")) == 2
