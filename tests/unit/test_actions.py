"""What the runner is told."""

import pytest

from dataworks_deploy.hosts.github.commands import MOST_ANNOTATION, Runner

from ..witness.commands import read


def test_without_the_runners_files_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    runner = Runner({})
    runner.outputs({"outcome": "succeeded"})
    runner.state({"progress": "{}"})
    runner.summary("text")

    assert capsys.readouterr().out == ""


def test_an_annotation_is_one_command_with_its_title_and_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    runner = Runner({})
    for say in (runner.error, runner.warning, runner.notice):
        say("a title", "x" * 10_000)

    commands = read(capsys.readouterr().out).commands
    assert [command.name for command in commands] == ["error", "warning", "notice"]
    assert {command.properties["title"] for command in commands} == {"a title"}
    assert {command.data for command in commands} == {"x" * MOST_ANNOTATION}


def test_a_value_is_masked_once(capsys: pytest.CaptureFixture[str]) -> None:
    runner = Runner({})
    runner.mask(("first-secret", "second-secret"))
    runner.mask(("second-secret", "third-secret"))

    masked = [command.data for command in read(capsys.readouterr().out).of("add-mask")]
    assert masked == ["first-secret", "second-secret", "third-secret"]
