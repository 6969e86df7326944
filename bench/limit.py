"""The makespan that no client can beat: arithmetic on the numbers of the service, all in seconds."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scene:
    """The service: how long a call takes, how long each stage, and how many writes fit into a second."""

    latency: float = 0.15
    stage: float = 5.0
    stages: int = 3
    writes_per_second: int = 20

    @property
    def writes(self) -> int:
        """The writes that one object needs: its creation, and an execution of each stage but the first."""
        return self.stages

    @property
    def chain(self) -> float:
        """One object alone, from the creation's arrival to the answer that confirms its end.

        The service starts a stage when the call arrives, so the answers to the creation and to the executions
        travel while the stage runs, and cost nothing. What nobody can hide: each stage; after each stage the
        reading that shows its end (one answer's time; the next execution leaves with it); and the last word
        read once more.
        """
        return self.stages * (self.stage + self.latency) + self.latency

    def earliest(self, number: int) -> float:
        """When the write of this number (from 1) can leave at the earliest, in a sliding window of a second."""
        return float((number - 1) // self.writes_per_second)

    def creations(self, objects: int) -> float:
        """The last object cannot be created before the quota lets it, and then has its whole chain ahead."""
        return self.earliest(objects) + self.chain

    def executions(self, objects: int) -> float:
        """The last of all writes executes a last stage, which then runs, is seen to end, and is read again."""
        return self.earliest(objects * self.writes) + self.stage + 2 * self.latency

    def limit(self, objects: int) -> float:
        """The larger of the two is what no client can beat."""
        return max(self.creations(objects), self.executions(objects))

    def in_order(self, needs: Mapping[T, Collection[T]], places: int) -> float:
        """The same where objects need others, so many at once, as few as fit into the quota.

        The order is not known before one answer; then comes one chain for each round.
        """
        return self.latency + rounds(needs, places) * self.chain


def rounds(needs: Mapping[T, Collection[T]], places: int) -> int:
    """The least number of rounds, each of so many objects at the most, and each object behind all that it needs.

    An object on level k has k objects in a row before it, so its round is the k-th (from 0) or a later one. All of
    level k and above fill ceil(their number / places) rounds from there. The same holds from the end backwards.
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
