"""A dry run names what a deployment would be refused for, and creates nothing."""

import pytest

from .conftest import SiteMaker
from .job import OBJECT, OBJECTS

WORKFLOW = "8604388726201130001"
TASK = "700000000001"  # the ID of a scheduling task


def test_a_node_inside_a_workflow_and_an_unknown_id_are_named_and_not_green(site_with: SiteMaker) -> None:
    known = {
        "known_objects": (OBJECT, WORKFLOW),
        "workflows": (WORKFLOW,),
        "inner_nodes": {OBJECTS[1]: WORKFLOW},
    }
    site = site_with(**known)

    ended = site.run(OBJECT, OBJECTS[1], TASK, WORKFLOW, dry_run="true", fail_fast="false")

    assert (ended.status, ended.outcome) == (1, "failed")
    assert ended.column("outcome") == ["planned", "rejected", "rejected", "planned"]
    inner, unknown = ended.results[1:3]
    assert f"inside the workflow {WORKFLOW}." in inner["message"]
    assert f"no node and no workflow of workspace 10001 has the ID {TASK}" in unknown["message"]
    assert any("Give the workflow's ID" in text for text in ended.errors)
    assert any("scheduling task's (12 digits)" in text for text in ended.errors)
    assert site.posts == []


@pytest.mark.parametrize("action", ["GetNode", "GetWorkflowDefinition"])
@pytest.mark.parametrize("fault", ["error:NoPermission", "drop", "throttle"])
def test_what_cannot_be_looked_up_is_planned(site_with: SiteMaker, action: str, fault: str) -> None:
    site = site_with(f"{action}:*:{fault}", known_objects=(OBJECT,))

    assert site.run(TASK, dry_run="true").outcome == "planned"
