"""`make soak`: a graph of a thousand objects under faults, and a short table."""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from .soak import check, soak, table


def main(objects: int, seed: int) -> None:
    """Run the soak, print the table, and fail if a check fails."""
    with TemporaryDirectory(prefix="soak-") as folder:
        done = soak(Path(folder), objects, seed)
        sys.stdout.write(f"{table(done)}\n")
        check(done)


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m tests.soak", description=__doc__)
    parser.add_argument("objects", nargs="?", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    main(**vars(parser.parse_args()))
