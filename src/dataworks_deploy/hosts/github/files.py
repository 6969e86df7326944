"""A file that the runner reads after the step, where others may have written before and something else may stand."""

import errno
import os
import stat
import time
from contextlib import suppress
from select import POLLOUT, poll
from tempfile import mkstemp

MOST_BEFORE = 1024 * 1024  # bytes; the runner takes no more of a summary, nor of a job's outputs
PATIENCE = 1.0  # seconds in which a FIFO takes a text; nothing else is done meanwhile
# A file that is mounted by itself, or lies in a folder of somebody else's, can be written and not replaced.
_NO_SWAP = frozenset({errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES, errno.EROFS})


class CommandFile:
    """What this process writes stands behind what it has found there, and in place of what it wrote before.

    Not by way of Path: it interns each name, and the table of interned strings grows by megabytes.
    """

    def __init__(self, path: str) -> None:
        self._path = path  # empty where there is no runner
        self._before: bytes | None = None  # what was found, once it is known
        self._patience = PATIENCE  # none once it was in vain, until somebody reads again

    def write(self, text: str, most: int | None = None) -> None:
        """Replace what is ours: a kill or a full disk at any moment leaves the old text or the new one.

        A file that cannot be replaced is written over: there a kill in the middle can leave some of both. What is no
        regular file is written to as it is. An empty text takes back what was written, on a full disk as well. Raises
        OSError, of this path, where nothing could be written, or where the file would have more than `most` bytes;
        nothing of ours is in it then.
        """
        if not self._path:
            return
        # An answer may hold half of a character, which no file takes.
        ours = text.encode("utf-8", "replace")
        try:
            if _is_replaceable(self._path):
                self._replace(ours, most)
            else:
                patience, self._patience = self._patience, 0.0
                _pour(self._path, ours, patience)
                self._patience = PATIENCE
        except OSError as error:
            raise OSError(error.errno, error.strerror, self._path) from error

    def _replace(self, ours: bytes, most: int | None) -> None:
        path = os.path.realpath(self._path)  # the link stays
        if self._before is None:
            self._before = _found(path)
        elif not ours:
            os.truncate(path, len(self._before))
            return
        before = self._before
        # Who was there first may have left a line open.
        ours = ours if before[-1:] in {b"", b"\n"} else b"\n" + ours
        fits = most is None or len(before) + len(ours) <= most
        _put(path, before, ours if fits else b"")
        if not fits:
            raise OSError(errno.EFBIG, "with what stands in it it would be more than the runner takes")


def _is_replaceable(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116
    except FileNotFoundError:
        return True


def _found(path: str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            found = file.read(MOST_BEFORE + 1)
    except FileNotFoundError:
        return b""
    if len(found) > MOST_BEFORE:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return found


def _put(path: str, before: bytes, ours: bytes) -> None:
    try:
        _swap(path, before + ours)
    except OSError as error:
        if error.errno not in _NO_SWAP:
            raise
        _overwrite(path, len(before), ours)


def _overwrite(path: str, start: int, ours: bytes) -> None:
    """Not atomic, as _swap is. The room is taken first, so that a full disk is met while the old text stands there."""
    # To read as well: where a file system cannot take room, the C library does it byte by byte, and looks first.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - it is open already
        size = os.fstat(descriptor).st_size
        try:
            os.posix_fallocate(descriptor, 0, max(1, start + len(ours)))
        except OSError:
            file.truncate(size)
            raise
        file.seek(start)
        file.write(ours)
        file.truncate()


def _swap(path: str, content: bytes) -> None:
    descriptor, name = mkstemp(dir=os.path.dirname(path), prefix=".dwd-")  # noqa: PTH120
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - it is open already
            file.write(content)
        os.chmod(name, 0o644)  # noqa: PTH101 - the runner reads the file as another user
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)  # noqa: PTH108
        raise


def _pour(path: str, ours: bytes, seconds: float) -> None:
    """Write to a device or a FIFO. To open one that nobody reads would wait for a reader, and so would a full one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    until, room = time.monotonic() + seconds, poll()
    room.register(descriptor, POLLOUT)
    try:
        while ours:
            try:
                ours = ours[os.write(descriptor, ours) :]
            except BlockingIOError:
                if not room.poll(max(0.0, until - time.monotonic()) * 1000):
                    raise
    finally:
        os.close(descriptor)
