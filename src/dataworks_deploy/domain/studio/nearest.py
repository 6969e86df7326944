"""Which objects somebody may have meant by a name that no object has."""

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise

from .catalog import StudioObject
from .request import Form, Line

# So many are named, and they share at least this part of their pairs of letters with what was written.
MOST_NAMED = 3
LEAST_LIKENESS = 0.4

_Pairs = frozenset[str]


class Nearest:
    """Finds the objects whose names or paths look most like a line; for all lines of one request."""

    def __init__(self, objects: Sequence[StudioObject]) -> None:
        # A node inside a workflow can't be given: to name it would lead from one fault to the next.
        self._objects = [each for each in objects if each.workflow is None]

    def to(self, line: Line) -> tuple[StudioObject, ...]:
        """The nearest objects, the most similar first; of a kind that the line leaves out as well."""
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
    """The pairs of neighbouring letters, in any case; the ends count as letters."""
    text = f" {text.casefold()} " if text else ""
    return frozenset(one + other for one, other in pairwise(text))


def _likeness(one: _Pairs, other: _Pairs) -> float:
    """Twice the pairs that both have, over the pairs of both: 0 to 1."""
    return 2 * len(one & other) / (len(one) + len(other))
