"""The small programs of this folder: each is told calls, one JSON object a line, and makes them with its library."""

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
    """What runs the program (`tool`), what `make clients` has made of it, and how it is started."""

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
    """A program that runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Talk to this process."""
        self._process = process

    def __call__(self, action: str, method: str, **places: dict[str, str]) -> dict[str, Any]:
        """Make a call with a `query`, a `body`, both or neither; return status and body, or the error's code."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"action": action, "method": method, **places}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def running(language: Language, endpoint: str) -> Iterator[Caller]:
    """Start the program of that language, or skip the test where the language is missing."""
    if shutil.which(language.tool) is None:
        pytest.skip(f"there is no {language.name} on this machine")
    if not (HERE / language.built).exists():
        pytest.fail(f"the program in {language.name} is not built: make clients")
    command = [*language.command, endpoint]
    # What a library prints beside the answers is not for the test's reader, unless it fails.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", cwd=HERE
    ) as process:
        yield Caller(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0
