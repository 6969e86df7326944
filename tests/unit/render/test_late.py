"""A change between 22:00 and midnight in Asia/Shanghai is too late for the next day's instances."""

from datetime import UTC, datetime

import pytest

from dataworks_deploy.render.texts import is_late


@pytest.mark.parametrize(
    ("hour", "minute", "late"),
    [(13, 59, False), (14, 0, True), (15, 59, True), (16, 0, False), (22, 30, False), (0, 0, False)],
)
def test_the_hours_count_in_shanghai(hour: int, minute: int, late: bool) -> None:
    assert is_late(datetime(2026, 7, 1, hour, minute, tzinfo=UTC)) is late
