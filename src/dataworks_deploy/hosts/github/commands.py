"""GitHub's runner as a host: its workflow commands, and a log that may be stuck."""

import io
import os
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import redirect_stdout, suppress
from select import POLLOUT, poll

from actions_toolkit import core
from actions_toolkit.file_command import prepare_key_value_message

from dataworks_deploy.hosts import Content, Level, Limits, Surface

from . import Variables
from .files import CommandFile

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
        self._files = {
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
