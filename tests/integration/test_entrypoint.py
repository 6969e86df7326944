"""entrypoint.py and post_entrypoint.py, as the image starts them: with nothing between them and the machine."""

import json
import subprocess
import sys

from .job import OBJECT, OBJECTS, ROOT
from .step import Site

MOST_MODULES = 150
MARK = f"[dwd1:{'A' * 26}:g1]"


def test_it_creates_the_runs_and_says_so(site: Site) -> None:
    ended = site.start(*OBJECTS).wait()

    ended.check(list(OBJECTS))
    assert ended.status == 0, ended.stdout
    assert ended.column("run_id") == [run_id for each in OBJECTS for run_id in site.runs(each)]


def imported_by_the_post_step(**left: object) -> list[str]:
    """Run the post step in a process of its own, on nothing but a state, and return the modules it imports."""
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


def test_after_nearly_every_job_the_post_step_imports_next_to_nothing() -> None:
    imported = imported_by_the_post_step(runs={}, unclear=[], told=[])

    assert "dataworks_deploy.render.state" in imported
    assert "asyncio" not in imported
    assert len(imported) <= MOST_MODULES


def test_where_something_was_left_it_imports_what_it_needs_for_that() -> None:
    imported = imported_by_the_post_step(
        runs={OBJECT: "run-1"}, unclear=[], told=[], claims={OBJECT: [MARK, None]}
    )

    assert {"dataworks_deploy.post", "alibabacloud_tea_openapi.client"} <= {*imported}
    assert len(imported) > MOST_MODULES
