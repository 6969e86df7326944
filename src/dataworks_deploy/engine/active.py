"""Handles the open runs of an object before anything is created for it."""

import math
from typing import assert_never

from dataworks_deploy.domain.active import Follow, GoOn, Ownership, Stop, Supersede, meet
from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.event import Leftovers, OtherFollowed, OthersUnread
from dataworks_deploy.domain.model import Creation, OnActiveRun, Run
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import (
    NotSuperseded,
    OpenBefore,
    OtherAbolished,
    OtherEnded,
    OthersUnreadable,
    Supersedes,
)
from dataworks_deploy.domain.reconcile import Mark, of_workspace
from dataworks_deploy.domain.record import Fate

from .ledger import Entry
from .read import TRIES, read_list
from .rivals import Opened, adopt
from .withdraw import Own, withdraw


class OpenRuns:
    """The open runs of one object, and what to do about them. Use an instance once."""

    def __init__(self, entry: Entry, creation: Creation, mark: Mark, choice: OnActiveRun) -> None:
        self._entry = entry
        self._creation = creation
        self._mark = mark
        self._choice = choice

    async def read(self) -> list[Run] | None:
        """The object's runs, or None if nothing may be created. Then the ledger has the outcome.

        If they cannot be read, a step that would only warn continues without the warning.
        """
        only_warns = self._choice is OnActiveRun.WARN
        listed, fault = await read_list(self._entry, TRIES if only_warns else math.inf)
        if fault and not only_warns:
            self._entry.end(Outcome.REJECTED, OthersUnreadable(self._choice, fault))
            return None
        if fault:
            self._entry.warn(OthersUnread(fault))
        return of_workspace(self._creation.project_id, listed.runs)

    async def meet(self, runs: list[Run]) -> Opened | GoOn | None:
        """Return a run to follow, or GoOn to create one. None if the object has ended; then the ledger has the
        outcome.
        """
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
        """Abolish the runs, each after a reading of its own. Returns the runs that stay open, or may.

        The record names them first, then the end of each one: the step may be cut off, or the creation refused.
        """
        self._entry.note(Supersedes(tuple(run.id for run in runs)))
        left, faults = list(runs), list[Fault]()
        try:
            for run in runs:
                if await self._gives_way(run, faults):
                    left.remove(run)
        finally:
            if left:
                last = faults[-1] if faults else None
                self._entry.note(NotSuperseded(tuple(run.id for run in left), last))
        return left

    async def _gives_way(self, run: Run, faults: list[Fault]) -> bool:
        """Whether the run has ended, because it was asked to or by itself. `faults` gets those of failed calls."""
        fates, own = list[tuple[Fate, Run]](), Own(run.id, Ownership(self._mark))
        await withdraw(
            self._entry.world,
            {self._entry.object_id: own},
            lambda _, fate, last: fates.append((fate, last)),
            lambda _, fault: faults.append(fault),
        )
        match fates:
            case [(Fate.ABOLISHED, _)]:
                self._entry.note(OtherAbolished(run.id))
            case [(Fate.ENDED, last)]:
                self._entry.note(OtherEnded(run.id, last.status))
            case _:
                return False
        return True
