"""Stdout, which may be a pipe that nobody reads, closed, or in a terminal that knows ASCII alone."""

import os
import sys
import time
from select import POLLOUT, poll

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
