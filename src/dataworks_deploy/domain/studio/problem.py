"""What stops a step after reading Data Studio. The step reports all problems at once, before it creates anything."""

from collections.abc import Collection, Iterable

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.error import Known, row_of, stops_all
from dataworks_deploy.domain.outcome import Verdict

from .catalog import StudioObject
from .dependencies import Cycle, Missing
from .selection import Problem as SelectionProblem


@frozen
class NotRead:
    """A list cannot be read: this call fails, or its answers never agree.

    The list is needed for names and patterns, or to find upstream objects (`for_upstream`).
    """

    operation: str
    fault: Fault
    for_upstream: bool = False


@frozen
class TooManyCalls:
    """The list takes more calls than the step may spend on an account that serves only few."""

    operation: str
    calls: int
    for_upstream: bool = False


@frozen
class NothingRead:
    """One known error is why nothing can be read. It says by itself what to do."""

    known: Known
    fault: Fault


@frozen
class NotOrdered:
    """The objects of a cycle wait for each other. `objects` are all objects that its edges name."""

    cycle: Cycle
    objects: tuple[StudioObject, ...]


@frozen
class UpstreamNeeded:
    """The object misses an upstream object, and `upstream: fail` is set."""

    object: StudioObject
    missing: Missing


Problem = SelectionProblem | NotRead | NothingRead | TooManyCalls | NotOrdered | UpstreamNeeded


def condensed(unread: Collection[NotRead | TooManyCalls]) -> tuple[Problem, ...]:
    """These problems of a step that could read nothing, or one in their place: an error that stops every reading, or
    that several lists ended with.
    """
    faults = [each.fault for each in unread if isinstance(each, NotRead)]
    alike = 1 < len(faults) == len(unread) and len({row_of(each) for each in faults}) == 1
    for each in faults:
        if (row := row_of(each)) and (alike or stops_all(each)):
            return (NothingRead(row, each),)
    return tuple(unread)


def verdict_of(problems: Iterable[Problem]) -> Verdict:
    """Return what a step with these problems reports. If everything was unreadable, the inputs are not at fault."""
    unread = all(isinstance(each, NotRead | NothingRead | TooManyCalls) for each in problems)
    return Verdict.FAILED if unread else Verdict.INVALID
