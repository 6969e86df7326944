"""The objects of the soak: what each needs, and which of them fail."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.workspace import Needs, drawn, object_ids, of_graph
from dataworks_emulator import Failure

PART, LEVELS = 25, 6  # a failure stops nothing outside its part of the graph
FAILING = 0.01  # of all objects


@dataclass(frozen=True)
class Graph:
    """The objects in the order given, each with those that it needs. The check of a `failing` object fails."""

    needs: Needs
    failing: frozenset[str]

    @property
    def workspace(self) -> Mapping[str, Any]:
        """The objects for the emulator. None of them is in production."""
        held: dict[str, Any] = json.loads(of_graph(self.needs))
        return held

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The failures for the emulator."""
        return tuple(Failure(each, "PROD_CHECK", "no such table") for each in sorted(self.failing))

    def before(self, object_id: str) -> set[str]:
        """Everything that the object needs, directly or not."""
        found, ahead = set[str](), [object_id]
        while ahead:
            new = {*self.needs[ahead.pop()]} - found
            found |= new
            ahead += new
        return found


def draw(objects: int, seed: int) -> Graph:
    """Draw so many objects. Something needs each of those that fail."""
    ids, needs = object_ids(objects), dict[str, tuple[str, ...]]()
    for first in range(0, objects, PART):
        ours = dict(zip(object_ids(PART), ids[first : first + PART], strict=False))
        part = drawn(PART, LEVELS, seed + first)
        needs |= {ours[each]: tuple(ours[up] for up in part[each] if up in ours) for each in ours}
    chance = random.Random(seed)
    needed = sorted({up for ups in needs.values() for up in ups})
    failing = frozenset(chance.sample(needed, round(FAILING * objects)))
    return Graph({each: needs[each] for each in chance.sample(ids, objects)}, failing)
