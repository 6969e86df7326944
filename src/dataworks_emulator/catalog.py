"""Which objects exist, which are in production, and what the checks of a deployment say about related objects."""

from collections.abc import Iterator
from math import inf

from dataworks_emulator.answers import refusal
from dataworks_emulator.drafts import WORKFLOW, Draft, Drafts
from dataworks_emulator.request import is_project
from dataworks_emulator.settings import Settings
from dataworks_emulator.workspace import OBJECT_ID, Edit, Workspace, made_up

# The ID of a scheduling task has twelve digits.
FIRST_TASK = 700_000_000_001
NOT_DEPLOYED, NOT_USABLE = "上游节点未发布", "引用的资源或函数未发布"


class Catalog:
    """The objects of the workspaces. If the settings name no object, every valid ID is a node."""

    def __init__(self, settings: Settings, workspace: Workspace) -> None:
        """Start with the objects of the workspace."""
        self._settings, self.workspace = settings, workspace
        self._open = not settings.known_objects and not settings.workspace
        self.drafts = Drafts(workspace.drafts)
        self._tasks: dict[str, int] = {}
        self._last_task = FIRST_TASK - 1
        self._live: dict[str, list[tuple[float, tuple[Draft, ...]]]] = {}
        for object_id in workspace.in_production:
            self.deployed(object_id, self.parts(object_id), -inf)

    def check_project(self, project: str) -> None:
        """Refuse a workspace that is not a number, or not known."""
        if not is_project(project):
            raise refusal("InvalidParameter", "ProjectId")
        if self.workspace.projects and project not in self.workspace.projects:
            raise refusal("NotFound", f"workspace {project}")

    def check_deployable(self, object_id: str) -> None:
        """Refuse an object that cannot be deployed alone, in the service's words."""
        draft = self.find(object_id)
        if draft is None:
            raise refusal("no-object", object_id)
        if draft.container:
            raise refusal(self._settings.inner_refusal, object_id)

    def find(self, object_id: str, when: float = inf) -> Draft | None:
        """Return a draft as it was at that time. If any object exists, make up an unknown one."""
        found = self.drafts.find(object_id, when)
        if self._open and not self.drafts.knows(object_id) and OBJECT_ID.fullmatch(object_id):
            return made_up(object_id)
        return found

    def parts(self, object_id: str, when: float = inf) -> tuple[Draft, ...]:
        """Return an object as it was at that time. For a workflow, add its nodes: they are deployed together."""
        draft = self.find(object_id, when)
        if draft is None:
            return ()
        return (draft, *(self.drafts.inside(object_id, when) if draft.kind == WORKFLOW else ()))

    def live(self, object_id: str, when: float = inf) -> tuple[Draft, ...]:
        """Return what production held of an object at that time: its parts, as they were when its run was built."""
        known = reversed(self._live.get(object_id, ()))
        return next((parts for since, parts in known if since <= when), ())

    def moments(self, object_id: str) -> tuple[float, ...]:
        """Return when an object changed, in Data Studio or in production."""
        edits = (since for part in self._known(object_id) for since, _ in self.drafts.versions(part))
        return (*edits, *(since for since, _ in self._live.get(object_id, ())))

    def _known(self, object_id: str) -> set[str]:
        """Return the IDs of the object and of all nodes that were ever in it."""
        inner = (part.id for _, parts in self._live.get(object_id, ()) for part in parts)
        return {object_id, *inner, *(part.id for part in self.parts(object_id))}

    def task(self, object_id: str) -> int | None:
        """Return the ID of the scheduling task if the object is in production, or None."""
        return self._tasks.get(object_id)

    def objection(self, object_id: str, run_type: str, stage: str) -> str | None:
        """Return why a stage fails for this object, or None. It depends on related objects."""
        reasons = {
            ("Online", "PROD_CHECK"): self._missing,
            ("Online", "PROD"): self._doubled,
            ("Offline", "OfflineCheck"): self._left,
        }
        reason = reasons.get((run_type, stage))
        return next(reason(self.parts(object_id)), None) if reason else None

    @property
    def deployments(self) -> list[float]:
        """Return the times at which production changed."""
        return [since for known in self._live.values() for since, _ in known]

    def deployed(self, object_id: str, parts: tuple[Draft, ...], when: float) -> None:
        """Record that a run of this object has succeeded. Production now holds these parts of it."""
        for part in self.live(object_id):
            if part.id not in {each.id for each in parts}:
                self._tasks.pop(part.id, None)
        for part in parts:
            self._put_into_production(part.id)
        self._live.setdefault(object_id, []).append((when, parts))

    def due(self, action: str, number: int) -> Iterator[Edit]:
        """Yield the edits that people make just before this call, for objects that still exist."""
        for edit in self.workspace.edits:
            if edit.before == (action, number) and self.find(edit.object_id):
                yield edit

    def edit(self, edit: Edit, now: float) -> None:
        """Change a draft, or delete it with the nodes inside it. Raises ValueError if it does not exist."""
        draft = self.find(edit.object_id)
        if draft is None:
            raise ValueError(f"object {edit.object_id} does not exist")
        if not self.drafts.knows(draft.id):
            self.drafts.put(draft, now)
        if edit.removes:
            for part in self.parts(draft.id):
                self.drafts.remove(part.id, now)
        else:
            self.drafts.edit(draft.id, now, **edit.changes)

    def _put_into_production(self, object_id: str) -> None:
        if object_id not in self._tasks:
            self._last_task += 1
            self._tasks[object_id] = self._last_task

    def _missing(self, parts: tuple[Draft, ...]) -> Iterator[str]:
        own = {part.id for part in parts}
        makers = (self.drafts.makers(output) for part in parts for output in part.needs)
        # An output that nobody here makes comes from another workspace.
        absent = [made[0] for made in makers if made and not any(self._is_there(each, own) for each in made)]
        if absent:
            yield f"{NOT_DEPLOYED}: {_named(absent)}"
        used = [draft for part in parts for name in part.uses for draft in self.drafts.named(name)]
        unusable = [draft for draft in used if not self._is_there(draft, own)]
        if unusable:
            yield f"{NOT_USABLE}: {_named(unusable)}"

    def _doubled(self, parts: tuple[Draft, ...]) -> Iterator[str]:
        for part in parts:
            for output in part.outputs:
                makers = self.drafts.makers(output)
                if any(each.id != part.id and each.id in self._tasks for each in makers):
                    yield refusal("same-output", output).message

    def _left(self, parts: tuple[Draft, ...]) -> Iterator[str]:
        own = {part.id for part in parts}
        waiting = self.drafts.waiting(output for part in parts for output in part.outputs)
        if any(each.id in self._tasks and each.id not in own for each in waiting):
            yield refusal("has-children").message

    def _is_there(self, draft: Draft, own: set[str]) -> bool:
        return draft.id in self._tasks or draft.id in own


def _named(drafts: list[Draft]) -> str:
    """Name each object once."""
    return ", ".join(dict.fromkeys(f"{draft.name} ({draft.id})" for draft in drafts))
