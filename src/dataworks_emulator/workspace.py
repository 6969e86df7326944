"""The objects that there are at the start: those that the flags name."""

from dataclasses import dataclass, field

from dataworks_emulator.drafts import NODE, WORKFLOW, Depends, Draft
from dataworks_emulator.settings import Settings

CYCLE = "CycleWorkflow"


@dataclass(frozen=True)
class Workspace:
    """What Data Studio holds at the start, and which of it is in production."""

    drafts: list[Draft] = field(default_factory=list)
    in_production: list[str] = field(default_factory=list)


def of_settings(settings: Settings) -> Workspace:
    """Make the objects that the flags name. A node's one output is its ID, as is the service's default."""
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
        ]
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
