"""Workspaces to select from, as files for the emulator."""

import json
import random
from collections.abc import Mapping
from typing import Any

FIRST_OBJECT = 7_567_482_277_219_412_494  # as long as real IDs
Needs = Mapping[str, tuple[str, ...]]


def object_ids(count: int) -> list[str]:
    """So many IDs."""
    return [str(FIRST_OBJECT + number) for number in range(count)]


def drawn(count: int, levels: int, seed: int) -> Needs:
    """Draw a graph: the objects in random order, each with those that it needs.

    Each object above the first level needs one of the level before, and up to two of any earlier level.
    """
    draw = random.Random(seed)  # noqa: S311 - so that it can be drawn again
    level_of = {each: min(place, draw.randrange(levels)) for place, each in enumerate(object_ids(count))}
    level_of |= dict(zip(object_ids(levels), range(levels), strict=True))
    needs = dict[str, tuple[str, ...]]()
    for each, level in level_of.items():
        before = [other for other in level_of if level_of[other] < level]
        nearest = [other for other in before if level_of[other] == level - 1]
        more = draw.sample(before, min(len(before), draw.randrange(3)))
        needs[each] = tuple(dict.fromkeys([*draw.sample(nearest, min(len(nearest), 1)), *more]))
    return {each: needs[each] for each in draw.sample(list(needs), count)}


def of_graph(needs: Needs) -> str:
    """A workspace with these nodes, none of them in production."""
    return _written({"id": each, "name": f"node_{each}", "after": list(needs[each])} for each in needs)


def edited(count: int, changed: int) -> str:
    """A workspace with so many nodes. Some are edited after all were looked up once."""
    ids = object_ids(count)
    edits = [
        {"before": f"GetNode:{count + 1}", "object": each, "script": "SELECT 2;"} for each in ids[:changed]
    ]
    return json.dumps({"nodes": [{"id": each, "name": f"node_{each}"} for each in ids], "edits": edits})


def of_folders(nodes: int, in_each: int) -> str:
    """A workspace with so many nodes in production, each needing the one before, in folders of equal size."""
    ids = object_ids(nodes)
    return _written(
        {
            "id": each,
            "name": f"dwd_orders_daily_{number:04}",
            "path": f"业务流程/orders_{number // in_each:03}/MaxCompute/dwd_orders_daily_{number:04}",
            "after": ids[max(number - 1, 0) : number],
            "production": True,
        }
        for number, each in enumerate(ids)
    )


def _written(nodes: Any) -> str:
    return json.dumps({"name": "warehouse", "nodes": list(nodes)})
