"""The runner's files cannot be written, and the created runs must still be known."""

import errno
import os

import pytest

from dataworks_deploy import main, post

from ..witness.command_files import parse
from ..witness.commands import read
from .conftest import SiteMaker
from .follow.live import eventually
from .job import OBJECT
from .step import Site


def test_a_created_run_is_in_the_log_if_the_outputs_cannot_be_written(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:commit+delay:1")
    process = site.start()
    eventually(site.runs, "the run is created")

    # A rename removes the folder at once, because the step may be writing into it.
    site.folder.rename(site.folder.with_name("gone"))
    site.clock.forward(1)
    status, stdout, stderr = process.streams()

    assert status == 1
    assert site.runs()[0] in stdout
    assert "Traceback" not in stderr
    said = {
        command.properties["title"]: (command.name, command.data)
        for command in read(stdout).commands
        if "title" in command.properties
    }
    for title, kind, suffix in (
        ("Outputs", "error", ""),
        ("State", "error", ".state"),
        ("Job summary", "warning", ".summary"),
    ):
        missing = site.folder / f"outputs-1{suffix}"
        assert said[title][0] == kind
        assert said[title][1].startswith(f"{missing} cannot be written: No such file or directory.")


def test_a_full_disk_does_not_abolish_a_run_that_is_to_stay_open(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The earlier state still names the run to the post step."""
    variables, outputs = site.environment([OBJECT], 1, {"wait": "false"})
    state = outputs.with_suffix(".state")
    swap = os.replace

    def full_at_last(source: str, target: str) -> None:
        if site.runs() and site.runs()[0] in state.read_text("utf-8"):
            raise OSError(errno.ENOSPC, "No space left on device", target)
        swap(source, target)

    monkeypatch.setattr(os, "replace", full_at_last)
    ended = site.carry_out(main.run, variables, outputs)
    assert ended.status == 1
    calls = len(site.truth.of("received"))

    kept = {f"STATE_{name}": value for name, value in parse(state.read_text("utf-8")).items()}
    site.carry_out(post.run, variables | kept, outputs)

    assert len(site.truth.of("received")) == calls
    assert site.truth.of("abolished") == []


def test_nothing_is_created_if_the_outputs_cannot_be_written_at_the_start(site_with: SiteMaker) -> None:
    site = site_with()
    variables, outputs = site.environment([OBJECT], 1, {})
    missing = site.folder / "missing" / "output"

    ended = site.carry_out(main.run, {**variables, "GITHUB_OUTPUT": str(missing)}, outputs)

    assert ended.status == 1
    assert f"{missing} cannot be written: No such file or directory." in ended.stdout
    (error,) = ended.errors
    assert error.startswith(f"{missing} cannot be written: No such file or directory. So nothing was started")
    assert "nothing was started" in ended.summary
    assert site.posts == []


def test_nothing_is_started_if_the_state_cannot_be_written(site: Site) -> None:
    """A killed step would leave runs that the post step does not know."""
    variables, outputs = site.environment([OBJECT], 1, {})

    ended = site.carry_out(main.run, {**variables, "GITHUB_STATE": "/nonexistent/state"}, outputs)

    assert (ended.status, ended.outcome, site.posts) == (1, "failed", [])
    assert ended.only["outcome"] == "skipped"


@pytest.mark.parametrize(
    ("inputs", "outcome"),
    [
        ({"wait": "true"}, "succeeded"),
        ({"until_stage": "NOWHERE", "wait": "true"}, "failed"),
        ({"type": "x"}, "invalid"),
    ],
)
def test_a_summary_that_cannot_be_written_is_a_warning(
    site: Site, inputs: dict[str, str], outcome: str
) -> None:
    """The exit status still follows the outcome. The summary is only for people."""
    variables, outputs = site.environment([OBJECT], 1, inputs)
    missing = "/nonexistent/summary"

    ended = site.run_in({**variables, "GITHUB_STEP_SUMMARY": missing}, outputs)

    assert ended.outcome == outcome
    assert [each for each in ended.warnings if "cannot be written" in each] == [
        f"{missing} cannot be written: No such file or directory."
    ]
