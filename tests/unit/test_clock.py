"""The real clock."""

import asyncio
from datetime import UTC

from dataworks_deploy.adapters.clock import SystemClock


def test_time_passes_and_chance_is_within_bounds() -> None:
    clock = SystemClock()
    before, today = clock.monotonic(), clock.utc()

    asyncio.run(clock.sleep(0.001))

    assert clock.monotonic() - before >= 0.001
    assert clock.utc() >= today
    assert today.tzinfo is UTC
    spreads = {clock.spread() for _ in range(50)}
    assert len(spreads) == 50
    assert all(0 <= spread < 1 for spread in spreads)
