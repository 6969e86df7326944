"""Rules for every workflow file: those that run here, those that people copy, and those that tests run."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDERS = [".github/workflows", "examples", "tests/runner/workflows"]
PAGES = ["README*.md", "docs/*.md"]
BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
USES = re.compile(r"^ *(?:- )?uses: (?P<action>\S+?)@(?P<ref>\S+)(?P<comment>.*)$", re.MULTILINE)
# A release writes its pinned form.
OURS = "OWNER/dataworks-deploy"


def workflows() -> Iterator[Any]:
    """The text of every workflow file, including those within pages."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).glob("*.yml")):
            yield pytest.param(path.read_text("utf-8"), id=f"{folder}/{path.name}")
    for page in (path for pattern in PAGES for path in sorted(ROOT.glob(pattern))):
        for number, block in enumerate(BLOCK.findall(page.read_text("utf-8")), 1):
            if "\njobs:" in f"\n{block}":
                yield pytest.param(block, id=f"{page.name}:{number}")


ALL = [*workflows()]
each = pytest.mark.parametrize("text", ALL)


def load(text: str) -> Any:
    """Read a workflow file, with every scalar as the text in the file, so that `on` is not a truth value."""
    return yaml.load(text, Loader=yaml.BaseLoader)


def jobs(text: str) -> list[dict[str, Any]]:
    """Return the jobs of a workflow file."""
    return [*load(text)["jobs"].values()]


def steps(text: str) -> list[dict[str, Any]]:
    """Return the steps of all jobs."""
    return [step for job in jobs(text) for step in job["steps"]]


def pins(text: str) -> list[re.Match[str]]:
    """Return the actions that a workflow file uses, except for this one."""
    return [found for found in USES.finditer(text) if found["action"] != OURS]


def test_every_folder_has_workflow_files() -> None:
    names = [parameter.id for parameter in ALL]

    for folder in FOLDERS:
        assert any(name.startswith(f"{folder}/") for name in names), folder


@each
def test_a_workflow_file_has_only_the_permissions_that_its_jobs_ask_for(text: str) -> None:
    assert load(text)["permissions"] == {}
    for job in jobs(text):
        assert isinstance(job.get("permissions", {}), dict), "no `read-all`, no `write-all`"


@each
def test_other_actions_are_pinned_to_a_commit_and_a_comment_names_their_version(text: str) -> None:
    for found in pins(text):
        assert re.fullmatch(r"[0-9a-f]{40}", found["ref"]), found[0]
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", found["comment"]), found[0]


def test_an_action_has_one_version_everywhere() -> None:
    found = {
        (pin["action"], pin["ref"], pin["comment"]) for parameter in ALL for pin in pins(parameter.values[0])
    }

    assert len(found) == len({action for action, _, _ in found}), sorted(found)


@each
def test_no_text_from_outside_gets_into_a_script(text: str) -> None:
    for step in steps(text):
        assert "${{" not in step.get("run", ""), "expressions go through env, never into a script"


@each
def test_no_event_from_outside_starts_a_workflow_file_that_has_secrets(text: str) -> None:
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & {*load(text)["on"]}


@each
def test_a_checkout_does_not_store_its_token(text: str) -> None:
    for step in steps(text):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] == "false"


@each
def test_every_job_has_a_time_limit(text: str) -> None:
    assert all(int(job["timeout-minutes"]) <= 330 for job in jobs(text))


def test_ci_on_github_runs_the_same_commands_as_the_script_of_ci() -> None:
    targets = re.compile(r"\bmake ([a-z0-9-]+)$", re.MULTILINE)
    anywhere = {*targets.findall((ROOT / ".ci/run").read_text("utf-8"))}

    assert len(anywhere) >= 8
    # Only GitHub measures what the tests cover. Every command sets up what it needs.
    on_github = {*targets.findall((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))}
    assert on_github == anywhere - {"setup"} | {"coverage"}


@pytest.mark.parametrize("path", ["Makefile", ".ci/run", ".github/workflows/*.yml"])
def test_every_test_that_a_command_names_exists(path: str) -> None:
    text = "\n".join(each.read_text("utf-8") for each in ROOT.glob(path))
    named = {*re.findall(r"\btests/[\w/]+\.py", text)}

    assert [each for each in sorted(named) if not (ROOT / each).exists()] == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / ".github/workflows").glob("*.yml")), ids=lambda path: path.name
)
def test_workflow_runs_of_one_file_do_not_run_at_the_same_time(path: Path) -> None:
    assert load(path.read_text("utf-8"))["concurrency"]["group"]
