"""What a FlowSpec says about an object."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.studio.catalog import Catalog, Kind, StudioObject
from dataworks_deploy.domain.studio.flowspec import Described, NoFlowSpecError, describe_spec, parse_spec

NODE, WORKFLOW, OTHER = ObjectId("5479743988095323770"), ObjectId("88"), ObjectId("99")


def spec_of(kind: str, **spec: Any) -> str:
    """A FlowSpec as the service's answers hold it: as text."""
    return json.dumps({"version": "1.1.0", "kind": kind, "spec": spec})


def needs(node: str, *outputs: str, kind: str = "Normal") -> dict[str, Any]:
    """The dependencies of a node on these outputs."""
    return {"nodeId": node, "depends": [{"type": kind, "output": each} for each in outputs]}


def a_node(number: str, **more: Any) -> dict[str, Any]:
    """A node as it appears in a FlowSpec."""
    outputs = {"nodeOutputs": [{"data": number, "isDefault": True}, {"data": f"p.{number}"}]}
    return {
        "id": number,
        "name": f"n{number}",
        "script": {"path": f"业务流程/n{number}"},
        "outputs": outputs,
    } | more


def inner(number: str, *inputs: str, workflow: str = WORKFLOW, **more: Any) -> StudioObject:
    """What is known about a node inside a workflow."""
    whole: dict[str, Any] = {
        "name": f"n{number}",
        "path": f"业务流程/n{number}",
        "inputs": inputs,
        "outputs": (number, f"p.{number}"),
        "uses": (),
        "workflow": ObjectId(workflow),
    }
    return StudioObject(ObjectId(number), Kind.NODE, **whole | more)


@pytest.mark.parametrize("kind", ["Node", "CycleWorkflow", "ManualNode"])
@pytest.mark.parametrize("key", ["dependencies", "flow"])
def test_a_single_node_is_described_by_its_own_flowspec(kind: str, key: str) -> None:
    node = a_node(NODE, owner=1107550004253538, script={"path": "/业务流程/订单/orders"}, name="orders")

    spec = spec_of(kind, nodes=[node], **{key: [needs(NODE, "p_root", "p.items", "p.items")]})

    assert describe_spec(spec, NODE) == Described(
        StudioObject(
            NODE,
            Kind.NODE,
            "orders",
            "业务流程/订单/orders",
            "1107550004253538",
            inputs=("p_root", "p.items"),
            outputs=(NODE, f"p.{NODE}"),
            uses=(),
        )
    )


def test_only_normal_dependencies_order_a_deployment() -> None:
    dependencies = [
        needs(NODE, "p.today"),
        needs(NODE, "p.self", kind="CrossCycleDependsOnSelf"),
        needs(NODE, "p.other", kind="CrossCycleDependsOnOtherNode"),
        {"nodeId": NODE, "depends": [{"nodeId": 123}, {"type": "Normal"}, "odd"]},
    ]

    found = describe_spec(spec_of("Node", nodes=[a_node(NODE)], dependencies=dependencies), NODE)

    assert found.object.inputs == ("p.today", "123")


def test_without_dependencies_the_inputs_of_a_node_count() -> None:
    node = a_node(NODE, inputs={"nodeOutputs": [{"data": "p.a"}, {"data": " "}, {}, None]})

    assert describe_spec(spec_of("Node", nodes=[node]), NODE).object.inputs == ("p.a",)
    assert describe_spec(spec_of("Node", nodes=[node], flow=[]), NODE).object.inputs == ()


def test_a_node_without_a_name_gets_it_from_its_path() -> None:
    found = describe_spec(spec_of("Node", nodes=[{"script": {"path": "a/b/c"}}]), NODE)

    assert (found.object.name, found.object.path) == ("c", "a/b/c")


def test_one_node_outside_a_workflow_is_a_single_node() -> None:
    found = describe_spec(spec_of("CycleWorkflow", nodes=[{"name": "n"}]), NODE)

    assert (found.object.kind, found.object.name) == (Kind.NODE, "n")


WHOLE = {
    "id": WORKFLOW,
    "name": "daily",
    "script": {"path": "业务流程/daily"},
    "outputs": {"nodeOutputs": [{"data": "p.daily"}]},
    "nodes": [a_node("1"), a_node("2"), a_node("3")],
    "dependencies": [needs("1", "p.before"), needs("2", "1"), needs("3", "p.2")],
}
DAILY = StudioObject(
    WORKFLOW, Kind.WORKFLOW, "daily", "业务流程/daily", inputs=(), outputs=("p.daily",), uses=()
)
INNER = (inner("1", "p.before"), inner("2", "1"), inner("3", "p.2"))


@pytest.mark.parametrize("kind", ["CycleWorkflow", "ManualWorkflow"])
def test_a_workflow_is_described_with_its_nodes(kind: str) -> None:
    described = Described(DAILY, INNER)

    assert describe_spec(spec_of(kind, id=WORKFLOW, workflows=[WHOLE]), WORKFLOW) == described
    assert describe_spec(spec_of(kind, **WHOLE), WORKFLOW) == described


@pytest.mark.parametrize("kind", ["CycleWorkflow", "ManualWorkflow"])
def test_a_node_inside_a_workflow_is_found_by_its_id(kind: str) -> None:
    described = Described(INNER[1], (DAILY, INNER[0], INNER[2]))

    assert describe_spec(spec_of(kind, id=WORKFLOW, workflows=[WHOLE]), ObjectId("2")) == described
    assert describe_spec(spec_of(kind, **WHOLE), ObjectId("2")) == described


def test_an_id_that_the_workflow_does_not_show_is_a_node_inside_it() -> None:
    found = describe_spec(spec_of("CycleWorkflow", workflows=[WHOLE]), OTHER)

    assert found.object == StudioObject(OTHER, Kind.NODE, workflow=WORKFLOW)
    assert found.others == (DAILY, *INNER)


def test_nodes_of_a_workflow_have_the_ids_of_data_studio() -> None:
    """Their IDs within the FlowSpec are replaced: another workflow may use the same ones."""
    nodes = [a_node("a", metadata={"uuid": "11"}), a_node("b", metadata={"uuid": 12}), {"name": "nobody"}]
    workflow = {"id": WORKFLOW, "nodes": nodes, "dependencies": [needs("a", "p.x"), needs("b", "a", "p.y")]}

    found = describe_spec(spec_of("CycleWorkflow", workflows=[workflow]), WORKFLOW)

    assert [(each.id, each.inputs) for each in found.others] == [("11", ("p.x",)), ("12", ("11", "p.y"))]
    assert describe_spec(spec_of("CycleWorkflow", workflows=[workflow]), ObjectId("12")).object.name == "nb"


def test_a_workflow_has_edges_of_its_own() -> None:
    """As in dataworks-spec (examples/workflows): outside the workflow, under its ID."""
    spec = spec_of("CycleWorkflow", workflows=[{"id": WORKFLOW}], flow=[needs(WORKFLOW, "p.in")])

    assert describe_spec(spec, WORKFLOW).object.inputs == ("p.in",)


def test_the_id_of_a_workflow_may_stand_outside_it() -> None:
    spec = spec_of("CycleWorkflow", id=WORKFLOW, workflows=[{"name": "w", "nodes": [{"id": "1"}]}])

    assert describe_spec(spec, ObjectId("1")).object.workflow == WORKFLOW
    assert describe_spec(spec, WORKFLOW).object.name == "w"


def test_without_dependencies_the_inputs_of_workflow_nodes_count() -> None:
    nodes = [a_node("1", inputs={"nodeOutputs": [{"data": "p.x"}]}), a_node("2")]

    listed = describe_spec(spec_of("CycleWorkflow", workflows=[{"id": WORKFLOW, "nodes": nodes}]), WORKFLOW)
    empty = describe_spec(
        spec_of("CycleWorkflow", workflows=[{"id": WORKFLOW, "nodes": nodes}], flow=[]), WORKFLOW
    )

    assert [each.inputs for each in listed.others] == [("p.x",), ()]
    assert [each.inputs for each in empty.others] == [(), ()]


def test_a_workflow_without_an_id_is_the_requested_one() -> None:
    spec = spec_of("CycleWorkflow", workflows=[{"name": "w", "nodes": [{"id": "1"}]}])

    found = describe_spec(spec, WORKFLOW)

    assert (found.object.id, found.object.name) == (WORKFLOW, "w")
    assert found.others == (
        StudioObject(ObjectId("1"), Kind.NODE, inputs=(), outputs=(), uses=(), workflow=WORKFLOW),
    )


def test_several_nodes_in_a_workflow_without_an_id_are_its_nodes() -> None:
    spec = spec_of("CycleWorkflow", nodes=[a_node("1"), a_node("2")])

    assert describe_spec(spec, WORKFLOW).object.id == WORKFLOW
    assert [each.id for each in describe_spec(spec, WORKFLOW).others] == ["1", "2"]
    assert describe_spec(spec, ObjectId("2")).object.kind is Kind.NODE
    assert describe_spec(spec, ObjectId("2")).object.name == "n2"


def test_used_resources_and_functions_are_named() -> None:
    node = a_node(
        NODE, fileResources=[{"name": "a.jar", "id": "1"}, {"id": "7"}, {}], functions=[{"name": "f"}]
    )
    spec = spec_of("Node", nodes=[node], functions=[{"name": "g"}, {"name": "f"}])

    assert describe_spec(spec, NODE).object.uses == ("a.jar", "7", "f", "g")


def test_a_resource_is_described() -> None:
    entry = {"name": "a.jar", "id": NODE, "script": {"path": "/r/a.jar"}, "type": "jar"}

    found = describe_spec(spec_of("Resource", fileResources=[entry]), NODE)

    assert found == Described(
        StudioObject(NODE, Kind.RESOURCE, "a.jar", "r/a.jar", inputs=(), outputs=(), uses=())
    )


def test_a_function_names_its_resources_in_its_script() -> None:
    """As in dataworks-spec (examples/functions). Older FlowSpecs list them."""
    script = {"path": "f/geo", "content": json.dumps({"fileResource": "a.py, b.jar,"})}
    entry = {"name": "geo", "script": script, "fileResources": [{"name": "c.jar"}]}

    found = describe_spec(spec_of("Function", functions=[entry], fileResources=[{"name": "x"}]), NODE)

    assert found == Described(
        StudioObject(
            NODE, Kind.FUNCTION, "geo", "f/geo", inputs=(), outputs=(), uses=("c.jar", "a.py", "b.jar")
        )
    )


@pytest.mark.parametrize("content", ["", "select 1", "[]", "{}", '{"fileResource": null}'])
def test_a_function_without_a_resource_uses_none(content: str) -> None:
    entry = {"name": "geo", "script": {"content": content}}

    assert describe_spec(spec_of("Function", functions=[entry]), NODE).object.uses == ()


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"spec": []}',
        '{"spec": {}}',
        '{"spec": {"nodes": [1]}}',
        "[" * 100_000,
        "{'a'}",
    ],
)
def test_a_text_that_is_no_flowspec_raises(spec: str, swept: None) -> None:
    with pytest.raises(NoFlowSpecError):
        describe_spec(spec, NODE)


def test_a_name_with_half_a_surrogate_pair_can_be_written() -> None:
    spec = spec_of("Node", nodes=[a_node(NODE, name="orders\ud800")])

    assert describe_spec(spec, NODE).object.name == "orders?"


KEYS = [
    *(
        "spec",
        "kind",
        "nodes",
        "workflows",
        "dependencies",
        "flow",
        "nodeId",
        "depends",
        "output",
        "type",
        "id",
    ),
    *("metadata", "uuid", "script", "path", "content", "outputs", "inputs", "nodeOutputs", "data"),
    *("fileResources", "functions", "name", "owner"),
]
LEAVES = st.sampled_from(
    (
        None,
        True,
        0,
        1.5,
        "",
        "1",
        "2",
        "Normal",
        "CycleWorkflow",
        "Function",
        "\ud800",
        '{"fileResource": "1"}',
    )
)
JSON: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inside: st.one_of(
        st.lists(inside, max_size=3), st.dictionaries(st.sampled_from(KEYS), inside, max_size=4)
    ),
)
BODIES = st.fixed_dictionaries(
    {}, optional={key: st.lists(JSON, max_size=3) for key in ("nodes", "workflows", "functions", "flow")}
)


@given(st.one_of(JSON, st.builds(lambda kind, body: {"kind": kind, "spec": body}, LEAVES, BODIES)))
def test_no_answer_breaks_the_reader(value: Any) -> None:
    """Whatever it says, the answer contains the requested object, or there is no FlowSpec."""
    try:
        found = describe_spec(json.dumps(value), NODE)
    except NoFlowSpecError:
        return
    assert found.object.id == NODE
    for each in (found.object, *found.others):
        assert each.id
        assert None not in {each.inputs, each.outputs, each.uses} or each.workflow
        f"{each}".encode()
    assert Catalog.of((found.object, *found.others)).by_id[NODE].id == NODE


def test_a_flowspec_may_be_parsed_already() -> None:
    spec = spec_of("Node", nodes=[a_node(NODE)])

    assert describe_spec(json.loads(spec), NODE) == describe_spec(spec, NODE)
    assert parse_spec(spec) == json.loads(spec)
