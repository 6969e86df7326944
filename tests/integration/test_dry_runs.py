"""A dry run names what a deployment would be refused for, and creates nothing."""

import html
import json

import pytest
from jsonschema import Draft202012Validator

from .conftest import SiteMaker
from .ended import Ended
from .job import OBJECT, OBJECTS, ROOT
from .step import Site
from .test_selecting import ADS, DWD, EXAMPLE, ODS, UDF, USERS, ask

SCHEMA = json.loads((ROOT / "docs/plan.schema.json").read_text("utf-8"))
WORKFLOW = "8604388726201130001"
TASK = "700000000001"  # the ID of a scheduling task


def test_a_node_inside_a_workflow_and_an_unknown_id_are_named_and_fail_the_step(site_with: SiteMaker) -> None:
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
    assert f"nothing in workspace 10001 has the ID {TASK}" in unknown["message"]
    assert any("Give the workflow's ID" in text for text in ended.errors)
    assert any("scheduling task's (12 digits)" in text for text in ended.errors)
    assert site.posts == []


@pytest.mark.parametrize("action", ["GetNode", "GetWorkflowDefinition"])
@pytest.mark.parametrize("fault", ["error:NoPermission", "drop", "throttle"])
def test_an_object_that_cannot_be_looked_up_is_planned(site_with: SiteMaker, action: str, fault: str) -> None:
    site = site_with(f"{action}:*:{fault}", known_objects=(OBJECT,))

    assert site.run(TASK, dry_run="true").outcome == "planned"


def test_a_dry_run_says_what_on_active_run_would_do_with_open_runs(site: Site) -> None:
    site.run(OBJECT)
    site.clock.forward(60)
    theirs = site.emulator.deploy_as("somebody", OBJECT)
    (ours,) = (run for run in site.runs() if run != theirs)

    def dry_run(choice: str) -> Ended:
        environment, outputs = site.environment([OBJECT], 1, {"dry-run": "true", "on-active-run": choice})
        return site.run_in(environment | {"GITHUB_RUN_ID": "99"}, outputs)

    adopts, supersedes = dry_run("adopt"), dry_run("supersede")

    assert (adopts.only["outcome"], adopts.only["reason"]) == ("planned", "follow_planned")
    assert f"Would follow somebody else's run {theirs}" in adopts.only["message"]
    assert (supersedes.only["outcome"], supersedes.only["reason"]) == ("planned", "planned")
    assert f"on-active-run: supersede would abolish {ours}." in supersedes.only["message"]


class TestThePlan:
    """What a dry run shows of the objects that it selects, looks up and orders."""

    @pytest.fixture
    def site(self, site_with: SiteMaker) -> Site:
        """The example's workspace."""
        return site_with(workspace=EXAMPLE)

    def test_the_plan_has_counts_then_objects_with_reasons_then_their_order(self, site: Site) -> None:
        ended = ask(site, [ADS, DWD, UDF], "ads_orders\ndwd_orders\nto_cny", dry_run="true")

        assert (ended.status, ended.outcome, site.posts) == (0, "planned", [])
        page = html.unescape(ended.summary)
        places = [
            page.index(text)
            for text in (
                "3 objects: 3 to deploy",
                f"{ended.outputs['api-calls']} API calls",
                f"| to_cny ({UDF}) | ▶️\u00a0deploy | objects, line 3: to_cny | 1 |",
                f"| dwd_orders ({DWD}) | ▶️\u00a0deploy | objects, line 2: dwd_orders | 2 |",
                f"| ads_orders ({ADS}) | ▶️\u00a0deploy | objects, line 1: ads_orders | 3 |",
                'n1["▶️ ads#95;orders"]',
                "n2 --> n1",
                "Worth knowing",
                "finance.dim_rates",
            )
        ]
        assert places == sorted(places)
        assert (
            f"level 2: deploy 业务流程/订单/dwd_orders ({DWD}): objects, line 2: dwd_orders" in ended.stdout
        )
        assert f"planned: 3 to deploy, {ended.outputs['api-calls']} API calls" in ended.stdout

    @pytest.mark.parametrize("max_parallel", ["auto", "1"])
    def test_the_log_names_each_object_once_and_at_once_what_would_fail(
        self, site_with: SiteMaker, max_parallel: str
    ) -> None:
        site = site_with("ListPipelineRuns:1:error:NoPermission", workspace=EXAMPLE)

        ended = ask(
            site, [ADS, DWD, UDF], "ads_orders\ndwd_orders\nto_cny", dry_run="true", max_parallel=max_parallel
        )

        lines = [line for line in ended.stdout.splitlines() if not line.startswith("::")]
        said = [[line for line in lines if f"({each}): " in line] for each in (ADS, DWD, UDF)]
        assert [len(each) for each in said] == [1, 1, 2]
        assert "NoPermission" in said[2][0]
        assert said[2][1].endswith(f"blocked to_cny ({UDF}): it would fail")

    def test_the_line_of_an_object_has_its_open_runs(self, site: Site) -> None:
        theirs = site.emulator.deploy_as("somebody", DWD)

        ended = ask(site, [DWD], "dwd_orders", dry_run="true")

        (line,) = [line for line in ended.stdout.splitlines() if f"({DWD})" in line]
        assert f"Open on it now: {theirs}" in line

    def test_without_a_plan_each_object_has_its_line(self, site: Site) -> None:
        ended = ask(site, [DWD], ids=[DWD], dry_run="true", preflight="false")

        assert f"[1/1] {DWD}: planned: Would create a run for object {DWD}." in ended.stdout

    def test_an_object_that_would_fail_blocks_its_downstream_and_fails_the_step(
        self, site_with: SiteMaker
    ) -> None:
        site = site_with("ListPipelineRuns:1:error:NoPermission", workspace=EXAMPLE)

        ended = ask(
            site, [ADS, DWD, USERS], "ads_orders\ndwd_orders\nusers", dry_run="true", max_parallel="1"
        )

        assert (ended.status, ended.outcome, site.posts) == (1, "failed", [])
        assert [(each["action"], each["why"]) for each in ended.plan["objects"]] == [
            ("blocked", "behind_blocked"),
            ("blocked", "would_fail"),
            ("deploy", "asked"),
        ]
        Draft202012Validator(SCHEMA).validate(ended.plan)
        assert ended.column("outcome") == ["skipped", "rejected", "planned"]
        assert ended.results[0]["because"] == DWD
        page = html.unescape(ended.summary)
        assert "Not all of this could be done. **3 objects: 1 to deploy, 2 blocked.**" in page
        assert f"waits for 业务流程/订单/dwd_orders ({DWD}), which is blocked" in page
        assert "NoPermission" in page

    def test_without_objects_there_is_no_plan(self, site: Site) -> None:
        ended = ask(site, [], "**/tmp_*", allow_empty="true", dry_run="true")

        assert (ended.status, ended.outcome) == (0, "unchanged")
        assert "| object |" not in ended.summary
        assert f"unchanged: 0 of 0 objects succeeded, {ended.outputs['api-calls']} API calls" in ended.stdout
        assert "the plan" not in ended.stdout

    def test_a_missing_upstream_object_is_a_warning_and_with_upstream_fail_invalid(self, site: Site) -> None:
        (site.folder / "all.txt").write_text("node:**\n!dwd_orders\n", "utf-8")

        warned = ask(site, [ADS, ODS], objects_file="all.txt", dry_run="true")
        refused = ask(site, objects_file="all.txt", dry_run="true", upstream="fail")

        assert (warned.status, warned.outcome) == (0, "planned")
        assert "which is not selected and not in production. Its checks may fail" in html.unescape(
            warned.summary
        )
        assert f"the node 业务流程/订单/dwd_orders ({DWD})" in html.unescape(warned.summary)
        assert (refused.status, refused.outcome) == (2, "invalid")
        assert site.posts == []
