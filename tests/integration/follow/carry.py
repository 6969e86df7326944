"""Runs a step that follows its runs to their end."""

from typing import Any

from dataworks_deploy import main

from ..ended import Ended
from ..job import OBJECT
from ..step import Site

SIMPLE = ["PROD_CHECK", "PROD"]
STANDARD = ["DEV_CHECK", "DEV", "PROD_CHECK", "PROD"]


def carry(site: Site, *object_ids: str, **inputs: str) -> Ended:
    """Run the step until its runs have ended, and check what must hold for every step."""
    ids = list(object_ids or (OBJECT,))
    ended = run_step(site, ids, {"wait": "true", "timeout_minutes": "10", **inputs})
    ended.check(ids)
    site.check_truth(ended)
    check_stages(site)
    check_calls(site, ended)
    return ended


def resume(site: Site, *run_ids: str, object_ids: str = "", **inputs: str) -> Ended:
    """Run the step on existing runs."""
    before = calls(site, "CreatePipelineRun")
    given = {"wait": "true", "timeout_minutes": "10", "run_ids": "\n".join(run_ids), **inputs}
    ended = run_step(site, [], given | {"object_ids": object_ids})
    expected: list[Any] = object_ids.split(",") if object_ids else [None] * len(run_ids)
    ended.check(expected)
    check_stages(site)
    assert calls(site, "CreatePipelineRun") == before, "a run was created"
    return ended


def run_step(site: Site, object_ids: list[str], inputs: dict[str, str]) -> Ended:
    """Run the step in this process."""
    inputs = {name.replace("_", "-"): value for name, value in inputs.items()}
    return site.carry_out(main.run, *site.environment(object_ids, 1, inputs))


def check_stages(site: Site) -> None:
    """Check that no stage was executed twice, or requested more than three times."""
    for run_id in {event["run_id"] for event in site.truth.of("stage_executed")}:
        codes = site.truth.executed(run_id)
        assert len(codes) == len({*codes}), codes
    asked = [
        (post["params"]["Id"], post["params"]["Code"]) for post in site.truth.posts("ExecPipelineRunStage")
    ]
    assert all(asked.count(each) <= 3 for each in {*asked}) or throttled(site), asked


def throttled(site: Site) -> bool:
    """Whether executions were throttled. Those may be requested more often."""
    return bool({"429", "400"} & {*site.truth.answers("ExecPipelineRunStage")})


def check_calls(site: Site, ended: Ended) -> None:
    """Check that the step counts the requests that arrived. A call that was given up at once may not have been sent."""
    steps = int(ended.outputs["api-calls"])
    assert steps >= len(site.truth.of("received")) > steps - 3


def calls(site: Site, action: str) -> int:
    """How often an operation was called."""
    return len(site.truth.posts(action))


def executed(site: Site, object_id: str = OBJECT) -> list[str]:
    """The executed stages of an object's only run, in order, whoever executed them."""
    (run_id,) = site.runs(object_id)
    return site.truth.executed(run_id)
