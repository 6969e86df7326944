"""Reads all open runs together: one page of the list shows a hundred runs in a single call."""

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
from dataworks_deploy.domain.pace import backoff, poll_pause, poll_rest

from .calls import World
from .read import BELIEVE, LostSightError, Missed

# A page that shows fewer than two of the wanted runs saves nothing. Then skip so many readings before the next page.
SKIP_PAGES = 10
T = TypeVar("T")


@dataclass(slots=True)
class _Ask:
    """The tasks that wait for the next reading of a run. `due` is its time at the usual pace. `anyhow`: use only that
    time.
    """

    due: float
    answers: list[tuple[asyncio.Future[Run], Missed]] = field(default_factory=list)
    anyhow: bool = False


Asked = dict[RunId, _Ask]


class Watch:
    """Gives every task that asks the next reading of its run.

    `every` is the pause in seconds. None adapts it to the learnt lengths of stages, or to how long nothing has changed.
    `scarce` says whether calls must be saved.
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
        """Wait for a reading of the run that leaves after this call. Raises LostSightError."""
        answer: asyncio.Future[Run] = asyncio.get_running_loop().create_future()
        if run_id not in self._asked:
            self._asked[run_id] = _Ask(0.0)
            self._asked[run_id].due = self._world.clock.monotonic() + self._pause(run_id)
        self._asked[run_id].answers.append((answer, missed))
        self._wake.set()
        return await answer

    def stirred(self, run_id: RunId) -> None:
        """A call has changed the run, so expect news soon."""
        self._changed_at[run_id] = self._world.clock.monotonic()

    def begun(self, run_id: RunId, code: str, at: float) -> None:
        """A stage has begun at this time (monotonic seconds), as far as known."""
        self._tracks[run_id] = self._tracks.get(run_id, Track()).begun(code, at)

    def lost(self, run_id: RunId) -> None:
        """Nobody knows any more when the running stage of this run began."""
        self._tracks[run_id] = self._tracks.get(run_id, Track()).lost

    async def serve(self) -> None:
        """Read as long as anybody asks. Runs until it is cancelled."""
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
        """Seconds to wait before the next reading of a run whose stages are not known yet."""
        if self._every is not None:
            return self._every
        clock = self._world.clock
        now = clock.monotonic()
        since = now - self._changed_at.setdefault(run_id, now)
        return poll_pause(since, len(self._asked), clock.spread(), scarce=self._scarce())

    async def _due(self) -> set[RunId]:
        """Wait until a reading is due, and return its runs. A new request may bring an earlier time."""
        while True:
            now, self_paced = self._world.clock.monotonic(), self._every is not None
            aims = {} if self_paced else {run_id: self._aim(run_id) for run_id in self._asked}
            aimed = {run_id: aim for run_id, aim in aims.items() if aim is not None}
            usual = {run_id: ask.due for run_id, ask in self._asked.items() if run_id not in aimed}
            rest = 0.0 if self_paced else poll_rest(len(self._asked), scarce=self._scarce())
            moment, due = shared(aimed, usual, self._read_at + rest)
            if moment <= now:
                return due
            self._wake.clear()
            with suppress(TimeoutError):
                # Not `wait_for`: in Python 3.11 it may swallow a cancellation.
                async with asyncio.timeout(moment - now):
                    await self._wake.wait()

    def _aim(self, run_id: RunId) -> float | None:
        """When the running stage of this run should have ended."""
        track = self._tracks.get(run_id)
        if track is None or self._asked[run_id].anyhow:
            return None
        return track.next_reading(self._lengths, scarce=self._scarce())

    async def _read_all(self, due: set[RunId]) -> Fault | None:
        """Read once for all tasks that have asked so far. Those that ask meanwhile get the next reading.

        Runs that are not due are only read if a page shows them together with others.
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
        # One unreadable run is no reason to read the others less often.
        return failed[0].fault if len(failed) == len(endings) else None

    def _ask_again(self, asked: Asked, due: set[RunId]) -> None:
        """Tasks that got no reading continue to wait."""
        later, self._asked = self._asked, asked
        for run_id, ask in asked.items():
            if run_id in due:
                ask.due, ask.anyhow = self._world.clock.monotonic() + self._pause(run_id), True
        for run_id, ask in later.items():
            self._asked.setdefault(run_id, _Ask(ask.due)).answers.extend(ask.answers)

    async def _read_page(self, asked: Asked, due: set[RunId]) -> Ending[Page] | None:
        """Serve the runs that one page of the workspace's runs shows.

        After a page that failed, the runs are read one by one. If calls come too fast that makes it worse, so then only
        after several failed pages: some limits hold for one operation alone.
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
        # If a running run is listed without stages, the list does not show all of it.
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
        """Return a reading and the time when it left. The reading shows the state at that time."""
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
        # The service returns the stages in a changing order, which is no change. For a run that has ended, only that is
        # kept: two different ends are no change either.
        seen = ("", "", ()) if run.ended else (run.status, run.message, run.ordered)
        if seen != self._seen.get(run.id):
            self._seen[run.id] = seen
            self.stirred(run.id)
        ask = asked.pop(run.id, None)
        for answer, _ in ask.answers if ask else ():
            if not answer.done():
                answer.set_result(run)

    def _doubt(self, endings: Sequence[Ending[Any]], asked: Asked) -> None:
        """End all waiting tasks once it is certain that no reading will succeed. Calls made together count once."""
        denied = [each for each in endings if isinstance(each, Refused) and each.why in CERTAIN]
        self._denials = self._denials + 1 if len(denied) == len(endings) else 0
        if self._denials >= BELIEVE:
            for answer, _ in (each for ask in asked.values() for each in ask.answers):
                if not answer.done():
                    answer.set_exception(LostSightError(denied[0]))
            asked.clear()


def _is_throttling(ending: Refused | Unclear) -> bool:
    return isinstance(ending, Refused) and ending.why is Refusal.THROTTLED
