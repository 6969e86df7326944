"""What Data Studio holds at the start: the content of a file, or the objects that the flags name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dataworks_emulator.drafts import NODE, WORKFLOW, Depends, Draft
from dataworks_emulator.settings import Settings

CYCLE, MANUAL = "CycleWorkflow", "ManualWorkflow"
OBJECT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Edit:
    """What people do to an object just before a call. `before` is its action and its number, counted from 1."""

    before: tuple[str, int]
    object_id: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    removes: bool = False


@dataclass(frozen=True)
class Workspace:
    """The objects, which of them are in production, what people will edit, and the workspace's IDs and name.

    Without `projects`, every workspace exists. Without a `name`, it is named after its ID.
    """

    drafts: list[Draft] = field(default_factory=list)
    in_production: list[str] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    projects: tuple[str, ...] = ()
    name: str = ""


def of_settings(settings: Settings) -> Workspace:
    """Make the objects that the flags name. A node has one output, its ID, as in the service by default."""
    inner, ups = settings.inner_nodes, settings.upstreams
    workflows = sorted({*settings.workflows, *inner.values()})
    named = [*settings.known_objects, *inner, *ups, *(up for each in ups.values() for up in each)]
    nodes = [node for node in dict.fromkeys(named) if node not in workflows]
    return Workspace(
        [
            made_up(
                object_id,
                kind,
                container=inner.get(object_id, ""),
                depends=tuple(Depends(up) for up in ups.get(object_id, ())),
            )
            for kind, ids in ((WORKFLOW, workflows), (NODE, nodes))
            for object_id in ids
        ],
        projects=settings.projects,
    )


def made_up(
    object_id: str, kind: str = NODE, *, container: str = "", depends: tuple[Depends, ...] = ()
) -> Draft:
    """Make a draft of which only the ID is known."""
    is_workflow = kind == WORKFLOW
    name = f"{'workflow' if is_workflow else 'node'}_{object_id}"
    folder = f"workflow_{container}/" if container else "" if is_workflow else "nodes/"
    return Draft(
        id=object_id,
        kind=kind,
        name=name,
        path=folder + name,
        type=CYCLE if is_workflow else "",
        container=container,
        command="WORKFLOW" if is_workflow else "ODPS_SQL",
        outputs=(object_id,),
        depends=depends,
    )
