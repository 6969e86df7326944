"""Reads all runs under way together: one page of the list shows a hundred of them for the price of one call."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from dataworks_deploy.domain.ending import CERTAIN, Ending, Fault, Ok, Refusal, Refused, Unclear
from dataworks_deploy.domain.event import RunsUnread
from dataworks_deploy.domain.model import RUNNING, GetPipelineRun, ListPipelineRuns, Page, Run, RunId, Stage
from dataworks_deploy.domain.requests import backoff, poll_pause

from .calls import World
from .read import BELIEVE, LostSightError, Missed

# A page that shows fewer than two of the wanted runs saves nothing; so many readings pass before the next try.
SKIP_PAGES = 10

Asked = dict[RunId, list[tuple[asyncio.Future[Run], Missed]]]


class Watch:
    """Gives everybody who asks the next reading of a run.

    `every` is in seconds, None adapts; `scarce` tells whether calls have to be saved.
    """

    def __init__(self, world: World, every: float | None, scarce: Callable[[], bool] = lambda: False) -> None:
        self._world = world
        self._every = every
        self._scarce = scarce
        self._asked: Asked = {}
        self._seen: dict[RunId, tuple[str, str, tuple[Stage, ...]]] = {}
        self._changed_at = world.clock.monotonic()
        self._skip_pages = 0
        self._throttled_pages = 0
        self._denials = 0
        self._wake = asyncio.Event()

    async def next(self, run_id: RunId, missed: Missed) -> Run:
        """The run as it is read after this moment. Raises LostSightError."""
        answer: asyncio.Future[Run] = asyncio.get_running_loop().create_future()
        self._asked.setdefault(run_id, []).append((answer, missed))
        self._wake.set()
        return await answer

    def stirred(self) -> None:
        """Something was done to a run: changes are to be expected soon."""
        self._changed_at = self._world.clock.monotonic()

    async def serve(self) -> None:
        """Read for as long as anybody asks; runs until cancelled."""
        tries = 0
        while True:
            if not self._asked:
                self._wake.clear()
                await self._wake.wait()
            pause = self._pause(tries)
            if tries:
                self._world.journal.debug(RunsUnread(pause))
            await self._world.clock.sleep(pause)
            fault = await self._read_all()
            tries = tries + 1 if fault else 0

    def _pause(self, tries: int) -> float:
        clock = self._world.clock
        if tries:
            return max(backoff(tries, clock.spread()), self._every or 0.0)
        if self._every is not None:
            return self._every
        since = clock.monotonic() - self._changed_at
        return poll_pause(since, len(self._asked), clock.spread(), scarce=self._scarce())

    async def _read_all(self) -> Fault | None:
        """One reading for everybody who has asked by now; who asks meanwhile gets the next one."""
        asked, self._asked = self._asked, {}
        page = await self._read_page(asked) if len(asked) > 1 else None
        endings: list[Ending[Any]] = [page] if page else []
        if not page or isinstance(page, Ok):
            endings += await asyncio.gather(*(self._read_one(run_id, asked) for run_id in list(asked)))
        failed = [each for each in endings if not isinstance(each, Ok)]
        self._doubt(endings, asked)
        for run_id, answers in asked.items():
            self._asked.setdefault(run_id, []).extend(answers)
        # One that cannot be read is no reason to look at the others more rarely.
        return failed[0].fault if len(failed) == len(endings) else None

    async def _read_page(self, asked: Asked) -> Ending[Page] | None:
        """Serve as many as one page of the workspace's runs shows.

        After a page that failed the runs are read one by one. Where calls come too fast that would be worse, so
        there only after several: some limits hold for one operation alone.
        """
        if self._skip_pages:
            self._skip_pages -= 1
            return None
        ending = await self._world.calls.make(ListPipelineRuns(None))
        if not isinstance(ending, Ok):
            self._throttled_pages = self._throttled_pages + 1 if _is_throttling(ending) else 0
            self._skip_pages = 0 if 0 < self._throttled_pages < BELIEVE else 1
            return ending
        self._throttled_pages = 0
        # What runs without a stage is not shown whole.
        shown = [
            run for run in ending.value.runs if run.id in asked and (run.stages or run.status != RUNNING)
        ]
        if len(shown) < 2:
            self._skip_pages = SKIP_PAGES
        for run in shown:
            self._serve(run, asked)
        return ending

    async def _read_one(self, run_id: RunId, asked: Asked) -> Ending[Run]:
        ending = await self._world.calls.make(GetPipelineRun(run_id))
        if isinstance(ending, Ok):
            self._serve(ending.value, asked)
        else:
            for _, missed in asked.get(run_id, ()):
                missed(ending.fault)
        return ending

    def _serve(self, run: Run, asked: Asked) -> None:
        # The service gives the stages in any order, another one each time: that is no change.
        # Of a run that has ended nothing more than that is kept: ends that do not agree are no change either.
        seen = ("", "", ()) if run.ended else (run.status, run.message, run.ordered)
        if seen != self._seen.get(run.id):
            self._seen[run.id] = seen
            self.stirred()
        for answer, _ in asked.pop(run.id, ()):
            if not answer.done():
                answer.set_result(run)

    def _doubt(self, endings: Sequence[Ending[Any]], asked: Asked) -> None:
        """Tell everybody once it is certain that no reading will succeed: calls made together count once."""
        denied = [each for each in endings if isinstance(each, Refused) and each.why in CERTAIN]
        self._denials = self._denials + 1 if len(denied) == len(endings) else 0
        if self._denials >= BELIEVE:
            for answer, _ in (each for answers in asked.values() for each in answers):
                if not answer.done():
                    answer.set_exception(LostSightError(denied[0]))
            asked.clear()


def _is_throttling(ending: Refused | Unclear) -> bool:
    return isinstance(ending, Refused) and ending.why is Refusal.THROTTLED
