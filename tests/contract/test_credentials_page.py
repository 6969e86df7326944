"""The policies of docs/credentials.md allow what the action calls, and nothing careless."""

import json
import re
from pathlib import Path
from typing import Any

from alibabacloud_dataworks_public20240518.client import Client
from alibabacloud_tea_openapi.utils_models import Config

from dataworks_deploy.hosts.inputs import DEFAULTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/credentials.md").read_text("utf-8")
POLICY, READING, TRUST = (
    json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
)


def test_the_policy_allows_what_the_action_calls_and_nothing_else() -> None:
    code = (ROOT / "src/dataworks_deploy/dataworks/service.py").read_text("utf-8")
    called = set(re.findall(r"models\.(\w+)Request\(", code))
    hyphened = {re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower() for name in called}
    (statement,) = POLICY["Statement"]

    assert len(called) == 13
    assert set(statement["Action"]) == {f"dataworks:{name}" for name in called | hyphened}
    assert statement["Effect"] == "Allow"


def test_the_role_of_previews_may_do_the_same_except_for_calls_that_change_something() -> None:
    (all_of_it,), (reading,) = (each["Statement"] for each in (POLICY, READING))
    changes = {name for name in all_of_it["Action"] if not re.match(r"dataworks:(Get|List|get-|list-)", name)}

    assert set(reading["Action"]) == {*all_of_it["Action"]} - changes
    assert len(changes) == 6
    assert reading["Effect"] == "Allow"


def test_the_trust_policy_names_one_job_and_no_wildcard() -> None:
    (statement,) = TRUST["Statement"]
    conditions: dict[str, Any] = statement["Condition"]["StringEquals"]

    assert not re.search(r"[*?]", json.dumps(TRUST))
    assert [*statement["Condition"]] == ["StringEquals"]
    assert conditions["oidc:iss"] == ["https://token.actions.githubusercontent.com"]
    assert conditions["oidc:aud"] == [DEFAULTS["oidc-audience"]]
    (subject,) = conditions["oidc:sub"]
    assert re.fullmatch(r"repo:[\w-]+@\d+/[\w-]+@\d+:environment:\w+", subject)


def test_the_page_says_which_variables_are_read() -> None:
    for name in ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN"):
        assert f"ALIBABA_CLOUD_{name}" in PAGE
    for name in ("SSL_CERT_FILE", "HTTPS_PROXY", "NO_PROXY"):
        assert f"`{name}`" in PAGE


def test_the_page_names_the_hosts_of_the_regions() -> None:
    listed = re.findall(r"^\| (.*`.*) \| `(\S+aliyuncs\.com)` \|$", PAGE, re.MULTILINE)
    regions = {region: host for cell, host in listed for region in re.findall(r"`([a-z0-9-]+)`", cell)}
    client: Any = Client(Config(region_id="cn-shanghai"))

    assert len(regions) == 7
    for region, host in regions.items():
        led: Any = Client(Config(region_id=region))
        assert led._endpoint == host.replace("REGION", region)
    assert {host.replace(region, "REGION") for region, host in client._endpoint_map.items()} == {
        host for _, host in listed[:2]
    }
