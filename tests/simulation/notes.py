"""Notes of what was played, batch by batch, so that an interrupted proof goes on where it was."""

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .tally import Tally

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Batch:
    """The schedules of the seeds from `first` on, `count` of them, with this policy in place of ours."""

    first: int
    count: int
    policy: str = ""


@cache
def fingerprint() -> str:
    """What was proven is true of this code only: of all that this process has loaded from the repository."""
    digest = hashlib.sha256()
    for file in sorted(loaded()):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def loaded() -> set[Path]:
    """The files of the repository that make up this process, and the one that it reads the inputs' defaults from."""
    files = (getattr(module, "__file__", None) for module in tuple(sys.modules.values()))
    known = {Path(file).resolve() for file in files if file and not Path(file).is_relative_to(sys.prefix)}
    return {file for file in known if file.is_relative_to(ROOT)} | {ROOT / "action.yml"}


class Notes:
    """A file with a line for each batch; without a path nothing is kept.

    `of` is the code that the batches are about. Each line holds the seconds since the one before it or since its
    sitting began, so that those of all sittings add up.
    """

    def __init__(self, path: Path | None, of: str) -> None:
        self._path, self._of = path, of

    def read(self) -> Iterator[tuple[Batch, Tally, float]]:
        """What is there, with its seconds. A line that was cut off is none."""
        for line in self._path.read_text().splitlines() if self._path and self._path.exists() else ():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if entry["of"] == self._of:
                yield Batch(**entry["batch"]), Tally.of(entry["tally"]), entry["seconds"]

    def add(self, batch: Batch, tally: Tally, seconds: float) -> None:
        """Note one more. What was cut off before stays on a line of its own."""
        if self._path:
            entry = {"of": self._of, "batch": vars(batch), "seconds": seconds, "tally": vars(tally)}
            with self._path.open("a") as file:
                file.write(f"\n{json.dumps(entry)}")
