"""Reads the runs of objects, to find out which objects have changed since this repository deployed them."""

import asyncio
from collections.abc import Iterable, Mapping

from dataworks_deploy.domain.ending import Ok
from dataworks_deploy.domain.event import ChangesUnread, ContentUnread
from dataworks_deploy.domain.model import GetPipelineRun, ObjectId, Run
from dataworks_deploy.domain.pace import backoff
from dataworks_deploy.domain.reconcile import of_workspace
from dataworks_deploy.domain.studio.catalog import StudioObject
from dataworks_deploy.domain.studio.changes import Changed, Comparison, compare

from .calls import World
from .ledger import Begun
from .read import TRIES, scan
from .studio import AT_ONCE


class Comparing:
    """Compares the content of objects with what their runs have deployed for this owner. Use an instance once.

    Objects that this job has already begun, in an earlier attempt or in a copy of it, are not compared: `begun` gets
    their runs.
    """

    def __init__(self, world: World, project_id: int, owner: str, begun: Begun) -> None:
        self._world = world
        self._project_id = project_id
        self._owner = owner
        self._begun = begun
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._unread, self._unknown = 0, 0

    async def compare(self, objects: Iterable[StudioObject]) -> Mapping[ObjectId, Comparison]:
        """What is known of each object. Objects that this job has already begun are left out: it continues them."""
        async with asyncio.TaskGroup() as group:
            tasks = {each.id: group.create_task(self._compare(each)) for each in objects}
        if self._unknown:
            self._world.journal.warn(None, ContentUnread(self._unknown))
        if self._unread:
            self._world.journal.warn(None, ChangesUnread(self._unread))
        return {object_id: found for object_id, task in tasks.items() if (found := task.result())}

    async def _compare(self, found: StudioObject) -> Comparison | None:
        if found.content is None:
            self._unknown += 1
            return compare(found, None, self._owner)
        async with self._slots:
            runs = await self._runs(found.id)
            if runs is None:
                self._unread += 1
            elif self._begun.meet(found.id, runs):
                return None
            said = compare(found, runs, self._owner)
            if isinstance(said, Changed) or not runs:
                return said
            # Lists lag: an open run may have continued since.
            return compare(found, await self._as_they_are(runs), self._owner)

    async def _runs(self, object_id: ObjectId) -> list[Run] | None:
        """All runs of the object. None if the list may be incomplete."""
        world = self._world
        for tries in range(1, TRIES + 1):
            listed = await scan(world.calls, object_id)
            if listed.failed is None:
                return of_workspace(self._project_id, listed.runs)
            if listed.drifts or listed.hopeless:
                return None
            if tries < TRIES:
                pause = backoff(tries, world.clock.spread(), listed.failed.fault.retry_after)
                await world.clock.sleep(pause)
        return None

    async def _as_they_are(self, runs: list[Run]) -> list[Run] | None:
        """The same runs. Each open run is read by a call of its own."""
        now = list[Run]()
        for run in runs:
            if run.ended:
                now.append(run)
                continue
            match await self._world.calls.make(GetPipelineRun(run.id)):
                case Ok(read):
                    now.append(read)
                case _:
                    return None
        return now
