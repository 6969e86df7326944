"""The runner's files: our text is replaced completely, and the text of others stays unchanged."""

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dataworks_deploy.hosts import Surface, TooLongError
from dataworks_deploy.hosts.github import commands as files
from dataworks_deploy.hosts.github.commands import LIMITS, CommandFile, Runner

# Why a file cannot be replaced. 0 if it can.
WHY_NOT = [0, errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES, errno.EROFS]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path for a file, in its own folder."""
    return tmp_path / "outputs"


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """A file with more bytes cannot be written."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def refuse(monkeypatch: pytest.MonkeyPatch, module: object, function: str, number: int) -> None:
    """The system refuses `os.replace` for a file that is its own mount, or `mkstemp` for a second file."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, "no")

    if number:
        monkeypatch.setattr(module, function, fail)


def test_the_new_text_replaces_the_old_one(path: Path) -> None:
    path.touch(0o600)
    file = CommandFile(str(path))

    for text in ("an older and longer text\n", "new é\n"):
        file.write(text)

    assert path.read_bytes() == "new é\n".encode()
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("number", WHY_NOT)
@pytest.mark.parametrize("before", ["foo=bar", "foo=bar\n", "foo=a\nb<<X\n1\nX\n"])
def test_the_text_of_others_stays_in_front_and_is_not_repeated(
    path: Path, monkeypatch: pytest.MonkeyPatch, before: str, number: int
) -> None:
    path.write_text(before)
    refuse(monkeypatch, os, "replace", number)
    file = CommandFile(str(path))

    for text in ("outcome=unknown\nrun-id=1\n", "outcome=succeeded \ud83d\n"):
        file.write(text)

    assert path.read_text() == f"{before.rstrip()}\noutcome=succeeded ?\n"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("number", WHY_NOT[:2])
def test_a_full_disk_leaves_the_old_text_or_a_shorter_one_or_none_of_ours(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    refuse(monkeypatch, files, "mkstemp", number)
    path.write_text("foo=bar\n")
    file = CommandFile(str(path))
    file.write("run-id=1\nmore\n")

    with full_disk(20), pytest.raises(OSError, match="File too large") as failure:
        file.write("run-id=2\n" * 100)

    assert path.read_text() == "foo=bar\nrun-id=1\nmore\n"
    assert list(path.parent.iterdir()) == [path]
    assert failure.value.filename == str(path)
    with full_disk(20):
        file.write("run-id=2\n")
    assert path.read_text() == "foo=bar\nrun-id=2\n"
    with full_disk(0):
        file.write("")
    assert path.read_text() == "foo=bar\n"


@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_followed_to_its_target(path: Path, there: bool) -> None:
    target = path.with_name("target")
    if there:
        target.write_text("foo=bar\n")
    path.symlink_to("second")
    path.with_name("second").symlink_to("target")

    CommandFile(str(path)).write("run-id=1\n")

    assert path.is_symlink()
    assert path.with_name("second").is_symlink()
    assert target.read_text() == ("foo=bar\n" if there else "") + "run-id=1\n"


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_anything_but_a_file_is_left_alone_and_not_waited_for(path: Path, make: type) -> None:
    make(path)
    mode = path.stat().st_mode

    with pytest.raises(OSError, match="not supported") as failure:
        CommandFile(str(path)).write("run-id=1\n")

    assert failure.value.filename == str(path)
    assert path.stat().st_mode == mode


def test_a_summary_leaves_room_for_the_text_of_others(path: Path) -> None:
    """The runner would drop all of it. The text of others is more important, and ours would be outdated."""
    theirs = "# theirs\n" + "x" * (LIMITS.summary - 20) + "\n"
    path.write_text(theirs)
    runner = Runner({"GITHUB_STEP_SUMMARY": str(path)})
    runner.write(Surface.SUMMARY, "1234567890")
    assert path.stat().st_size == LIMITS.summary

    with pytest.raises(TooLongError) as failure:
        runner.write(Surface.SUMMARY, "12345678901")

    assert failure.value.filename == str(path)
    assert path.read_text() == theirs
