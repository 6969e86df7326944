"""The policies of docs/credentials.md against what the action calls, and against being careless."""

import json
import re
from pathlib import Path
from typing import Any

from dataworks_deploy.inputs import DEFAULTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/credentials.md").read_text("utf-8")
POLICY, TRUST = (
    json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
)


def test_the_policy_allows_what_the_action_calls_and_nothing_else() -> None:
    code = (ROOT / "src/dataworks_deploy/adapters/dataworks.py").read_text("utf-8")
    called = set(re.findall(r"models\.(\w+)Request\(", code))
    hyphened = {re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower() for name in called}
    (statement,) = POLICY["Statement"]

    assert len(called) == 6
    assert set(statement["Action"]) == {f"dataworks:{name}" for name in called | hyphened}
    assert statement["Effect"] == "Allow"


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
