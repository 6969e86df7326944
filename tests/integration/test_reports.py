"""`summary-file`: the report in a file of the working directory, for a comment."""

import html
import os
import re
from pathlib import Path
from typing import Any

import pytest

from dataworks_deploy import main

from .conftest import SiteMaker
from .job import KEY, SECRETS
from .step import Site
from .test_selecting import ADS, DWD, EXAMPLE, a_node, ask, assert_invalid, nth, of

MOST_BYTES = 60_000


def report(site: Site, name: str = "preview.md") -> str:
    """The report in the working directory."""
    return (site.folder / name).read_text("utf-8")


@pytest.fixture
def site(site_with: SiteMaker) -> Site:
    """The example's workspace."""
    return site_with(workspace=EXAMPLE)


@pytest.mark.parametrize("dry_run", ["true", "false"])
def test_the_report_equals_the_summary(site: Site, dry_run: str) -> None:
    (site.folder / "preview.md").write_text("of another day", "utf-8")

    ended = ask(site, [DWD], "dwd_orders", dry_run=dry_run, summary_file="preview.md")

    assert report(site) == ended.summary
    assert ended.status == 0


def test_a_process_writes_the_same_report(site: Site) -> None:
    inputs = {"preflight": "true", "objects": "dwd_orders", "dry_run": "true", "summary_file": "preview.md"}

    ended = site.start(DWD, **inputs).wait()

    assert (ended.status, ended.outcome, site.posts) == (0, "planned", [])
    assert report(site) == ended.summary
    assert (
        f"the plan: 1 to deploy\nDataWorks Deploy: level 1: deploy 业务流程/订单/dwd_orders ({DWD})"
        in ended.stdout
    )


def test_a_failed_step_has_a_report_too(site_with: SiteMaker) -> None:
    site = site_with("ListPipelineRuns:1:error:NoPermission", workspace=EXAMPLE)

    ended = ask(site, [DWD], "dwd_orders", dry_run="true", summary_file="preview.md")

    assert ended.status == 1
    assert "Not all of this could be done" in report(site)


@pytest.mark.parametrize("inputs", [{"region": "?"}, {"lines": "no_such"}])
def test_a_step_with_wrong_inputs_has_a_report_too(site: Site, inputs: dict[str, str]) -> None:
    given = {"lines": "dwd_orders", "endpoint": "", "region": "cn-shanghai"} if "region" in inputs else {}

    ended = ask(site, **{**given, **inputs}, summary_file="preview.md")  # type: ignore[arg-type]

    assert (ended.status, ended.outcome) == (2, "invalid")
    assert "DataWorks Deploy: invalid" in report(site)
    assert report(site) == ended.summary


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("../preview.md", "lies outside the working directory"),
        ("folder", "is a folder"),
        ("link", "is a link that leads out"),
        ("gone/preview.md", "its folder is not there"),
    ],
)
def test_a_summary_file_that_cannot_be_written_is_refused_before_any_call(
    site: Site, path: str, word: str
) -> None:
    (site.folder / "folder").mkdir()
    (site.folder / "link").symlink_to(site.folder.parent / "elsewhere")

    ended = ask(site, lines="dwd_orders", summary_file=path)

    assert_invalid(site, ended, word)
    assert site.truth.of("received") == []
    assert not (site.folder.parent / "preview.md").exists()
    assert not (site.folder.parent / "elsewhere").exists()


def test_a_summary_file_that_can_no_longer_be_written_is_a_warning(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full only for this file."""
    swap = os.replace

    def replace(source: str, target: str) -> None:
        if Path(target).name == "preview.md":
            raise OSError(28, os.strerror(28))
        swap(source, target)

    monkeypatch.setattr(os, "replace", replace)

    ended = ask(site, [DWD], "dwd_orders", summary_file="preview.md")

    assert (ended.status, ended.outcome) == (0, "created")
    assert [text for text in ended.warnings if "preview.md" in text]


def test_no_secret_is_in_the_report(site_with: SiteMaker) -> None:
    named = a_node(f"dwd {KEY.secret}")
    site = site_with(workspace=of(named))

    ended = ask(site, nth(1), "**", dry_run="true", summary_file="preview.md")

    assert ended.outcome == "planned"
    shown = html.unescape(report(site))
    assert "dwd ***" in shown
    assert not [each for each in SECRETS if each in shown]


@pytest.mark.parametrize(("dry_run", "count"), [("true", 200), ("false", 100)])
def test_the_report_is_cut_after_a_whole_row_and_says_how_many_rows_are_left_out(
    site_with: SiteMaker, dry_run: str, count: int
) -> None:
    names = [f"dwd_订单_{number:03d}_{'很长' * 60}" for number in range(count)]
    site = site_with(workspace=of(*(a_node(name) for name in names)))

    ended = ask(
        site,
        nth(*range(1, count + 1)),
        "**",
        max_objects=str(count),
        dry_run=dry_run,
        summary_file="preview.md",
    )

    text = report(site)
    assert ended.status == 0
    assert len(text.encode()) <= MOST_BYTES < len(ended.summary.encode())
    rows = [line for line in text.split("\n") if line.startswith("| ") and "---" not in line]
    columns = {row.count("|") for row in rows}
    assert len(columns) == 1
    (left,) = map(int, re.findall(r"^… and (\d+) more", text, re.MULTILINE))
    heads = sum(row.startswith("| object ") for row in rows)
    assert len(rows) - heads + left == count


def test_a_killed_step_leaves_a_report(site: Site) -> None:
    given: dict[str, Any] = {"preflight": "true", "summary_file": "preview.md", "wait": "true"}
    environment, outputs = site.environment([ADS], 1, given)
    environment["GITHUB_WORKSPACE"] = str(site.folder)
    seen = list[str]()
    with site.clock.meanwhile(lambda: seen.append(report(site)), site.truth.runs):
        site.carry_out(main.run, environment, outputs)

    assert "cut off" in seen[0]
