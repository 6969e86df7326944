"""Handles the runner's signals. It is imported before any large module, so that it misses none."""

import signal
from collections.abc import Callable
from contextlib import suppress
from types import FrameType


class Stop:
    """Catches SIGINT and SIGTERM. As process 1 of a container, Python gets neither without a handler."""

    def __init__(self) -> None:
        self.requested = False
        self._notify: Callable[[], object] | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)

    def on_request(self, notify: Callable[[], object]) -> None:
        """Call `notify` when the step is asked to stop, or at once if that has happened already."""
        self._notify = notify
        if self.requested:
            notify()

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        # The runner sends two signals, and people may send more. The later ones must not disturb the end.
        if self.requested:
            return
        self.requested = True
        if self._notify:
            # The receiver may have ended: a closed event loop raises this.
            with suppress(RuntimeError):
                self._notify()
