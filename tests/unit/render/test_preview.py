"""What people read about a dry run: the plan as a table, as a graph or in levels, and in the log."""

import html
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.model import Creation, DeployType, ObjectId
from dataworks_deploy.domain.outcome import End, Outcome, Verdict
from dataworks_deploy.domain.reason import NoAccess
from dataworks_deploy.domain.reason import Planned as WouldCreate
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject
from dataworks_deploy.domain.studio.dependencies import Dependencies, Missing, Unplaced
from dataworks_deploy.domain.studio.graph import Graph
from dataworks_deploy.domain.studio.plan import Action, Plan, Why, lay_out
from dataworks_deploy.domain.studio.request import Line
from dataworks_deploy.domain.studio.selection import Selected, Selection
from dataworks_deploy.render import preview
from dataworks_deploy.render.markup import COMMENT, ELSEWHERE, PAGE, fitting, told_apart
from dataworks_deploy.render.report import About, Report
from dataworks_deploy.render.summary import summary
from dataworks_deploy.render.texts import PLANNED

from ...witness.markdown import fences, skeleton
from ...witness.mermaid import Arrow, read_flowchart
from ..studio.graphs import graph_of
from .records import begun, run_of, stopped
from .test_gantt import NAMES
from .test_summary import ABOUT, rows
from .values import drawn

LINE = Line("dw/*", 2, "objects", "dw/*")
DRY = About(ABOUT.type, ABOUT.project_id, ABOUT.region, ABOUT.url, dry_run=True)
MOST_BYTES = 60_000
LONG = pytest.mark.long


def plan_of(graph: Graph, *names: str, taken_in: int = 0, **more: object) -> Plan:
    """The plan for a graph of nodes with these names. The last ones were added by `upstream: include`."""
    called = names or tuple(f"n{each}" for each in graph.objects)
    objects = [
        StudioObject(each, Kind.NODE, name, f"dw/{name}" if name else "")
        for each, name in zip(graph.objects, called, strict=True)
    ]
    asked = len(objects) - taken_in
    selection = Selection(tuple(Selected(each, LINE) for each in objects[:asked]))
    dependencies = Dependencies(graph, **more)  # type: ignore[arg-type]
    return lay_out(
        selection,
        dependencies,
        project_id=10001,
        type_=DeployType.ONLINE,
        taken_in=tuple(objects[asked:]),
    )


def passed(object_id: ObjectId, *active: str) -> Record:
    """An object that passed the dry run. These runs are open on it."""
    runs = tuple(run_of(each) for each in active)
    creation = Creation(10001, object_id, DeployType.ONLINE)
    record = begun(object_id)
    return record.ended(Outcome.PLANNED, WouldCreate(creation, runs), record.started_at)  # type: ignore[arg-type]


def refused(object_id: ObjectId, said: str = "You are not authorized.") -> Record:
    """An object whose runs the dry run could not read."""
    record = begun(object_id)
    fault = Fault(said, "NoPermission", "R-1", 403)
    return record.ended(Outcome.REJECTED, NoAccess(fault), record.started_at)  # type: ignore[arg-type]


def found(plan: Plan, *failing: str) -> tuple[Plan, tuple[Record, ...]]:
    """The results of a dry run in which these objects would fail."""
    plan = plan.blocked_by({ObjectId(each) for each in failing})
    records = dict[ObjectId, Record]()
    for each in sorted(plan.objects, key=lambda each: each.level):
        own = each.object.id
        blocking = next(
            (records[need] for need in each.needs if records[need].outcome is not Outcome.PLANNED), None
        )
        if own in failing:
            records[own] = refused(own)
        else:
            records[own] = Record(own).kept_back(blocking) if blocking else passed(own)
    return plan, tuple(records[each.object.id] for each in plan.objects)


def page_of(
    plan: Plan, records: tuple[Record, ...], verdict: Verdict = Verdict.PLANNED, **more: object
) -> str:
    """The page of a dry run."""
    return summary(Report(verdict, records, 7, preview=plan), DRY, **more)  # type: ignore[arg-type]


def seen(page: str) -> str:
    """A page as people see it."""
    return html.unescape(page)


class TestThePage:
    def test_counts_come_first_then_objects_with_their_reasons_then_the_graph(self) -> None:
        plan, records = found(plan_of(graph_of(3, (2, 1), (1, 0)), "a", "b", "c", taken_in=1))

        page = page_of(plan, records)

        assert "A dry run: nothing was created. **3 objects: 3 to deploy.**" in page
        assert "7 API calls" in page
        assert page.index("3 to deploy") < page.index("| object | action") < page.index("```mermaid")
        assert rows(seen(page))[1:] == [
            [f"[c]({ABOUT.url}) (2)", "▶️ deploy", "needed by dw/b (1)", "1"],
            [f"[b]({ABOUT.url}) (1)", "▶️ deploy", "objects, line 2: dw/*", "2"],
            [f"[a]({ABOUT.url}) (0)", "▶️ deploy", "objects, line 2: dw/*", "3"],
        ]
        assert "What needs attention" not in page
        assert "the drafts in Data Studio as they are now, not the files of this repository" in page

    def test_blocked_objects_come_first_and_say_what_blocks_them(self) -> None:
        plan, records = found(plan_of(graph_of(4, (1, 2), (2, 3))), "1")

        page = page_of(plan, records, Verdict.FAILED)

        assert "Not all of this could be done. **4 objects: 1 to deploy, 3 blocked.**" in page
        unread = "Nothing was planned, because the object's runs cannot be read: NoPermission: You are"
        assert [(row[0][-2], row[1], row[2].partition(" not auth")[0]) for row in rows(seen(page))[1:]] == [
            ("1", "❌ blocked", unread),
            ("2", "❌ blocked", "waits for dw/n1 (1), which is blocked"),
            ("3", "❌ blocked", "waits for dw/n1 (1), which is blocked"),
            ("0", "▶️ deploy", "objects, line 2: dw/*"),
        ]
        assert page.count("Likely cause") == 1, "what waits for it has no cause of its own"

    def test_an_object_that_was_not_checked_in_time_says_so(self) -> None:
        plan = plan_of(graph_of(1))

        page = page_of(plan, (stopped(begun("0"), End.TIMEOUT),), Verdict.TIMED_OUT)

        assert rows(seen(page))[1][1:3] == ["▶️ deploy", "objects, line 2: dw/*; not checked: timed out"]

    @pytest.mark.parametrize(
        ("verdict", "said"),
        [
            (Verdict.FAILED, "A dry run: nothing was created. **"),
            (Verdict.TIMED_OUT, "A dry run: nothing was created. Not everything was looked at in time. **"),
            (Verdict.CANCELLED, "A dry run: nothing was created. The step was cancelled. **"),
        ],
    )
    def test_without_a_blocked_object_the_page_does_not_say_that_a_deployment_fails(
        self, verdict: Verdict, said: str
    ) -> None:
        """For example, an internal error says nothing about the objects."""
        page = page_of(*found(plan_of(graph_of(1))), verdict)

        assert said in page
        assert preview.BLOCKS not in page

    def test_possible_obstacles_are_listed_as_worth_knowing(self) -> None:
        upstream = StudioObject(ObjectId("9"), Kind.NODE, "dim", "dw/dim")
        missing = (Missing(ObjectId("0"), "wh.dim", upstream),)
        plan = plan_of(graph_of(1), missing=missing, unplaced=(Unplaced(ObjectId("0"), "finance.rates"),))

        page = seen(page_of(plan, (passed(ObjectId("0"), "r-1"),)))

        assert (
            "**n0 (0)** needs wh.dim of the node dw/dim (9), which is not selected and not in production. Its"
            in page
        )
        assert (
            "were not looked for in production, because no object that was read produces them: finance.rates"
            in page
        )
        assert "**n0 (0)** has open runs: r-1 (Online) of" in page

    def test_a_plan_without_an_order_says_that_objects_come_as_listed(self) -> None:
        plan = plan_of(graph_of(2))

        assert preview.AS_LISTED not in page_of(*found(plan))
        listed = Plan(plan.project_id, plan.type, plan.objects, ordered=False)
        page = page_of(*found(listed))
        assert preview.AS_LISTED in page
        assert {row[3] for row in rows(seen(page))[1:]} == {""}

    def test_an_undeployment_is_not_called_a_deployment(self) -> None:
        plan = plan_of(graph_of(1))
        page = page_of(*found(Plan(plan.project_id, DeployType.OFFLINE, plan.objects)))

        assert "1 to undeploy" in page
        assert rows(seen(page))[1][1] == "▶️ undeploy"


class TestTheOrder:
    def drawn(self, plan: Plan) -> tuple[dict[str, str], list[Arrow]]:
        ((info, text),) = fences("\n".join(preview.order(plan)))
        assert info == "mermaid"
        return read_flowchart(text)

    def test_arrows_start_at_the_object_that_comes_first(self) -> None:
        plan = plan_of(graph_of(3, (2, 1), (1, 0)), "dwd_orders", "订单", "").blocked_by({ObjectId("1")})

        boxes, arrows = self.drawn(plan)

        assert boxes == {"n1": "❌ dwd_orders", "n2": "❌ 订单", "n3": "▶️ 2"}
        assert arrows == [("n2", "n1"), ("n3", "n2")]

    def test_equal_names_are_distinguished_by_their_ids(self) -> None:
        boxes, _ = self.drawn(plan_of(graph_of(2, (0, 1)), "a", "a"))

        assert [*boxes.values()] == ["▶️ a 0", "▶️ a 1"]

    @given(st.lists(NAMES, min_size=2, max_size=6))
    def test_every_name_in_the_graph_is_only_a_label(self, names: list[str]) -> None:
        plan = plan_of(graph_of(len(names), *((n, n + 1) for n in range(len(names) - 1))), *names)

        boxes, arrows = self.drawn(plan)

        labels = told_apart([(each.object.name, each.object.id) for each in plan.objects], preview.MOST_LABEL)
        assert [*boxes.values()] == [f"▶️ {label}" for label in labels]
        assert arrows == [(f"n{n}", f"n{n + 1}") for n in range(1, len(names))]

    @given(st.lists(st.text() | NAMES, min_size=1, max_size=6))
    def test_no_name_changes_the_structure_of_the_page(self, names: list[str]) -> None:
        def bones(*called: str) -> list[tuple[str, int]]:
            edges = ((n, n + 1) for n in range(len(names) - 1))
            return skeleton(page_of(*found(plan_of(graph_of(len(names), *edges), *called), "0")))

        assert bones(*names) == bones(*(f"n{n}" for n in range(len(names))))

    @pytest.mark.parametrize(("objects", "graph"), [(40, True), (41, False)])
    def test_many_objects_are_listed_by_levels(self, objects: int, graph: bool) -> None:
        text = "\n".join(preview.order(plan_of(graph_of(objects, (0, 1)))))

        assert ("```mermaid" in text) == graph
        if not graph:
            assert f"- Level 1, {objects - 1} objects: n0 (0), n2 (2)" in text
            assert f"and {objects - 11} more" in text
            assert "- Level 2, 1 object: n1 (1)" in text

    def test_objects_with_too_many_arrows_are_listed_by_levels_too(self) -> None:
        every = graph_of(16, *((a, b) for a in range(16) for b in range(a + 1, 16)))

        assert "```mermaid" not in "\n".join(preview.order(plan_of(every)))

    def test_objects_that_do_not_need_each_other_have_no_order_to_show(self) -> None:
        assert [*preview.order(plan_of(graph_of(3)))] == []


class TestTheLog:
    def test_a_line_has_the_open_runs_of_its_object(self) -> None:
        records = {ObjectId("0"): passed(ObjectId("0"), "r-1"), ObjectId("1"): passed(ObjectId("1"))}

        _, one, other = preview.log_lines(plan_of(graph_of(2)), records)

        assert "line 2: dw/*. Would create a run for object 0. Open on it now: r-1" in one
        assert other.endswith("line 2: dw/*")

    def test_the_log_has_the_plan_level_by_level(self) -> None:
        plan, records = found(plan_of(graph_of(3, (2, 1), (1, 0))), "1")

        assert [*preview.log_lines(plan, {each.object_id: each for each in records})] == [
            "the plan: 1 to deploy, 2 blocked",
            "level 1: deploy dw/n2 (2): objects, line 2: dw/*",
            (
                "level 2: blocked dw/n1 (1): Nothing was planned, because the object's runs cannot be read: "
                "NoPermission: You are not authorized."
            ),
            "level 3: blocked dw/n0 (0): waits for dw/n1 (1), which is blocked",
        ]


def test_every_action_has_words() -> None:
    assert preview.SIGNS.keys() == preview.CALLED.keys() == PLANNED.keys() == {*Action}


@given(drawn(Why, st.sampled_from(["0", "1"])), st.sampled_from(Action))
def test_every_reason_has_words(why: Why, action: Action) -> None:
    plan = plan_of(graph_of(2))
    one, other = plan.objects

    line = [*preview.log_lines(replace(plan, objects=(replace(one, why=why, action=action), other)), {})][1]

    assert line.removeprefix(f"level 1: {preview.CALLED[action]} dw/n0 (0): ") not in {line, ""}


class TestTheLengthOfAComment:
    """A comment has room for a limited number of bytes, and no row is cut."""

    @pytest.mark.parametrize("name", ["n", "订" * 200, "_" * 80, "😀" * 90])
    @pytest.mark.parametrize("failing", [pytest.param(0, marks=LONG), 1, pytest.param(999, marks=LONG)])
    def test_a_comment_has_at_most_sixty_thousand_bytes(self, name: str, failing: int) -> None:
        graph = graph_of(1000, *((n, n + 1) for n in range(0, 998, 2)))
        names = [f"{name}{n}" for n in range(1000)]
        missing = [Missing(each, "x" * 200, StudioObject(each, Kind.NODE, name)) for each in graph.objects]
        plan, records = found(
            plan_of(graph, *names, missing=tuple(missing)), *(str(n) for n in range(failing))
        )

        page = page_of(plan, records, room=COMMENT)

        assert len(page.encode()) <= MOST_BYTES
        shown = rows(page)
        assert {len(row) for row in shown} == {4}
        assert page.count("<details>") == page.count("</details>")
        (left,) = map(int, re.findall(r"^… and (\d+) more", page, re.MULTILINE))
        heads = sum(row[0] == "object" for row in shown)
        assert len(shown) - heads + left == 1000, "what is left out is counted"

    def test_a_part_that_does_not_fit_is_left_out_as_a_whole(self) -> None:
        parts = (["a" * 10], ["b" * 10, "b" * 100], ["c"])

        assert [*fitting(100, parts)] == ["a" * 10, "c", ELSEWHERE]
        assert [*fitting(1000, parts)] == ["a" * 10, "b" * 10, "b" * 100, "c"]

    def test_a_page_that_fits_is_complete(self) -> None:
        plan, records = found(plan_of(graph_of(30, (0, 1))))

        assert page_of(plan, records, room=COMMENT) == page_of(plan, records, room=PAGE)
