"""The lock files: every package has one version, and every file of it has a hash."""

import re
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from image.keep import PACKAGES

LOCKS = sorted((Path(__file__).parents[2] / "requirements").glob("*.lock"))
REQUIREMENT = re.compile(
    r"(?P<name>[a-z0-9._-]+)(\[(?P<extras>[a-z,]+)\])?==(?P<version>[^ ;]+)( ; .+?)?(?P<hashes>( --hash=\S+)+)"
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


def test_the_tests_use_the_package_versions_of_the_image() -> None:
    pins = {
        lock.stem: {
            found["name"]: found["version"]
            for line in requirements(lock)
            if (found := REQUIREMENT.fullmatch(line))
        }
        for lock in LOCKS
    }

    assert pins["runtime"].items() <= pins["dev"].items()


def test_the_demonstration_installs_packages_of_the_image_from_the_same_files() -> None:
    """It installs only the imported packages of the run-time lock, a fifth of the megabytes."""
    shipped, shown = (requirements(LOCKS[0].with_name(f"{stem}.lock")) for stem in ("runtime", "demo"))

    assert {line.partition("==")[0] for line in shown} == PACKAGES.keys() - {"dataworks-deploy"}
    assert {*shown} <= {*shipped}


def wanted(name: str) -> list[tuple[str, set[str]]]:
    """The packages that an installed package needs with extras: (package, extras). Empty if it is not installed."""
    try:
        needs = [*map(Requirement, requires(name) or ())]
    except PackageNotFoundError:
        return []
    asked = (need for need in needs if need.extras and (not need.marker or need.marker.evaluate()))
    return [(canonicalize_name(need.name), need.extras) for need in asked]


@pytest.mark.parametrize("stem", ["runtime", "dev"])
def test_an_extra_that_a_package_needs_is_in_the_lock(stem: str) -> None:
    """Otherwise pip 23.2 of Python 3.11 looks for the extra in the index and finds the newest release, which has no
    hash here. Then the lock works only until a newer version is released."""
    lock = next(lock for lock in LOCKS if lock.stem == stem)
    pins = [found for line in requirements(lock) if (found := REQUIREMENT.fullmatch(line))]
    locked = {pin["name"]: set((pin["extras"] or "").split(",")) for pin in pins}

    asked = [need for pin in pins for need in wanted(pin["name"])]

    assert asked
    assert [(name, extras) for name, extras in asked if not extras <= locked[name]] == []
