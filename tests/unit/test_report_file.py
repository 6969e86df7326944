"""The report goes into an ordinary file of the workspace, completely, and nowhere else, wherever links lead."""

import errno
import os
from pathlib import Path

import pytest

from dataworks_deploy.domain.problem import NoTarget, NotOneOf, Slip, TargetFault
from dataworks_deploy.hosts import Surface
from dataworks_deploy.hosts.github import Variables
from dataworks_deploy.hosts.github.commands import Runner
from dataworks_deploy.hosts.inputs import Inputs, Invalid, parse

from .test_inputs import environment, problem, read


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with a folder and a file, and a file outside it."""
    (tmp_path / "other.md").write_text("other", "utf-8")
    folder = tmp_path / "work"
    (folder / "reports").mkdir(parents=True)
    (folder / "list.txt").write_text("a\n", "utf-8")
    return folder


def fault(workspace: Path | str, path: str) -> TargetFault | None:
    return Variables({"GITHUB_WORKSPACE": str(workspace)}).target_fault(path)


def runner(workspace: Path, path: str) -> Runner:
    """A runner that wants the report in this file."""
    made = Runner({"GITHUB_WORKSPACE": str(workspace)})
    made.report_to(path)
    return made


@pytest.mark.parametrize("path", ["preview.md", "./preview.md", "reports/preview.md", "list.txt", "业务.md"])
def test_a_report_replaces_the_content_of_its_file(workspace: Path, path: str) -> None:
    assert fault(workspace, path) is None
    made = runner(workspace, path)
    assert Surface.REPORT in made.surfaces
    for text in ("a first report, which is long\n", "a second one\n"):
        made.write(Surface.REPORT, text)

        assert (workspace / path).read_text("utf-8") == text
    assert (workspace / path).stat().st_mode & 0o777 == 0o644
    assert not [*workspace.glob("**/.dwd-*")], "what it was written to first is gone"


def test_an_absolute_path_in_the_workspace_is_allowed(workspace: Path) -> None:
    assert fault(workspace, f"{workspace}/preview.md") is None


def test_without_a_file_there_is_no_report(workspace: Path) -> None:
    made = Runner({"GITHUB_WORKSPACE": str(workspace)})
    made.write(Surface.REPORT, "x")

    assert Surface.REPORT not in made.surfaces


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../other.md", TargetFault.OUTSIDE),
        ("reports/../preview.md", TargetFault.OUTSIDE),
        ("/etc/preview.md", TargetFault.OUTSIDE),
        ("link", TargetFault.LINKED_OUT),
        ("dangling", TargetFault.LINKED_OUT),
        ("above/preview.md", TargetFault.LINKED_OUT),
        (".", TargetFault.FOLDER),
        ("reports/", TargetFault.FOLDER),
        ("pipe", TargetFault.NO_PLAIN_FILE),
        ("gone/preview.md", TargetFault.NO_FOLDER),
        ("x" * 300 + "/preview.md", TargetFault.NO_FOLDER),
        ("list.txt/preview.md", TargetFault.NO_FOLDER),
        ("within", TargetFault.NO_FOLDER),
        ("loop", TargetFault.UNWRITABLE),
        ("x" * 300, TargetFault.UNWRITABLE),
        ("a\0b", TargetFault.UNWRITABLE),
        ("\ud83d", TargetFault.UNWRITABLE),
    ],
)
def test_an_unwritable_file_is_reported_before_anything_is_done(
    workspace: Path, path: str, why: TargetFault
) -> None:
    (workspace / "link").symlink_to("../other.md")
    (workspace / "dangling").symlink_to("../nothing.md")
    (workspace / "above").symlink_to("..")
    (workspace / "loop").symlink_to("loop")
    (workspace / "within").symlink_to("gone/preview.md")
    os.mkfifo(workspace / "pipe")

    assert fault(workspace, path) is why
    given = {"GITHUB_WORKSPACE": str(workspace)}
    if "\0" not in path:
        found = problem(ambient=given, summary_file=path)
        assert isinstance(found, NoTarget)
        assert found.why is why


def test_without_a_workspace_there_is_no_file() -> None:
    assert Variables({}).target_fault("preview.md") is TargetFault.NO_WORKSPACE


@pytest.mark.parametrize(
    ("closed", "known"),
    [({"work"}, None), ({"list.txt"}, None), ({"work", "list.txt"}, TargetFault.UNWRITABLE)],
)
def test_a_file_is_replaced_or_overwritten_if_either_is_allowed(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, closed: set[str], known: TargetFault | None
) -> None:
    """Tests run as root, and permissions do not stop root. So the error of a read-only file system replaces them."""
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name not in closed)

    assert fault(workspace, "list.txt") is known


@pytest.mark.parametrize("moved", ["preview.md", "reports"])
def test_a_link_created_later_is_not_followed(workspace: Path, moved: str) -> None:
    path = "preview.md" if moved == "preview.md" else "reports/other.md"
    made = runner(workspace, path)
    made.write(Surface.REPORT, "before")
    (workspace / moved).rename(workspace / "moved")
    (workspace / moved).symlink_to("../other.md" if moved == "preview.md" else "..")

    with pytest.raises(OSError, match=os.strerror(errno.EPERM)) as failure:
        made.write(Surface.REPORT, "after")

    assert failure.value.filename == str(workspace / path)
    assert (workspace.parent / "other.md").read_text("utf-8") == "other"


class TestTheInput:
    def test_a_report_is_written_even_if_other_inputs_are_wrong(self, workspace: Path) -> None:
        given = {"GITHUB_WORKSPACE": str(workspace)}
        assert read(ambient=given, summary_file=" preview.md ").summary_file == "preview.md"

        invalid = parse(Variables(environment(ambient=given, summary_file="preview.md", type="Sideways")))

        assert isinstance(invalid, Invalid)
        assert invalid.summary_file == "preview.md"

    @pytest.mark.parametrize("path", ["list.txt", "./list.txt", "reports/../list.txt"])
    def test_the_file_of_the_objects_is_not_replaced(self, workspace: Path, path: str) -> None:
        given = {"GITHUB_WORKSPACE": str(workspace)}
        found = problem("object-ids", ambient=given, objects_file="list.txt", summary_file=path)

        assert isinstance(found, NoTarget)
        assert found.why is (TargetFault.OUTSIDE if ".." in path else TargetFault.IS_READ)

    def test_a_wrong_file_is_reported_with_all_other_faults(self, workspace: Path) -> None:
        given = {"GITHUB_WORKSPACE": str(workspace)}
        wrong = environment("project-id", ambient=given, summary_file="../x", type="Sideways")

        invalid = parse(Variables(wrong))

        assert isinstance(invalid, Invalid)
        assert [type(each) for each in invalid.problems] == [NotOneOf, Slip, NoTarget]
        assert invalid.summary_file == ""

    def test_the_post_step_opens_no_file(self, workspace: Path) -> None:
        given = {"GITHUB_WORKSPACE": str(workspace / "gone")}
        later = environment("object-ids", ambient=given, objects_file="list.txt", summary_file="preview.md")

        assert isinstance(parse(Variables(later)), Invalid)
        assert isinstance(parse(Variables(later), files=False), Inputs)
