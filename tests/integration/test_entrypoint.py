"""entrypoint.py, as the image starts it: with nothing between it and the machine."""

from .step import OBJECTS, Site


def test_it_creates_the_runs_and_says_so(site: Site) -> None:
    ended = site.start(*OBJECTS).wait()

    ended.check(list(OBJECTS))
    assert ended.status == 0, ended.stdout
    assert ended.column("run_id") == [run_id for each in OBJECTS for run_id in site.runs(each)]
