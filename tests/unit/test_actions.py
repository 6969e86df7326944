"""The runner's files are replaced whole."""

import resource
from pathlib import Path

import pytest

from dataworks_deploy.adapters.actions import replace_text


def test_the_new_text_stands_in_place_of_the_old(tmp_path: Path) -> None:
    path = tmp_path / "outputs"
    path.write_text("an older and longer text")

    replace_text(path, "new é\n")

    assert path.read_bytes() == "new é\n".encode()
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_written_before_outlives_a_full_disk(tmp_path: Path) -> None:
    path = tmp_path / "outputs"
    path.write_text("run-id=1\n")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            replace_text(path, "run-id=2\n" * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert path.read_text() == "run-id=1\n"
