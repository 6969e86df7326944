"""A workflow run that hangs fails its test with a log, and nothing is left of it or of a killed test."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from .act import Act
from .alone import LABEL, clear, listed
from .conftest import LISTS

pytestmark = [pytest.mark.runner, pytest.mark.timeout(900)]


def left() -> list[str]:
    """Return the containers, networks and volumes of these tests."""
    labelled = ("--quiet", "--filter", f"label={LABEL}")
    volumes = listed("volume", "ls", "--quiet", "--filter", "name=^act-Release-to-DataWorks")
    return listed("ps", "--all", *labelled) + listed("network", "ls", *labelled) + volumes


def test_a_workflow_run_that_hangs_fails_with_its_log_and_leaves_nothing(
    start: Callable[..., Act], user: Path
) -> None:
    act = replace(start("--stage-seconds", "3600"), most_seconds=15)

    with pytest.raises(
        AssertionError, match=r"release-in-two-steps.yml hung, 15 s are over:\n(.*\n)*.*Start image"
    ):
        act.run(user, "release-in-two-steps.yml", "--input", f"object-ids={LISTS['objects'][0]}")

    assert len(left()) >= 4, "the job, its two volumes, the network"
    clear()
    assert left() == []
