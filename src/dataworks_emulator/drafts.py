"""The drafts of Data Studio: nodes, workflows, resources and functions as people edit them, with all their versions."""

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf
from typing import Any

NODE, WORKFLOW, RESOURCE, FUNCTION = "Node", "WorkflowDefinition", "Resource", "Function"
NORMAL = "Normal"
OWNER = "1000000000000001"
CREATED_MS = 1_700_000_000_000


@dataclass(frozen=True)
class Depends:
    """What a node waits for: an output, and the type of dependency. Only `Normal` orders a deployment."""

    output: str
    type: str = NORMAL


@dataclass(frozen=True)
class Draft:
    """One object. `container` is the workflow that contains a node. `uses` are names of resources and functions."""

    id: str
    kind: str
    name: str
    path: str
    type: str = ""
    container: str = ""
    command: str = ""
    script: str = ""
    description: str = ""
    owner: str = OWNER
    cron: str = "00 00 00 * * ?"
    recurrence: str = NORMAL
    outputs: tuple[str, ...] = ()
    depends: tuple[Depends, ...] = ()
    uses: tuple[str, ...] = ()
    created_ms: int = CREATED_MS
    modified_ms: int = CREATED_MS

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the outputs that must be in production before this object."""
        return tuple(each.output for each in self.depends if each.type == NORMAL)


class Drafts:
    """All drafts, in the order in which lists show them. Times are in seconds since 1970."""

    def __init__(self, drafts: Iterable[Draft]) -> None:
        """Start with these drafts. Each has its own ID."""
        self._versions: dict[str, list[tuple[float, Draft | None]]] = {}
        self._order: list[str] = []
        self._makers: defaultdict[str, list[Draft]] | None = None
        for draft in drafts:
            self.put(draft, -inf)

    def put(self, draft: Draft, now: float) -> None:
        """Add a draft, or a new version of it."""
        if draft.id not in self._versions:
            self._order.append(draft.id)
        self._versions.setdefault(draft.id, []).append((now, draft))
        self._makers = None

    def edit(self, object_id: str, now: float, **changes: Any) -> None:
        """Change fields of an existing draft, and its time of modification."""
        found = self._versions[object_id][-1][1]
        if found is not None:
            # Two edits at the same time get different times.
            modified = max(round(now * 1000), found.modified_ms + 1)
            self.put(replace(found, **changes, modified_ms=modified), now)

    def remove(self, object_id: str, now: float) -> None:
        """Delete an existing draft."""
        self._versions[object_id].append((now, None))
        self._makers = None

    def find(self, object_id: str, when: float = inf) -> Draft | None:
        """Return a draft as it was at that time, by default as it is now."""
        versions = self._versions.get(object_id)
        if not versions:
            return None
        since, draft = versions[-1]
        if since <= when:
            return draft
        return next((draft for since, draft in reversed(versions) if since <= when), None)

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the IDs of all drafts, including deleted ones."""
        return tuple(self._versions)

    def versions(self, object_id: str) -> tuple[tuple[float, Draft | None], ...]:
        """Return all versions of a draft, each with the time at which it begins. None means deleted."""
        return tuple(self._versions.get(object_id, ()))

    def knows(self, object_id: str) -> bool:
        """Tell whether the draft exists or has existed."""
        return object_id in self._versions

    def listed(self, *kinds: str, when: float = inf) -> list[Draft]:
        """Return all drafts of these kinds as they were at that time."""
        found = [self.find(object_id, when) for object_id in self._order]
        return [draft for draft in found if draft is not None and draft.kind in kinds]

    def inside(self, workflow: str, when: float = inf) -> list[Draft]:
        """Return the nodes of a workflow as it was at that time."""
        return [draft for draft in self.listed(NODE, when=when) if draft.container == workflow]

    def named(self, name: str) -> list[Draft]:
        """Return the resources and functions with this name."""
        return [draft for draft in self.listed(RESOURCE, FUNCTION) if draft.name == name]

    def makers(self, output: str) -> list[Draft]:
        """Return the nodes and workflows that make this output: one, if the workspace is correct."""
        if self._makers is None:
            self._makers = defaultdict(list)
            for draft in self.listed(NODE, WORKFLOW):
                for each in draft.outputs:
                    self._makers[each].append(draft)
        return self._makers.get(output, [])

    def waiting(self, outputs: Iterable[str]) -> list[Draft]:
        """Return the nodes and workflows that need one of these outputs."""
        wanted = set(outputs)
        return [draft for draft in self.listed(NODE, WORKFLOW) if wanted.intersection(draft.needs)]

    def drift(self, rng: random.Random, rows: int) -> None:
        """Move so many drafts to other places in the lists, as happens while lists are read."""
        for _ in range(rows if len(self._order) > 1 else 0):
            moved = self._order.pop(rng.randrange(len(self._order)))
            self._order.insert(rng.randrange(len(self._order) + 1), moved)
