"""Only objects that have changed since this repository deployed them are deployed again."""

import json
from typing import Any

import pytest

from .conftest import SiteMaker
from .ended import Ended
from .job import JOB, KEY
from .step import Site
from .test_selecting import ADS, DWD, EXAMPLE, JAR, ODS, UDF, USERS, created

ALL = "**/*_orders\nusers\nrates.jar\nto_cny"
SOME = f"{ODS}\n{DWD}\n{ADS}"
OBJECTS = [ADS, DWD, ODS, USERS, JAR, UDF]
ENTRY = "7600000000000000001"  # a node inside the workflow


# Without the scripted edits of the example.
CALM = {key: value for key, value in EXAMPLE.items() if key != "edits"}


@pytest.fixture
def site(site_with: SiteMaker) -> Site:
    """The example's workspace."""
    return site_with(workspace=CALM)


def push(site: Site, run: int, objects: list[str] = OBJECTS, lines: str = ALL, **given: Any) -> Ended:
    """Deploy what has changed, in a new workflow run. A minute passes before it."""
    site.clock.forward(60)
    attempt, variables = given.pop("attempt", 1), given.pop("variables", {})
    inputs = {
        "preflight": "true",
        "max-parallel": "auto",
        "objects": lines,
        "only-changed": "true",
        "wait": "true",
        **given,
    }
    environment, outputs = site.environment([], attempt, inputs)
    environment |= {"GITHUB_RUN_ID": str(run), "GITHUB_WORKSPACE": str(site.folder), **variables}
    return site.run_in(environment, outputs, objects)


def why(ended: Ended) -> dict[str, str]:
    """The reason of each object in the plan."""
    return {each["object_id"]: each["why"] for each in json.loads(ended.outputs["plan"])["objects"]}


def test_only_changed_objects_are_deployed_again(site: Site) -> None:
    first = push(site, 1)
    assert (first.outcome, {*why(first).values()}) == ("succeeded", {"never_deployed"})

    second = push(site, 2)
    assert (second.status, second.outcome, second.outputs["unchanged-count"]) == (0, "unchanged", "6")
    assert {*second.column("outcome")} == {"unchanged"}
    assert {*second.column("run_id")} == {None}
    assert len(created(site)) == 6

    site.clock.forward(60)
    site.emulator.edit(DWD, script="SELECT 2;")
    third = push(site, 3)

    assert created(site)[6:] == [DWD]
    assert "succeeded: 1 of 6 objects succeeded, 5 unchanged" in third.stdout
    assert (third.outcome, third.outputs["succeeded-count"], third.outputs["unchanged-count"]) == (
        "succeeded",
        "1",
        "5",
    )
    assert why(third) == dict.fromkeys(OBJECTS, "unchanged") | {DWD: "edited"}
    assert push(site, 4).outcome == "unchanged"


def test_an_edited_node_inside_a_workflow_changes_the_workflow(site: Site) -> None:
    push(site, 1)
    site.clock.forward(60)
    site.emulator.edit(ENTRY, script="SELECT 'other';")

    assert why(push(site, 2)) == dict.fromkeys(OBJECTS, "unchanged") | {USERS: "edited"}


def test_an_edit_while_the_workflow_waits_for_its_turn_is_in_the_mark(site_with: SiteMaker) -> None:
    """The service does not say when a node inside a workflow was edited. So it is read again before the creation."""
    site = site_with(workspace=CALM, stage_seconds=5)
    with site.clock.meanwhile(
        lambda: site.emulator.edit(ENTRY, script="SELECT 'other';"), lambda: site.runs(JAR)
    ):
        push(site, 1)
    assert site.truth.runs(object=USERS)
    site.emulator.edit(ENTRY, script="")

    assert why(push(site, 2)) == dict.fromkeys(OBJECTS, "unchanged") | {USERS: "edited"}


def test_an_edit_that_is_undone_deploys_the_object_once_more(site: Site) -> None:
    """The draft alone does not show what was in production in between."""
    push(site, 1)
    site.clock.forward(60)
    site.emulator.edit(DWD, script="SELECT 2;")
    site.emulator.edit(DWD, script="")

    assert why(push(site, 2))[DWD] == "edited"


def test_an_undeployed_object_is_deployed_again(site: Site) -> None:
    push(site, 1, [ADS], "ads_orders")
    push(site, 2, [ADS], "ads_orders", type="Offline", only_changed="false")

    assert why(push(site, 3, [ADS], "ads_orders")) == {ADS: "taken_out"}
    assert len(created(site)) == 3


def test_an_object_that_somebody_else_has_deployed_since_is_deployed_again(site: Site) -> None:
    push(site, 1, [ODS], "ods_orders")
    site.clock.forward(60)
    # Only this key may execute stages here. A run with a description by hand still counts as somebody else's.
    run = site.emulator.deploy_as(KEY.access_key_id, ODS, "by hand")
    for stage in ("PROD_CHECK", "PROD"):
        site.clock.forward(60)
        site.emulator.execute(run, stage)
    site.clock.forward(60)

    assert why(push(site, 2, [ODS], "ods_orders")) == {ODS: "deployed_by_others"}


def test_another_repository_does_not_know_what_this_one_has_deployed(site: Site) -> None:
    push(site, 1, [ODS], "ods_orders")

    ended = push(site, 2, [ODS], "ods_orders", variables={"GITHUB_REPOSITORY_ID": "7"})

    assert why(ended) == {ODS: "never_deployed"}


def test_a_deployment_by_another_job_of_this_repository_counts(site: Site) -> None:
    push(site, 1, [ODS], "ods_orders", variables={"GITHUB_JOB": "other"}, only_changed="false")

    assert why(push(site, 2, [ODS], "ods_orders")) == {ODS: "unchanged"}


def test_if_runs_show_no_descriptions_everything_is_deployed(site_with: SiteMaker) -> None:
    site = site_with(workspace=CALM, show_descriptions=False)
    push(site, 1, [ODS], "ods_orders")

    assert why(push(site, 2, [ODS], "ods_orders")) == {ODS: "description_not_shown"}


def test_an_object_whose_runs_cannot_be_read_is_deployed_and_named(site: Site) -> None:
    push(site, 1, [ODS], "ods_orders")
    read = len(site.truth.posts("ListPipelineRuns"))
    for call in range(read + 1, read + 4):
        site.emulator.fault("ListPipelineRuns", call, "status:503")

    ended = push(site, 2, [ODS], "ods_orders")

    assert (ended.outcome, why(ended)) == ("succeeded", {ODS: "cannot_tell"})
    assert "Whether these have changed is not known" in ended.stdout


def test_an_object_that_cannot_be_read_is_deployed_and_named(site_with: SiteMaker) -> None:
    site = site_with("GetNode:*:error:NoPermission", workspace=CALM)
    push(site, 1, [ODS], "ods_orders")

    ended = push(site, 2, [ODS], "ods_orders")

    assert (ended.outcome, why(ended)) == ("succeeded", {ODS: "cannot_tell"})
    denied, unknown = (text for text in ended.warnings if "given" not in text)
    assert "preflight" not in denied, "this step reads all objects in any case"
    assert "1 object could not be read. Whether these have changed is not known" in unknown


def test_a_re_run_looks_at_its_own_marks_first(site: Site) -> None:
    """An object that the first attempt has deployed is succeeded, not unchanged."""
    push(site, 1)
    site.clock.forward(60)
    site.emulator.edit(DWD, script="SELECT 2;")
    push(site, 2)

    again = push(site, 2, attempt=2)

    outcomes = dict(zip(OBJECTS, again.column("outcome"), strict=True))
    assert outcomes == dict.fromkeys(OBJECTS, "unchanged") | {DWD: "succeeded"}
    assert len(created(site)) == 7


def test_no_object_waits_for_an_unchanged_one(site: Site) -> None:
    """If all that an object needs is unchanged, the object starts at once, whatever happens to the others."""
    push(site, 1)
    site.clock.forward(60)
    site.emulator.edit(ADS, script="SELECT 2;")
    site.emulator.edit(ODS, script="SELECT 2;")
    site.emulator.fault("CreatePipelineRun", 7, "error:NoPermission")

    ended = push(site, 2, fail_fast="false")

    assert dict(zip(OBJECTS, ended.column("outcome"), strict=True))[DWD] == "unchanged"
    assert sorted({ended.column("outcome")[0], ended.column("outcome")[2]}) == ["rejected", "succeeded"]


def test_a_dry_run_says_what_has_changed_and_why(site: Site) -> None:
    push(site, 1)
    site.clock.forward(60)
    site.emulator.edit(DWD, script="SELECT 2;")

    ended = push(site, 2, dry_run="true")

    assert (ended.status, ended.outcome) == (0, "planned")
    assert why(ended) == dict.fromkeys(OBJECTS, "unchanged") | {DWD: "edited"}
    assert "1 to deploy, 5 unchanged" in ended.stdout
    assert "edited since this repository deployed it" in ended.summary
    assert len(created(site)) == 6


def test_an_unchanged_object_costs_two_calls(site: Site) -> None:
    push(site, 1)

    ended = push(site, 2, [ODS, DWD, ADS], "", object_ids=SOME)

    assert (ended.outcome, ended.outputs["api-calls"]) == ("unchanged", "6")


def test_changes_are_read_without_preflight_too(site: Site) -> None:
    push(site, 1, [ODS], "ods_orders")

    assert push(site, 2, [ODS], "", object_ids=ODS, preflight="false").outcome == "unchanged"


def test_the_mark_says_what_was_deployed_and_by_which_repository(site: Site) -> None:
    push(site, 1, [ODS], "ods_orders")

    (run,) = site.truth.runs()
    parts = run["description"].split("]")[0].split(":")
    assert [part[0] for part in parts[3:]] == ["r", "c"]
    assert JOB["GITHUB_REPOSITORY_ID"] not in run["description"].split("]")[0]


def test_only_changed_with_offline_is_invalid(site: Site) -> None:
    ended = push(site, 1, [], "ads_orders", type="Offline")

    assert (ended.status, ended.outcome) == (2, "invalid")
    assert any("only-changed" in error for error in ended.errors)
