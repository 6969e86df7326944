"""entrypoint.py and post_entrypoint.py as the image starts them: as real processes on this machine."""

import json
import subprocess
import sys

from .job import OBJECT, OBJECTS, ROOT
from .step import Site

MOST_MODULES = 150


def test_the_entry_script_creates_the_runs_and_reports_them(site: Site) -> None:
    ended = site.start(*OBJECTS).wait()

    ended.check(list(OBJECTS))
    assert ended.status == 0, ended.stdout
    assert ended.column("run_id") == [run_id for each in OBJECTS for run_id in site.runs(each)]


def imported_by_the_post_step(**left: object) -> list[str]:
    """Run the post step in another process with only a state, and return the modules that it imports."""
    done = subprocess.run(
        [sys.executable, "-I", "-X", "importtime", str(ROOT / "post_entrypoint.py")],
        env={"STATE_progress": json.dumps(left)},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return [line.rpartition("|")[2].strip() for line in lines[1:]]


def test_with_nothing_left_to_do_the_post_step_imports_few_modules() -> None:
    imported = imported_by_the_post_step(runs={}, unclear=[], told=[], claims={})

    assert "dataworks_deploy.render.state" in imported
    assert "asyncio" not in imported
    assert len(imported) <= MOST_MODULES


def test_with_a_run_left_open_the_post_step_imports_the_sdk() -> None:
    imported = imported_by_the_post_step(
        runs={OBJECT: "run-1"}, unclear=[], told=[], claims={OBJECT: (f"[dwd1:{'A' * 26}:g1]", None)}
    )

    assert {"dataworks_deploy.post", "alibabacloud_tea_openapi.client"} <= {*imported}
    assert len(imported) > MOST_MODULES
