"""Every workflow file that people copy, from the README, the docs and the examples, fits the action."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def workflows() -> Iterator[Any]:
    """Every example, and every block of YAML in a page that has jobs."""
    for path in sorted((ROOT / "examples").glob("*.yml")):
        yield pytest.param(path.read_text("utf-8"), id=path.name)
    for page in [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").glob("*.md"))]:
        for number, block in enumerate(BLOCK.findall(page.read_text("utf-8")), 1):
            if "\njobs:" in f"\n{block}":
                yield pytest.param(block, id=f"{page.name}:{number}")


def load(text: str) -> Any:
    return yaml.load(text, Loader=yaml.BaseLoader)


def steps(text: str) -> Iterator[dict[str, Any]]:
    for job in load(text)["jobs"].values():
        yield from job["steps"]


def ours(text: str) -> list[dict[str, Any]]:
    """Return the steps that use this action."""
    return [step for step in steps(text) if "dataworks-deploy" in step.get("uses", "")]


def test_all_workflow_files_use_the_same_release() -> None:
    """A release writes its version into them. test_workflows.py checks that it is pinned, or not released yet."""
    assert len({step["uses"] for workflow in workflows() for step in ours(workflow.values[0])}) == 1


@pytest.mark.parametrize("text", [*workflows()])
def test_a_workflow_file_uses_the_action_and_only_declared_inputs(text: str) -> None:
    declared = load((ROOT / "action.yml").read_text("utf-8"))["inputs"].keys()

    assert ours(text)
    for step in ours(text):
        assert step["with"].keys() <= declared
        assert {"project-id"} <= step["with"].keys()


@pytest.mark.parametrize("text", [*workflows()])
def test_a_deployment_is_not_cut_off(text: str) -> None:
    workflow = load(text)

    assert workflow["concurrency"]["cancel-in-progress"] == "false"
    for job in workflow["jobs"].values():
        assert int(job["timeout-minutes"]) > 30, "the action's own deadline comes first"


def test_a_concurrency_group_has_a_comment_on_what_waits_and_what_is_cancelled() -> None:
    """For `queue: max`, see GitHub's changelog of 7 May 2026."""
    blocks = {
        text.partition("\nconcurrency:")[2].partition("\n\n")[0]
        for parameter in workflows()
        if "group: dataworks-production\n" in (text := str(parameter.values[0]))
    }

    assert blocks
    for said in blocks:
        assert re.search(r"# .*GitHub .*(the newest|最新).* `queue: max` ", said), said


def test_github_accepts_the_workflow_files_of_the_pages(tmp_path: Path) -> None:
    """`make check` looks at the examples, which are files."""
    files = []
    for each in workflows():
        if ".md:" in str(each.id):
            files.append(tmp_path / f"{each.id}.yml".replace(":", "-"))
            files[-1].write_text(str(each.values[0]), "utf-8")

    checked = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema"),
            *("--builtin-schema", "vendor.github-workflows", *map(str, files)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert {"README.md-1.yml", "README.zh-CN.md-1.yml"} <= {file.name for file in files}
    assert checked.returncode == 0, checked.stdout


# The first deploys to an emulator in the job itself, the second only continues runs, the third deploys nothing. The
# last only shows how to use a role.
NOT_BY_HAND = {
    "rehearse.yml": set(),
    "resume.yml": {"run-ids"},
    "preview.yml": set(),
    "credentials.md:1": set(),
}
BY_HAND = {"objects", "object-ids", "run-ids"}


def form_of(text: str) -> dict[str, Any]:
    """The form for a person who starts the workflow file by hand."""
    by_hand = load(text)["on"].get("workflow_dispatch")
    return dict(by_hand["inputs"]) if by_hand else {}


@pytest.mark.parametrize(("which", "text"), [(each.id, *each.values) for each in workflows()])
def test_every_workflow_file_can_be_started_by_hand_with_names_ids_or_runs(which: str, text: str) -> None:
    """After a failure the advice is to start a new workflow run, or to continue runs. So both must be easy."""
    form = form_of(text)

    asked = NOT_BY_HAND.get(which, BY_HAND)
    assert form.keys() & BY_HAND == asked
    for name in asked:
        assert form[name]["type"] == "string"
        assert form[name].get("required", "false") == str(asked != BY_HAND).lower()
        assert any(f"inputs.{name}" in step["with"].get(name, "") for step in ours(text))


@pytest.mark.parametrize("text", [*workflows()])
def test_a_workflow_run_with_names_from_the_form_deploys_nothing_else(text: str) -> None:
    """The objects of the file are then left out: names cannot be given with run IDs, and object IDs would add more."""
    form = form_of(text)

    for step in ours(text) if form else ():
        for name in ("objects", "objects-file"):
            said = step["with"].get(name, "")
            if said not in {"", "${{ inputs.objects }}"}:
                assert form.keys() >= BY_HAND
                assert all(f"inputs.{each}" in said for each in BY_HAND), said


@pytest.mark.parametrize("text", [*workflows()])
def test_no_script_contains_an_expression(text: str) -> None:
    """A text that somebody writes into a form must never become a command."""
    assert not any("${{" in step.get("run", "") for step in steps(text))


@pytest.mark.parametrize("text", [*workflows()])
def test_ids_are_written_as_text(text: str) -> None:
    """YAML reads a plain number of this length as a float."""
    assert not re.search(r"^ *(object-ids|run-ids|project-id): *\d", text, re.MULTILINE)


def test_every_make_command_of_the_readme_is_a_target() -> None:
    targets = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    pages = "\n".join((ROOT / page).read_text("utf-8") for page in ("README.md", "CONTRIBUTING.md"))

    assert set(re.findall(r"(?:`|^|&& )make ([a-z0-9]+)", pages, re.MULTILINE)) <= targets


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes from the headings of the page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_within_the_project_has_a_target() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for link, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", page.read_text("utf-8")):
            target = page.parent / link if link else page
            assert target.exists(), f"{page.name}: {link}"
            assert not anchor or anchor in anchors(target), f"{page.name}: {link}#{anchor}"
