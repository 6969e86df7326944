"""Readings that are repeated until they succeed: one run by a call of its own, or the list of an object's runs."""

import math
from collections.abc import Callable, Mapping
from typing import TypeVar

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.ending import (
    CERTAIN,
    HOPELESS,
    Ending,
    Fault,
    Ok,
    Refusal,
    Refused,
    Symptom,
    Unclear,
)
from dataworks_deploy.domain.event import DescriptionsHidden, ReadingFailed, RunUnread
from dataworks_deploy.domain.model import GetPipelineRun, ListPipelineRuns, ObjectId, Operation, Run, RunId
from dataworks_deploy.domain.pace import backoff
from dataworks_deploy.domain.reason import NotOurs
from dataworks_deploy.domain.reconcile import DAY_MS, Shows, undescribed
from dataworks_deploy.domain.record import Unread

from .calls import Calls, World
from .ledger import Entry
from .pages import MOST_PASSES, Pass, read_pages

T = TypeVar("T")
# A refusal that waiting does not fix counts only after this many in a row.
BELIEVE = 3
# A reading that the step can do without is tried this often.
TRIES = 3
# Fewer failures in a row are normal, and do not explain a missed deadline.
FEW = 3

Missed = Callable[[Fault], object]  # receives the fault of each failed reading


class LostSightError(Exception):
    """Runs cannot be read any more, and waiting does not help. That says nothing about the runs themselves."""

    def __init__(self, ending: Refused | Unclear) -> None:
        self.why = ending.why if isinstance(ending, Refused) else None
        self.fault = ending.fault
        super().__init__(self.why)


def is_hopeless(ending: Refused | Unclear) -> bool:
    """Whether reading again cannot help."""
    return isinstance(ending, Refused) and ending.why in HOPELESS


async def repeated(
    world: World,
    operation: Operation[T],
    final: Callable[[Refused | Unclear], bool] = is_hopeless,
    *,
    tries: float = TRIES,
    until: float = math.inf,
) -> Ending[T]:
    """Read until it succeeds, the failure is `final`, or it was tried so often, or until then (monotonic seconds)."""
    count = 0
    while True:
        ending = await world.calls.make(operation)
        count += 1
        if isinstance(ending, Ok) or final(ending):
            return ending
        if count >= tries or world.clock.monotonic() >= until:
            return ending
        await world.clock.sleep(backoff(count, world.clock.spread(), ending.fault.retry_after))


async def read_run(
    world: World,
    run_id: RunId,
    missed: Missed,
    final: frozenset[Refusal] = CERTAIN,
    patience: float = math.inf,
) -> Run:
    """Read the run, again and again until it succeeds. Raises LostSightError for a refusal in `final`.

    By default, only refusals that hold for every call are final: the run is known to exist. It also raises
    LostSightError `patience` seconds after the first failure.
    """
    tries, until = 0, math.inf
    while not isinstance(ending := await world.calls.make(GetPipelineRun(run_id)), Ok):
        tries += 1
        now = world.clock.monotonic()
        until = min(until, now + patience)
        is_final = isinstance(ending, Refused) and ending.why in final and tries >= BELIEVE
        if is_final or now >= until:
            raise LostSightError(ending)
        missed(ending.fault)
        pause = backoff(tries, world.clock.spread(), ending.fault.retry_after)
        world.journal.debug(RunUnread(run_id, pause))
        await world.clock.sleep(pause)
    return ending.value


class Readings:
    """Series of readings, one after another: of a run, or of the list of runs if `run_id` is None.

    Failures in a row are logged now and then. The object's record keeps them for its end.
    """

    def __init__(self, entry: Entry, run_id: RunId | None = None) -> None:
        self._entry = entry
        self._run_id = run_id
        self._count = 0
        self._last: Fault | None = None

    def failed(self, fault: Fault) -> None:
        """One more reading has failed. It is logged if the error is new, and each time the count has doubled."""
        self._count += 1
        news = self._last is None or fault.kind != self._last.kind
        self._last = fault
        if self._count >= FEW:
            self._note(Unread(self._count, fault))
        if news or self._count.bit_count() == 1:
            self._entry.tell(ReadingFailed(self._run_id, self._count, fault))

    async def rest(self, fault: Fault) -> None:
        """One more reading has failed. Wait before the next one, at least as long as the service asks for."""
        self.failed(fault)
        clock = self._entry.world.clock
        await clock.sleep(backoff(self._count, clock.spread(), fault.retry_after))

    def over(self) -> None:
        """A reading has succeeded, so earlier failures do not matter any more."""
        self._count, self._last = 0, None
        if self._entry.record.unread:
            self._note(None)

    def _note(self, unread: Unread | None) -> None:
        self._entry.put(self._entry.record.reading_failed(unread))


@frozen
class Listed:
    """The runs that the pages of a list have shown. `failed` says why there may be more."""

    runs: tuple[Run, ...]
    failed: Refused | Unclear | None = None

    @property
    def drifts(self) -> bool:
        """Whether all pages came in every pass, but no two passes agree. Every run that they show exists."""
        return self.failed is not None and self.failed.fault.symptom is Symptom.LIST_UNSTABLE

    @property
    def hopeless(self) -> bool:
        """Whether reading again cannot help."""
        return self.failed is not None and is_hopeless(self.failed)


async def scan(calls: Calls, object_id: ObjectId) -> Listed:
    """List the object's runs, without a status filter: an unreadable list must not look like an empty one.

    Pages shift while they are read. So a list of several pages is read until two passes agree: only that proves that
    there are no other runs. One page is one answer and cannot shift.
    """
    shown: dict[str, Run] = {}
    before: Mapping[str, Run] | None = None
    for _ in range(MOST_PASSES):
        one = await read_pages(
            lambda number: calls.make(ListPipelineRuns(object_id, number)),
            lambda page: page.runs,
        )
        shown |= one.rows
        if failed := one.failed or _short(one):
            return Listed(tuple(shown.values()), failed)
        if one.pages == 1 or (before is not None and one.rows.keys() == before.keys()):
            return Listed(tuple(one.rows.values()))
        before = one.rows
    return Listed(tuple(shown.values()), Unclear(Fault(symptom=Symptom.LIST_UNSTABLE)))


async def read_list(entry: Entry, tries: float = math.inf) -> tuple[Listed, Fault | None]:
    """Read the object's runs until all of them were shown, even if the pages shift.

    Returns a fault if the list is refused for good, or after `tries` failures: then there may be more runs.
    """
    readings, count = Readings(entry), 0
    while (listed := await scan(entry.world.calls, entry.object_id)).failed and not listed.drifts:
        count += 1
        if count == tries or listed.hopeless:
            readings.over()
            return listed, listed.failed.fault
        await readings.rest(listed.failed.fault)
    readings.over()
    return listed, None


def _short(one: Pass[Run]) -> Unclear | None:
    """Why a pass is not valid that shows fewer runs than the service claims."""
    if not one.is_short:
        return None
    return Unclear(Fault(symptom=Symptom.LIST_SHORT, detail=f"{len(one.rows)} of {one.total}"))


async def listed_with(
    calls: Calls, object_id: ObjectId, run_id: RunId
) -> tuple[Run, ...] | Refused | Unclear:
    """The object's runs if this one is among them, else none.

    Mostly the first page shows the run, and the newer ones with it, so one call is enough.
    """
    ending = await calls.make(ListPipelineRuns(object_id))
    if not isinstance(ending, Ok):
        return ending
    if any(run.id == run_id for run in ending.value.runs):
        return ending.value.runs
    listed = await scan(calls, object_id)
    if any(run.id == run_id for run in listed.runs):
        return listed.runs
    return listed.failed or ()


async def prove(entry: Entry, run: Run, *, alone: bool) -> Run | None:
    """Return the run if it shows that it is this job's own. Otherwise None, and the ledger has the outcome.

    `alone`: the run comes from a call of its own. A list may show no descriptions. Raises LostSightError.
    """
    run, shows = await weigh(entry, run, alone=alone)
    return run if accept(entry, run, shows) else None


async def weigh(entry: Entry, run: Run, *, alone: bool) -> tuple[Run, Shows]:
    """Return the last reading of the run and what it shows. A run that is proven, or without a claim, needs no more
    proof.
    """
    held = entry.record.run
    claim = held.claim if held else None
    if claim is None or entry.record.proven:
        return run, Shows.OURS
    if claim.weigh(run) is Shows.NOTHING and not alone:
        readings = Readings(entry, run.id)
        run = await read_run(entry.world, run.id, readings.failed)
        readings.over()
    return run, claim.weigh(run)


def accept(entry: Entry, run: Run, shows: Shows) -> bool:
    """Whether to follow the run, from what it shows. If not, the ledger records that it is somebody else's."""
    held, known = entry.record.run, entry.world.known
    if shows is Shows.OTHER and held and held.claim:
        entry.put(entry.record.disowned(NotOurs(run, held.claim.mark), entry.world.clock.utc()))
        return False
    if shows is Shows.NOTHING and not known.unmarked:
        known.unmarked = True
        entry.world.journal.warn(None, DescriptionsHidden(run.id))
    entry.put(entry.record.proved())
    return True


async def unmarked(
    entry: Entry, runs: list[Run], since_ms: int | None = None, until: float = math.inf
) -> tuple[Run, ...]:
    """If runs show no descriptions, return the object's runs that this job may have created.

    It created none before `since_ms` (UTC), or before a day ago. They count only if no run of the object or workspace
    shows a description: one empty description proves nothing, because people often write none. If the list cannot be
    read `until` then (monotonic seconds), it counts as showing none.
    """
    if any(run.description for run in runs):
        return ()
    clock = entry.world.clock
    since = int(clock.utc().timestamp() * 1000) - DAY_MS if since_ms is None else since_ms
    doubtful, readings = undescribed(runs, since), Readings(entry)
    while doubtful and not entry.world.known.unmarked and clock.monotonic() < until:
        ending = await entry.world.calls.make(ListPipelineRuns(None))
        if isinstance(ending, Ok):
            return () if any(run.description for run in ending.value.runs) else doubtful
        if is_hopeless(ending):
            break
        await readings.rest(ending.fault)
    return doubtful
