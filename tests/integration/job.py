"""The job that the step runs in: its variables, its inputs, its key."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from dataworks_emulator import Credential

ROOT = Path(__file__).parents[2]
KEY = Credential("LTAI-test-key-id", "Secret/of+the=test%key&1", "CAIS+token/of=the%test&2==")
SECRETS = (KEY.secret, KEY.token)
PROJECT = "10001"
OBJECT = "7567482277219412494"
OBJECTS = (OBJECT, "7567482277219412495", "7567482277219412496")

JOB = {
    "GITHUB_ACTION": "__self",
    "GITHUB_ACTIONS": "true",
    "GITHUB_JOB": "deploy",
    "GITHUB_REPOSITORY": "octo-org/data-platform",
    "GITHUB_REPOSITORY_ID": "748291056",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_RUN_ID": "16245980123",
    "GITHUB_SERVER_URL": "https://github.invalid",
    "GITHUB_SHA": "9f2c1d4be0a7c3586d21e4f0b9a8c7d6e5f40312",
    "GITHUB_WORKFLOW_REF": "octo-org/data-platform/.github/workflows/deploy.yml@refs/heads/main",
}
# By default a test has only the calls of deployments, and objects come one by one.
PLAIN = {"preflight": "false", "max-parallel": "1"}


@cache
def action() -> dict[str, Any]:
    """Return the content of action.yml, with every scalar as the text in the file."""
    loaded: dict[str, Any] = yaml.load((ROOT / "action.yml").read_text("utf-8"), Loader=yaml.BaseLoader)
    return loaded


def input_variables(given: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of all declared inputs: the given value, or that of PLAIN, or the default, or empty."""
    declared = {name: details.get("default", "") for name, details in action()["inputs"].items()}
    return {f"INPUT_{name.upper()}": value for name, value in {**declared, **PLAIN, **given}.items()}
