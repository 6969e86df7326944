"""Copies files to the same places under another root, with the links and libraries that they need."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

_LINKED = re.compile(r"(/\S+) \(0x[0-9a-f]+\)")
_ELF = b"\x7fELF"


class Tree:
    """A file system under construction."""

    def __init__(self, root: Path) -> None:
        """Begin with an empty or missing directory."""
        self.root = root
        self.files: set[Path] = set()

    def take(self, path: Path) -> Path:
        """Copy a file, with every link on the path to it. Returns its real path. Raises OSError."""
        at = Path("/")
        rest = list(path.parts[1:])
        while rest:
            at /= rest.pop(0)
            if at.is_symlink():
                self._link(at)
                return self.take(Path(_normal(at.parent / at.readlink(), rest)))
        self._copy(at)
        return at

    def take_libraries(self) -> None:
        """Copy every shared library that the copied files are linked with."""
        binaries = [path for path in self.files if path.read_bytes()[:4] == _ELF]
        for library in linked(binaries):
            self.take(library)

    def write(self, path: str, text: str) -> None:
        """Write a new file."""
        target = self._at(Path(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")

    def _copy(self, path: Path) -> None:
        self.files.add(path)
        target = self._at(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)

    def _link(self, path: Path) -> None:
        target = self._at(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_symlink():
            target.symlink_to(path.readlink())

    def _at(self, path: Path) -> Path:
        return self.root / path.relative_to("/")


def linked(binaries: Iterable[Path]) -> set[Path]:
    """The shared libraries that binaries need, and the loader. Raises FileNotFoundError if one is missing."""
    found: set[Path] = set()
    for binary in binaries:
        told = subprocess.run(["ldd", str(binary)], capture_output=True, encoding="utf-8", check=False)
        if "not found" in told.stdout:
            raise FileNotFoundError(f"{binary} needs a library that is not there:\n{told.stdout}")
        found |= {Path(path) for path in _LINKED.findall(told.stdout)}
    return found


def _normal(path: Path, rest: list[str]) -> str:
    """The path without `..`, resolved by its text alone. Links are handled one by one."""
    parts: list[str] = []
    for part in [*path.parts[1:], *rest]:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/" + "/".join(parts)
