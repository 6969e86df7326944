"""The runner's files are replaced whole."""

import errno
import os
import resource
from pathlib import Path

import pytest

from dataworks_deploy.adapters.actions import MOST_ANNOTATION, Runner, replace_text

from ..witness.commands import read


def test_the_new_text_stands_in_place_of_the_old(tmp_path: Path) -> None:
    path = tmp_path / "outputs"
    path.write_text("an older and longer text")

    replace_text(path, "new é\n")

    assert path.read_bytes() == "new é\n".encode()
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_written_before_outlives_a_full_disk(tmp_path: Path) -> None:
    path = tmp_path / "outputs"
    path.write_text("run-id=1\n")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            replace_text(path, "run-id=2\n" * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert path.read_text() == "run-id=1\n"


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES, errno.EROFS])
def test_a_file_that_cannot_be_replaced_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """It is mounted by itself, or lies in a folder of somebody else's."""

    def refuse(*_: object) -> None:
        raise OSError(number, "no")

    path = tmp_path / "outputs"
    path.write_text("an older and longer text")
    monkeypatch.setattr(os, "replace", refuse)

    replace_text(path, "new \ud83d\n")

    assert path.read_bytes() == b"new ?\n"
    assert list(tmp_path.iterdir()) == [path]


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
