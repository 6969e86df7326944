"""A creation is answered with the ID of somebody else's run, or descriptions are not shown."""

import pytest

from .conftest import SiteMaker
from .follow.carry import carry
from .job import OBJECT, OBJECTS

BOTH = ("foreign-id", "commit+foreign-id")


@pytest.mark.parametrize("fault", BOTH)
@pytest.mark.parametrize(
    "inputs", [{"wait": "true"}, {"wait": "false"}, {"wait": "true", "max_parallel": "3"}]
)
def test_an_answer_with_somebody_elses_run_is_a_conflict_and_the_run_is_left_alone(
    site_with: SiteMaker, fault: str, inputs: dict[str, str]
) -> None:
    site = site_with(f"CreatePipelineRun:1:{fault}")

    ended = carry(site, *OBJECTS, fail_fast="false", **inputs)

    assert (ended.status, ended.column("outcome").count("conflict")) == (1, 1), ended.stdout
    (foreign,) = [run["run_id"] for run in site.truth.runs() if run["who"] == "somebody"]
    touched = {e["run_id"] for name in ("stage_executed", "abolished") for e in site.truth.of(name)}
    assert foreign not in touched
    (result,) = [each for each in ended.results if each["outcome"] == "conflict"]
    assert (result["run_id"], result["reason"]) == (None, "other_run_answered")
    mark = site.posts[0]["params"]["Description"].split(" ")[0]
    assert foreign in result["message"]
    assert mark in result["message"]


@pytest.mark.parametrize("fault", BOTH)
def test_a_re_run_after_such_a_conflict_deploys_once(site_with: SiteMaker, fault: str) -> None:
    site = site_with(f"CreatePipelineRun:1:{fault}")
    carry(site)

    second = site.run(attempt=2, wait="true")

    (mine,) = [run["run_id"] for run in site.truth.runs() if run["who"] != "somebody"]
    assert (second.only["outcome"], second.only["run_id"]) == ("succeeded", mine), second.stdout


def test_missing_descriptions_are_noticed_and_reported_once(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:3:commit+drop", show_descriptions=False)

    ended = carry(site, *OBJECTS)

    assert ended.column("outcome") == ["succeeded", "succeeded", "unknown"], ended.stdout
    (warning,) = [line for line in ended.stdout.splitlines() if "shows no description" in line]
    assert warning.startswith("::warning")
    for consequence in ("ends as unknown", "cannot tell what is done", "run-ids"):
        assert consequence in warning
    assert "cannot be recognised by its mark" in ended.results[2]["message"]
    assert len(site.truth.runs(object=OBJECT)) == 1
