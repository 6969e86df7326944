"""The runner's files cannot be written: what was created must be known all the same."""

from dataworks_deploy import main

from .conftest import SiteMaker
from .job import OBJECT
from .test_kills import wait_until


def test_a_created_run_is_in_the_log_where_the_outputs_cannot_be_written(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:commit+delay:1")
    process = site.start()
    wait_until(site.runs)

    # In one move: the step may be writing into it.
    site.folder.rename(site.folder.with_name("gone"))
    site.clock.forward(1)
    status, stdout, stderr = process.streams()

    assert status == 1
    assert site.runs()[0] in stdout
    assert "Traceback" not in stderr
    assert f"{site.folder / 'outputs-1'} cannot be written: No such file or directory." in stdout


def test_nothing_is_created_where_the_outputs_cannot_be_written_from_the_start(site_with: SiteMaker) -> None:
    site = site_with()
    variables, outputs = site.environment([OBJECT], 1, {})
    missing = site.folder / "missing" / "output"

    ended = site.carry_out(main.run, {**variables, "GITHUB_OUTPUT": str(missing)}, outputs)

    assert ended.status == 1
    assert f"{missing} cannot be written: No such file or directory." in ended.stdout
    assert "nothing was started" in ended.stdout
    assert site.posts == []
