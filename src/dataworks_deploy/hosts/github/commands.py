"""GitHub's runner: commands on stdout, and the files that it reads after the step."""

import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from actions_toolkit import core
from actions_toolkit.file_command import prepare_key_value_message

from .files import CommandFile

# The runner shows ten annotations of a type a step, and cuts each at 4,096 bytes.
MOST_ANNOTATION = 4000
MOST_SUMMARY = 1024 * 1024  # bytes; it drops a longer one whole


class Runner:
    """Speaks to the runner. Every method is complete when it returns: nothing stays in a buffer."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._output, self._state, self._summary = (
            CommandFile(environment.get(f"GITHUB_{name}", "")) for name in ("OUTPUT", "STATE", "STEP_SUMMARY")
        )
        self._masked: set[str] = set()
        # A session is renewed beside everything else: a mask behind the beginning of another line would be
        # no command, but a secret in the log.
        self._speaking = threading.RLock()

    def mask(self, values: tuple[str, ...]) -> None:
        """Have the values hidden in everything that is printed from now on."""
        with self._speaking:
            for value in values:
                if value not in self._masked:
                    self._masked.add(value)
                    self._say(core.set_secret, value)

    def info(self, line: str) -> None:
        """A plain line, already harmless: the toolkit escapes nothing here."""
        self._say(core.info, line)

    @property
    def debugs(self) -> bool:
        """Whether the job was run again with debug logging."""
        return self._environment.get("RUNNER_DEBUG") == "1"

    def debug(self, text: str) -> None:
        """A line that only such a job shows."""
        self._say(core.debug, text)

    def group(self, title: str) -> None:
        """What comes until `endgroup` can be folded away under this title. Groups do not nest."""
        self._say(core.start_group, title)

    def endgroup(self) -> None:
        """See group."""
        self._say(core.end_group)

    def error(self, title: str, message: str) -> None:
        """An annotation of a failure."""
        self._say(core.error, message[:MOST_ANNOTATION], title=title)

    def warning(self, title: str, message: str) -> None:
        """An annotation of something that people should look at."""
        self._say(core.warning, message[:MOST_ANNOTATION], title=title)

    def notice(self, title: str, message: str) -> None:
        """An annotation of something worth knowing."""
        self._say(core.notice, message[:MOST_ANNOTATION], title=title)

    def _say(self, how: Callable[..., None], *text: str, **properties: str) -> None:
        # Where nobody reads the log any more, the work goes on, and the outputs say what came of it.
        with self._speaking, suppress(OSError):
            how(*text, **properties)
            sys.stdout.flush()

    def outputs(self, values: Mapping[str, str]) -> None:
        """Make these the step's outputs, in place of any that were written before. Raises OSError."""
        self._output.write(_pairs(values))

    def state(self, values: Mapping[str, str]) -> None:
        """Make this the state that the post step gets, in place of any that was written before. Raises OSError."""
        self._state.write(_pairs(values))

    def summary(self, markdown: str) -> None:
        """Make this the step's summary, in place of any that was written before. Raises OSError."""
        self._summary.write(markdown, MOST_SUMMARY)


def _pairs(values: Mapping[str, str]) -> str:
    return "".join(f"{prepare_key_value_message(name, value)}\n" for name, value in values.items())
