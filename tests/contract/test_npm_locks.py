"""The lock files of npm: every package has a hash, and none has a host."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("folder", ["pictures", "tools/prose"])
def test_every_package_of_npm_has_a_hash_and_no_host(folder: str) -> None:
    """A mirror serves a lock unchanged if the lock names no host."""
    text = (ROOT / folder / "package-lock.json").read_text("utf-8")
    packages = {name: package for name, package in json.loads(text)["packages"].items() if name}

    assert packages
    assert all(re.fullmatch(r"sha512-[\w+/]+=*", package["integrity"]) for package in packages.values())
    assert '"resolved"' not in text
