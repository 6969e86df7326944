"""The file that defines a workspace."""

import json
from pathlib import Path
from typing import Any

import pytest

from dataworks_emulator import Emulator, Settings

from .warehouse import ALL, WAREHOUSE, Desk, deploy, ids, rows


def test_the_whole_workspace_can_be_in_production(desk: Desk) -> None:
    d = desk(workspace={**WAREHOUSE, "production": True})
    assert all("TaskId" in row for row in rows(d, "ListNodes", "Nodes"))
    assert d.ask("GetWorkflowDefinition", Id="2001")[1]["WorkflowDefinition"]["WorkflowId"]
    assert deploy(d, "1003")["Status"] == "Success"


def test_ids_and_paths_can_be_left_out(desk: Desk) -> None:
    nodes = [{"name": "a"}, {"name": "b", "after": ["a"]}]
    d = desk(
        workspace={"nodes": nodes, "workflows": [{"name": "w", "path": "x/w", "nodes": [{"name": "c"}]}]}
    )
    found = rows(d, "ListNodes", "Nodes")
    assert [len(row["Id"]) for row in found] == [19] * 3
    assert [row["Script"]["Path"] for row in found] == ["a", "b", "x/w/c"]
    assert found[1]["Inputs"]["NodeOutputs"] == [{"Data": found[0]["Id"]}]
    assert found[0]["Inputs"]["NodeOutputs"] == [{"Data": "workspace_root"}]
    assert found[2]["Inputs"]["NodeOutputs"] == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"nodse": []}, "the workspace: unknown key 'nodse'"),
        ({"nodes": {}}, "the workspace: nodes is no list"),
        ({"nodes": [[]]}, r"nodes\[0\]: it is no JSON object"),
        ({"nodes": [{"id": "1"}]}, r"nodes\[0\]: it has no name"),
        ({"nodes": [{"name": "a", "id": "订"}]}, r"nodes\[0\]: '订' is no ID"),
        ({"nodes": [{"name": "a", "id": "1"}, {"name": "b", "id": "1"}]}, r"nodes\[1\]: '1' is .* of two objects"),
        ({"nodes": [{"name": "a", "after": ["b"]}]}, r"nodes\[0\]: after 'b': no such node"),
        ({"nodes": [{"name": "a", "after": [{"outptu": "x"}]}]}, r"nodes\[0\].after: unknown key 'outptu'"),
        ({"nodes": [{"name": "a"}, {"name": "a"}, {"name": "b", "after": ["a"]}]}, "the name of 2 objects"),
        ({"nodes": [{"name": "a", "uses": ["x"]}]}, r"nodes\[0\]: uses 'x': no such resource"),
        ({"nodes": [{"name": "a", "outputs": [1]}]}, r"nodes\[0\]: outputs is no list of texts"),
        ({"workflows": [{"name": "w", "nodes": [{"nmae": "a"}]}]}, r"workflows\[0\].nodes\[0\]: unknown key"),
        ({"workflows": [{"name": "w", "type": "Cycle"}]}, r"workflows\[0\]: type is 'Cycle'"),
        ({"edits": [{"before": "GetNode"}]}, r"edits\[0\]: before is no ACTION:N"),
        ({"edits": [{"before": "GetNode:1", "object": "x"}]}, r"edits\[0\]: object 'x' is 0 objects"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_named(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Emulator(Settings(workspace=given))


def test_a_workspace_file_is_read(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "warehouse.json"
    file.write_text(json.dumps(WAREHOUSE, ensure_ascii=False), "utf-8")
    assert ids(desk(workspace=str(file))) == ALL
    file.write_text("{nodes: []}", "utf-8")
    with pytest.raises(ValueError, match=r"warehouse\.json: no JSON"):
        desk(workspace=str(file))


def test_the_example_is_a_workspace_for_a_rehearsal(desk: Desk) -> None:
    d = desk(workspace=str(Path(__file__).parents[2] / "examples" / "workspace.json"))

    def deployed(name: str) -> str:
        listed = {"ListNodes": "Nodes", "ListWorkflowDefinitions": "WorkflowDefinitions"}
        listed |= {"ListResources": "Resources", "ListFunctions": "Functions"}
        found = [
            row
            for action, what in listed.items()
            for row in rows(d, action, what, ProjectId="12345", Name=name)
            if row["Name"] == name
        ]
        return str(deploy(d, found[0]["Id"], ProjectId="12345")["Message"])

    assert deployed("ads_orders") == (
        "上游节点未发布: dwd_orders (7567482277219412402), etl_users (7600000000000000002)"
    )
    for name in ("rates.jar", "to_cny", "dwd_orders", "users", "ads_orders"):
        assert deployed(name) == ""


def test_flags_and_a_file_cannot_both_define_the_objects() -> None:
    with pytest.raises(ValueError, match="workspace says what there is"):
        Settings(workspace="w.json", known_objects=("1",))
