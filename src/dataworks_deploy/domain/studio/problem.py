"""What keeps a step from starting once Data Studio was read: all of it is told at once, before anything is created."""

from collections.abc import Iterable

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.outcome import Verdict

from .catalog import StudioObject
from .dependencies import Cycle, Missing
from .selection import Problem as SelectionProblem


@frozen
class NotRead:
    """A list cannot be read: this call fails, or its answers never agree with each other.

    It was wanted for names and patterns, or `for_upstream` objects.
    """

    operation: str
    fault: Fault
    for_upstream: bool = False


@frozen
class TooManyCalls:
    """The list takes more calls than are spent of an account that has shown to serve few."""

    operation: str
    calls: int
    for_upstream: bool = False


@frozen
class NotOrdered:
    """The objects of a cycle wait for each other. `objects` are all that its edges name."""

    cycle: Cycle
    objects: tuple[StudioObject, ...]


@frozen
class UpstreamNeeded:
    """The object misses another one, and `upstream: fail` is set."""

    object: StudioObject
    missing: Missing


Problem = SelectionProblem | NotRead | TooManyCalls | NotOrdered | UpstreamNeeded


def verdict_of(problems: Iterable[Problem]) -> Verdict:
    """What a step reports that begins nothing because of these. Inputs are not at fault where nothing could be read."""
    unread = all(isinstance(each, NotRead | TooManyCalls) for each in problems)
    return Verdict.FAILED if unread else Verdict.INVALID
