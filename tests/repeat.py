"""Runs the tests again and again, each time in another order, several at once, and notes what came of it.

What is noted of the same tests at this commit counts; so an interrupted run goes on where it was. A repetition that
failed is kept with its seed, which gives the same order once more (`pytest --randomly-seed=…`), and its report.

`make repeat` repeats what `make test` runs: threads, sockets, processes, signals and kills among it. Left to
`make simulate` is what takes long and is run once: answers of 100 MB, the SDK's models, a fresh clone, and real
processes that have to wait in real time (copies that race, calls that hang at the exit, every moment of a kill).
"""

import argparse
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
NOTES = ROOT / ".repeat.jsonl"
MOST_REPORT = 20_000
# What pytest ends with when all tests were run; anything else says nothing of the tests.
RAN = (0, 1)

Note = dict[str, Any]


def commit(root: Path = ROOT) -> str:
    """The commit that is tested. Raises SystemExit where the tree is another: what is noted would stand for neither."""
    if git(root, "status", "--porcelain"):
        raise SystemExit(
            "The tree has changes that are not committed. Commit them: what is repeated is a commit."
        )
    return git(root, "rev-parse", "--short", "HEAD")


def git(root: Path, *arguments: str) -> str:
    """What git says of the tree."""
    told = subprocess.run(["git", *arguments], cwd=root, capture_output=True, encoding="utf-8", check=True)
    return told.stdout.strip()


def kept(of: str, arguments: Sequence[str]) -> Iterator[Note]:
    """What is noted of these tests at this commit."""
    for line in NOTES.read_text("utf-8").splitlines() if NOTES.exists() else ():
        note: Note = json.loads(line)
        if (note["of"], note["arguments"]) == (of, [*arguments]):
            yield note


def repetition(of: str, arguments: Sequence[str]) -> Note:
    """Run the tests once. Raises RuntimeError where they could not be run."""
    seed, began = secrets.randbelow(2**32), time.monotonic()
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            f"--randomly-seed={seed}",
            *arguments,
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    if done.returncode not in RAN:
        raise RuntimeError(f"pytest ended with {done.returncode}:\n{done.stdout[-MOST_REPORT:]}")
    passed = re.search(r"(\d+) passed", done.stdout.splitlines()[-1])
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return {
        "of": of,
        "arguments": [*arguments],
        "seed": seed,
        "seconds": round(time.monotonic() - began, 1),
        "passed": int(passed[1]) if passed else 0,
        "failed": failed,
        "report": done.stdout[-MOST_REPORT:] if done.returncode else "",
    }


def line_of(number: int, note: Note) -> str:
    """One repetition for people."""
    failed = f", FAILED {', '.join(note['failed'])}" if note["report"] else ""
    return f"{number}: seed {note['seed']}, {note['seconds']} s, {note['passed']} passed{failed}"


def totals(of: str, notes: Sequence[Note]) -> str:
    """All repetitions for people."""
    clean = sum(not note["report"] for note in notes)
    seconds = sum(note["seconds"] for note in notes)
    names = Counter(name for note in notes for name in note["failed"]).most_common()
    failed = "".join(f"; {name} failed {times} times" for name, times in names)
    return f"{of}: {clean} of {len(notes)} repetitions clean, {seconds:,.0f} s{failed}"


def repetitions(count: int, jobs: int, of: str, arguments: Sequence[str]) -> Iterator[Note]:
    """Run the tests so often, and keep a note of each as soon as it is over."""
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for done in as_completed([pool.submit(repetition, of, arguments) for _ in range(count)]):
                note = done.result()
                if commit() != of:
                    raise SystemExit("The tree is another one by now: what was run last counts for neither.")
                with NOTES.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(note) + "\n")
                yield note
        finally:
            pool.shutdown(cancel_futures=True)


def main() -> int:
    """Repeat, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repetitions", type=int)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at once")
    parser.add_argument("arguments", nargs="*", help="what pytest is to run, after --")
    given = parser.parse_args()
    # Both, because who was started in the background of a script has inherited that SIGINT is ignored.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)
    of = commit()
    notes = [*kept(of, given.arguments)]
    missing = max(given.repetitions - len(notes), 0)
    try:
        for note in repetitions(missing, given.jobs, of, given.arguments):
            notes.append(note)
            sys.stdout.write(line_of(len(notes), note) + "\n")
            sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stdout.write("interrupted\n")
    sys.stdout.write(totals(of, notes) + "\n")
    return int(len(notes) < given.repetitions or any(note["report"] for note in notes))


if __name__ == "__main__":
    sys.exit(main())
