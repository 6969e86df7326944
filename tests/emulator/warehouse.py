"""A workspace for tests, and short functions for the requests to it."""

import json
from collections.abc import Callable
from typing import Any

Desk = Callable[..., Any]

WAREHOUSE: dict[str, Any] = {
    "id": "42",
    "name": "warehouse",
    "nodes": [
        {"id": "1001", "name": "ods_orders", "path": "订单/ods_orders", "script": "SELECT 1;", "production": True},
        {"id": "1002", "name": "dwd_orders", "path": "订单/dwd_orders", "after": ["ods_orders"],
         "uses": ["tools.jar", "to_cny"]},
        {"id": "1003", "name": "ads_orders", "path": "报表/ads_orders", "after": ["1002", "other.dim_date"],
         "outputs": ["warehouse.ads_orders"], "cron": "00 30 01 * * ?"},
        {"id": "1004", "name": "Dwd_Users",
         "after": ["etl_last", {"output": "1004", "type": "CrossCycleDependsOnSelf"}]},
    ],
    "workflows": [
        {"id": "2001", "name": "etl", "nodes": [
            {"id": "2002", "name": "etl_first", "after": ["dwd_orders"]},
            {"id": "2003", "name": "etl_last", "after": ["etl_first"]},
        ]},
        {"id": "2010", "name": "repair", "type": "ManualWorkflow", "nodes": [{"id": "2011", "name": "repair_all"}]},
    ],
    "resources": [{"id": "3001", "name": "tools.jar", "path": "资源/tools.jar"}],
    "functions": [{"id": "4001", "name": "to_cny", "uses": ["tools.jar"]}],
}  # fmt: skip
ALL = ["1001", "1002", "1003", "1004", "2002", "2003", "2011"]


def rows(d: Any, action: str, name: str, **params: str) -> list[dict[str, Any]]:
    """The rows of one page."""
    status, body = d.ask(action, **params)
    assert status == 200, body
    found: list[dict[str, Any]] = body["PagingInfo"][name]
    return found


def ids(d: Any, **params: str) -> list[str]:
    """The IDs that ListNodes shows."""
    return [row["Id"] for row in rows(d, "ListNodes", "Nodes", **params)]


def spec(d: Any, object_id: str, action: str = "GetNode", what: str = "Node", **params: str) -> Any:
    """The FlowSpec that the service shows for an object."""
    return json.loads(d.ask(action, Id=object_id, **params)[1][what]["Spec"])["spec"]


def deploy(d: Any, object_id: str, run_type: str = "Online", **where: str) -> dict[str, Any]:
    """Deploy an object as far as possible, and return the run."""
    run = d.create(object_id, Type=run_type, **where)
    for code in ("OfflineCheck", "PROD_CHECK", "PROD"):
        d.clock.forward(10)
        d.ask("ExecPipelineRunStage", Id=run, Code=code, **where)
    d.clock.forward(10)
    shown: dict[str, Any] = d.ask("GetPipelineRun", Id=run, **where)[1]["Pipeline"]
    return shown
