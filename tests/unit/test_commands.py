"""What the runner receives."""

import os
import sys

import pytest

from dataworks_deploy.hosts import Level, Surface
from dataworks_deploy.hosts.github import commands as github
from dataworks_deploy.hosts.github.commands import LIMITS, Log, Runner

from ..witness.commands import read


def test_a_report_is_accepted_if_there_is_a_file_for_it() -> None:
    nowhere = Runner({"GITHUB_OUTPUT": ""})
    nowhere.write(Surface.OUTPUTS, {"outcome": "succeeded"})
    assert set(nowhere.surfaces) == set()
    assert set(Runner({"GITHUB_STATE": "/s", "GITHUB_OUTPUT": "/o"}).surfaces) == {
        *(Surface.OUTPUTS, Surface.STATE)
    }


def test_the_post_step_finds_what_was_kept_for_it() -> None:
    assert Runner({"STATE_progress": "{}"}).kept("progress") == "{}"
    assert Runner({}).kept("progress") == ""


def test_an_annotation_is_one_command_with_its_title_and_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    for level in Level:
        Runner({}).annotate(level, "a title", "x" * 10_000)

    commands = read(capsys.readouterr().out).commands
    assert [command.name for command in commands] == ["error", "warning", "notice"]
    assert {command.properties["title"] for command in commands} == {"a title"}
    assert {command.data for command in commands} == {"x" * LIMITS.annotation}


def test_a_value_is_masked_once(capsys: pytest.CaptureFixture[str]) -> None:
    runner = Runner({})
    runner.mask(("first-secret", "second-secret"))
    runner.mask(("second-secret", "third-secret"))

    masked = [command.data for command in read(capsys.readouterr().out).of("add-mask")]
    assert masked == ["first-secret", "second-secret", "third-secret"]


def test_without_stdout_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)

    Log().write("a line\n")


def test_an_unread_line_is_lost_and_the_next_one_starts_a_new_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github, "PATIENCE", 0.0)
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb", buffering=0) as log, os.fdopen(writer, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        ours = Log()

        ours.write(f"::notice::{'x' * 1_000_000}\n")
        assert b"\n" not in log.read(1_000_000)

        ours.write("::error::y\n")
        ours.write("z\n")
        assert log.read(100) == b"\n::error::y\nz\n"
