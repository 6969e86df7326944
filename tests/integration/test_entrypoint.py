"""entrypoint.py, as the image starts it: with nothing between it and the machine."""

import os
import subprocess
import sys

from .step import OBJECTS, ROOT, Site, read_step


def test_it_creates_the_runs_and_says_so(site: Site) -> None:
    environment, outputs = site.environment(list(OBJECTS), 1, {})
    done = subprocess.run(
        [sys.executable, str(ROOT / "entrypoint.py")],
        env=environment | {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )

    ended = read_step(done.returncode, outputs, done.stdout, done.stderr)
    ended.check(list(OBJECTS))
    assert ended.status == 0, ended.stdout
    assert ended.column("run_id") == [run_id for each in OBJECTS for run_id in site.runs(each)]
