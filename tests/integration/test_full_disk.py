"""The runner's files cannot be written: what was created must be known all the same."""

import errno
import os

import pytest

from dataworks_deploy import main, post

from ..e2e.command_files import parse
from ..witness.commands import read
from .conftest import SiteMaker
from .job import OBJECT
from .step import Site
from .test_kills import wait_until


def test_a_created_run_is_in_the_log_where_the_outputs_cannot_be_written(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:commit+delay:1")
    process = site.start()
    wait_until(site.runs)

    # In one move: the step may be writing into it.
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


def test_who_reads_the_summary_learns_that_later_steps_have_an_older_state(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables, outputs = site.environment([OBJECT], 1, {"wait": "true"})
    swap = os.replace

    def full_at_last(source: str, target: str) -> None:
        if site.runs() and target == str(outputs):
            raise OSError(errno.ENOSPC, "No space left on device", target)
        swap(source, target)

    monkeypatch.setattr(os, "replace", full_at_last)
    ended = site.carry_out(main.run, variables, outputs)

    assert (ended.status, ended.outcome) == (1, "unknown")
    assert (
        "No space left on device. So the step fails, and what later steps read is older than" in ended.summary
    )
    assert "DataWorks Deploy: failed" in ended.summary
    assert "1 succeeded" in ended.summary
    assert "✅ DataWorks Deploy" not in ended.summary
    assert [line for line in ended.stdout.splitlines() if line.startswith("::notice")] == []


def test_a_run_that_is_to_stay_open_is_not_abolished_because_the_disk_is_full(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state of before still names it to the post step."""
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


def test_nothing_is_created_where_the_outputs_cannot_be_written_from_the_start(site_with: SiteMaker) -> None:
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


def test_files_that_can_be_written_again_once_nothing_was_started_leave_a_step_that_says_why_it_fails(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables, outputs = site.environment([OBJECT], 1, {})
    replace = os.replace
    refused = iter([OSError(errno.ENOSPC, "No space left on device")])

    def full_at_first(source: str, target: str) -> None:
        for error in refused:
            raise error
        replace(source, target)

    monkeypatch.setattr(os, "replace", full_at_first)
    ended = site.carry_out(main.run, variables, outputs)

    assert (ended.status, ended.outcome, site.posts) == (1, "failed", [])
    (error,) = ended.errors
    assert "nothing was started" in error


def test_where_the_inputs_are_wrong_no_runs_are_spoken_of(site: Site) -> None:
    variables, outputs = site.environment([OBJECT], 1, {"type": "x"})

    ended = site.carry_out(main.run, {**variables, "GITHUB_OUTPUT": "/nonexistent/output"}, outputs)

    assert ended.status == 2
    assert any("/nonexistent/output cannot be written" in error for error in ended.errors)
    assert [error for error in ended.errors if "runs" in error] == []


def test_a_state_that_cannot_be_written_starts_nothing_either(site: Site) -> None:
    """A killed step would leave runs behind that the post step does not know."""
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
    """The exit status is that of the outcome, whatever the summary is for people."""
    variables, outputs = site.environment([OBJECT], 1, inputs)
    missing = "/nonexistent/summary"

    ended = site.run_in({**variables, "GITHUB_STEP_SUMMARY": missing}, outputs)

    assert ended.outcome == outcome
    assert [each for each in ended.warnings if "cannot be written" in each] == [
        f"{missing} cannot be written: No such file or directory."
    ]


def test_what_could_not_be_written_on_the_way_and_can_be_at_the_end_fails_nothing(
    site_with: SiteMaker,
) -> None:
    site = site_with("CreatePipelineRun:1:commit+delay:1")
    variables, outputs = site.environment([OBJECT], 1, {"wait": "true"})
    away = site.folder.with_name("away")
    with (
        site.clock.meanwhile(lambda: site.folder.rename(away), site.runs),
        site.clock.meanwhile(lambda: away.rename(site.folder), lambda: site.truth.of("stage_executed")),
    ):
        ended = site.carry_out(main.run, variables, outputs)

    ended.check([OBJECT])
    assert ended.outcome == "succeeded"
    assert ended.errors == []
    assert any("outputs-1 cannot be written" in line for line in ended.lines)
