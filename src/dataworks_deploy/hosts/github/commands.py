"""The runner's workflow commands and command files, and its log, which may be stuck."""

import errno
import io
import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import redirect_stdout, suppress
from select import POLLOUT, poll
from tempfile import mkstemp

from actions_toolkit import core
from actions_toolkit.file_command import prepare_key_value_message

from dataworks_deploy.hosts import Content, Level, Limits, Surface, TooLongError

from . import Variables

# A file that is mounted by itself, or lies in a folder of somebody else's, can be written and not replaced. So can one
# for whose replacement there is no descriptor left.
_NO_SWAP = frozenset(
    {errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES, errno.EROFS, errno.EMFILE, errno.ENFILE}
)
# The path has no links in it any more: one that is there by then was put there meanwhile.
_OVERWRITING = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


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
            held = self._held if self._held is not None else os.open(path, _OVERWRITING, 0o644)
            _overwrite(held, len(before), ours)
        if self._held not in {None, held}:
            os.close(self._held)
        self._held = held


class ReportFile(CommandFile):
    """A file of the workspace that is ours as a whole. Each time it is looked at where its path leads by then."""

    def __init__(self, source: Variables, path: str) -> None:
        super().__init__(os.path.join(source.workspace, path))  # noqa: PTH118
        self._source, self._given = source, path
        self._before = b""

    def write(self, text: str) -> None:
        """See CommandFile. Raises OSError as well where the path leads elsewhere by now."""
        if self._source.target_fault(self._given):
            raise OSError(errno.EPERM, os.strerror(errno.EPERM), self._path)
        super().write(text)


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


# A pipe that is not full takes so much at once: PIPE_BUF of Linux.
_PIECE = 4096
PATIENCE = 1.0  # seconds for which a reader is waited for; nothing else is done meanwhile


class Log:
    """Writes at once what is read in time. What nobody reads is lost, and the work goes on."""

    def __init__(self) -> None:
        self._patience = PATIENCE  # none once it was waited in vain, until somebody reads again
        self._torn = False  # a line was broken off

    def write(self, text: str) -> None:
        """Write whole lines. Raises OSError or ValueError where there is no stdout."""
        stream = sys.stdout
        if stream is None:  # it was closed before the process began
            return
        try:
            descriptor = stream.fileno()
        except (OSError, ValueError):  # it is kept in memory
            stream.write(text)
            return
        stream.flush()
        self._pour(descriptor, text.encode("utf-8", "replace"))

    def _pour(self, descriptor: int, ours: bytes) -> None:
        until, room = time.monotonic() + self._patience, poll()
        room.register(descriptor, POLLOUT)
        # What comes behind half a line must not be taken for its end.
        ours = b"\n" + ours if self._torn else ours
        began = len(ours)
        while ours:
            if not room.poll(max(0.0, until - time.monotonic()) * 1000):
                self._patience, self._torn = 0.0, self._torn or len(ours) < began
                return
            ours = ours[os.write(descriptor, ours[:_PIECE]) :]
        self._patience, self._torn = PATIENCE, False


# The runner shows ten annotations of a type a step, and cuts each at 4,096 bytes. It drops a longer summary whole.
LIMITS = Limits(annotations=10, annotation=4000, summary=1024 * 1024)
_FILES = {Surface.OUTPUTS: "OUTPUT", Surface.STATE: "STATE", Surface.SUMMARY: "STEP_SUMMARY"}
_ANNOTATIONS = {Level.ERROR: core.error, Level.WARNING: core.warning, Level.NOTICE: core.notice}


class Runner:
    """See Host. It wants the reports that it names a file for."""

    limits = LIMITS

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.source = Variables(environment)
        paths = {surface: self.source.file(name) for surface, name in _FILES.items()}
        self._files: dict[Surface, CommandFile] = {
            surface: CommandFile(path, LIMITS.summary if surface is Surface.SUMMARY else None)
            for surface, path in paths.items()
            if path
        }
        self._masked: set[str] = set()
        # A session is renewed beside everything else: a mask behind the beginning of another line would be
        # no command, but a secret in the log.
        self._speaking = threading.RLock()
        self._log = Log()

    @property
    def surfaces(self) -> Collection[Surface]:
        """See Host."""
        return self._files.keys()

    @property
    def debugs(self) -> bool:
        """See Host."""
        return self.source.debugs

    def kept(self, name: str) -> str:
        """See Host."""
        return self.source.kept(name)

    def write(self, surface: Surface, content: Content) -> None:
        """See Host."""
        if surface in self._files:
            self._files[surface].write(content if isinstance(content, str) else _pairs(content))

    def report_to(self, path: str) -> None:
        """See Host."""
        self._files[Surface.REPORT] = ReportFile(self.source, path)

    def mask(self, values: tuple[str, ...]) -> None:
        """See Host."""
        with self._speaking:
            for value in values:
                if value not in self._masked:
                    self._masked.add(value)
                    self._say(core.set_secret, value)

    def info(self, line: str) -> None:
        """See Host. The toolkit escapes nothing here."""
        self._say(core.info, line)

    def debug(self, line: str) -> None:
        """See Host."""
        self._say(core.debug, line)

    def group(self, title: str) -> None:
        """See Host."""
        self._say(core.start_group, title)

    def endgroup(self) -> None:
        """See Host."""
        self._say(core.end_group)

    def annotate(self, level: Level, title: str, text: str) -> None:
        """See Host."""
        self._say(_ANNOTATIONS[level], text[: LIMITS.annotation], title=title)

    def _say(self, how: Callable[..., None], *text: str, **properties: str) -> None:
        # Where nobody reads the log any more, the work goes on, and the outputs say what came of it.
        with self._speaking, suppress(OSError, ValueError):
            said = io.StringIO()
            with redirect_stdout(said):
                how(*text, **properties)
            self._log.write(said.getvalue())


def _pairs(values: Mapping[str, str]) -> str:
    return "".join(f"{prepare_key_value_message(name, value)}\n" for name, value in values.items())
