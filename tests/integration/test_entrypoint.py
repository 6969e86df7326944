"""entrypoint.py, as the image starts it: with nothing between it and the machine."""

import os
import subprocess
import sys

from ..e2e.command_files import parse
from .step import OBJECTS, ROOT, Ended, Site


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

    ended = Ended(done.returncode, parse(outputs.read_text("utf-8")), done.stdout, done.stderr)
    ended.check(list(OBJECTS))
    assert ended.status == 0, ended.stdout
    assert ended.column("run_id") == [run_id for each in OBJECTS for run_id in site.runs(each)]
