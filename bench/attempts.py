"""Clients that deploy the same objects: the action as a runner starts it, and scripts. Each may fail or be killed."""

import ast
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import yaml

from .client import JOB, KEY, PROJECT, STEP, access, as_variables
from .process import Ended, run
from .service import ROOT

POST = (sys.executable, "-I", "-u", str(ROOT / "post_entrypoint.py"))
KillWhen = Callable[[], bool] | None
ENTRY = re.compile(r"^(\w+)<<(\S+)\n(.*?)\n\2$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Scene:
    """An empty folder, the service as `host:port`, and what is deployed there."""

    folder: Path
    endpoint: str
    objects: Sequence[str]

    @property
    def truth(self) -> Path:
        """The service's own log."""
        return self.folder / "truth"


@dataclass(frozen=True, slots=True)
class Client(ABC):
    """Something that deploys objects. `source` is the file that its user has to write and keep.

    `claim` finds each object that a log calls deployed.
    """

    name: str
    source: Path
    claim: ClassVar[re.Pattern[str]]

    @abstractmethod
    def attempt(self, scene: Scene, number: int, kill_when: KillWhen = None) -> Ended:
        """Run once, for the first or a later time."""


@dataclass(frozen=True, slots=True)
class Script(Client):
    """A script that takes the address, the workspace and the objects as arguments."""

    command: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)
    claim = re.compile(r"^(\d+): Success$", re.MULTILINE)

    def attempt(self, scene: Scene, number: int, kill_when: KillWhen = None) -> Ended:
        """Run the script. It does not know whether it has run before."""
        del number
        command = [*self.command, scene.endpoint, PROJECT, *scene.objects]
        return run(command, {**KEY, **self.variables}, scene.folder, kill_when)


@dataclass(frozen=True, slots=True)
class Action(Client):
    """A step of a workflow file, with each default. A later attempt is what *Re-run jobs* starts."""

    claim = re.compile(r"\((\d+)\): succeeded")

    def attempt(self, scene: Scene, number: int, kill_when: KillWhen = None) -> Ended:
        """Run the step and, unless it is killed, the post step. A kill takes the machine with it, and its files."""
        files = {kind: scene.folder / f"{kind}{number}" for kind in ("OUTPUT", "STATE", "STEP_SUMMARY")}
        for file in files.values():
            file.write_bytes(b"")
        variables = as_variables(
            self._inputs() | access(scene.endpoint) | {"object-ids": " ".join(scene.objects)}
        )
        variables |= JOB | {f"GITHUB_{kind}": str(file) for kind, file in files.items()}
        variables["GITHUB_RUN_ATTEMPT"] = str(number)
        main = run(STEP, variables, scene.folder, kill_when)
        if main.status < 0:
            return main
        kept = {f"STATE_{key}": value for key, _, value in ENTRY.findall(files["STATE"].read_text("utf-8"))}
        post = run(POST, variables | kept, scene.folder)
        return replace(main, log=main.log + post.log)

    def _inputs(self) -> dict[str, str]:
        """The inputs of the step, without the region: `endpoint` takes its place."""
        (step,) = yaml.safe_load(self.source.read_text("utf-8"))
        return {name: value for name, value in step["with"].items() if name != "region"}


def lines_of(source: Path) -> int:
    """The lines of code, without blank lines, comments and docstrings."""
    text = source.read_text("utf-8")
    docstrings = _docstrings(ast.parse(text)) if source.suffix == ".py" else set[int]()
    lines = [line.strip() for number, line in enumerate(text.splitlines(), 1) if number not in docstrings]
    return sum(bool(line) and not line.startswith(("#", "//")) for line in lines)


def _docstrings(tree: ast.Module) -> set[int]:
    """The numbers of the lines of all docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found: list[Any] = [each for each in ast.walk(tree) if isinstance(each, documented)]
    first = [each.body[0] for each in found if ast.get_docstring(each) is not None]
    return {line for each in first for line in range(each.lineno, each.end_lineno + 1)}
