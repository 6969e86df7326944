"""The soak with fewer objects: `make soak` runs a thousand."""

from pathlib import Path

import pytest

from .soak import check, soak

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc"),
]


def test_many_objects_under_faults_are_deployed_once_each_and_memory_stays_flat(tmp_path: Path) -> None:
    check(soak(tmp_path, 150))
