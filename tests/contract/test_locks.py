"""The lock files: every package at one version, every file of it by hash."""

import re
from pathlib import Path

import pytest

LOCKS = sorted((Path(__file__).parents[2] / "requirements").glob("*.lock"))
REQUIREMENT = re.compile(
    r"(?P<name>[a-z0-9._-]+)(\[[a-z,]+\])?==(?P<version>[^ ;]+)( ; .+?)?(?P<hashes>( --hash=\S+)+)"
)


def requirements(lock: Path) -> list[str]:
    """Return the requirements, each on one line, without comments."""
    text = lock.read_text("utf-8").replace("\\\n", " ")
    lines = (re.sub(r"\s+", " ", line).strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def test_there_are_lock_files() -> None:
    assert {lock.stem for lock in LOCKS} >= {"build", "dev", "runtime"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_requirement_is_one_version_with_hashes(lock: Path) -> None:
    for line in requirements(lock):
        found = REQUIREMENT.fullmatch(line)
        assert found, line
        assert re.fullmatch(r"( --hash=sha256:[0-9a-f]{64})+", found["hashes"]), line


def test_what_is_tested_is_what_is_shipped() -> None:
    pins = {
        lock.stem: {
            found["name"]: found["version"]
            for line in requirements(lock)
            if (found := REQUIREMENT.fullmatch(line))
        }
        for lock in LOCKS
    }

    assert pins["runtime"].items() <= pins["dev"].items()
