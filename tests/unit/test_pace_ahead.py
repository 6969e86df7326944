"""Following many runs never keeps a lost creation from being looked for."""

import asyncio
from datetime import UTC, datetime

from dataworks_deploy.app.pace import Paced
from dataworks_deploy.app.ports import Sending

from dataworks_deploy.domain.ending import Ending, Ok
from dataworks_deploy.domain.model import ObjectId, Page, Run, RunId
from dataworks_deploy.domain.schedule import HELD_BACK, MOST_READS


class StillClock:
    """A clock that stands: who has to sleep, sleeps for ever."""

    def monotonic(self) -> float:
        return 0.0

    def utc(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    async def sleep(self, _seconds: float) -> None:
        await asyncio.Event().wait()

    def spread(self) -> float:
        return 0.0


class Served:
    """A service that serves at once, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def run(self, run_id: RunId, _sending: Sending) -> Ending[Run]:
        self.asked.append("run")
        return Ok(Run(run_id, "Running"))

    async def page(self, object_id: ObjectId | None, _number: int, _sending: Sending) -> Ending[Page]:
        self.asked.append(f"list of {object_id}")
        return Ok(Page((), 0))


def test_a_search_goes_ahead_of_readings_that_wait_for_their_turn() -> None:
    async def scenario() -> list[str]:
        served = Served()
        paced = Paced(served, StillClock())  # type: ignore[arg-type]
        readings = [asyncio.create_task(paced.run(RunId(str(n)))) for n in range(int(MOST_READS))]
        for _ in range(200):
            await asyncio.sleep(0)
        search = asyncio.create_task(paced.page(ObjectId("7"), 1))
        await asyncio.wait_for(search, 1)
        for task in readings:
            task.cancel()
        return served.asked

    asked = asyncio.run(scenario())

    assert asked[-1] == "list of 7"
    assert len(asked) - 1 == MOST_READS - MOST_READS * HELD_BACK
