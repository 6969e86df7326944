"""`make soak`: a thousand objects under faults, and a short table."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from .soak import check, soak, table


def main(objects: int = 1000) -> None:
    """Run, print, and fail loudly where something is owed."""
    with TemporaryDirectory(prefix="soak-") as folder:
        done = soak(Path(folder), objects)
        sys.stdout.write(f"{table(done)}\n")
        check(done)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
