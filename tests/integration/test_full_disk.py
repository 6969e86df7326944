"""The runner's files cannot be written: what was created must be known all the same."""

import shutil

from .conftest import SiteMaker
from .test_kills import wait_until


def test_a_created_run_is_in_the_log_where_the_outputs_cannot_be_written(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:commit+delay:1")
    process = site.start()
    wait_until(site.runs)

    shutil.rmtree(site.folder)
    site.clock.forward(1)
    status, stdout, stderr = process.streams()

    assert status == 1
    assert site.runs()[0] in stdout
    assert "Traceback" not in stderr
