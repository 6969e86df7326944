"""Which objects somebody may have meant by a name that does not exist."""

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise

from .catalog import StudioObject
from .request import Form, Line

# At most so many objects are suggested. They share at least this part of their letter pairs with the name.
MOST_NAMED = 3
LEAST_LIKENESS = 0.4

_Pairs = frozenset[str]


class Nearest:
    """Finds the objects whose names or paths are most similar to a line. One instance serves all lines of a request."""

    def __init__(self, objects: Sequence[StudioObject]) -> None:
        # A node inside a workflow cannot be selected: suggesting it would only lead to the next error.
        self._objects = [each for each in objects if each.workflow is None]

    def to(self, line: Line) -> tuple[StudioObject, ...]:
        """The nearest objects, the most similar first. They may be of a kind that the line excludes."""
        text = line.sought.replace("*", "")
        sought = _pairs(text)
        if line.form is Form.ID or not sought:
            return ()
        known = self._paths if "/" in line.sought else self._names
        scored = (
            (_likeness(sought, pairs), -abs(length - len(text)), -place)
            for place, (pairs, length) in enumerate(known)
        )
        best = sorted((each for each in scored if each[0] >= LEAST_LIKENESS), reverse=True)[:MOST_NAMED]
        return tuple(self._objects[-place] for *_, place in best)

    @cached_property
    def _names(self) -> list[tuple[_Pairs, int]]:
        return self._all(lambda each: each.name)

    @cached_property
    def _paths(self) -> list[tuple[_Pairs, int]]:
        return self._all(lambda each: each.path or each.name)

    def _all(self, text: Callable[[StudioObject], str]) -> list[tuple[_Pairs, int]]:
        texts = [text(each) for each in self._objects]
        return [(_pairs(each), len(each)) for each in texts]


def _pairs(text: str) -> _Pairs:
    """The pairs of neighbouring letters, in lower case. Both ends count as letters."""
    text = f" {text.casefold()} " if text else ""
    return frozenset(one + other for one, other in pairwise(text))


def _likeness(one: _Pairs, other: _Pairs) -> float:
    """Twice the number of shared pairs, divided by the number of all pairs: 0 to 1."""
    return 2 * len(one & other) / (len(one) + len(other))
