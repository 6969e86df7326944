"""The runner's files: ours is replaced whole, and what is not ours stays what it was."""

import errno
import os
import resource
import select
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dataworks_deploy.hosts.github import files as command_file
from dataworks_deploy.hosts.github.commands import MOST_SUMMARY, Runner
from dataworks_deploy.hosts.github.files import MOST_BEFORE, PATIENCE, CommandFile

CANNOT = [errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES, errno.EROFS]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a file may come to be, in a folder of its own."""
    return tmp_path / "outputs"


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """A file of more bytes cannot be written."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def refuse_to_replace(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """The file is mounted by itself, or lies in a folder of somebody else's."""

    def refuse(*_: object) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "replace", refuse)


def refuse_a_second_file(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """The file lies in a folder that takes no other, so that a full disk is met in the file itself."""

    def refuse(**_: object) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(command_file, "mkstemp", refuse)


def test_the_new_text_stands_in_place_of_the_old(path: Path) -> None:
    path.touch(0o600)
    file = CommandFile(str(path))

    for text in ("an older and longer text\n", "new é\n"):
        file.write(text)

    assert path.read_bytes() == "new é\n".encode()
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("number", [0, *CANNOT])
@pytest.mark.parametrize("before", ["foo=bar", "foo=bar\n", "foo=a\nb<<X\n1\nX\n"])
def test_what_others_have_written_stays_in_front_and_is_not_repeated(
    path: Path, monkeypatch: pytest.MonkeyPatch, before: str, number: int
) -> None:
    path.write_text(before)
    if number:
        refuse_to_replace(monkeypatch, number)
    file = CommandFile(str(path))

    for text in ("outcome=unknown\nrun-id=1\n", "outcome=succeeded \ud83d\n"):
        file.write(text)

    assert path.read_text() == f"{before.rstrip()}\noutcome=succeeded ?\n"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("number", [0, *CANNOT])
def test_what_was_written_is_taken_back_on_a_full_disk(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    if number:
        refuse_a_second_file(monkeypatch, number)
    path.write_text("foo=bar")
    file = CommandFile(str(path))
    file.write("run-id=1\n")

    with full_disk(0):
        file.write("")

    assert path.read_text() == "foo=bar"


@pytest.mark.parametrize("number", [0, *CANNOT])
def test_what_was_written_before_outlives_a_full_disk(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    if number:
        refuse_a_second_file(monkeypatch, number)
    path.write_text("foo=bar\n")
    file = CommandFile(str(path))
    file.write("run-id=1\n")

    with full_disk(20), pytest.raises(OSError, match="File too large") as failure:
        file.write("run-id=2\n" * 100)

    assert path.read_text() == "foo=bar\nrun-id=1\n"
    assert list(path.parent.iterdir()) == [path]
    assert failure.value.filename == str(path)


def test_room_is_taken_where_the_file_system_cannot(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The C library reads the file then, and writes to it, as `fallocate` here: over NFS before 4.2, say."""

    def fallocate(descriptor: int, offset: int, length: int) -> None:
        last = offset + length - 1
        if last >= os.fstat(descriptor).st_size or os.pread(descriptor, 1, last) == b"\0":
            os.pwrite(descriptor, b"\0", last)

    monkeypatch.setattr(os, "posix_fallocate", fallocate)
    refuse_to_replace(monkeypatch, errno.EBUSY)
    file = CommandFile(str(path))

    for text in ("run-id=1\n", "a-longer=text\n", "run-id=2\n"):
        file.write(text)
        assert path.read_text() == text


def test_a_text_that_is_shorter_needs_no_room(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_a_second_file(monkeypatch, errno.EROFS)
    file = CommandFile(str(path))
    file.write("run-id=1\nanother-and-longer=text\n")

    with full_disk(20):
        file.write("run-id=2\n")

    assert path.read_text() == "run-id=2\n"


@pytest.mark.parametrize("there", [True, False])
def test_behind_a_link_its_target_is_written(path: Path, there: bool) -> None:
    target = path.with_name("target")
    if there:
        target.write_text("foo=bar\n")
    path.symlink_to("second")
    path.with_name("second").symlink_to("target")

    CommandFile(str(path)).write("run-id=1\n")

    assert path.is_symlink()
    assert path.with_name("second").is_symlink()
    assert target.read_text() == ("foo=bar\n" if there else "") + "run-id=1\n"


@pytest.mark.parametrize("link", [True, False])
def test_a_fifo_is_written_to_and_stays_one(path: Path, link: bool) -> None:
    given = path.with_name("link") if link else path
    if link:
        given.symlink_to(path)
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        CommandFile(str(given)).write("run-id=1\n")
        assert os.read(reader, 100) == b"run-id=1\n"
    finally:
        os.close(reader)

    assert stat.S_ISFIFO(path.stat().st_mode)
    assert given.is_symlink() == link


@dataclass
class Wait:
    """In place of a poll that waits for room: `reader` takes all that is there, or the time passes at once."""

    milliseconds: list[float]
    reader: int | None = None
    room: Any = field(default_factory=select.poll)

    def register(self, descriptor: int, events: int) -> None:
        self.room.register(descriptor, events)

    def poll(self, milliseconds: float) -> Any:
        self.milliseconds.append(milliseconds)
        if self.reader is not None:
            os.read(self.reader, 1_000_000)
        return self.room.poll(0)


@pytest.fixture
def reader(path: Path) -> Iterator[int]:
    """The reading end of a FIFO."""
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    yield descriptor
    os.close(descriptor)


def test_a_fifo_takes_more_than_it_holds(path: Path, reader: int, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(command_file, "poll", lambda: Wait(waits, reader))

    CommandFile(str(path)).write("x" * 500_000 + "the end\n")

    assert len(waits) > 1
    assert os.read(reader, 1_000_000).endswith(b"xthe end\n")


def test_a_fifo_that_is_open_and_not_read_is_waited_for_once_and_briefly(
    path: Path, reader: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(command_file, "poll", lambda: Wait(waits))
    file = CommandFile(str(path))

    for _ in range(10):
        with pytest.raises(OSError, match="Resource temporarily unavailable") as failure:
            file.write("x" * 500_000)
        assert failure.value.filename == str(path)
    assert 0 < waits[0] <= PATIENCE * 1000
    assert waits[1:] == [0.0] * 9

    while os.read(reader, 500_000):
        pass
    file.write("run-id=1\n")
    assert os.read(reader, 100) == b"run-id=1\n"


def test_a_fifo_that_nobody_reads_is_not_waited_for(path: Path) -> None:
    os.mkfifo(path)

    with pytest.raises(OSError, match="No such device") as failure:
        CommandFile(str(path)).write("run-id=1\n")

    assert failure.value.filename == str(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
@pytest.mark.parametrize(("minor", "full"), [(3, False), (7, True)])
def test_a_device_is_written_to_and_stays_one(path: Path, minor: int, full: bool) -> None:
    """As /dev/null and /dev/full, which tests leave alone."""
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, minor))
    failed = ""
    try:
        CommandFile(str(path)).write("run-id=1\n")
    except OSError as error:
        failed = str(error.strerror)

    assert failed == ("No space left on device" if full else "")
    assert stat.S_ISCHR(path.stat().st_mode)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_is_no_file(path: Path) -> None:
    path.mkdir()

    with pytest.raises(IsADirectoryError):
        CommandFile(str(path)).write("run-id=1\n")


def test_a_file_that_holds_more_than_it_can_is_left_alone(path: Path) -> None:
    path.write_bytes(b"x" * (MOST_BEFORE + 1))

    with pytest.raises(OSError, match="File too large"):
        CommandFile(str(path)).write("run-id=1\n")

    assert path.read_bytes() == b"x" * (MOST_BEFORE + 1)


def test_a_summary_leaves_room_to_what_stands_there(path: Path) -> None:
    """The runner would drop all of it: theirs goes before ours, and what was ours so far would be out of date."""
    theirs = "# theirs\n" + "x" * (MOST_SUMMARY - 20) + "\n"
    path.write_text(theirs)
    runner = Runner({"GITHUB_STEP_SUMMARY": str(path)})
    runner.summary("1234567890")
    assert path.stat().st_size == MOST_SUMMARY

    with pytest.raises(OSError, match="more than the runner takes"):
        runner.summary("12345678901")

    assert path.read_text() == theirs


def test_without_a_path_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    CommandFile("").write("run-id=1\n")

    assert list(tmp_path.iterdir()) == []
