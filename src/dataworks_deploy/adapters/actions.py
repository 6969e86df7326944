"""GitHub's runner: commands on stdout, and the files that it reads after the step."""

import errno
import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from actions_toolkit import core
from actions_toolkit.file_command import prepare_key_value_message

# The runner shows ten annotations of a type a step, and cuts each at 4,096 bytes.
MOST_ANNOTATION = 4000


class Runner:
    """Speaks to the runner. Every method is complete when it returns: nothing stays in a buffer."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
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
                    core.set_secret(value)
            sys.stdout.flush()

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
        with self._speaking:
            how(*text, **properties)
            sys.stdout.flush()

    def outputs(self, values: Mapping[str, str]) -> None:
        """Make these the step's outputs, in place of any that were written before."""
        self._pairs("GITHUB_OUTPUT", values)

    def state(self, values: Mapping[str, str]) -> None:
        """Make this the state that the post step gets, in place of any that was written before."""
        self._pairs("GITHUB_STATE", values)

    def summary(self, markdown: str) -> None:
        """Make this the step's summary. The runner drops one of more than a mebibyte whole."""
        path = self._environment.get("GITHUB_STEP_SUMMARY", "")
        if path:
            replace_text(Path(path), markdown)

    def _pairs(self, variable: str, values: Mapping[str, str]) -> None:
        path = self._environment.get(variable, "")
        if path:
            pairs = (prepare_key_value_message(name, value) for name, value in values.items())
            replace_text(Path(path), "".join(f"{pair}\n" for pair in pairs))


def replace_text(path: Path, text: str) -> None:
    """Replace a file's text whole: a kill or a full disk at any moment leaves the old text or the new one.

    Raises OSError, of this path, where nothing could be written.
    """
    try:
        _swap(path, text)
    except OSError as error:
        if error.errno not in _NO_SWAP:
            raise OSError(error.errno, error.strerror, str(path)) from error
        path.write_text(text, encoding="utf-8", errors="replace", newline="\n")


# A file that is mounted by itself, or lies in a folder of somebody else's, can be written and not replaced.
_NO_SWAP = frozenset({errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES, errno.EROFS})


def _swap(path: Path, text: str) -> None:
    descriptor, name = mkstemp(dir=path.parent, prefix=".dwd-")
    # Not by way of Path: it interns each name, and the table of interned strings grows by megabytes.
    try:
        # An answer may hold half of a character, which no file takes.
        with open(descriptor, "w", encoding="utf-8", errors="replace", newline="\n") as file:  # noqa: PTH123 - it is open already
            file.write(text)
        os.chmod(name, 0o644)  # noqa: PTH101 - the runner reads the file as another user
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)  # noqa: PTH108
        raise
