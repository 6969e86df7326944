"""One object of the user's: creates runs for it, and ends every one of them, also those whose answer got lost."""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from .service import Answer, BudgetSpentError, Service

TERMINAL = frozenset({"Success", "Fail", "Termination", "Cancel"})
PAGE_SIZE = 100
# A run whose creation was cut off may be missing from the list for a while.
LOOKS = (0.0, 3.0, 9.0)
ROUNDS = 2


class Sandbox:
    """Calls about one object. The description of each of its runs begins with a mark as the action's."""

    def __init__(
        self, service: Service, project: str, object_id: str, pause: Callable[[float], object]
    ) -> None:
        """`pause` waits so many seconds."""
        self.service, self.project, self.object_id, self.pause = service, project, object_id, pause
        self._tag = base64.b32encode(secrets.token_bytes(17)).decode()[:26]
        self.made: list[str] = []
        self.open: set[str] = set()
        self.lost = 0  # creations that were sent, and nobody knows what became of them

    def mark(self, generation: int) -> str:
        """The beginning of a description."""
        return f"[dwd1:{self._tag}:g{generation}]"

    def create(self, description: str, *object_ids: str, nonce: str = "") -> Answer:
        """CreatePipelineRun. What it makes is ended by `clear`, whatever happens from here on."""
        self.lost += 1
        answer = self.service.call(
            "CreatePipelineRun",
            nonce,
            ProjectId=self.project,
            Type="Online",
            ObjectIds=json.dumps(object_ids or (self.object_id,)),
            Description=description,
        )
        run_id = answer.body.get("Id")
        if answer.status == 200 and isinstance(run_id, str):
            self.made.append(run_id)
            self.open.add(run_id)
            self.lost -= 1
        elif answer.refused:
            self.lost -= 1
        return answer

    def read(self, run_id: str, project: str = "") -> Answer:
        """GetPipelineRun."""
        answer = self.service.call("GetPipelineRun", ProjectId=project or self.project, Id=run_id)
        if answer.run.get("Id") == run_id and answer.run.get("Status") in TERMINAL:
            self.open.discard(run_id)
        return answer

    def listed(self, page: int = 1, size: int = PAGE_SIZE, object_id: str = "") -> Answer:
        """ListPipelineRuns of the object, without a status."""
        return self._list(page, size, ObjectId=object_id or self.object_id)

    def listed_with_others(self) -> Answer:
        """ListPipelineRuns of the workspace: the first page, as the action reads many runs at once."""
        return self._list(1, PAGE_SIZE)

    def nodes_inside(self) -> Answer:
        """ListNodes of the object: none where it is no workflow."""
        return self._list_nodes(PAGE_SIZE, ContainerId=self.object_id)

    def nodes(self, size: int = PAGE_SIZE) -> Answer:
        """ListNodes of the workspace: the first page."""
        return self._list_nodes(size)

    def nodes_named(self, name: str) -> Answer:
        """ListNodes of the workspace, with this as the filter Name."""
        return self._list_nodes(PAGE_SIZE, Name=name)

    def node(self, node_id: str) -> Answer:
        """GetNode."""
        return self.service.call("GetNode", ProjectId=self.project, Id=node_id)

    def items(self, run_id: str) -> Answer:
        """ListPipelineRunItems."""
        return self.service.call("ListPipelineRunItems", ProjectId=self.project, PipelineRunId=run_id)

    def execute(self, run_id: str, code: str) -> Answer:
        """ExecPipelineRunStage."""
        return self.service.call("ExecPipelineRunStage", ProjectId=self.project, Id=run_id, Code=code)

    def abolish(self, run_id: str) -> Answer:
        """AbolishPipelineRun."""
        return self.service.call("AbolishPipelineRun", ProjectId=self.project, Id=run_id)

    def clear(self) -> set[str]:
        """Abolish everything that is still open; the IDs of what could not be proven to have ended."""
        try:
            self._find_lost()
            for _ in range(ROUNDS):
                for run_id in sorted(self.open):
                    self.abolish(run_id)
                    self.read(run_id)
        except BudgetSpentError:
            pass  # said by what is left
        return self.open

    def _list(self, page: int, size: int, **of: str) -> Answer:
        return self.service.call(
            "ListPipelineRuns", ProjectId=self.project, PageNumber=str(page), PageSize=str(size), **of
        )

    def _list_nodes(self, size: int, **of: str) -> Answer:
        return self.service.call(
            "ListNodes", ProjectId=self.project, PageNumber="1", PageSize=str(size), **of
        )

    def _find_lost(self) -> None:
        for seconds in LOOKS:
            if not self.lost:
                return
            self.pause(seconds)
            for row in self.listed().rows:
                if self._is_mine(row) and row["Id"] not in self.made:
                    self.made.append(row["Id"])
                    self.open.add(row["Id"])
                    self.lost = max(0, self.lost - 1)  # the network may have doubled one

    def _is_mine(self, row: Mapping[str, Any]) -> bool:
        return str(row.get("Description")).startswith(f"[dwd1:{self._tag}:")
