"""The real clock."""

import asyncio
from datetime import UTC

from dataworks_deploy.hosts.here import SystemClock

from ..simulation.virtual import Time, VirtualLoop


def test_it_lets_others_work_for_as_long_as_it_sleeps() -> None:
    time = Time()
    loop = VirtualLoop(time)  # type: ignore[abstract]

    loop.start(SystemClock().sleep(7.0))
    time.run()

    assert time.now == 7.0


def test_time_passes_and_chance_is_within_bounds() -> None:
    clock = SystemClock()
    before, today = clock.monotonic(), clock.utc()

    while clock.monotonic() == before:
        asyncio.run(clock.sleep(0.0))

    assert clock.utc() >= today
    assert today.tzinfo is UTC
    spreads = {clock.spread() for _ in range(50)}
    assert len(spreads) == 50
    assert all(0 <= spread < 1 for spread in spreads)
