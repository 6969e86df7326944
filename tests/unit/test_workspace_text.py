"""A file in the workspace is read completely or not at all, and nothing else is opened instead."""

import os
import socket
from pathlib import Path

import pytest

from dataworks_deploy.domain.problem import FileFault
from dataworks_deploy.hosts.github import Variables

MOST = 1000


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with a file that may be read, and a file outside it."""
    (tmp_path / "secret").write_text("secret", "utf-8")
    (tmp_path / "work-other").mkdir()
    (tmp_path / "work-other/secret").write_text("secret", "utf-8")
    folder = tmp_path / "work"
    (folder / "deploy").mkdir(parents=True)
    (folder / "deploy/list").write_text("a\n业务流程/b\n", "utf-8")
    return folder


def read(workspace: Path | str, path: str) -> str | FileFault:
    return Variables({"GITHUB_WORKSPACE": str(workspace)}).text_of(path, MOST)


@pytest.mark.parametrize(
    "path", ["deploy/list", "./deploy/list", "deploy//list", "deploy/../deploy/list", "../work/deploy/list"]
)
def test_a_file_is_read_by_its_path_in_the_workspace(workspace: Path, path: str) -> None:
    assert read(workspace, path) == "a\n业务流程/b\n"
    assert read(f"{workspace}/", path) == "a\n业务流程/b\n"


def test_an_absolute_path_in_the_workspace_is_allowed(workspace: Path) -> None:
    assert read(workspace, f"{workspace}/deploy/list") == "a\n业务流程/b\n"


def test_links_within_the_workspace_are_followed(workspace: Path, tmp_path: Path) -> None:
    (workspace / "link").symlink_to("deploy/list")
    (workspace / "folder").symlink_to(workspace / "deploy")
    (tmp_path / "elsewhere").symlink_to(workspace)

    assert read(workspace, "link") == read(workspace, "folder/list") == "a\n业务流程/b\n"
    assert read(tmp_path / "elsewhere", "deploy/list") == "a\n业务流程/b\n"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", ""),
        (b"\xef\xbb\xbfa", "a"),
        (b"a\r\nb", "a\r\nb"),
        (b"x" * MOST, "x" * MOST),
        (b"x" * (MOST + 1), FileFault.TOO_LARGE),
        ("业务".encode("gbk"), FileFault.NOT_UTF8),
        ("a".encode("utf-16"), FileFault.NOT_UTF8),
        (b"a\xed\xa0\x80", FileFault.NOT_UTF8),
    ],
)
def test_a_file_has_a_limited_size(workspace: Path, content: bytes, found: str | FileFault) -> None:
    (workspace / "file").write_bytes(content)

    assert read(workspace, "file") == found


def test_without_a_workspace_there_is_no_file(workspace: Path) -> None:
    assert Variables({}).text_of("deploy/list", MOST) is FileFault.NO_WORKSPACE
    assert read("", "deploy/list") is FileFault.NO_WORKSPACE
    assert read(workspace / "gone", "deploy/list") is FileFault.MISSING


@pytest.mark.parametrize(
    "path", ["list", "Deploy/list", "deploy/list/x", "x" * 300, "a\0b", "\ud83d", "caf\udce9", "dangling"]
)
def test_a_missing_file_is_reported(workspace: Path, path: str) -> None:
    (workspace / "dangling").symlink_to("nowhere")

    assert read(workspace, path) is FileFault.MISSING


@pytest.mark.parametrize(
    "path", ["../secret", "deploy/../../secret", "..", "/", "/etc/hostname", "../work-other/secret", "/gone"]
)
def test_nothing_outside_the_workspace_is_read(workspace: Path, path: str) -> None:
    assert read(workspace, path) is FileFault.OUTSIDE


@pytest.mark.parametrize(
    "target", ["../secret", "/etc/hostname", "../gone", "../work-other/secret", "/dev/zero"]
)
def test_no_link_leads_out_of_the_workspace(workspace: Path, target: str) -> None:
    (workspace / "link").symlink_to(target)
    (workspace / "above").symlink_to("..")
    (workspace / "chain").symlink_to("link")

    assert read(workspace, "link") is read(workspace, "chain") is FileFault.LINKED_OUT
    assert read(workspace, "above/secret") is FileFault.LINKED_OUT


@pytest.mark.parametrize("path", [".", "deploy", "deploy/"])
def test_a_folder_is_no_file(workspace: Path, path: str) -> None:
    assert read(workspace, path) is FileFault.FOLDER


def test_nothing_is_waited_for(workspace: Path) -> None:
    """Opening a pipe that nobody writes to would wait for ever."""
    os.mkfifo(workspace / "pipe")

    assert read(workspace, "pipe") is FileFault.NO_PLAIN_FILE


def test_a_socket_is_no_file(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workspace)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")

        assert read(workspace, "socket") is FileFault.NO_PLAIN_FILE


def test_a_link_to_itself_is_refused(workspace: Path) -> None:
    (workspace / "loop").symlink_to("loop")

    assert read(workspace, "loop") is FileFault.UNREADABLE


def test_nothing_stays_open(workspace: Path) -> None:
    (workspace / "large").write_bytes(b"x" * (MOST + 1))
    before = {*Path("/proc/self/fd").iterdir()}

    for path in ("deploy/list", "deploy", "large", "gone"):
        read(workspace, path)

    # Meanwhile the garbage of other tests may be closed.
    assert {*Path("/proc/self/fd").iterdir()} <= before
