"""A deliberate bug in the action: it is put into a copy of the code, and never into the code."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from .notes import ROOT

PACKAGE = ROOT / "src" / "dataworks_deploy"


@dataclass(frozen=True)
class Bug:
    """A place of the code with another text in it, and the promise that this breaks.

    `file` is below the package. `missed` says why no schedule or no judge shows the bug yet; without it the bug is
    expected to be found.
    """

    name: str
    breaks: str
    file: str
    old: str
    new: str
    missed: str = ""

    def text(self) -> str:
        """The file with the bug. Raises ValueError where the code is not what the bug was made for."""
        text = (PACKAGE / self.file).read_text(encoding="utf-8")
        if (count := text.count(self.old)) != 1:
            raise ValueError(f"{self.name}: {self.file} has {count} times, and not once:\n{self.old}")
        return text.replace(self.old, self.new)


def put(bug: Bug | None, folder: Path) -> None:
    """Copy the package into the folder, with the bug if there is one."""
    copy = folder / PACKAGE.name
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    if bug:
        (copy / bug.file).write_text(bug.text(), encoding="utf-8")


def check_loaded(folder: str) -> None:
    """Raise RuntimeError where this process has loaded the action from elsewhere than from the copy."""
    files = [
        str(module.__file__)
        for name, module in tuple(sys.modules.items())
        if name.partition(".")[0] == PACKAGE.name
    ]
    if strangers := [file for file in files if not file.startswith(folder)]:
        raise RuntimeError(f"not of the copy: {strangers}")


def say(*lines: str) -> None:
    """Write lines at once."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
