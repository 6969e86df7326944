"""The runner cancels or kills a step: the outputs say what is left, and the post step completes it."""

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


def test_in_the_middle_of_a_stage_the_run_is_abolished_and_more_signals_change_nothing(
    tmp_path: Path,
) -> None:
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


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("delay:30", "when it ended, and does not know whether that happened"),
        ('json:{"Success":true}', "was abolished when the step was cancelled, which no reading shows yet"),
    ],
    ids=["no answer", "an answer that no reading confirms"],
)
def test_a_run_that_is_not_surely_abolished_is_left_to_the_post_step(
    tmp_path: Path, fault: str, message: str
) -> None:
    stages = {"PROD_CHECK": 60}
    with (
        open_live(tmp_path, f"AbolishPipelineRun:1:{fault}", stage_overrides=stages) as site,
        site.step() as step,
    ):
        eventually(lambda: site.reached("PROD_CHECK"), "the check is executed")

        ended = step.stop(signal.SIGINT)

        assert message in ended.only["message"]
        assert site.abolished() == []

        step.post()

        assert site.abolished() == site.site.runs()


def test_a_step_that_is_killed_while_it_abolishes_a_run_leaves_it_to_the_post_step(tmp_path: Path) -> None:
    """This holds whether the run was abolished before the kill or not."""
    for number, fault in enumerate(("delay:30", "commit+delay:30")):
        folder, stages = tmp_path / str(number), {"PROD_CHECK": 60}
        folder.mkdir()
        with (
            open_live(folder, f"AbolishPipelineRun:1:{fault}", stage_overrides=stages) as site,
            site.step() as step,
        ):
            eventually(lambda: site.reached("PROD_CHECK"), "the check is executed")
            step.send(signal.SIGINT)
            eventually(lambda: site.truth.posts("AbolishPipelineRun"), "the run is to be abolished")
            step.popen.kill()
            step.end().check_outputs([OBJECT])

            step.post()

            assert site.abolished() == site.site.runs()
            added = step.outputs.with_suffix(".summary").read_text("utf-8")
            assert "was abolished" in added or "had ended by then, as Termination" in added


def test_after_a_kill_the_post_step_abolishes_a_run_that_does_not_deploy_yet(tmp_path: Path) -> None:
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
