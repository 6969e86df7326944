"""Decides what the open runs of an object mean for a creation, from one list of the object's runs."""

from collections.abc import Iterable
from typing import assert_never

from . import frozen
from .model import Creation, OnActiveRun, Run
from .reconcile import Mark, Shows, is_of, parse_mark, youngest


@frozen
class GoOn:
    """Create a run. The runs in `beside` are open, and people should know."""

    beside: tuple[Run, ...] = ()


@frozen
class Follow:
    """Follow this run instead."""

    run: Run


@frozen
class Stop:
    """Create nothing, because this run is open."""

    run: Run


@frozen
class Supersede:
    """Abolish `runs`, which belong to this repository, then create a run. The runs in `beside` stay open."""

    runs: tuple[Run, ...]
    beside: tuple[Run, ...]


@frozen
class Ownership:
    """A run belongs to this repository if its mark names the same owner. `mark` is the mark of the run to create."""

    mark: Mark

    def weigh(self, run: Run) -> Shows:
        """What the run shows about its owner."""
        its = parse_mark(run.description)
        return Shows.OURS if its and its.owner and its.owner == self.mark.owner else Shows.OTHER


def meet(
    mark: Mark, creation: Creation, runs: Iterable[Run], choice: OnActiveRun
) -> GoOn | Follow | Stop | Supersede:
    """Decide what the open runs of others mean for a creation with this mark. This job's own runs do not count here."""
    others = tuple(run for run in runs if not (run.ended or is_of(mark.intent, run)))
    if not others:
        return GoOn()
    match choice:
        case OnActiveRun.IGNORE:
            return GoOn()
        case OnActiveRun.WARN:
            return GoOn(others)
        case OnActiveRun.FAIL:
            return Stop(youngest(others))
        case OnActiveRun.ADOPT:
            same = [run for run in others if run.may_be(creation.type)]
            return Follow(youngest(same)) if same else GoOn(others)
        case OnActiveRun.SUPERSEDE:
            owns = Ownership(mark)
            mine = tuple(run for run in others if owns.weigh(run) is Shows.OURS and not run.deploying)
            beside = tuple(run for run in others if run not in mine)
            return Supersede(mine, beside) if mine else GoOn(beside)
        case _ as never:
            assert_never(never)
