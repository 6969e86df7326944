"""The step looks for the run of a lost creation, and finds runs of other people on the object."""

import pytest

from dataworks_deploy.domain.reconcile import Mark, owner_of

from .conftest import SiteMaker
from .job import JOB, KEY, OBJECT, PROJECT
from .step import Site

OTHER_MARK = "[dwd1:AAAAAAAAAAAAAAAAAAAAAAAAAA:g1] another job"


def lose(site_with: SiteMaker, commit: str = "") -> Site:
    return site_with(f"CreatePipelineRun:1:{commit}drop")


def untouched(site: Site) -> bool:
    return not (site.truth.of("stage_executed") or site.truth.of("abolished"))


def test_a_new_run_of_somebody_else_can_be_adopted(site_with: SiteMaker) -> None:
    site = lose(site_with)
    theirs = list[str]()

    with site.clock.meanwhile(
        lambda: theirs.append(site.emulator.deploy_as("somebody", OBJECT, "by hand")), lambda: site.posts
    ):
        ended = site.run(on_active_run="adopt")

    assert ended.status == 0, ended.stdout
    assert ([ended.only["run_id"]], ended.only["adopted"]) == (theirs, True)
    assert len(site.posts) == 1
    assert untouched(site)


def test_a_new_run_of_somebody_else_can_be_ignored(site_with: SiteMaker) -> None:
    site = lose(site_with)
    theirs = site.emulator.deploy_as("somebody", OBJECT, "by hand")

    ended = site.run(on_active_run="ignore")

    assert ended.status == 0, ended.stdout
    assert [ended.only["run_id"]] == site.marked(OBJECT)
    assert ended.only["run_id"] != theirs
    assert len({*site.nonces}) == 1
    assert untouched(site)


def test_an_old_run_that_is_still_active_only_causes_a_warning(site_with: SiteMaker) -> None:
    site = lose(site_with)
    leftover = site.emulator.deploy_as("somebody", OBJECT, "by hand", age=7200)

    ended = site.run()

    assert ended.status == 0, ended.stdout
    assert [ended.only["run_id"]] == site.marked(OBJECT)
    assert any(leftover in warning for warning in ended.warnings)
    assert untouched(site)


@pytest.mark.parametrize("fence", [True, False], ids=["nonces checked", "nonces not checked"])
def test_a_run_that_lost_its_description_is_never_created_twice(
    site_with: SiteMaker, monkeypatch: pytest.MonkeyPatch, fence: bool
) -> None:
    monkeypatch.setattr("dataworks_deploy.dataworks.service.CREATE_READ_SECONDS", 2)
    site = site_with("CreatePipelineRun:1:no-description", latency_ms=3000, nonce_fence=fence)

    ended = site.run(settle_seconds="2")

    assert ended.only["outcome"] == "conflict"
    assert len(site.runs()) == 1


def open_runs(site_with: SiteMaker) -> tuple[Site, str, str]:
    """An open run that somebody created by hand, and one of another workflow run of this repository."""
    site = site_with()
    by_hand = site.emulator.deploy_as("somebody", OBJECT, "by hand", age=7200)
    mark = str(Mark("A" * 26, 1, owner_of(JOB["GITHUB_REPOSITORY_ID"], int(PROJECT))))
    return site, by_hand, site.emulator.deploy_as(KEY.access_key_id, OBJECT, f"{mark} another workflow run")


class TestBeforeTheCreation:
    def test_open_runs_cause_a_warning(self, site_with: SiteMaker) -> None:
        site, by_hand, ours = open_runs(site_with)

        ended = site.run(preflight="true")

        assert (ended.status, len(site.posts)) == (0, 1), ended.stdout
        assert any(by_hand in warning and ours in warning for warning in ended.warnings)
        assert not site.truth.of("abolished")

    @pytest.mark.parametrize("preflight", ["true", "false"])
    def test_with_on_active_run_fail_an_open_run_stops_the_creation(
        self, site_with: SiteMaker, preflight: str
    ) -> None:
        """Without preflight only a warning is left out."""
        site, _, ours = open_runs(site_with)

        ended = site.run(preflight=preflight, on_active_run="fail")

        assert (ended.status, ended.only["outcome"], ended.only["reason"]) == (
            1,
            "conflict",
            "other_run_open",
        )
        assert ours in ended.only["message"]
        assert not site.posts
        assert untouched(site)

    def test_with_supersede_open_runs_of_this_repository_are_abolished(self, site_with: SiteMaker) -> None:
        site, by_hand, ours = open_runs(site_with)

        ended = site.run(preflight="true", on_active_run="supersede")

        assert (ended.status, len(site.posts)) == (0, 1), ended.stdout
        assert [each["run_id"] for each in site.truth.of("abolished")] == [ours]
        assert ours in ended.only["message"]
        assert any(by_hand in warning and ours not in warning for warning in ended.warnings)

    def test_a_dry_run_says_that_an_open_run_would_stop_the_creation(self, site_with: SiteMaker) -> None:
        site, _, ours = open_runs(site_with)

        ended = site.run(preflight="true", on_active_run="fail", dry_run="true")

        assert (ended.status, ended.only["outcome"]) == (1, "conflict")
        assert ours in ended.only["message"]
