"""Many objects must need few calls: every call counts against the quota per second and per day."""

import pytest

from .conftest import SiteMaker
from .follow.carry import carry

pytestmark = pytest.mark.long

# The calls that every object needs: the creation, two executions, and a second reading of the end.
NECESSARY = 4


def ids(count: int) -> list[str]:
    """This many object IDs."""
    return [str(7567482277219412494 + number) for number in range(count)]


@pytest.mark.parametrize(("stage_seconds", "most"), [(5, 6), (60, 7)])
def test_fifty_objects_at_once_share_their_readings(
    site_with: SiteMaker, stage_seconds: float, most: int
) -> None:
    site = site_with(edition="enterprise", stage_seconds=stage_seconds)

    ended = carry(site, *ids(50), max_parallel="50", timeout_minutes="30")

    assert ended.outcome == "succeeded", ended.stdout
    assert NECESSARY * 50 <= int(ended.outputs["api-calls"]) <= most * 50


def test_ten_objects_at_once_fit_into_the_daily_quota_of_the_smallest_edition(site_with: SiteMaker) -> None:
    site = site_with(edition="basic", stage_seconds=5)

    ended = carry(site, *ids(10), max_parallel="10")

    assert ended.outcome == "succeeded", ended.stdout
    assert NECESSARY * 10 <= int(ended.outputs["api-calls"]) <= 100
