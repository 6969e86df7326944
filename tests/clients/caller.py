"""The small programs of this folder: each reads calls, one JSON object per line, and makes them with its library."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Language:
    """The tool that a program needs, the file that `make clients` builds, and the command that starts the program."""

    name: str
    tool: str
    built: str
    command: tuple[str, ...]


NODE = Language("Node.js", "npm", "node/node_modules/.package-lock.json", ("node", "node/caller.js"))
JAVA = Language(
    "Java", "mvn", "java/target/lib", ("java", "-cp", "java/target/classes:java/target/lib/*", "Caller")
)
GO = Language("Go", "go", "go/caller", ("go/caller",))
LANGUAGES = (NODE, JAVA, GO)


class Caller:
    """A running program."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Talk to this process."""
        self._process = process

    def __call__(self, action: str, method: str, **places: dict[str, str]) -> dict[str, Any]:
        """Make a call with a `query`, a `body`, both or neither. Return status and body, or the code of the error."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"action": action, "method": method, **places}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def running(language: Language, endpoint: str) -> Iterator[Caller]:
    """Start the program of this language, or skip the test if the language is missing."""
    if shutil.which(language.tool) is None:
        pytest.skip(f"there is no {language.name} on this machine")
    if not (HERE / language.built).exists():
        pytest.fail(f"the program in {language.name} is not built: make clients")
    command = [*language.command, endpoint]
    # Other output of a library goes to stderr, which pytest shows only if the test fails.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", cwd=HERE
    ) as process:
        yield Caller(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0
