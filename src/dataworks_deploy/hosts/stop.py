"""The runner's signals. It is imported before anything of size, so that none is missed."""

import signal
from collections.abc import Callable
from contextlib import suppress
from types import FrameType


class Stop:
    """Catches SIGINT and SIGTERM. As process 1 of a container python gets neither without a handler."""

    def __init__(self) -> None:
        self.requested = False
        self._notify: Callable[[], object] | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)

    def on_request(self, notify: Callable[[], object]) -> None:
        """Have `notify` called when the step is asked to stop, at once if it was already."""
        self._notify = notify
        if self.requested:
            notify()

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        # The runner sends two, people send more; what comes after the first must not disturb the end.
        if self.requested:
            return
        self.requested = True
        if self._notify:
            # What was to be told may be over already: an event loop raises once it is closed.
            with suppress(RuntimeError):
                self._notify()
