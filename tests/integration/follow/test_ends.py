"""A run is carried through all its stages, and its end is reported in the words of the service."""

import html
import json
from pathlib import Path
from typing import Any

import pytest

from dataworks_emulator import Failure

from ..conftest import SiteMaker
from ..job import OBJECTS
from ..step import Site
from .carry import SIMPLE, STANDARD, carry, executed
from .live import open_live


def test_a_run_is_carried_through_its_stages_to_success(site: Site) -> None:
    ended = carry(site)

    assert (ended.status, ended.outcome) == (0, "succeeded"), ended.stdout
    assert executed(site) == SIMPLE
    assert ended.only["outcome"] == "succeeded"
    assert (ended.only["status"], ended.only["stage"]) == ("Success", "PROD")
    assert site.emulator.status(ended.only["run_id"]) == "Success"


def test_a_run_of_a_workspace_in_standard_mode_is_carried_through_five_stages(site_with: SiteMaker) -> None:
    site = site_with(stages="standard")

    ended = carry(site)

    assert ended.outcome == "succeeded", ended.stdout
    assert executed(site) == STANDARD


def test_an_object_is_undeployed(site_with: SiteMaker) -> None:
    site = site_with()

    ended = carry(site, type="Offline")

    assert ended.outcome == "succeeded", ended.stdout
    assert executed(site) == ["OfflineCheck", "PROD_CHECK", "PROD"]


def test_a_check_of_an_undeployment_may_run_by_itself(site_with: SiteMaker) -> None:
    site = site_with(offline_check_runs=True, stage_seconds=3)

    ended = carry(site, type="Offline")

    assert ended.outcome == "succeeded", ended.stdout
    assert executed(site) == ["PROD_CHECK", "PROD"]
    assert "waits for a person" not in ended.stdout


@pytest.mark.parametrize(
    ("slow", "left"),
    [("DEV", "; development has changed"), ("PROD_CHECK", "; development has changed"), ("PROD", "")],
)
def test_a_run_that_has_changed_only_development_is_abolished_and_reported(
    site_with: SiteMaker, slow: str, left: str
) -> None:
    site = site_with(stages="standard", stage_overrides={slow: 28})

    ended = carry(site, timeout_minutes="0.5", abolish_on="timeout")

    assert bool(site.truth.of("abolished")) is bool(left), ended.stdout
    assert (left or "has begun to change production, so it was not stopped") in ended.only["message"]
    assert left in ended.summary


def test_a_stage_of_an_unknown_type_is_left_to_a_person_and_the_rest_is_executed(
    site_with: SiteMaker,
) -> None:
    site = site_with(odd_stage="CANARY")

    def act() -> None:
        site.emulator.execute(site.runs()[0], "CANARY")

    def waits() -> bool:
        return bool(site.truth.of("stage_finished", stage="PROD_CHECK"))

    with site.clock.meanwhile(act, waits):
        ended = carry(site)

    assert ended.outcome == "succeeded", ended.stdout
    who = [(e["stage"], e["who"] == "console") for e in site.truth.of("stage_executed")]
    assert who == [("PROD_CHECK", False), ("CANARY", True), ("PROD", False)]


def test_with_an_unknown_status_nothing_is_executed_and_the_step_times_out(site_with: SiteMaker) -> None:
    """The service shows this word for every `Running`."""
    site = site_with(odd_status="Preparing")

    ended = carry(site, timeout_minutes="0.5")

    assert (ended.outcome, ended.only["outcome"]) == ("timed_out", "timed_out")
    assert ended.only["status"] == "Preparing"
    assert executed(site) == []


@pytest.mark.parametrize("stage", ["BUILD_PACKAGE", "PROD_CHECK", "PROD"])
def test_a_failed_stage_fails_the_object_with_the_message_of_the_stage(
    site_with: SiteMaker, stage: str
) -> None:
    site = site_with(failures=(Failure("*", stage, "table ods.orders 不存在"),))

    ended = carry(site)

    assert (ended.status, ended.outcome) == (1, "failed")
    assert (ended.only["outcome"], ended.only["status"]) == ("failed", "Fail")
    assert ended.only["stage"] == stage
    for said in (f"stage {stage}", "table ods.orders 不存在", ended.only["run_id"]):
        assert said in ended.only["message"]
        assert said in "".join(ended.errors)


def test_an_error_of_a_stage_is_not_taken_for_an_error_of_the_step(tmp_path: Path) -> None:
    """The message of the stage may have the words that the step uses for its own endpoint."""
    met = {
        OBJECTS[
            0
        ]: "Data source check failed: the endpoint refuses the connection: rm-1.mysql.rds.aliyuncs.com",
        OBJECTS[1]: "the broker's certificate is not trusted (kafka broker)",
    }
    failures = tuple(Failure(name, "PROD", text) for name, text in met.items())

    with (
        open_live(tmp_path, failures=failures, stage_seconds=0.02) as site,
        site.step(*met, poll_seconds="1", fail_fast="false", max_parallel="2") as step,
    ):
        ended = step.end()

    assert ended.column("outcome") == ["failed"] * 2, ended.stdout
    for result, text in zip(ended.results, met.values(), strict=True):
        assert (result["reason"], result["stage"]) == ("run_ended", "PROD")
        assert text in result["message"]
    for told in (ended.stdout, ended.summary):
        assert "Stage PROD failed. Its log in DataWorks may say more." in html.unescape(told)
        assert "Check endpoint" not in told
        assert "SSL_CERT_FILE" not in html.unescape(told)


@pytest.mark.parametrize(
    ("real", "lies"), [("failed", ["Success"]), ("succeeded", ["Fail", "Success", "Fail"])]
)
def test_an_end_counts_only_if_a_second_reading_confirms_it(
    site_with: SiteMaker, real: str, lies: list[str]
) -> None:
    """The first readings are wrong, and each of them differs from the one before."""
    failures = (Failure("*", "PROD", "no such engine"),) if real == "failed" else ()
    site = site_with(failures=failures)

    def lie(event: dict[str, Any]) -> None:
        if event["event"] == "committed":
            for call, status in enumerate(lies, start=1):
                run = {"Id": event["run_id"], "Status": status, "Stages": []}
                run |= {"Description": event["description"]}
                body = json.dumps({"RequestId": "R", "Pipeline": run}, separators=(",", ":"))
                site.emulator.fault("GetPipelineRun", call, f"json:{body}")

    site.truth.on_event(lie)

    ended = carry(site)

    assert ended.only["outcome"] == real
    assert ("no such engine" in ended.only["message"]) is (real == "failed")
