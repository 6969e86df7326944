"""What the runs that are open on an object before its creation mean for it: decided from one list of its runs."""

from collections.abc import Iterable
from typing import assert_never

from . import frozen
from .model import Creation, OnActiveRun, Run
from .reconcile import Mark, Shows, is_of, parse_mark, youngest


@frozen
class GoOn:
    """Create a run. These are open, and people should know."""

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
    """End these of this repository's own, then go on; the others stay open `beside` the new run."""

    runs: tuple[Run, ...]
    beside: tuple[Run, ...]


@frozen
class Ownership:
    """What makes a run this repository's own: a mark of the same owner. `mark` is that of the run to come."""

    mark: Mark

    def weigh(self, run: Run) -> Shows:
        """What the run shows for it."""
        its = parse_mark(run.description)
        return Shows.OURS if its and its.owner and its.owner == self.mark.owner else Shows.OTHER


def meet(
    mark: Mark, creation: Creation, runs: Iterable[Run], choice: OnActiveRun
) -> GoOn | Follow | Stop | Supersede:
    """Decide what open runs of somebody else mean for a creation with this mark; this job's own are no matter here."""
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
