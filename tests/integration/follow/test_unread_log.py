"""Nobody reads the log any more, because the reader of the pipe has closed it: the step goes on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ..ended import read_step
from ..job import OBJECT, ROOT
from .live import PATIENCE, open_live


@pytest.mark.long
@pytest.mark.parametrize(
    ("project", "outcome", "status", "runner"), [("", "invalid", 2, ""), ("12345", "created", 0, "true")]
)
def test_a_step_whose_log_nobody_reads_ends_as_usual(
    tmp_path: Path, project: str, outcome: str, status: int, runner: str
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open_live(tmp_path) as site:
        variables, outputs = site.site.environment([OBJECT], 1, {"project-id": project})
        done = subprocess.run(
            [sys.executable, str(ROOT / "entrypoint.py")],
            env={**variables, "PATH": os.environ["PATH"], "GITHUB_ACTIONS": runner},
            stdout=writer,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )
        os.close(writer)
        ended = read_step(done.returncode, outputs, "", done.stderr)

    assert (ended.outcome, ended.status, ended.stderr) == (outcome, status, "")
    assert len(site.site.runs()) == (outcome == "created")
