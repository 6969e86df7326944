"""The first object shows how long stages take, so the others need few calls. A real process on the real clock."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from ..conftest import SiteMaker
from ..job import action
from .carry import carry
from .live import open_live

pytestmark = pytest.mark.long

STAGE, STAGES = 2.0, 3
MOST_CALLS, MOST_TIME = 9, 1.2
BASIC_DAY = 100


def ids(count: int) -> list[str]:
    """This many object IDs."""
    return [str(7567482277219412494 + number) for number in range(count)]


def test_objects_one_after_another_need_few_calls_and_little_more_time_than_the_stages(
    tmp_path: Path,
) -> None:
    objects = ids(5)
    with open_live(tmp_path, stage_seconds=STAGE) as live:
        with live.step(*objects, max_parallel="1", preflight="false") as step:
            step.popen.wait(90)
            ended = step.end()
        runs = {event["run_id"]: event["time"] for event in live.truth.of("committed")}
        calls = Counter(post["params"].get("Id") for post in live.truth.of("received"))
        over = max(event["time"] for event in live.truth.of("answered"))

    assert ended.outcome == "succeeded", ended.stdout
    took = [end - start for start, end in pairwise([*runs.values(), over])]
    # One more for the creation, which is a call without a run.
    each = [1 + calls[run_id] for run_id in runs]
    assert max(each[1:]) <= MOST_CALLS, each
    # Only the sum: a busy machine adds time to each object. The tests on virtual time check each object.
    assert sum(took[1:]) <= MOST_TIME * STAGES * STAGE * len(took[1:]), took


@pytest.mark.parametrize("stage_seconds", [0.2, 2, 5, 20])
def test_ten_objects_with_all_defaults_fit_into_the_daily_quota_of_the_smallest_edition(
    site_with: SiteMaker, stage_seconds: float
) -> None:
    site = site_with(edition="basic", stage_seconds=stage_seconds)

    defaults = {name: action()["inputs"][name]["default"] for name in ("preflight", "max-parallel")}
    ended = carry(site, *ids(10), settle_seconds="60", timeout_minutes="30", **defaults)

    assert ended.column("outcome") == ["succeeded"] * 10
    assert int(ended.outputs["api-calls"]) <= BASIC_DAY


@pytest.mark.parametrize("stage_seconds", [0.2, 2, 5])
def test_ten_objects_one_after_another_fit_into_the_daily_quota_too(
    site_with: SiteMaker, stage_seconds: float
) -> None:
    site = site_with(edition="basic", stage_seconds=stage_seconds)

    ended = carry(site, *ids(10), preflight="true", max_parallel="1", timeout_minutes="30")

    assert ended.column("outcome") == ["succeeded"] * 10
    assert int(ended.outputs["api-calls"]) <= BASIC_DAY
