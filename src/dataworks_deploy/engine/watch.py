"""Reads all runs under way together: one page of the list shows a hundred of them for the price of one call."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from dataworks_deploy.domain.ending import CERTAIN, Ending, Fault, Ok, Refusal, Refused, Unclear
from dataworks_deploy.domain.event import RunsUnread
from dataworks_deploy.domain.lengths import Lengths, Track, shared
from dataworks_deploy.domain.model import (
    RUNNING,
    GetPipelineRun,
    ListPipelineRuns,
    Operation,
    Page,
    Run,
    RunId,
    Stage,
)
from dataworks_deploy.domain.requests import backoff, poll_pause, poll_rest

from .calls import World
from .read import BELIEVE, LostSightError, Missed

# A page that shows fewer than two of the wanted runs saves nothing; so many readings pass before the next try.
SKIP_PAGES = 10
T = TypeVar("T")


@dataclass(slots=True)
class _Ask:
    """Who waits for the next reading of a run. `due` is when it comes by the usual pace, `anyhow` if only by that."""

    due: float
    answers: list[tuple[asyncio.Future[Run], Missed]] = field(default_factory=list)
    anyhow: bool = False


Asked = dict[RunId, _Ask]


class Watch:
    """Gives everybody who asks the next reading of a run.

    `every` is in seconds, None adapts: to what was learnt of the stages, or to how long nothing has changed. `scarce`
    tells whether calls have to be saved.
    """

    def __init__(self, world: World, every: float | None, scarce: Callable[[], bool] = lambda: False) -> None:
        self._world = world
        self._every = every
        self._scarce = scarce
        self._asked: Asked = {}
        self._seen: dict[RunId, tuple[str, str, tuple[Stage, ...]]] = {}
        self._changed_at: dict[RunId, float] = {}
        self._read_at = world.clock.monotonic()
        self._lengths = Lengths()
        self._tracks: dict[RunId, Track] = {}
        self._skip_pages = 0
        self._throttled_pages = 0
        self._denials = 0
        self._wake = asyncio.Event()

    async def next(self, run_id: RunId, missed: Missed) -> Run:
        """The run as it is read after this moment. Raises LostSightError."""
        answer: asyncio.Future[Run] = asyncio.get_running_loop().create_future()
        if run_id not in self._asked:
            self._asked[run_id] = _Ask(0.0)
            self._asked[run_id].due = self._world.clock.monotonic() + self._pause(run_id)
        self._asked[run_id].answers.append((answer, missed))
        self._wake.set()
        return await answer

    def stirred(self, run_id: RunId) -> None:
        """Something was done to a run: changes are to be expected soon."""
        self._changed_at[run_id] = self._world.clock.monotonic()

    def begun(self, run_id: RunId, code: str, at: float) -> None:
        """A stage has begun at that moment (monotonic seconds), for all that is known."""
        self._tracks[run_id] = self._tracks.get(run_id, Track()).begun(code, at)

    def lost(self, run_id: RunId) -> None:
        """When the stage of the run that is under way has begun is not known any more."""
        self._tracks[run_id] = self._tracks.get(run_id, Track()).lost

    async def serve(self) -> None:
        """Read for as long as anybody asks; runs until cancelled."""
        tries = 0
        while True:
            if not self._asked:
                self._wake.clear()
                await self._wake.wait()
            if tries:
                pause = max(backoff(tries, self._world.clock.spread()), self._every or 0.0)
                self._world.journal.debug(RunsUnread(pause))
                await self._world.clock.sleep(pause)
                due = set(self._asked)
            else:
                due = await self._due()
            fault = await self._read_all(due)
            tries = tries + 1 if fault else 0

    def _pause(self, run_id: RunId) -> float:
        """How long to wait before a run is read again of which nothing was learnt."""
        if self._every is not None:
            return self._every
        clock = self._world.clock
        now = clock.monotonic()
        since = now - self._changed_at.setdefault(run_id, now)
        return poll_pause(since, len(self._asked), clock.spread(), scarce=self._scarce())

    async def _due(self) -> set[RunId]:
        """Wait until a reading is due, and return of which runs; who asks meanwhile may have one that is due sooner."""
        while True:
            now, self_paced = self._world.clock.monotonic(), self._every is not None
            aims = {} if self_paced else {run_id: self._aim(run_id) for run_id in self._asked}
            aimed = {run_id: aim for run_id, aim in aims.items() if aim is not None}
            usual = {run_id: ask.due for run_id, ask in self._asked.items() if run_id not in aimed}
            rest = 0.0 if self_paced else poll_rest(len(self._asked), scarce=self._scarce())
            moment, due = shared(aimed, usual, rest, self._read_at + rest)
            if moment <= now:
                return due
            self._wake.clear()
            with suppress(TimeoutError):
                # Not wait_for: that of Python 3.11 may swallow a cancellation.
                async with asyncio.timeout(moment - now):
                    await self._wake.wait()

    def _aim(self, run_id: RunId) -> float | None:
        """When the stage of a run that is under way should be over."""
        track = self._tracks.get(run_id)
        if track is None or self._asked[run_id].anyhow:
            return None
        return track.next_reading(self._lengths, scarce=self._scarce())

    async def _read_all(self, due: set[RunId]) -> Fault | None:
        """One reading for everybody who has asked by now; who asks meanwhile gets the next one.

        Runs that are not due are read only where one page shows them beside others.
        """
        asked, self._asked = self._asked, {}
        page = await self._read_page(asked, due) if len(asked) > 1 else None
        endings: list[Ending[Any]] = [page] if page else []
        if not page or isinstance(page, Ok):
            alone = [run_id for run_id in asked if run_id in due]
            endings += await asyncio.gather(*(self._read_one(run_id, asked) for run_id in alone))
        self._read_at = self._world.clock.monotonic()
        failed = [each for each in endings if not isinstance(each, Ok)]
        self._doubt(endings, asked)
        self._ask_again(asked, due)
        # One that cannot be read is no reason to look at the others more rarely.
        return failed[0].fault if len(failed) == len(endings) else None

    def _ask_again(self, asked: Asked, due: set[RunId]) -> None:
        """Who was not served waits on."""
        later, self._asked = self._asked, asked
        for run_id, ask in asked.items():
            if run_id in due:
                ask.due, ask.anyhow = self._world.clock.monotonic() + self._pause(run_id), True
        for run_id, ask in later.items():
            self._asked.setdefault(run_id, _Ask(ask.due)).answers.extend(ask.answers)

    async def _read_page(self, asked: Asked, due: set[RunId]) -> Ending[Page] | None:
        """Serve as many as one page of the workspace's runs shows.

        After a page that failed the runs are read one by one. Where calls come too fast that would be worse, so
        there only after several: some limits hold for one operation alone.
        """
        if self._skip_pages:
            self._skip_pages -= 1
            return None
        ending, left_at = await self._call(ListPipelineRuns(None))
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
            self._serve(run, asked, left_at, aimed=run.id in due)
        return ending

    async def _read_one(self, run_id: RunId, asked: Asked) -> Ending[Run]:
        ending, left_at = await self._call(GetPipelineRun(run_id))
        if isinstance(ending, Ok):
            self._serve(ending.value, asked, left_at, aimed=True)
        elif run_id in asked:
            for _, missed in asked[run_id].answers:
                missed(ending.fault)
        return ending

    async def _call(self, operation: Operation[T]) -> tuple[Ending[T], float]:
        """A reading, and when it left: it shows what was so then."""
        left_at = 0.0

        def leaves() -> bool:
            nonlocal left_at
            left_at = self._world.clock.monotonic()
            return True

        ending = await self._world.calls.send(operation, leaves)
        return cast("Ending[T]", ending), left_at

    def _serve(self, run: Run, asked: Asked, left_at: float, *, aimed: bool) -> None:
        track = self._tracks.get(run.id)
        if track:
            self._tracks[run.id], self._lengths = track.read(run, left_at, self._lengths, aimed=aimed)
        # The service gives the stages in any order, another one each time: that is no change.
        # Of a run that has ended nothing more than that is kept: ends that do not agree are no change either.
        seen = ("", "", ()) if run.ended else (run.status, run.message, run.ordered)
        if seen != self._seen.get(run.id):
            self._seen[run.id] = seen
            self.stirred(run.id)
        ask = asked.pop(run.id, None)
        for answer, _ in ask.answers if ask else ():
            if not answer.done():
                answer.set_result(run)

    def _doubt(self, endings: Sequence[Ending[Any]], asked: Asked) -> None:
        """Tell everybody once it is certain that no reading will succeed: calls made together count once."""
        denied = [each for each in endings if isinstance(each, Refused) and each.why in CERTAIN]
        self._denials = self._denials + 1 if len(denied) == len(endings) else 0
        if self._denials >= BELIEVE:
            for answer, _ in (each for ask in asked.values() for each in ask.answers):
                if not answer.done():
                    answer.set_exception(LostSightError(denied[0]))
            asked.clear()


def _is_throttling(ending: Refused | Unclear) -> bool:
    return isinstance(ending, Refused) and ending.why is Refusal.THROTTLED
