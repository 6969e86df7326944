"""What the action leans on in the service, claim by claim."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from . import judges, lists, studio
from .evidence import Judgement, NotSeenError
from .sandbox import PAGE_SIZE
from .trial import FEW, LONG, SETTLE, Trial


class Verdict(StrEnum):
    """What a trial shows."""

    HOLDS = "holds"
    FAILS = "does not hold"
    OPEN = "cannot be told"


@dataclass(frozen=True)
class Finding:
    """What was seen of a claim."""

    claim: "Claim"
    verdict: Verdict
    seen: str


@dataclass(frozen=True)
class Claim:
    """One sentence that the code leans on, how it is tried, and what judges it: true or false, and what was seen."""

    name: str
    sentence: str
    how: str
    judge: Callable[[Trial], Judgement]

    def examine(self, trial: Trial) -> Finding:
        """Judge it. What was not tried, or had no usable answer, cannot be told."""
        try:
            holds, seen = self.judge(trial)
        except NotSeenError as missing:
            return Finding(self, Verdict.OPEN, str(missing))
        return Finding(self, Verdict.HOLDS if holds else Verdict.FAILS, seen)


CLAIMS = (
    Claim(
        "description",
        "A run shows its Description byte for byte.",
        "create with marks, quotes, 数据 and 😀, then read and list",
        judges.echoed,
    ),
    Claim(
        "description-length",
        f"A Description of {LONG} characters is kept whole.",
        "create with as many, then read",
        judges.long,
    ),
    Claim(
        "read-at-once",
        "GetPipelineRun shows a run as soon as its creation is answered.",
        "create, then read",
        judges.at_once,
    ),
    Claim(
        "list-delay",
        f"ListPipelineRuns shows a run within {SETTLE:.0f} s of its creation.",
        "create, then list until it shows",
        lists.shown,
    ),
    Claim(
        "list-order", "ListPipelineRuns shows the newest runs first.", "create two, then list", lists.ordered
    ),
    Claim(
        "list-pages",
        "TotalCount counts the rows of all pages, and pages do not overlap.",
        "list whole, then by pages of one",
        lists.paged,
    ),
    Claim(
        "list-keeps-ended",
        "A list without a status shows runs that have ended, too.",
        "abolish, then list",
        lists.kept,
    ),
    Claim(
        "list-of-object",
        "ListPipelineRuns with an ObjectId shows no runs of other objects.",
        "list for a made-up ID",
        lists.of_object,
    ),
    Claim(
        "list-of-workspace",
        "ListPipelineRuns without an ObjectId shows the workspace's runs, with Status and Stages as when read.",
        "list without an object, between two readings of a run",
        lists.of_workspace,
    ),
    Claim(
        "nonce",
        f"A signature nonce that was used is refused as {judges.USED}.",
        "send a creation again under its nonce, at once and at the end of the trial",
        judges.fenced,
    ),
    Claim(
        "nonce-of-refused",
        f"A creation that is refused uses its nonce up: sent again it is refused as {judges.USED}.",
        "create for a made-up ID twice under one nonce",
        judges.used_up,
    ),
    Claim(
        "second-run",
        "A creation while a run of the object is active makes a run of its own and leaves the other.",
        "create twice, then read the first",
        judges.beside,
    ),
    Claim(
        "prepares-only",
        "Without an execution no stage that changes production starts.",
        "read a run before it is abolished",
        judges.prepared,
    ),
    Claim(
        "stages",
        "Each stage has a code, a status, a known type and a step of its own.",
        "read a run",
        judges.shaped,
    ),
    Claim(
        "abolish", "An abolished run has ended, and not as Success.", "abolish, then read", judges.abolished
    ),
    Claim(
        "execute-once",
        "A stage that was executed is not executed again.",
        "execute twice (never live)",
        judges.executed_once,
    ),
    Claim(
        "unknown-run",
        "A run that does not exist is refused (4xx, code, RequestId).",
        "read and execute in a made-up one",
        judges.refused("unknown run", "execute in unknown run"),
    ),
    Claim(
        "unknown-object",
        f"A creation for an object that does not exist is refused as {judges.NO_OBJECT}.",
        "create for a made-up ID",
        judges.not_found,
    ),
    Claim(
        "other-workspace",
        "A run is not read under the ID of another workspace.",
        "read it under a made-up one",
        judges.refused("other workspace"),
    ),
    Claim(
        "execute-ended",
        f"An execution in a run that has ended is refused as {judges.NOT_RUNNING}.",
        "abolish, then execute a made-up stage",
        judges.not_running,
    ),
    Claim(
        "abolish-ended",
        "A run that has ended is not abolished once more, which is refused.",
        "abolish twice",
        judges.refused("abolish after the end"),
    ),
    Claim(
        "node-in-workflow",
        "The FlowSpec of a node inside a workflow names that workflow where the action looks for it.",
        "read a node of the object, if that is a workflow",
        judges.located,
    ),
    Claim(
        "task-of-node",
        "A node has a TaskId in ListNodes if it is in production, and none if it is not.",
        "list the nodes, then the runs of one with a TaskId and of one without",
        studio.in_production,
    ),
    Claim(
        "path-of-node",
        "Script.Path in ListNodes is the path in the FlowSpec of GetNode, with the node's name at its end.",
        "list the nodes, then read one",
        studio.placed,
    ),
    Claim(
        "ends-of-node",
        "ListNodes shows the outputs of the FlowSpec, and as inputs its dependencies, all Normal ones among them.",
        "list the nodes, then read one",
        studio.linked,
    ),
    Claim(
        "flowspec-stands-still",
        "The FlowSpec of a node that nobody edits stays the same, but for times, versions and the ID of the script.",
        "read a node twice",
        studio.still,
    ),
    Claim(
        "inner-nodes-listed",
        "ListNodes without a ContainerId also shows nodes inside workflows.",
        "list by the name of a node of the object, if that is a workflow",
        studio.inner_listed,
    ),
    Claim(
        "name-filter",
        "Name in ListNodes finds a node by its exact name, and by a part of the name.",
        "list by the name of a node, and by a part of it",
        studio.filtered,
    ),
    Claim(
        "page-size",
        f"ListNodes takes a PageSize of {PAGE_SIZE}, and refuses {FEW} as {studio.REFUSED}.",
        "list with both",
        studio.page_sizes,
    ),
    Claim("request-id", "Every answer has a RequestId in its body.", "all answers", judges.identified),
    Claim(
        "times",
        "CreateTime and ModifyTime are milliseconds of the epoch in UTC.",
        "compare with this machine's clock",
        judges.timed,
    ),
    Claim(
        "first-object-only",
        "Of several ObjectIds only the first is processed.",
        "create with two, then list the items (never live)",
        judges.only_first,
    ),
)


def examine(trial: Trial) -> list[Finding]:
    """Judge all claims by one trial."""
    return [claim.examine(trial) for claim in CLAIMS]
