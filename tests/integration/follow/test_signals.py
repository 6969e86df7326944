"""The runner cancels a step, or kills it: what is left is what the outputs say, and nothing half done is forgotten."""

import signal
import time
from pathlib import Path

import pytest

from ..job import OBJECT, OBJECTS
from .live import eventually, open_live

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc"),
]


def test_a_step_that_is_cancelled_while_it_starts_creates_nothing(tmp_path: Path) -> None:
    with open_live(tmp_path) as site, site.step(*OBJECTS) as step:
        ended = step.stop(signal.SIGINT)

        ended.check(list(OBJECTS))
        assert (ended.status, ended.outcome) == (1, "cancelled")
        assert ended.column("outcome") == ["skipped"] * 3
        assert site.truth.of("received") == []


def test_a_creation_without_an_answer_is_unknown_and_the_post_step_finds_its_run(tmp_path: Path) -> None:
    with open_live(tmp_path, "CreatePipelineRun:1:commit+delay:30") as site, site.step(*OBJECTS) as step:
        eventually(site.truth.runs, "the run is created")

        ended = step.stop(signal.SIGTERM)

        ended.check(list(OBJECTS))
        assert (ended.status, ended.outcome) == (1, "unknown")
        assert ended.column("outcome") == ["unknown", "skipped", "skipped"]
        assert site.abolished() == []

        post = step.post()

        assert site.abolished() == site.site.runs()
        assert f"abolished run {site.site.runs()[0]}" in post.stdout


def test_in_the_middle_of_a_stage_the_run_is_abolished_and_further_signals_do_no_harm(tmp_path: Path) -> None:
    with open_live(tmp_path, stage_overrides={"PROD_CHECK": 60}) as site, site.step(*OBJECTS) as step:
        eventually(lambda: site.reached("PROD_CHECK"), "the check is executed")

        step.send(signal.SIGINT)
        while step.popen.poll() is None:
            step.popen.send_signal(signal.SIGTERM)
            time.sleep(0.001)
        ended = step.stop()

        ended.check(list(OBJECTS))
        assert (ended.status, ended.outcome) == (1, "cancelled")
        assert ended.column("outcome") == ["cancelled", "skipped", "skipped"]
        assert site.abolished() == [ended.outputs["run-id"]]
        assert "abolished" in ended.results[0]["message"]
        assert ended.summary.startswith("## ⚠️ DataWorks Deploy: cancelled\n")
        assert "run-ids" not in ended.summary.partition("How to continue")[2], "the run is abolished"

        before = len(site.truth.of("received"))
        post = step.post()

        assert (post.stdout, len(site.truth.of("received"))) == ("", before), "there is nothing left to do"


def test_after_a_kill_the_post_step_abolishes_what_does_not_deploy_yet(tmp_path: Path) -> None:
    with open_live(tmp_path, stage_overrides={"PROD_CHECK": 60}) as site, site.step() as step:
        eventually(lambda: site.reached("PROD_CHECK"), "the check is executed")
        step.popen.kill()
        killed = step.end()
        killed.check_outputs([OBJECT])
        assert killed.outputs["run-id"] == site.site.runs()[0]
        assert killed.summary.startswith("## ⚠️ DataWorks Deploy: cut off\n")

        step.post()

        assert site.abolished() == site.site.runs()
        added = step.outputs.with_suffix(".summary").read_text("utf-8")
        assert f"run {site.site.runs()[0]} was abolished" in added
