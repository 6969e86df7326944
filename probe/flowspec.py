"""Where a FlowSpec says what workflow its node is in."""

import json
import re
from collections.abc import Iterator
from typing import Any

# Where the action looks for it, in this order. It was seen at the first; the others are guesses from the documents.
PLACES = (
    "spec.workflows[0].id",
    *(
        f"{place}{key}"
        for place in ("metadata.", "spec.nodes[0].", "spec.nodes[0].metadata.", "spec.")
        for key in ("container.uuid", "container.id", "container", "containerId", "workflowId")
    ),
)
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def texts(spec: str) -> dict[str, str]:
    """All texts and numbers in it by their place. Raises ValueError or RecursionError."""
    return dict(_texts(json.loads(spec), ""))


def workflow(found: dict[str, str], node_id: str) -> str:
    """The place of the first ID that the action would take for the workflow's; empty where there is none."""
    fitting = (each for each in PLACES if each in found and found[each] != node_id)
    return next((each for each in fitting if ID.fullmatch(found[each])), "")


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            # A key that is no word could be an ID, which is not to be shown.
            name = key if key.isascii() and key.isalpha() else "…"
            yield from _texts(each, f"{place}.{name}" if place else name)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _texts(each, f"{place}[{number}]")
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield place, str(value)
