"""A whole release in a separate repository, command by command, as the workflow file does it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from release.texts import version_in
from release.version import Version

ROOT = Path(__file__).parents[2]
IMAGE = f"registry.example/owner/dataworks-deploy@sha256:{'0123456789abcdef' * 4}"
OTHER_IMAGE = f"{IMAGE[:-64]}{'f' * 64}"
CHANGE = "A change that nobody has seen yet."


class Repository:
    """A copy of all files in Git, with a change to release and the version for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.next = Version(self.version().major + 1, 0, 0)

    @classmethod
    def made(cls, folder: Path) -> "Repository":
        """Make the repository in an empty folder."""
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
        changelog = folder / "CHANGELOG.md"
        unreleased = "## Unreleased\n"
        entry = f"{unreleased}\n- {CHANGE}\n"
        changelog.write_text(changelog.read_text("utf-8").replace(unreleased, entry, 1), "utf-8")
        repository = cls(folder)
        repository.git("init", "-q")
        repository.commit("All that there is")
        return repository

    def version(self) -> Version:
        return version_in((self.folder / "src/dataworks_deploy/__init__.py").read_text("utf-8"))

    def git(self, *words: str) -> str:
        author = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"]
        git = subprocess.run(
            ["git", *author, *words], cwd=self.folder, capture_output=True, text=True, check=True
        )
        return git.stdout.strip()

    def commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", message)

    def changed(self) -> set[str]:
        return set(self.git("diff", "--name-only").split())

    def release(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "release", *words]
        environment = {"PYTHONPATH": str(ROOT), "PATH": str(Path(shutil.which("git") or "").parent)}
        return subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, env=environment, check=False
        )


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository is made once, and each test changes a copy."""
    return Repository.made(tmp_path_factory.mktemp("original")).folder


@pytest.fixture
def repository(original: Path, tmp_path: Path) -> Repository:
    return Repository(shutil.copytree(original, tmp_path / "repository", symlinks=True))


def test_a_release_from_the_first_command_to_the_last(repository: Repository) -> None:
    version = str(repository.next)
    assert repository.release("prepare", version).stdout.split() == [
        "CHANGELOG.md",
        "src/dataworks_deploy/__init__.py",
    ]
    repository.commit(f"Prepare {version}")
    assert str(repository.version()) == version

    assert repository.release("check", f"v{version}").returncode == 0
    assert CHANGE in repository.release("notes", version).stdout

    repository.release("pin", IMAGE)
    assert repository.changed() == {"action.yml"}
    action = yaml.safe_load((repository.folder / "action.yml").read_text("utf-8"))
    assert action["runs"]["image"] == f"docker://{IMAGE}"
    repository.commit(f"Release {version}")
    assert repository.release("tags", version).stdout.split() == [
        f"v{version}",
        repository.next.major_tag,
    ]
    repository.git("tag", f"v{version}")

    commit = repository.git("rev-parse", f"v{version}")
    repository.release("announce", version, f"somebody/dataworks-deploy@{commit}")
    assert {"README.md", "README.zh-CN.md", "examples/on-merge.yml"} <= repository.changed()
    pages = [page.read_text("utf-8") for page in repository.folder.rglob("examples/*.yml")]
    assert all(f"uses: somebody/dataworks-deploy@{commit} # v{version}\n" in page for page in pages)
    assert not any("OWNER/dataworks-deploy@" in page for page in pages)

    assert "exists already" in repository.release("check", version).stderr


@pytest.mark.long
@pytest.mark.timeout(900)  # runs the tests of this folder twice, on any machine
def test_main_passes_after_the_first_step_and_after_the_last(repository: Repository) -> None:
    """The tests of this folder must pass on what a maintainer merges. Otherwise a release stops at its own check."""
    version = str(repository.next)
    repository.release("prepare", version)
    repository.commit(f"Prepare {version}")
    prepared = contract(repository)
    assert prepared.returncode == 0, prepared.stdout

    commit = repository.git("rev-parse", "HEAD")
    assert repository.release("announce", version, f"somebody/dataworks-deploy@{commit}").stdout
    repository.commit(f"Announce {version}")
    announced = contract(repository)
    assert announced.returncode == 0, announced.stdout


def contract(repository: Repository) -> subprocess.CompletedProcess[str]:
    this = "tests/contract/test_release_steps.py::test_main_passes_after_the_first_step_and_after_the_last"
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "not long", "--deselect", this, "tests/contract"],
        cwd=repository.folder,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )


REFUSED = {
    ("check", "9.9.9"): "run `python -m release prepare 9.9.9`",
    ("notes", "9.9.9"): "no section for 9.9.9",
    ("prepare", "next"): "is not a version",
    ("prepare", "0.0.0"): "not newer",
    ("pin", "registry.example/o/r:v1"): "by its digest",
    ("announce", "1.0.0", "o/dataworks-deploy@v1"): "commit of 40 digits",
}


def test_impossible_commands_are_refused_and_change_nothing(repository: Repository) -> None:
    for words, says in REFUSED.items():
        refused = repository.release(*words)

        assert refused.returncode != 0
        assert says in refused.stderr
        assert "Traceback" not in refused.stderr
    assert repository.changed() == set()


@pytest.mark.long
class TestTheWorkflowsOwnCommands:
    """The step of release.yml that commits and tags, word for word, with a separate repository as `origin`."""

    @pytest.fixture
    def published(self, repository: Repository, tmp_path_factory: pytest.TempPathFactory) -> Repository:
        """A prepared repository with a remote."""
        origin = tmp_path_factory.mktemp("origin")
        repository.git("init", "-q", "--bare", str(origin))
        repository.git("remote", "add", "origin", str(origin))
        repository.git("push", "-q", "origin", "HEAD:main")
        return repository

    def test_the_release_is_a_separate_commit_and_main_does_not_move(self, published: Repository) -> None:
        main = published.git("rev-parse", "HEAD")

        assert self.tag(published, "v1.0.0").returncode == 0

        lines = published.git("ls-remote", "origin").splitlines()
        refs = {name: commit for commit, name in (line.split("\t") for line in lines)}
        assert refs["refs/heads/main"] == main
        assert refs["refs/tags/v1.0.0"] == refs["refs/tags/v1"] != main
        released = refs["refs/tags/v1.0.0"]
        assert published.git("rev-parse", f"{released}^") == main
        assert published.git("diff", "--name-only", main, released) == "action.yml"
        assert f"docker://{IMAGE}" in published.git("show", f"{released}:action.yml")

    def test_if_the_version_was_published_in_the_meantime_no_tag_moves(self, published: Repository) -> None:
        for name in ("v1.0.0", "v1"):
            published.git("push", "-q", "origin", f"HEAD:refs/tags/{name}")
        before = published.git("ls-remote", "origin")

        assert self.tag(published, "v1.0.0").returncode != 0
        assert published.git("ls-remote", "origin") == before

    def test_a_second_release_makes_the_same_commit_and_goes_on(self, published: Repository) -> None:
        candidate = published.git("rev-parse", "HEAD")
        assert self.tag(published, "v1.0.0").returncode == 0
        before = published.git("ls-remote", "origin")

        again = self.tag(self.checked_out(published, candidate), "v1.0.0", now="2100-01-02T03:04:05Z")

        assert again.returncode == 0, again.stderr
        assert published.git("ls-remote", "origin") == before

    def test_a_second_release_with_another_image_moves_no_tag(self, published: Repository) -> None:
        candidate = published.git("rev-parse", "HEAD")
        assert self.tag(published, "v1.0.0").returncode == 0
        before = published.git("ls-remote", "origin")

        again = self.tag(self.checked_out(published, candidate), "v1.0.0", OTHER_IMAGE)

        assert again.returncode != 0
        assert "never moves" in again.stderr
        assert published.git("ls-remote", "origin") == before

    def checked_out(self, published: Repository, commit: str) -> Repository:
        """The repository as the next release finds it: the candidate, and all tags of the remote."""
        published.git("checkout", "-q", "--detach", commit)
        published.git("fetch", "-q", "--tags", "origin")
        return published

    def test_a_fix_for_an_older_version_does_not_move_the_major_tag(self, published: Repository) -> None:
        published.git("tag", "v1.1.0")

        assert self.tag(published, "v1.0.1").returncode == 0
        assert "refs/tags/v1\n" not in published.git("ls-remote", "origin") + "\n"

    def tag(
        self, published: Repository, version: str, image: str = IMAGE, now: str = "2099-01-02T03:04:05Z"
    ) -> subprocess.CompletedProcess[str]:
        """Run the commands. Git takes `now` as the time unless the commands set another one."""
        workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text("utf-8"))
        steps = {step.get("name"): step for step in workflow["jobs"]["publish"]["steps"]}
        commands = steps["The release's commit and tags"]["run"]
        tools = published.folder / ".git" / "tools"
        tools.mkdir(exist_ok=True)
        # GitHub's command-line tool gives Git the token. This remote needs none.
        (tools / "gh").write_text("#!/bin/sh\n")
        (tools / "gh").chmod(0o755)
        environment = {
            "PATH": f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "GIT_AUTHOR_DATE": now,
            "GIT_COMMITTER_DATE": now,
            "REFERENCE": image,
            "VERSION": version,
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", commands],
            cwd=published.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
