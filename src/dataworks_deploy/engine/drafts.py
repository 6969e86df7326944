"""The fingerprints of drafts, for the marks of their runs."""

from collections.abc import Iterable

from dataworks_deploy.domain.ending import Ok
from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject
from dataworks_deploy.domain.studio.operations import GetWorkflowDefinition

from .calls import World
from .read import repeated

# A workflow that was read longer ago is read again, in seconds.
STALE = 5.0


class Drafts:
    """The drafts of a step's objects, as they were read at this time (monotonic seconds).

    `compares`: steps like this one compare the fingerprints (only-changed).
    """

    def __init__(
        self,
        world: World,
        objects: Iterable[StudioObject] = (),
        read_at: float = 0.0,
        *,
        compares: bool = False,
    ) -> None:
        self._world = world
        self._objects = {each.id: each for each in objects}
        self._read_at = read_at
        self._compares = compares

    async def fingerprint(self, object_id: ObjectId) -> str:
        """The fingerprint of the draft, for a run that is created now. Empty if it is not known.

        The service may not say when a node inside a workflow was edited. An edit since the workflow was read, undone
        after its build, would stay in production, and nothing would show it. So it is read again.
        """
        found = self._objects.get(object_id)
        if found is None or found.content is None:
            return ""
        world = self._world
        if found.kind is not Kind.WORKFLOW or world.clock.monotonic() - self._read_at <= STALE:
            return found.content.fingerprint
        # Without a fingerprint the next step with only-changed deploys the workflow once more. That takes more calls
        # than this one, but perhaps there is no such step.
        spares = world.calls.scarce and not self._compares
        ending = None if spares else await repeated(world, GetWorkflowDefinition(object_id))
        content = ending.value.object.content if isinstance(ending, Ok) else None
        return content.fingerprint if content else ""
