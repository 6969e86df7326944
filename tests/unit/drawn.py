"""Random readings of a run that may follow each other, for property tests, and counts of what the tests have seen."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import product
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from dataworks_deploy.domain.advance import Goal
from dataworks_deploy.domain.model import DeployType, Run, RunId, Stage

T = TypeVar("T")
# A test with many branches needs more examples to reach them all.
MANY = settings(max_examples=2 * settings().max_examples)
CODES = ("A", "B", "C", "D")
STATUSES = ("Init", "Running", "Success", "Fail", "Termination", "Cancel", "Paused", "")
TYPES = ("Build", "Check", "Deploy", "Offline", "Delete", "Canary", "deploy", "")
ENDS = ("Success", "Fail", "Termination", "Cancel")
MOST = 8
# A code and a type for each stage. The order differs from that of the steps, and two stages may share a step.
_STAGES = st.tuples(
    st.sampled_from((1, 2, 3, 4, 4)),
    st.permutations(CODES),
    st.sampled_from(((1, 2, 3, 4), (-3, 0, 20, 100), (1, 1, 2, 2))),
    st.tuples(*[st.sampled_from((*["Check", "Deploy", "Deploy", "Delete"] * 4, *TYPES))] * 4),
)
# How much further the run is than before, what its present stage does, and what the run does. "odd" stands for stages
# that contradict each other.
_STEPS = tuple(
    product(
        (0, 0, 0, 0, 0, 1, 1, 1, -1),
        (*["Init"] * 14, *STATUSES, "odd", "odd"),
        (*["Running"] * 17, "Init", "Paused", ""),
    )
)
_Plan = tuple[int, list[str], tuple[int, ...], tuple[str, ...]]
_Reading = tuple[tuple[int, str, str], int, int]


def histories(name: str = "run-1") -> st.SearchStrategy[tuple[Run, ...]]:
    """Readings of one run, one after the other. Each begins the list with another stage. Most show how far the run is,
    sometimes less far than before. An ended run stays ended, whatever its stages show.
    """
    readings = st.tuples(st.sampled_from(_STEPS), st.integers(0, 3), st.integers(0, len(STATUSES) ** 4 - 1))
    ended = st.tuples(st.integers(0, 3 * MOST), st.sampled_from(ENDS))
    return st.builds(
        partial(_history, name), _STAGES, st.lists(readings, min_size=MOST - 2, max_size=MOST), ended
    )


def _history(name: str, plan: _Plan, readings: list[_Reading], ended: tuple[int, str]) -> tuple[Run, ...]:
    count, *columns = plan
    stages = [Stage(code, "", step, kind, "Init") for code, step, kind in zip(*columns, strict=True)][:count]
    (since, end), come, runs = ended, 0, list[Run]()
    for number, ((farther, front, status), head, odd) in enumerate(readings):
        come = min(max(come + farther, 0), count - 1)
        natural = ["Success"] * come + [front] + ["Init"] * count
        shown = _odd(odd) if front == "odd" else natural
        rows = [replace(stage, status=each) for stage, each in zip(stages, shown, strict=False)]
        rows = [*rows[head % count :], *rows[: head % count]]
        runs.append(Run(RunId(name), end if number > since else status, stages=tuple(rows)))
    return tuple(runs)


def _odd(number: int) -> list[str]:
    """Any four statuses, by number."""
    return [STATUSES[number // len(STATUSES) ** place % len(STATUSES)] for place in range(4)]


_AT = (*[""] * 4, *CODES)
GOALS = st.sampled_from(
    [
        Goal(advance, until, bool(automatic), automatic, kind)
        for advance, until, automatic, kind in product(
            (True, True, True, False), _AT, _AT, (*[None] * 6, *DeployType)
        )
    ]
    + [Goal(automatic=True)] * 200
)


def shares(drawn: st.SearchStrategy[T], kinds: Callable[[T], Iterable[str]]) -> dict[str, float]:
    """The share of each kind among the drawn examples. For a kind that is never drawn, a property proves nothing."""
    counts = Counter[str]()

    @MANY
    @given(drawn)
    def look(one: T) -> None:
        counts.update({"": 1} | dict.fromkeys(kinds(one), 1))

    look()
    return {kind: count / counts[""] for kind, count in counts.items() if kind}
