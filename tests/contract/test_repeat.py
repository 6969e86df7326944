"""`make repeat` counts what was run of one commit, and of nothing else."""

from pathlib import Path

import pytest

from ..repeat import commit, git


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with one commit."""
    git(tmp_path, "init", "-q")
    (tmp_path / "code.py").write_text("1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one")
    return tmp_path


def test_a_clean_tree_is_its_commit(tree: Path) -> None:
    assert git(tree, "rev-parse", "HEAD").startswith(commit(tree))


@pytest.mark.parametrize("name", ["code.py", "new.py"])
def test_a_tree_with_changes_is_refused(tree: Path, name: str) -> None:
    (tree / name).write_text("2\n")

    with pytest.raises(SystemExit, match="not committed"):
        commit(tree)
