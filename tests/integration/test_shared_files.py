"""The runner's files contain what others wrote before the step, and the step keeps it."""

from pathlib import Path

from dataworks_deploy import main

from .job import OBJECTS
from .step import Site


def test_the_earlier_content_of_the_files_stays_in_them_exactly_once(site: Site) -> None:
    environment, outputs = site.environment(list(OBJECTS), 1, {"wait": "true"})
    summary, state = (outputs.with_suffix(f".{kind}") for kind in ("summary", "state"))
    outputs.write_text("foo=bar")
    state.write_text("theirs=1\n")
    summary.write_text("# Earlier")

    ended = site.carry_out(main.run, environment, outputs)

    assert (ended.status, ended.outcome, ended.outputs["foo"]) == (0, "succeeded", "bar")
    assert outputs.read_text("utf-8").count("foo=bar\noutcome<<") == 1
    assert outputs.read_text("utf-8").count("outcome<<") == 1
    assert ended.summary.startswith("# Earlier\n## ✅ DataWorks Deploy: succeeded\n")
    assert ended.summary.count("# Earlier") == ended.summary.count("## ✅") == 1
    assert state.read_text("utf-8") == "theirs=1\n", "nothing is left to the post step"


def test_a_killed_step_keeps_the_earlier_content_too(site: Site) -> None:
    environment, outputs = site.environment(list(OBJECTS), 1, {"wait": "true"})
    outputs.write_text("foo=bar\n")
    state = outputs.with_suffix(".state")
    state.write_text("theirs=1\n")
    left: list[str] = []

    with site.clock.meanwhile(lambda: left.extend(map(Path.read_text, (outputs, state))), site.runs):
        site.carry_out(main.run, environment, outputs)

    assert left[0].startswith("foo=bar\noutcome<<")
    assert "unknown" in left[0]
    assert left[1].startswith("theirs=1\nprogress<<")
