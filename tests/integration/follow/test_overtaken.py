"""A newer run has deployed an object while an older one stayed open. To continue the older one would undo that."""

import pytest

from ..job import KEY, OBJECT
from ..step import Site
from .carry import carry, resume

CODE = "newer_run_succeeded"


def left_and_overtaken(site: Site) -> tuple[str, str]:
    """A run of this job that was left open before production, and a newer run that has ended as Success."""
    older = carry(site, until_stage="PROD_CHECK").only["run_id"]
    site.clock.forward(60)
    newer = site.emulator.deploy_as(KEY.access_key_id, OBJECT, "by hand")
    for code in ("PROD_CHECK", "PROD"):
        site.clock.forward(1)
        site.emulator.execute(newer, code)
    site.clock.forward(1)
    assert site.emulator.status(newer) == "Success"
    return older, newer


def test_a_re_run_does_not_put_an_older_version_back(site: Site) -> None:
    older, newer = left_and_overtaken(site)

    ended = site.run(attempt=2, wait="true")

    assert (ended.outcome, ended.only["outcome"], ended.only["reason"]) == ("failed", "failed", CODE)
    assert ended.only["run_id"] == older
    assert newer in ended.only["message"]
    assert site.truth.executed(older) == ["PROD_CHECK"]
    # Copied inputs would do what this step refuses to do.
    assert "run-ids:" not in ended.summary


@pytest.mark.parametrize("dry_run", ["false", "true"])
def test_a_run_that_the_user_names_does_not_put_an_older_version_back(site: Site, dry_run: str) -> None:
    older, newer = left_and_overtaken(site)

    ended = resume(site, older, object_ids=OBJECT, dry_run=dry_run)

    assert (ended.only["outcome"], ended.only["reason"]) == ("failed", CODE)
    assert newer in ended.only["message"]
    assert site.truth.executed(older) == ["PROD_CHECK"]


def test_an_overtaken_run_can_still_be_watched(site: Site) -> None:
    """A step that executes nothing undoes nothing."""
    older, _ = left_and_overtaken(site)
    watched = {"wait": "true", "advance": "false", "timeout_minutes": "1"}

    again, named = site.run(attempt=2, **watched), resume(site, older, object_ids=OBJECT, **watched)

    assert (again.only["outcome"], named.only["outcome"]) == ("waiting", "waiting")


def test_a_step_that_ends_before_production_goes_on(site: Site) -> None:
    older, _ = left_and_overtaken(site)

    ended = site.run(attempt=2, wait="true", until_stage="PROD_CHECK")

    assert (ended.only["outcome"], ended.only["reason"]) == ("created", "stage_reached")
    assert site.truth.executed(older) == ["PROD_CHECK"]


def test_a_run_that_has_begun_to_change_production_is_followed_to_its_end(site: Site) -> None:
    """Nothing is left to execute, so the step only reports."""
    older, _ = left_and_overtaken(site)
    site.emulator.execute(older, "PROD")

    ended = site.run(attempt=2, wait="true")

    assert (ended.only["outcome"], ended.only["run_id"]) == ("succeeded", older)


def test_the_newest_run_is_continued(site: Site) -> None:
    left_and_overtaken(site)
    newest = site.emulator.deploy_as("alice", OBJECT, "by hand")

    ended = resume(site, newest, object_ids=OBJECT)

    assert ended.only["outcome"] == "succeeded"
