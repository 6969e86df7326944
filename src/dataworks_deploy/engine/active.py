"""Meets the runs that are open on an object before anything is created for it."""

from typing import assert_never

from dataworks_deploy.domain.active import Follow, GoOn, Ownership, Stop, Supersede, meet
from dataworks_deploy.domain.ending import HOPELESS, Refused
from dataworks_deploy.domain.event import Leftovers, OtherFollowed, OthersUnread
from dataworks_deploy.domain.model import Creation, ObjectId, OnActiveRun, Run
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import OpenBefore, OthersUnreadable, Supersedes
from dataworks_deploy.domain.reconcile import Mark, of_workspace
from dataworks_deploy.domain.record import Fate

from .ledger import Entry
from .read import Readings, scan
from .rivals import Opened, adopt
from .withdraw import Own, withdraw

# A reading that only warns is tried so often.
TRIES = 3


class OpenRuns:
    """The open runs of one object, and what is done about them. For one use."""

    def __init__(self, entry: Entry, creation: Creation, mark: Mark, choice: OnActiveRun) -> None:
        self._entry = entry
        self._creation = creation
        self._mark = mark
        self._choice = choice

    async def read(self) -> list[Run] | None:
        """The object's runs, or None where nothing may be created, and the ledger already holds why.

        Where they cannot be read a warning is all that is lost, unless the user wants more than that.
        """
        readings, tries = Readings(self._entry), 0
        while True:
            listed = await scan(self._entry.world.calls, self._creation.object_id)
            here = of_workspace(self._creation.project_id, listed.runs)
            if listed.failed is None or listed.drifts:
                readings.over()
                return here
            tries += 1
            fault, is_final = (
                listed.failed.fault,
                isinstance(listed.failed, Refused) and listed.failed.why in HOPELESS,
            )
            if self._choice is OnActiveRun.WARN and (is_final or tries == TRIES):
                readings.over()
                self._entry.warn(OthersUnread(fault))
                return here
            if is_final:
                self._entry.end(Outcome.REJECTED, OthersUnreadable(self._choice, fault))
                return None
            await readings.rest(fault)

    async def meet(self, runs: list[Run]) -> Opened | GoOn | None:
        """A run to follow, or to go on beside these, or None where the ledger already holds the end."""
        match meet(self._mark, self._creation, runs, self._choice):
            case Stop(run):
                self._entry.end(Outcome.CONFLICT, OpenBefore(run, self._creation.type))
                return None
            case Follow(run):
                self._entry.tell(OtherFollowed(run))
                return adopt(self._entry, run, None)
            case Supersede(mine, beside):
                return self._leave((*await self._supersede(mine), *beside))
            case GoOn(beside):
                return self._leave(beside)
            case _ as never:
                assert_never(never)

    def _leave(self, beside: tuple[Run, ...]) -> GoOn:
        if beside:
            self._entry.warn(Leftovers(beside))
        return GoOn(beside)

    async def _supersede(self, runs: tuple[Run, ...]) -> list[Run]:
        """Abolish them, each after a reading of its own; returns those that stay open, or may."""
        left = list[Run]()
        # Before anything is done: a step that is killed then has named them.
        self._entry.note(Supersedes(tuple(run.id for run in runs)))
        for run in runs:
            settled = list[Fate]()

            def note(_: ObjectId, fate: Fate, __: Run, settled: list[Fate] = settled) -> None:
                settled.append(fate)

            own = Own(run.id, Ownership(self._mark))
            await withdraw(self._entry.world, {self._entry.object_id: own}, note)
            if not settled or settled[0] not in {Fate.ABOLISHED, Fate.ENDED}:
                left.append(run)
        return left
