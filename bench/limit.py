"""The shortest makespan that any client can reach, computed from the service's figures. All times are in seconds."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scene:
    """The service: the time of a call, the time of each stage, and the number of writes in a second."""

    latency: float = 0.15
    stage: float = 5.0
    stages: int = 3
    writes_per_second: int = 20

    @property
    def writes(self) -> int:
        """The writes for one object: its creation, and an execution of each stage except the first."""
        return self.stages

    @property
    def chain(self) -> float:
        """The time for one object alone, from the arrival of the creation to the answer that confirms its end.

        The service starts a stage when the call arrives. So the answers to the creation and the executions travel while
        the stage runs, and cost no time. These times remain: each stage, and the reading after each stage that shows
        its end. That reading costs one answer, because the next execution leaves with it. Last comes one more reading
        to confirm the end.
        """
        return self.stages * (self.stage + self.latency) + self.latency

    def earliest(self, number: int) -> float:
        """When the write with this number (from 1) can leave at the earliest, in a sliding window of a second."""
        return float((number - 1) // self.writes_per_second)

    def creations(self, objects: int) -> float:
        """The quota delays the last creation. After it comes that object's whole chain."""
        return self.earliest(objects) + self.chain

    def executions(self, objects: int) -> float:
        """The last of all writes executes a last stage. That stage then runs, is seen to end, and is read again."""
        return self.earliest(objects * self.writes) + self.stage + 2 * self.latency

    def limit(self, objects: int) -> float:
        """No client can be faster than the larger of the two."""
        return max(self.creations(objects), self.executions(objects))

    def in_order(self, needs: Mapping[T, Collection[T]], places: int) -> float:
        """The same limit if objects need others and at most `places` run at once, so few that the quota does not
        matter.

        The order is known only after one answer. Then comes one chain for each round.
        """
        return self.latency + rounds(needs, places) * self.chain


def rounds(needs: Mapping[T, Collection[T]], places: int) -> int:
    """The smallest number of rounds with at most `places` objects each, if each object comes after all that it needs.

    An object on level k has k objects in a row before it, so its round is the k-th (from 0) or a later one. All objects
    on level k and above fill ceil(their number / places) rounds from there. The same holds from the end backwards.
    """
    needed_by: dict[T, list[T]] = {each: [] for each in needs}
    for each, others in needs.items():
        for other in others:
            needed_by[other].append(each)
    return max(_rounds(_levels(each), places) for each in (needs, needed_by))


def _rounds(levels: Collection[int], places: int) -> int:
    above = {level: sum(each >= level for each in levels) for level in levels}
    return max((level - (-count // places) for level, count in above.items()), default=0)


def _levels(needs: Mapping[T, Collection[T]]) -> Collection[int]:
    level = dict[T, int]()
    for each in TopologicalSorter(needs).static_order():
        level[each] = max((level[other] + 1 for other in needs[each]), default=0)
    return level.values()
