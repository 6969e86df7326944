"""A file that the runner reads after the step, where others may have written before."""

import errno
import os
import stat
from contextlib import suppress
from tempfile import mkstemp

from dataworks_deploy.hosts import TooLongError

# A file that is mounted by itself, or lies in a folder of somebody else's, can be written and not replaced. So can one
# for whose replacement there is no descriptor left.
_NO_SWAP = frozenset(
    {errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES, errno.EROFS, errno.EMFILE, errno.ENFILE}
)


class CommandFile:
    """What this process writes stands behind what it has found there, and in place of what it wrote before.

    The file has at most `most` bytes. Not by way of Path: it interns each name, and the table of interned strings
    grows by megabytes.
    """

    def __init__(self, path: str, most: int | None = None) -> None:
        self._path, self._most = path, most
        self._before: bytes | None = None  # what was found, once it is known
        # Of the file as it stands: calls may use up all other descriptors of the process.
        self._held: int | None = None

    def write(self, text: str) -> None:
        """Replace what is ours: a kill or a full disk at any moment leaves the old text or the new one.

        A file that cannot be replaced is written over: there a kill in the middle can leave some of both. An empty
        text takes back what was written, on a full disk as well. Raises OSError, of this path, where nothing could be
        written; TooLongError where nothing of ours is left in it.
        """
        try:
            # An answer may hold half of a character, which no file takes.
            self._replace(os.path.realpath(self._path), text.encode("utf-8", "replace"))
        except OSError as error:
            error.filename = self._path
            raise

    def _replace(self, path: str, ours: bytes) -> None:
        if self._before is None:
            self._before = _found(path)
        elif not ours:
            os.truncate(path, len(self._before))
            return
        before = self._before
        # Who was there first may have left a line open.
        ours = ours if before[-1:] in {b"", b"\n"} else b"\n" + ours
        fits = self._most is None or len(before) + len(ours) <= self._most
        self._put(path, before, ours if fits else b"")
        if not fits:
            raise TooLongError(errno.EFBIG, os.strerror(errno.EFBIG))

    def _put(self, path: str, before: bytes, ours: bytes) -> None:
        try:
            held = _swap(path, before + ours)
        except OSError as error:
            if error.errno not in _NO_SWAP:
                raise
            held = self._held if self._held is not None else os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            _overwrite(held, len(before), ours)
        if self._held not in {None, held}:
            os.close(self._held)
        self._held = held


def _found(path: str) -> bytes:
    """What stands there. Of a device there would be a file in its place, and a pipe would be waited for."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
            raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read()
    except FileNotFoundError:
        return b""


def _overwrite(descriptor: int, start: int, ours: bytes) -> None:
    """Not atomic, as _swap is. The room is taken first, so that a full disk is met while the old text stands there.

    The descriptor is open to read as well: where a file system cannot take room, the C library reads and writes each
    block of it.
    """
    size = os.fstat(descriptor).st_size
    try:
        os.posix_fallocate(descriptor, 0, max(1, start + len(ours)))
    except OSError:
        os.ftruncate(descriptor, size)
        raise
    _write(descriptor, start, ours)
    os.ftruncate(descriptor, start + len(ours))


def _write(descriptor: int, at: int, content: bytes) -> None:
    while content:
        written = os.pwrite(descriptor, content, at)
        at, content = at + written, content[written:]


def _swap(path: str, content: bytes) -> int:
    """Put a new file in its place, and return its descriptor."""
    descriptor, name = mkstemp(dir=os.path.dirname(path), prefix=".dwd-")  # noqa: PTH120
    try:
        _write(descriptor, 0, content)
        os.chmod(name, 0o644)  # noqa: PTH101 - the runner reads the file as another user
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        os.close(descriptor)
        with suppress(FileNotFoundError):
            os.unlink(name)  # noqa: PTH108
        raise
    return descriptor
