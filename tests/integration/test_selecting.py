"""Objects are selected by name, checked and ordered before anything is created."""

import json
import re
from collections.abc import Sequence
from itertools import islice, pairwise
from typing import Any

import pytest
import yaml

from dataworks_emulator import Failure

from ..witness.markdown import fences
from .conftest import SiteMaker
from .ended import Ended
from .job import PROJECT, ROOT
from .step import Site

# The objects of examples/workspace.json. Only the first is in production.
ODS, DWD, ADS, USERS, JAR, UDF = (f"7567482277219412{number}" for number in (401, 402, 403, 500, 601, 701))
RAW, ETL = "7600000000000000001", "7600000000000000002"  # inside the workflow
TASK = "700000000001"
EXAMPLE: dict[str, Any] = json.loads((ROOT / "examples" / "workspace.json").read_text("utf-8")) | {
    "id": PROJECT
}
README = (ROOT / "README.md").read_text("utf-8")
NAMES = {
    ODS: "ods_orders",
    DWD: "dwd_orders",
    ADS: "ads_orders",
    USERS: "users",
    JAR: "rates.jar",
    UDF: "to_cny",
}


def a_node(name: str, *after: Any, **more: Any) -> dict[str, Any]:
    """A node of a workspace file."""
    return {"name": name, "after": [*after], **more}


def of(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A workspace with these nodes. Their IDs are numbered from the first."""
    return {"id": PROJECT, "name": "warehouse", "nodes": [*nodes], **more}


def nth(*numbers: int) -> list[str]:
    """The IDs of the objects with these numbers in such a workspace."""
    return [str(7_600_000_000_000_000_000 + number) for number in numbers]


def ask(
    site: Site,
    expected: Sequence[str] = (),
    lines: str = "",
    ids: Sequence[str] = (),
    attempt: int = 1,
    **inputs: str,
) -> Ended:
    """Run a step that selects with these lines and IDs, and expect results for these objects."""
    given = {"preflight": "true", "max-parallel": "auto", "objects": lines, **inputs}
    environment, outputs = site.environment([*ids], attempt, given)
    environment["GITHUB_WORKSPACE"] = str(site.folder)
    return site.run_in(environment, outputs, expected)


def created(site: Site) -> list[str]:
    """The objects whose runs were created, in that order."""
    return [run["object"] for run in site.truth.runs()]


def levels(site: Site, *sizes: int) -> list[set[str]]:
    """The same, in sets of these sizes: requests that are sent together arrive in any order."""
    objects = iter(created(site))
    return [{*islice(objects, size)} for size in (*sizes, None)]


def copied(ended: Ended) -> list[dict[str, str]]:
    """The inputs that the summary offers to copy."""
    found = [text for kind, text in fences(ended.summary) if kind == "yaml"]
    return [yaml.load(text, Loader=yaml.BaseLoader)["with"] for text in found]


def assert_invalid(site: Site, ended: Ended, *words: str) -> None:
    """Check that the step names each mistake separately, and has created nothing."""
    assert (ended.status, ended.outcome, ended.results, site.posts) == (2, "invalid", [], [])
    assert len(ended.errors) == len(words), ended.errors
    for error, word in zip(ended.errors, words, strict=True):
        assert word in error
        assert error.splitlines()[0][:40] in ended.stdout
    assert "skipped" not in ended.stdout


def assert_nothing_is_looked_up(ended: Ended, fix: str) -> None:
    """Check that one error says so, with this fix and with no other."""
    (error,) = ended.errors
    assert (ended.status, ended.outcome) == (1, "failed")
    assert error.startswith("objects: nothing can be looked up: ")
    assert fix in error
    assert "Allow dataworks:" not in error
    assert "give IDs" not in error


@pytest.fixture
def site(site_with: SiteMaker) -> Site:
    """The example's workspace."""
    return site_with(workspace=EXAMPLE)


class TestSelecting:
    @pytest.mark.parametrize(
        ("lines", "objects"),
        [
            (ADS, [ADS]),
            ("ads_orders", [ADS]),
            ("业务流程/订单/dwd_orders", [DWD]),
            ("/业务流程/订单/dwd_orders # and why", [DWD]),
            ("# all orders\n业务流程/订单/*", [DWD, ODS]),
            ("**/*_orders\n!ods_orders", [ADS, DWD]),
            ("业务流程/*", []),
            ("**/users\n业务流程/用户/*\nusers", [USERS]),
            ("node:**", [ADS, DWD, ODS]),
            ("function:*\nresource:资源/**", [UDF, JAR]),
            ("ads_orders\n**\n!resource:**\n!function:**", [ADS, USERS, DWD, ODS]),
        ],
    )
    def test_runs_are_created_for_exactly_the_objects_of_the_lines(
        self, site: Site, lines: str, objects: list[str]
    ) -> None:
        ended = ask(site, objects, lines, allow_empty="true", order="given")

        assert created(site) == objects
        assert ended.column("name") == [NAMES[each] for each in objects]
        assert (ended.status, ended.outcome) == (0, "created" if objects else "unchanged")

    def test_the_lines_of_the_readme_select_what_it_says(self, site_with: SiteMaker) -> None:
        """The quick start has a name and a pattern. A recipe takes a folder without some of its objects."""
        (start, *_) = re.findall(r"^```yaml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
        recipe = re.search(r"^\| deploy a folder without .*", README, re.MULTILINE)
        assert recipe
        lines = [text for text in re.findall("`([^`]+)`", recipe[0]) if text != "objects"]
        places = ["报表/ads_sales", "订单/dwd_a", "订单/dwd_b", "订单/ods", "订单/tmp_dwd", "订单/子/dwd_c"]
        nodes = [a_node(place.rpartition("/")[2], path=f"业务流程/{place}") for place in places]
        site = site_with(workspace=of(*nodes))

        by_name = ask(site, nth(1, 2, 3), yaml.safe_load(start)["env"]["OBJECTS"])
        folder = ask(site, nth(2, 3, 4, 6), "\n".join(lines))

        assert (by_name.outcome, folder.outcome) == ("created", "created")

    def test_results_have_names_paths_and_kinds(self, site: Site) -> None:
        ended = ask(site, [USERS, ADS, JAR], "users\nads_orders\nrates.jar")

        shown = [(each["name"], each["path"], each["kind"], each["because"]) for each in ended.results]
        assert shown == [
            ("users", "业务流程/用户/users", "workflow", None),
            ("ads_orders", "业务流程/报表/ads_orders", "node", None),
            ("rates.jar", "资源/rates.jar", "resource", None),
        ]
        assert f"users ({USERS}): created run" in ended.stdout
        assert "ads_orders" in ended.summary

    def test_a_file_can_contain_lines_and_ids_come_first(self, site: Site) -> None:
        (site.folder / "deploy.txt").write_text("# ours\n业务流程/订单/*\nads_orders\n", "utf-8")

        ask(site, [ADS, DWD, ODS], ids=[ADS], objects_file="deploy.txt", order="given")

        assert created(site) == [ADS, DWD, ODS]

    def test_lines_that_find_nothing_are_invalid_and_the_nearest_names_are_shown(self, site: Site) -> None:
        ended = ask(site, lines="dwd_order\n**/tmp_*\nADS_ORDERS\nads_orders")

        assert_invalid(site, ended, "line 1: no object", "line 2: nothing fits", "line 3: no object")
        assert f"Did you mean 业务流程/订单/dwd_orders ({DWD})" in ended.errors[0]

    def test_lines_as_a_chinese_keyboard_writes_them_are_invalid_and_each_has_its_fix(
        self, site: Site
    ) -> None:
        ended = ask(
            site,
            lines="“dwd_orders”\n业务流程／订单／dwd_orders\n业务流程\\订单\\dwd_orders\n工作流：users",
            allow_empty="true",
            abolish_on="cancel，timeout",
        )

        quotes, slash, kind, comma = ended.errors
        assert (ended.status, ended.outcome, site.posts) == (2, "invalid", [])
        assert "line 1, '“dwd_orders”', stands in quotes" in quotes
        assert slash.startswith("objects: line 2")
        assert "Write / instead. The same is wrong in line 3." in slash
        assert "Write workflow: instead of 工作流:" in kind
        assert "abolish-on: 'cancel，timeout' has a Chinese comma." in comma

    def test_the_name_of_a_folder_is_invalid_and_the_message_has_the_pattern(self, site: Site) -> None:
        ended = ask(site, lines="订单\n**/ads_*")

        assert_invalid(site, ended, "It is a folder. Write 业务流程/订单/** for all that is in it;")
        assert "write /** behind the path of a folder" in ask(site, lines="业务流程/订单").errors[0]

    def test_with_allow_empty_lines_may_find_nothing(self, site: Site) -> None:
        assert ask(site, [ADS], "nothing\nads_orders", allow_empty="true").outcome == "created"

        ended = ask(site, [], "**/tmp_*", allow_empty="true")

        assert (ended.status, ended.outcome, created(site)) == (0, "unchanged", [ADS])
        assert ended.stream.of("notice")

    def test_a_name_of_several_objects_is_invalid_and_each_object_is_shown(
        self, site_with: SiteMaker
    ) -> None:
        flow = {"id": "8604388726201130001", "name": "to_cny", "nodes": []}
        site = site_with(workspace=EXAMPLE | {"workflows": [*EXAMPLE["workflows"], flow]})

        ended = ask(site, lines="to_cny")

        assert_invalid(site, ended, "to_cny fits 2 objects")
        assert f"function to_cny ({UDF})" in ended.errors[0]
        assert "workflow to_cny (8604388726201130001)" in ended.errors[0]
        assert ask(site, [UDF], "function:to_cny").outcome == "created"

    def test_a_node_inside_a_workflow_does_not_make_the_name_of_another_object_unclear(
        self, site_with: SiteMaker
    ) -> None:
        """A list does not show that it is inside, so both must be read first."""
        flow = {"name": "daily", "path": "etl/daily", "nodes": [a_node("daily")]}
        site = site_with(workspace=of(workflows=[flow]))

        ended = ask(site, nth(1), "daily")

        assert (ended.outcome, ended.only["kind"]) == ("created", "workflow")

    @pytest.mark.parametrize("preflight", ["true", "false"])
    def test_the_name_of_a_node_inside_a_workflow_is_invalid(self, site: Site, preflight: str) -> None:
        ended = ask(site, lines="etl_users", preflight=preflight)

        assert_invalid(site, ended, f"inside the workflow 业务流程/用户/users ({USERS})")

    @pytest.mark.parametrize("preflight", ["true", "false"])
    def test_a_pattern_skips_a_node_inside_a_workflow(self, site: Site, preflight: str) -> None:
        ask(site, [USERS], "业务流程/用户/**", preflight=preflight)

        assert created(site) == [USERS]

    def test_more_than_max_objects_are_invalid(self, site: Site) -> None:
        ended = ask(site, lines="node:**/*_orders", max_objects="2", ids=[USERS])

        assert_invalid(site, ended, "the lines select 3 objects, and max-objects is 2")
        assert f"node 业务流程/报表/ads_orders ({ADS})" in ended.errors[0]

    def test_offline_accepts_no_patterns(self, site: Site) -> None:
        assert_invalid(site, ask(site, lines="**/ads_*", type="Offline"), "pattern")

        ask(site, [ODS], "ods_orders", type="Offline")
        assert [run["type"] for run in site.truth.runs()] == ["Offline"]


class TestChecking:
    def test_all_problems_are_reported_at_once(self, site: Site) -> None:
        ended = ask(site, lines="etl_raw_users\nno_such", ids=[ADS, ETL, TASK, "7567482277219419999"])

        assert_invalid(
            site,
            ended,
            f"object-ids: 业务流程/用户/users/etl_users ({ETL}) is a node inside",
            f"no object {TASK} in this workspace. An ID of 12 digits",
            "no object 7567482277219419999 in this workspace. Look at project-id",
            "objects, line 1: 业务流程/用户/users/etl_raw_users",
            "objects, line 2: no object",
        )
        assert "Give the workflow instead" in ended.summary

    @pytest.mark.parametrize("name", ["dwd_orders", "业务流程/订单/dwd_orders", "rates.jar", "**/ads_*"])
    def test_a_name_among_the_ids_is_invalid_and_the_message_says_where_names_go(
        self, site: Site, name: str
    ) -> None:
        ended = ask(site, ids=[name])

        assert_invalid(site, ended, "Names, paths and patterns go into the input objects.")
        assert name in ended.errors[0]

    def test_an_id_with_runs_counts_as_in_production_and_is_accepted(self, site: Site) -> None:
        site.emulator.deploy_as("somebody", ADS, age=86400.0)
        site.emulator.remove(ADS)

        ended = ask(site, [ADS], ids=[ADS], type="Offline")

        assert len(site.posts) == 1
        assert ended.only["name"] is None

    def test_a_missing_permission_is_reported_once_and_the_given_order_is_kept(
        self, site_with: SiteMaker
    ) -> None:
        site = site_with("GetNode:*:error:NoPermission", workspace=EXAMPLE)

        ended = ask(site, [ADS, DWD, ODS], ids=[ADS, DWD, ODS])

        permission, order = ended.warnings
        assert "Allow dataworks:GetNode in the RAM policy" in permission
        assert created(site) == [ADS, DWD, ODS]
        assert "objects that were not looked up: 3. So all objects come in the order given." in order
        assert "3 objects, at most 1 at once" in ended.stdout
        assert ended.column("kind") == [None] * 3

    @pytest.mark.parametrize(
        "fault", ["quota", "status:503", "drop", "throttle", 'json:{"Node":{"Spec":"["}}']
    )
    def test_an_id_that_cannot_be_looked_up_is_no_problem(self, site_with: SiteMaker, fault: str) -> None:
        site = site_with(f"GetNode:*:{fault}", workspace=EXAMPLE)

        ended = ask(site, [ADS, JAR], ids=[ADS, JAR])

        assert (ended.status, ended.outcome) == (0, "created")
        assert created(site) == [ADS, JAR]
        (warning,) = ended.warnings
        assert "not looked up: 2. So all objects come in the order given." in warning

    @pytest.mark.parametrize("fault", ["error:NoPermission", "status:503", "garbled-page", "drop"])
    def test_names_without_readable_lists_fail_the_step_and_are_not_invalid_inputs(
        self, site_with: SiteMaker, fault: str
    ) -> None:
        site = site_with(f"ListNodes:*:{fault}", workspace=EXAMPLE)

        ended = ask(site, lines="ads_orders\ndwd_orders", ids=[ODS])

        assert (ended.status, ended.outcome, ended.results, site.posts) == (1, "failed", [], [])
        (error,) = ended.stream.of("error")
        assert error.properties["title"] == "Lookup failed"
        assert error.data.startswith("objects: nodes cannot be found by name, because ListNodes fails: ")
        assert ended.warnings == []
        assert ended.summary.startswith("## ❌ DataWorks Deploy: failed\n\nNothing was created.\n")
        assert "nodes cannot be found by name" in ended.summary

    @pytest.mark.parametrize(
        ("code", "fix"),
        [
            ("Forbidden.Not.Server", "Check region: the console shows it beside the workspace."),
            ("Invalid.Wkbench.Parameter", "Check project-id, region and IDs."),
            ("InternalError.UserId.Missing", "and check project-id."),
            ("NoPermission", "Add it to the workspace with the role O&M or Deploy."),
            ("9990010001", "Check region, and whose key it is;"),
            ("InvalidAction.NotFound", "Check region and endpoint;"),
            ("InternalError.System", "Re-run the job in a while."),
        ],
    )
    def test_one_error_that_stops_all_lists_is_reported_once_with_its_own_fix(
        self, site_with: SiteMaker, code: str, fix: str
    ) -> None:
        lists = ("ListNodes", "ListWorkflowDefinitions", "ListResources", "ListFunctions")
        site = site_with(*(f"{each}:*:error:{code}" for each in lists), workspace=EXAMPLE)

        assert_nothing_is_looked_up(ask(site, lines="ads_orders"), fix)

    def test_a_wrong_workspace_and_a_wrong_host_are_reported_once_with_their_own_fix(
        self, site: Site
    ) -> None:
        workspace = ask(site, lines="ads_orders", project_id="99999")
        host = ask(site, lines="node:ads_orders", endpoint="no.such.invalid")

        assert_nothing_is_looked_up(workspace, "Check project-id, region, and run-ids where they are given.")
        assert_nothing_is_looked_up(host, "Check region, such as cn-shanghai, and endpoint:")

    def test_one_list_that_fails_beside_others_names_its_call_and_the_other_way(
        self, site_with: SiteMaker
    ) -> None:
        fault = "error:InvalidAction.NotFound"
        site = site_with(f"ListFunctions:*:{fault}", workspace=EXAMPLE)
        (names,) = ask(site, lines="ads_orders").errors
        site = site_with(f"ListNodes:*:{fault}", workspace=EXAMPLE)
        (upstream,) = ask(site, ids=[ADS], upstream="include").errors

        assert "because ListFunctions fails" in names
        assert "object-ids" in names
        assert "because ListNodes fails" in upstream
        assert "set upstream: warn" in upstream

    @pytest.mark.parametrize("fault", ["short-page", "drop", "stale", "throttle"])
    def test_a_list_that_fails_once_is_read_again(self, site_with: SiteMaker, fault: str) -> None:
        site = site_with(f"ListNodes:1:{fault}", workspace=EXAMPLE)

        ask(site, [ADS], "ads_orders")

        assert created(site) == [ADS]

    def test_without_preflight_given_ids_are_not_looked_up(self, site: Site) -> None:
        ask(site, [ADS, DWD], ids=[ADS, DWD], preflight="false")

        assert site.truth.posts("GetNode") == []
        assert created(site) == [ADS, DWD]

    @pytest.mark.parametrize(
        ("lines", "ids", "calls"),
        [
            ("", [ADS], 2),
            ("", [USERS], 3),
            ("", [JAR], 4),
            ("ads_orders", [], 7),
            ("业务流程/用户/users", [], 7),
            ("node:ads_orders", [], 3),
        ],
    )
    def test_an_object_takes_few_calls_before_its_run_if_given_by_id_and_more_if_by_name(
        self, site: Site, lines: str, ids: list[str], calls: int
    ) -> None:
        """One call of each number looks for open runs. The README and the reference have these numbers."""
        ask(site, ids or [USERS if "users" in lines else ADS], lines, ids=ids)

        actions = [event["action"] for event in site.truth.of("received")]
        assert actions.index("CreatePipelineRun") == calls

    def test_if_the_deadline_passes_during_the_lookups_nothing_is_created(self, site_with: SiteMaker) -> None:
        site = site_with("ListNodes:*:delay:20", workspace=EXAMPLE)

        ended = ask(site, [ODS, DWD], "ads_orders", ids=[ODS, DWD], timeout_minutes="0.1")

        assert (ended.status, ended.outcome, site.posts) == (1, "timed_out", [])
        assert ended.column("outcome") == ["skipped", "skipped"]

    def test_in_a_real_process_a_problem_gives_exit_status_2(self, site: Site) -> None:
        ended = site.start(TASK, preflight="true").wait()

        ended.check([])
        assert_invalid(site, ended, TASK)


class TestOrder:
    def test_each_object_starts_after_the_success_of_the_objects_that_it_needs(self, site: Site) -> None:
        ended = ask(site, [UDF, ADS, USERS, DWD, ODS, JAR], "**", wait="true")

        assert ended.outcome == "succeeded"
        assert levels(site, 1, 1, 1, 2, 1) == [{JAR}, {UDF}, {ODS}, {USERS, DWD}, {ADS}, set()]
        results = {each["object_id"]: each for each in ended.results}
        for first, then in ((JAR, UDF), (UDF, ODS), (ODS, USERS), (ODS, DWD), (USERS, ADS), (DWD, ADS)):
            assert results[first]["finished_at"] <= results[then]["started_at"]
        assert "6 objects in 5 levels, at most 10 at once" in ended.stdout

    def test_offline_reverses_the_order(self, site_with: SiteMaker) -> None:
        site = site_with(workspace=EXAMPLE | {"production": True})

        ended = ask(site, [ODS, USERS, ADS, DWD], ids=[ODS, USERS, ADS, DWD], type="Offline", wait="true")

        assert ended.outcome == "succeeded"
        assert levels(site, 1, 2, 1) == [{ADS}, {USERS, DWD}, {ODS}, set()]

    def test_the_given_order_is_kept_one_by_one(self, site: Site) -> None:
        ended = ask(site, [JAR, UDF, ODS, DWD], ids=[JAR, UDF, ODS, DWD], order="given", wait="true")

        assert (ended.outcome, created(site)) == ("succeeded", [JAR, UDF, ODS, DWD])
        times = [(each["started_at"], each["finished_at"]) for each in ended.results]
        assert all(before[1] <= after[0] for before, after in pairwise(times))

    def test_in_the_given_order_an_upstream_object_must_come_before_what_needs_it(
        self, site_with: SiteMaker
    ) -> None:
        site = site_with(workspace=of(a_node("up"), a_node("down", "up")))

        late = ask(site, nth(2, 1), "down\nup", order="given", wait="true")

        assert late.column("outcome") == ["failed", "skipped"]
        assert "in a list with order: given, put them before this object." in late.errors[0]
        early = ask(site, nth(1, 2), "up\ndown", attempt=2, order="given", wait="true")
        assert early.column("outcome") == ["succeeded", "succeeded"]

    @pytest.mark.parametrize(("order", "at_once"), [("dependencies", 10), ("given", 1)])
    def test_the_order_decides_how_many_runs_are_open_at_once(
        self, site_with: SiteMaker, order: str, at_once: int
    ) -> None:
        site = site_with(workspace=of(*(a_node(f"n{each:02}") for each in range(12))), stage_seconds=60.0)

        ended = ask(site, nth(*range(1, 13)), "n*", order=order, wait="true", timeout_minutes="0.5")

        assert len(site.posts) == at_once
        assert ended.outcome == "timed_out"

    def test_an_object_that_needs_a_failed_one_is_not_started_and_names_it(
        self, site_with: SiteMaker
    ) -> None:
        site = site_with(workspace=EXAMPLE, failures=(Failure(DWD, "PROD_CHECK"),))

        ended = ask(
            site, [ADS, DWD, USERS, UDF, JAR], ids=[ADS, DWD, USERS, UDF, JAR], wait="true", fail_fast="false"
        )

        assert ended.column("outcome") == ["skipped", "failed", "succeeded", "succeeded", "succeeded"]
        assert ended.column("because") == [DWD, None, None, None, None]
        assert (
            f"Not started: dwd_orders ({DWD}) comes before this object and did not succeed."
            in ended.results[0]["message"]
        )
        assert ADS not in created(site)
        assert (ended.status, ended.outcome) == (1, "failed")

    def test_with_fail_fast_nothing_is_started_after_a_failure(self, site_with: SiteMaker) -> None:
        site = site_with(workspace=EXAMPLE, failures=(Failure(JAR, "PROD"),))

        ended = ask(site, [JAR, UDF, ODS], ids=[JAR, UDF, ODS], wait="true")

        assert ended.column("outcome") == ["failed", "skipped", "skipped"]
        assert ended.column("because") == [None, JAR, None]
        assert created(site) == [JAR]

    @pytest.mark.parametrize(("type_", "order"), [("Online", (2, 1)), ("Offline", (1, 2))])
    def test_runs_to_continue_are_listed_in_the_order_of_deployment(
        self, site_with: SiteMaker, type_: str, order: tuple[int, int]
    ) -> None:
        """Otherwise the run of an object would fail, because the one that it needs comes later."""
        workspace = of(a_node("dwd", "ods"), a_node("ods"), production=type_ == "Offline")
        lines = {"Online": "dwd\nods", "Offline": "ods\ndwd"}[type_]
        site = site_with(workspace=workspace, stages="simple")
        ended = ask(site, nth(*reversed(order)), lines, type=type_)

        (block,) = copied(ended)
        assert block["object-ids"].split()[::3] == nth(*order)
        again = ask(site, nth(*order), ids=nth(*order), type=type_, run_ids=block["run-ids"], wait="true")

        assert again.outcome == "succeeded"

    @pytest.mark.parametrize("fail_fast", ["true", "false"])
    def test_an_object_that_needs_a_failed_one_is_a_comment_among_the_inputs_to_copy(
        self, site_with: SiteMaker, fail_fast: str
    ) -> None:
        """Given alone, it would be deployed on top of the old version of the failed one."""
        workspace = of(a_node("ods"), a_node("dwd", "ods"), a_node("ads", "dwd"), production=True)
        site = site_with(workspace=workspace, failures=(Failure(nth(1)[0], "PROD_CHECK"),))

        ended = ask(site, nth(1, 2, 3), "ods\ndwd\nads", wait="true", fail_fast=fail_fast)

        ((given,),) = (block.values() for block in copied(ended))
        assert [line.split()[:2] for line in given.splitlines()] == [["#", each] for each in nth(1, 2, 3)]
        assert "Objects still to do: 3." in ended.summary
        assert "Objects that need one of these are comments too." in ended.summary
        assert "gh workflow run" not in ended.summary

    def test_a_cycle_is_invalid_unless_the_given_order_is_kept(self, site_with: SiteMaker) -> None:
        site = site_with(workspace=of(a_node("a", "b"), a_node("b", "c"), a_node("c", "a"), production=True))
        a, b, c = nth(1, 2, 3)

        ended = ask(site, lines="a\nb\nc")

        assert_invalid(site, ended, "3 objects wait for each other")
        for first, then in ((c, b), (b, a), (a, c)):
            names = dict(zip((a, b, c), "abc", strict=True))
            assert f"{names[first]} ({first}) comes before {names[then]} ({then})" in ended.errors[0]
        ask(site, [a, b, c], "a\nb\nc", order="given")
        assert created(site) == [a, b, c]

    def test_a_cycle_that_only_a_workflow_causes_says_so(self, site_with: SiteMaker) -> None:
        flow = {"name": "flow", "nodes": [a_node("first"), a_node("last", "between")]}
        site = site_with(workspace=of(a_node("between", "first"), workflows=[flow]))

        ended = ask(site, lines="flow\nbetween")

        assert_invalid(site, ended, "because a workflow is deployed and undeployed as a whole")
        assert "by its node flow/first" in ended.errors[0]

    def test_a_dependency_on_an_earlier_cycle_does_not_affect_the_order(self, site_with: SiteMaker) -> None:
        back = {"output": "b", "type": "CrossCycleDependsOnOtherNode"}
        site = site_with(workspace=of(a_node("a", back), a_node("b", "a")))

        ended = ask(site, nth(2, 1), "b\na", wait="true")

        assert (ended.outcome, created(site)) == ("succeeded", nth(1, 2))


class TestUpstream:
    def test_missing_upstream_objects_are_warnings_by_default(self, site: Site) -> None:
        ended = ask(site, [ADS], "node:**\n!dwd_orders\n!ods_orders")

        assert (ended.status, created(site)) == (0, [ADS])
        assert [warning.partition(", which is not selected")[0] for warning in ended.warnings] == [
            f"业务流程/报表/ads_orders ({ADS}) needs the node 业务流程/订单/dwd_orders ({DWD})",
            f"业务流程/报表/ads_orders ({ADS}) needs {ETL} of the workflow 业务流程/用户/users ({USERS})",
        ]

    @pytest.mark.parametrize(("lines", "ids"), [("ads_orders", []), ("", [ADS])])
    def test_with_a_name_or_an_id_alone_nothing_shows_them(
        self, site: Site, lines: str, ids: list[str]
    ) -> None:
        """The default makes no calls for this. The checks of the run then find what is missing."""
        ended = ask(site, [ADS], lines, ids=ids, wait="true")

        assert ended.warnings == []
        assert (ended.outcome, ended.only["stage"]) == ("failed", "PROD_CHECK")
        assert "上游节点未发布" in ended.only["message"]

    @pytest.mark.parametrize("order", ["dependencies", "given"])
    def test_with_upstream_fail_missing_upstream_objects_are_invalid(self, site: Site, order: str) -> None:
        ended = ask(site, ids=[ADS], upstream="fail", order=order)

        assert_invalid(site, ended, f"({DWD}), which is not selected", f"({USERS}), which is not selected")
        assert ask(site, [DWD], ids=[DWD], upstream="fail", order=order).outcome == "created"

    def test_with_upstream_include_missing_upstream_objects_are_added(self, site: Site) -> None:
        """ods_orders is in production, so it is not added."""
        ended = ask(
            site,
            [UDF, JAR, ADS, DWD, USERS],
            "to_cny\nrates.jar\nads_orders",
            upstream="include",
            wait="true",
        )

        assert ended.outcome == "succeeded"
        assert levels(site, 1, 1, 2, 1) == [{JAR}, {UDF}, {USERS, DWD}, {ADS}, set()]

    @pytest.mark.parametrize("line", ["!dwd_orders", "!node:**/dwd_*"])
    def test_an_object_that_a_line_excludes_is_not_added(self, site: Site, line: str) -> None:
        ended = ask(site, [ADS, USERS], f"ads_orders\n{line}", upstream="include")

        assert created(site) == [USERS, ADS]
        assert f"upstream: include adds 业务流程/用户/users ({USERS})" in ended.stdout
        (warning,) = ended.warnings
        assert f"dwd_orders ({DWD}), which is not selected and not in production. Its checks may" in warning


class TestOtherPeople:
    """Changes that other people make between two calls."""

    def edited(self, before: str, **change: Any) -> dict[str, Any]:
        return EXAMPLE | {"edits": [{"before": before, "object": "ads_orders", **change}]}

    def test_an_object_that_is_renamed_after_it_was_listed_is_not_found(self, site_with: SiteMaker) -> None:
        site = site_with(workspace=self.edited("GetNode:1", name="ads_orders_v2"))

        assert_invalid(
            site, ask(site, lines="ads_orders"), "no object of this workspace has the name ads_orders"
        )

    def test_an_object_that_is_moved_out_of_a_pattern_is_not_selected(self, site_with: SiteMaker) -> None:
        site = site_with(workspace=self.edited("GetNode:1", path="回收站/ads_orders"))

        ask(site, [DWD, ODS], "业务流程/报表/*\n业务流程/订单/*", allow_empty="true")

        assert created(site) == [ODS, DWD]

    def test_a_run_that_an_earlier_attempt_left_open_is_named_if_its_object_was_renamed(
        self, site_with: SiteMaker
    ) -> None:
        """Marks contain only IDs: nothing is created twice, and an object that is no longer selected is left alone."""
        change = {
            "before": "ListNodes:2",
            "object": "ods_orders",
            "name": "ods_renamed",
            "path": "订单/ods_renamed",
        }
        site = site_with(workspace=EXAMPLE | {"edits": [change]}, stage_seconds=60.0)
        lines = "node:业务流程/订单/ods_*\nnode:**/dwd_orders"
        first = ask(site, [ODS, DWD], lines, wait="false", upstream="warn", abolish_on="never")
        left = {each["object_id"]: each["run_id"] for each in first.results}

        second = ask(site, [DWD], lines, attempt=2, wait="false", allow_empty="true", abolish_on="never")

        (said,) = [each for each in second.warnings if "an earlier attempt of this job left" in each]
        assert left[ODS] in said
        assert "订单/ods_renamed" in said
        assert second.only["run_id"] == left[DWD]
        assert sorted(created(site)) == sorted([ODS, DWD])

    @pytest.mark.parametrize("before", ["GetNode:1", "CreatePipelineRun:1"])
    def test_an_object_that_is_deleted_after_it_was_listed_is_refused_by_the_service(
        self, site_with: SiteMaker, before: str
    ) -> None:
        site = site_with(workspace=self.edited(before, remove=True))

        ended = ask(site, [ADS], "ads_orders")

        assert (ended.status, ended.only["outcome"]) == (1, "rejected")
        assert created(site) == []

    def test_an_object_that_is_deleted_before_it_is_listed_is_not_found(self, site_with: SiteMaker) -> None:
        site = site_with(workspace=self.edited("ListNodes:1", remove=True))

        assert_invalid(site, ask(site, lines="ads_orders"), "no object of this workspace")

    @pytest.mark.parametrize("seed", range(5))
    def test_lists_that_change_during_the_reading_lose_no_object(
        self, site_with: SiteMaker, seed: int
    ) -> None:
        nodes = (a_node(f"n{each:03}") for each in range(210))
        site = site_with(workspace=of(*nodes), list_drift=1, seed=seed)

        wanted = nth(*range(1, 211, 10))
        ended = ask(site, wanted, "node:n*0")

        assert sorted(created(site)) == wanted
        assert "ListNodes shows 210 objects: reading all of them takes about 6 calls" in ended.stdout


class TestAStepThatEndsWhileItLooksUp:
    """Nothing was begun, and the reports say so."""

    @pytest.mark.parametrize("dry_run", ["true", "false"])
    @pytest.mark.parametrize(("lines", "ids"), [("**/*_orders", []), ("", [ODS])])
    def test_by_its_deadline(self, site_with: SiteMaker, lines: str, ids: list[str], dry_run: str) -> None:
        site = site_with("ListNodes:*:delay:9", "GetNode:*:delay:9", workspace=EXAMPLE)

        ended = ask(site, ids, lines, ids, timeout_minutes="0.1", dry_run=dry_run)

        assert (ended.status, ended.outcome, site.posts) == (1, "timed_out", [])
        (error,) = ended.errors
        assert "timeout-minutes passed while the objects were looked up, so nothing was created." in error
        assert "Nothing was created." in ended.summary
        assert "before it saw every run end" not in ended.summary
        assert "If another object failed" not in ended.summary

    def test_in_a_re_run(self, site_with: SiteMaker) -> None:
        site = site_with("ListNodes:*:delay:9", workspace=EXAMPLE)

        ended = ask(site, [], "**/*_orders", attempt=2, timeout_minutes="0.1")

        assert (
            "Earlier attempts of the job may have left open runs that were not looked for." in ended.errors[0]
        )
