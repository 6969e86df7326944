"""What happens to each object, and why."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.model import DeployType, ObjectId, Run, RunId
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject
from dataworks_deploy.domain.studio.changes import Cause, Changed, Unchanged
from dataworks_deploy.domain.studio.dependencies import Dependencies, Missing
from dataworks_deploy.domain.studio.graph import Graph
from dataworks_deploy.domain.studio.plan import (
    Action,
    Asked,
    Behind,
    Plan,
    TakenIn,
    Why,
    WouldFail,
    code_of,
    lay_out,
)
from dataworks_deploy.domain.studio.request import Line
from dataworks_deploy.domain.studio.selection import Selected, Selection

from .graphs import graph_of, graphs

LINE = Line("**", 1, sought="**")
IDS = [ObjectId(str(number)) for number in range(10)]


def selected(graph: Graph, *, taken_in: int = 0) -> tuple[Selection, tuple[StudioObject, ...]]:
    """The objects of a graph. The last ones were not selected."""
    objects = [StudioObject(each, Kind.NODE, f"n{each}", f"a/n{each}") for each in graph.objects]
    asked = len(objects) - taken_in
    return Selection(tuple(Selected(each, LINE) for each in objects[:asked])), tuple(objects[asked:])


def planned(graph: Graph, *, taken_in: int = 0, missing: tuple[Missing, ...] = ()) -> Plan:
    """The plan for the objects of a graph."""
    selection, others = selected(graph, taken_in=taken_in)
    return lay_out(
        selection,
        Dependencies(graph, missing=missing),
        project_id=10001,
        type_=DeployType.ONLINE,
        taken_in=others,
    )


def whys(plan: Plan) -> list[tuple[str, Why]]:
    """The action and reason of each object."""
    return [(each.action.value, each.why) for each in plan.objects]


def test_selected_objects_are_deployed_in_levels() -> None:
    plan = planned(graph_of(3, (2, 1), loose=((2, 0),)))

    assert whys(plan) == [("deploy", Asked(LINE))] * 3
    assert [(each.object.id, each.level, each.needs) for each in plan.objects] == [
        ("0", 2, ()),
        ("1", 2, ("2",)),
        ("2", 1, ()),
    ]
    assert plan.counts == {Action.DEPLOY: 3, Action.SKIP: 0, Action.BLOCKED: 0}


def test_an_added_object_names_those_that_miss_it() -> None:
    plan = planned(graph_of(3, (2, 0), (2, 1)), taken_in=1)

    assert whys(plan)[2] == ("deploy", TakenIn((IDS[0], IDS[1])))


def test_an_object_behind_a_blocked_one_names_the_first_cause() -> None:
    plan = planned(graph_of(4, (0, 1), (1, 2), (3, 2))).blocked_by({IDS[0]})

    assert whys(plan) == [
        ("blocked", WouldFail()),
        ("blocked", Behind(IDS[0])),
        ("blocked", Behind(IDS[0])),
        ("deploy", Asked(LINE)),
    ]
    assert plan.counts == {Action.DEPLOY: 1, Action.SKIP: 0, Action.BLOCKED: 3}


def test_an_unchanged_object_is_not_deployed_and_waits_for_nothing() -> None:
    last, taken_out = Unchanged(Run(RunId("r"), "Success")), Changed(Cause.TAKEN_OUT)
    plan = planned(graph_of(3, (0, 1), (1, 2)), taken_in=0).compared({IDS[1]: last, IDS[2]: taken_out})

    assert whys(plan) == [("deploy", Asked(LINE)), ("skip", last), ("deploy", taken_out)]
    assert plan.unchanged == {IDS[1]: last}
    assert [each["why"] for each in plan.rows()] == ["asked", "unchanged", "taken_out"]
    assert whys(plan.blocked_by({IDS[0]}))[1:] == [("skip", last), ("deploy", taken_out)]


def test_an_object_that_would_fail_says_so_even_behind_another() -> None:
    plan = planned(graph_of(2, (0, 1))).blocked_by({*IDS[:2]})

    assert whys(plan) == [("blocked", WouldFail())] * 2


def test_missing_objects_stay_in_the_plan() -> None:
    missing = (Missing(IDS[0], "p.x", StudioObject(ObjectId("x"))),)

    assert planned(graph_of(1), missing=missing).blocked_by({IDS[0]}).missing == missing


def test_an_object_that_only_comes_after_a_blocked_one_is_deployed() -> None:
    plan = planned(graph_of(2, loose=((0, 1),))).blocked_by({IDS[0]})

    assert whys(plan) == [("blocked", WouldFail()), ("deploy", Asked(LINE))]


def test_without_an_order_there_is_no_plan() -> None:
    with pytest.raises(ValueError, match="Edge"):
        planned(graph_of(2, (0, 1), (1, 0)))


@given(graphs(), st.data())
def test_exactly_the_objects_that_need_a_blocked_one_are_blocked(graph: Graph, data: st.DataObject) -> None:
    some = st.sets(st.sampled_from(graph.objects), max_size=2) if graph.objects else st.just(set[ObjectId]())
    stopped = data.draw(some)

    plan = planned(graph).blocked_by(stopped)

    blocked = {each.object.id for each in plan.objects if each.action is Action.BLOCKED}
    for each in plan.objects:
        held = each.object.id in stopped or bool(blocked & {*each.needs})
        assert (each.action is Action.BLOCKED) == held
        if isinstance(each.why, Behind):
            assert each.why.because in stopped


@pytest.mark.parametrize(
    ("why", "code"),
    [
        (Asked(None), "asked"),
        (TakenIn((IDS[0],)), "upstream"),
        (WouldFail(), "would_fail"),
        (Behind(IDS[0]), "behind_blocked"),
    ],
)
def test_every_reason_has_a_code(why: Why, code: str) -> None:
    assert code_of(why) == code


def test_the_json_form_names_each_object() -> None:
    selection = Selection(
        (Selected(StudioObject(IDS[1], Kind.NODE, "orders", "a/orders")), Selected(StudioObject(IDS[0])))
    )
    graph = Graph((IDS[1], IDS[0]), graph_of(2, (0, 1)).edges)

    plan = lay_out(selection, Dependencies(graph), project_id=10001, type_=DeployType.OFFLINE)

    assert json.loads(json.dumps(plan.document())) == {
        "version": 1,
        "workspace": "10001",
        "type": "Offline",
        "objects": [
            {
                "object_id": "1",
                "name": "orders",
                "path": "a/orders",
                "kind": "node",
                "action": "deploy",
                "why": "asked",
                "level": 2,
                "needs": ["0"],
            },
            {
                "object_id": "0",
                "name": None,
                "path": None,
                "kind": None,
                "action": "deploy",
                "why": "asked",
                "level": 1,
                "needs": [],
            },
        ],
    }
