"""What stops a step after reading Data Studio. The step reports all problems at once, before it creates anything."""

from collections.abc import Iterable

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.ending import Fault
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
class NotOrdered:
    """The objects of a cycle wait for each other. `objects` are all objects that its edges name."""

    cycle: Cycle
    objects: tuple[StudioObject, ...]


@frozen
class UpstreamNeeded:
    """The object misses an upstream object, and `upstream: fail` is set."""

    object: StudioObject
    missing: Missing


Problem = SelectionProblem | NotRead | TooManyCalls | NotOrdered | UpstreamNeeded


def verdict_of(problems: Iterable[Problem]) -> Verdict:
    """Return what a step with these problems reports. If everything was unreadable, the inputs are not at fault."""
    unread = all(isinstance(each, NotRead | TooManyCalls) for each in problems)
    return Verdict.FAILED if unread else Verdict.INVALID
