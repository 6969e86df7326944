"""The runner's workflow commands and command files, and its log, which may be blocked."""

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

# Errors after which a file cannot be replaced but can be overwritten. It is a mount of its own, or its folder belongs
# to somebody else, or no file descriptor is left for a new file.
_NO_SWAP = frozenset(
    {errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES, errno.EROFS, errno.EMFILE, errno.ENFILE}
)
# The path is already resolved, so a link there is new and must not be followed.
_OVERWRITING = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


class CommandFile:
    """A file that other steps may have written to. Our text comes after theirs, and replaces what we wrote before.

    The file has at most `most` bytes. It does not use Path: that interns every name, and the table of interned strings
    grows by megabytes.
    """

    def __init__(self, path: str, most: int | None = None) -> None:
        self._path, self._most = path, most
        self._before: bytes | None = None  # the content before our first write, once it was read
        # An open descriptor of the file: calls may use up all others of the process.
        self._held: int | None = None

    def write(self, text: str) -> None:
        """Replace our text. After a kill or a full disk at any moment, either the old or the new text is there.

        A file that cannot be replaced is overwritten: there, a kill may leave parts of both. An empty text removes
        ours, even on a full disk. Raises OSError with this path if nothing could be written, and TooLongError if none
        of our text is left in the file.
        """
        try:
            # An answer may contain half of a surrogate pair, which cannot be written.
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
        # The writer before us may have left a line without an end.
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
    """A file in the workspace that belongs to us alone. Every write checks again where its path leads."""

    def __init__(self, source: Variables, path: str) -> None:
        super().__init__(os.path.join(source.workspace, path))  # noqa: PTH118
        self._source, self._given = source, path
        self._before = b""

    def write(self, text: str) -> None:
        """See CommandFile. It also raises OSError if the path now leads elsewhere."""
        if self._source.target_fault(self._given):
            raise OSError(errno.EPERM, os.strerror(errno.EPERM), self._path)
        super().write(text)


def _found(path: str) -> bytes:
    """The content of the file. A device must not be replaced by a file, and a pipe would block."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
            raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read()
    except FileNotFoundError:
        return b""


def _overwrite(descriptor: int, start: int, ours: bytes) -> None:
    """Overwrite our part. Unlike _swap, this is not atomic. It reserves space first, so a full disk leaves the old
    text.

    The descriptor must also be readable: if a file system cannot reserve space, the C library reads and writes each
    block.
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
    """Put a new file in the place of the old one, and return its descriptor."""
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


# A pipe that is not full takes so many bytes at once: PIPE_BUF of Linux.
_PIECE = 4096
PATIENCE = 1.0  # seconds to wait for a reader; meanwhile the step does nothing else


class Log:
    """Writes each line at once if somebody reads it in time. Otherwise the line is lost, and the work continues."""

    def __init__(self) -> None:
        self._patience = PATIENCE  # stop waiting after one timeout, until a write succeeds
        self._torn = False  # a line was written only in part

    def write(self, text: str) -> None:
        """Write whole lines. Raises OSError or ValueError if there is no stdout."""
        stream = sys.stdout
        if stream is None:  # it was closed before the process started
            return
        try:
            descriptor = stream.fileno()
        except (OSError, ValueError):  # it is in memory
            stream.write(text)
            return
        stream.flush()
        self._pour(descriptor, text.encode("utf-8", "replace"))

    def _pour(self, descriptor: int, ours: bytes) -> None:
        until, room = time.monotonic() + self._patience, poll()
        room.register(descriptor, POLLOUT)
        # After half a line, start a new one: the new text must not look like its end.
        ours = b"\n" + ours if self._torn else ours
        began = len(ours)
        while ours:
            if not room.poll(max(0.0, until - time.monotonic()) * 1000):
                self._patience, self._torn = 0.0, self._torn or len(ours) < began
                return
            ours = ours[os.write(descriptor, ours[:_PIECE]) :]
        self._patience, self._torn = PATIENCE, False


# For each step the runner shows ten annotations of each type, each cut to 4,096 bytes. It drops a longer summary
# completely.
LIMITS = Limits(annotations=10, annotation=4000, summary=1024 * 1024)
_FILES = {Surface.OUTPUTS: "OUTPUT", Surface.STATE: "STATE", Surface.SUMMARY: "STEP_SUMMARY"}
_ANNOTATIONS = {Level.ERROR: core.error, Level.WARNING: core.warning, Level.NOTICE: core.notice}


class Runner:
    """See Host. It accepts the reports for which the runner names a file."""

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
        # A session may be renewed while another line is written. A mask in the middle of a line is not a command: it
        # would show the secret in the log.
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
        # If nobody reads the log any more, the work continues, and the outputs have the results.
        with self._speaking, suppress(OSError, ValueError):
            said = io.StringIO()
            with redirect_stdout(said):
                how(*text, **properties)
            self._log.write(said.getvalue())


def _pairs(values: Mapping[str, str]) -> str:
    return "".join(f"{prepare_key_value_message(name, value)}\n" for name, value in values.items())
