"""While a lost creation is looked for, other people's runs turn up on the object."""

import pytest

from .conftest import SiteMaker
from .job import OBJECT
from .step import Site

OTHER_MARK = "[dwd1:AAAAAAAAAAAAAAAAAAAAAAAAAA:g1] another job"


def lose(site_with: SiteMaker, commit: str = "") -> Site:
    return site_with(f"CreatePipelineRun:1:{commit}drop")


def untouched(site: Site) -> bool:
    return not (site.truth.of("stage_executed") or site.truth.of("abolished"))


def test_a_fresh_run_can_be_adopted(site_with: SiteMaker) -> None:
    site = lose(site_with)
    theirs = site.emulator.deploy_as("somebody", OBJECT, "by hand")

    ended = site.run(on_active_run="adopt")

    assert ended.status == 0, ended.stdout
    assert (ended.only["run_id"], ended.only["adopted"]) == (theirs, True)
    assert len(site.posts) == 1
    assert untouched(site)


def test_a_fresh_run_can_be_ignored(site_with: SiteMaker) -> None:
    site = lose(site_with)
    theirs = site.emulator.deploy_as("somebody", OBJECT, "by hand")

    ended = site.run(on_active_run="ignore")

    assert ended.status == 0, ended.stdout
    assert [ended.only["run_id"]] == site.marked(OBJECT)
    assert ended.only["run_id"] != theirs
    assert len({*site.nonces}) == 1
    assert untouched(site)


@pytest.mark.parametrize("choice", ["fail", "adopt"])
def test_an_old_run_that_is_still_active_is_only_warned_about(site_with: SiteMaker, choice: str) -> None:
    site = lose(site_with)
    leftover = site.emulator.deploy_as("somebody", OBJECT, "by hand", age=7200)

    ended = site.run(on_active_run=choice)

    assert ended.status == 0, ended.stdout
    assert [ended.only["run_id"]] == site.marked(OBJECT)
    assert any(leftover in warning for warning in ended.warnings)
    assert untouched(site)


@pytest.mark.parametrize("fence", [True, False], ids=["fenced", "not fenced"])
def test_a_run_that_lost_its_description_is_never_doubled(
    site_with: SiteMaker, monkeypatch: pytest.MonkeyPatch, fence: bool
) -> None:
    monkeypatch.setattr("dataworks_deploy.dataworks.service.CREATE_READ_SECONDS", 2)
    site = site_with("CreatePipelineRun:1:no-description", latency_ms=3000, nonce_fence=fence)

    ended = site.run(settle_seconds="2")

    assert ended.only["outcome"] == "conflict"
    assert len(site.runs()) == 1
