"""What is tried, in order. It only collects answers; what they say is judged in `claims`."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .sandbox import Sandbox
from .service import Answer

# Every kind of character that could be lost on the way, behind a mark of the action's form.
ODD = "\"quoted\" 'so' <b>&amp; %25+ \\ {} 数据 é 😀 end"
LONG = 1000
DIGITS = "0123456789" * (LONG // 10)
# Nobody has these: made up, and too long for any workspace.
NO_RUN = "00000000-0000-4000-8000-000000000000"
NO_OBJECT = "1000000000000000001"
NO_PROJECT = "999999999999"
NO_STAGE = "NO_SUCH_STAGE"
MOST_RUNS = 3
SETTLE = 60.0  # the action's default for settle-seconds
PATIENCE = (2.0, 5.0)  # for an abolished run to end
FEW = 5  # nodes a page
LOOKS = (0.0, 2.0, 4.0, 8.0, 16.0, 30.0)


@dataclass
class Trial:
    """Answers by what they are answers to; of `looks` each with the seconds since the creation was answered.

    `risky` also tries what could change production: executing a stage, and naming two objects at once.
    """

    sandbox: Sandbox
    risky: bool = False
    answers: dict[str, Answer] = field(default_factory=dict)
    looks: list[tuple[float, Answer]] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)
    node: Mapping[str, Any] | None = None  # as a list shows it
    nonce: str = field(default_factory=lambda: uuid.uuid4().hex)  # of the second creation

    def run(self) -> None:
        """Try everything. Ends early where there is nothing to try it on."""
        if not self._create("first", f"{self.sandbox.mark(1)} {ODD}"):
            return
        first = self.sandbox.made[0]
        self.answers["read"] = self.sandbox.read(first)
        self._look(first)
        self._create_in_vain()
        self._create_second()
        self._read_pages()
        self._ask_for_what_is_not(first)
        self._read_node_inside()
        if self.risky:
            self._risk(first)
        self._read_together(first)
        self.answers["abolished"] = self.sandbox.abolish(first)
        self.answers["ended"] = self._read_end(first)
        self.answers["list after the end"] = self.sandbox.listed()
        if first not in self.sandbox.open:
            self._ask_of_what_is_over(first)
        self._read_studio()
        if self._is_fenced():
            self.answers["nonce at the end"] = self._send_again()

    def _create(self, name: str, description: str, nonce: str = "") -> bool:
        self.sent[name] = description
        self.answers[name] = self.sandbox.create(description, nonce=nonce)
        return self.answers[name].status == 200 and bool(self.answers[name].body.get("Id"))

    def _look(self, run_id: str) -> None:
        since = 0.0
        for seconds in LOOKS:
            self.sandbox.pause(seconds)
            since += seconds
            found = self.sandbox.listed()
            self.looks.append((since, found))
            if any(row.get("Id") == run_id for row in found.rows):
                return

    def _create_second(self) -> None:
        """While the first one is active; then the same request again under the same nonce."""
        if not self._create("second", f"{self.sandbox.mark(2)} {DIGITS}"[:LONG], self.nonce):
            if self._may_make_another():
                # A shorter one tells whether it was its length.
                self._create("second, short", self.sandbox.mark(2))
            return
        self.answers["second read"] = self.sandbox.read(self.sandbox.made[-1])
        if self._may_make_another():
            self.answers["nonce again"] = self._send_again()

    def _may_make_another(self) -> bool:
        """Whether one more run is within what the user was told."""
        return len(self.sandbox.made) + self.sandbox.lost < MOST_RUNS

    def _send_again(self) -> Answer:
        return self.sandbox.create(self.sent["second"], nonce=self.nonce)

    def _is_fenced(self) -> bool:
        """Whether the nonce was refused: where it was not, one more run would prove nothing new."""
        return "nonce again" in self.answers and self.answers["nonce again"].refused

    def _read_pages(self) -> None:
        for name, page, size in (("list", 1, 100), ("page 1", 1, 1), ("page 2", 2, 1)):
            self.answers[name] = self.sandbox.listed(page, size)

    def _read_together(self, run_id: str) -> None:
        """In the list of all runs, and alone right before and after that: a run may move by itself."""
        self.answers["first beside the second"] = self.sandbox.read(run_id)
        self.answers["workspace"] = self.sandbox.listed_with_others()
        self.answers["late"] = self.sandbox.read(run_id)

    def _ask_for_what_is_not(self, run_id: str) -> None:
        sandbox = self.sandbox
        self.answers["unknown run"] = sandbox.read(NO_RUN)
        self.answers["list of unknown object"] = sandbox.listed(object_id=NO_OBJECT)
        self.answers["other workspace"] = sandbox.read(run_id, NO_PROJECT)
        self.answers["execute in unknown run"] = sandbox.execute(NO_RUN, NO_STAGE)

    def _read_node_inside(self) -> None:
        """Where the object is a workflow, one of its nodes: none can be deployed alone, and reading changes nothing."""
        found = self.answers["nodes inside"] = self.sandbox.nodes_inside()
        ids = [str(row.get("Id")) for row in found.rows]
        # A list that holds the object itself is that of the workspace.
        if ids and self.sandbox.object_id not in ids:
            self.answers["node inside"] = self.sandbox.node(ids[0])

    def _read_studio(self) -> None:
        """Nodes of the workspace, in lists and alone: reading changes nothing."""
        sandbox, answers = self.sandbox, self.answers
        answers["nodes, few a page"] = sandbox.nodes(FEW)
        rows = (listed := sandbox.nodes()).rows
        answers["nodes"] = listed
        if "node inside" in answers:
            answers["nodes of an inner name"] = sandbox.nodes_named(_name_of(answers["nodes inside"].rows[0]))
        for name, has in (("with a task", True), ("without a task", False)):
            if row := next((row for row in rows if bool(row.get("TaskId")) is has), None):
                answers[f"runs of a node {name}"] = sandbox.listed(object_id=str(row.get("Id")))
        if not rows:
            return
        # The one with the most inputs has most to show.
        self.node = max(rows, key=lambda row: len(str(row.get("Inputs"))))
        answers["node"] = sandbox.node(str(self.node.get("Id")))
        answers["node again"] = sandbox.node(str(self.node.get("Id")))
        name = _name_of(self.node)
        answers["nodes of its name"] = sandbox.nodes_named(name)
        answers["nodes of a part of its name"] = sandbox.nodes_named(name[1:-1] or name)

    def _create_in_vain(self) -> None:
        """Again under the same nonce only after a refusal: what was answered otherwise may have made a run."""
        nonce = uuid.uuid4().hex
        for name in ("unknown object", "unknown object again"):
            self.answers[name] = self.sandbox.create(self.sandbox.mark(3), NO_OBJECT, nonce=nonce)
            if not self.answers[name].refused:
                return

    def _ask_of_what_is_over(self, run_id: str) -> None:
        """Only of a run that was read as ended: no service that ignores the stage could start one that waits."""
        self.answers["execute after the end"] = self.sandbox.execute(run_id, NO_STAGE)
        self.answers["abolish after the end"] = self.sandbox.abolish(run_id)

    def _risk(self, run_id: str) -> None:
        sandbox = self.sandbox
        stages = sandbox.read(run_id).run["Stages"]
        waiting = next(stage["Code"] for stage in stages if stage["Type"] == "Check")
        self.answers["executed"] = sandbox.execute(run_id, waiting)
        self.answers["executed again"] = sandbox.execute(run_id, waiting)
        self.answers["two objects"] = sandbox.create(
            sandbox.mark(4), sandbox.object_id, f"{sandbox.object_id}2"
        )
        self.answers["items of two objects"] = sandbox.items(sandbox.made[-1])

    def _read_end(self, run_id: str) -> Answer:
        answer = self.sandbox.read(run_id)
        for seconds in PATIENCE:
            if run_id not in self.sandbox.open:
                break
            self.sandbox.pause(seconds)
            answer = self.sandbox.read(run_id)
        return answer


def _name_of(row: Mapping[str, Any]) -> str:
    return str(row.get("Name"))
