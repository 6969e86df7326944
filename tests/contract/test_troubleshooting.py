"""The troubleshooting page agrees with the action about outcomes and reasons. For errors see test_known_errors."""

import re
from pathlib import Path
from typing import get_args

import pytest

from dataworks_deploy.domain.ending import Fault, Symptom
from dataworks_deploy.domain.error import Known
from dataworks_deploy.domain.event import (
    ChangesUnread,
    ContentUnread,
    LeftBehind,
    ListIsLong,
    ListIsShort,
    NothingFits,
    ObjectsChosen,
    OfChoice,
    OrderUnknown,
    ReadingDenied,
    UpstreamAdded,
    UpstreamMissing,
)
from dataworks_deploy.domain.model import DeployType, Node, ObjectId, Run, RunId, Stage
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import (
    Because,
    BrokenStage,
    EarlierUnmarked,
    Inside,
    NamedOfOtherType,
    NeedsFailed,
    NeedsOpen,
    NoSuchStage,
    NotListed,
    NotOfWorkspace,
    NotOurs,
    OfOtherObject,
    Overtaken,
    UnknownStatus,
)
from dataworks_deploy.domain.reconcile import Mark
from dataworks_deploy.domain.record import Undone
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject
from dataworks_deploy.domain.studio.dependencies import Cycle, Missing
from dataworks_deploy.domain.studio.graph import Edge, Link
from dataworks_deploy.domain.studio.problem import (
    NothingRead,
    NotOrdered,
    NotRead,
    Problem,
    TooManyCalls,
    UpstreamNeeded,
)
from dataworks_deploy.domain.studio.request import Line
from dataworks_deploy.domain.studio.selection import (
    Ambiguous,
    Empty,
    InnerNode,
    NotHere,
    NothingFound,
    TooMany,
    TooManyInAll,
    Undecided,
)
from dataworks_deploy.render import advice
from dataworks_deploy.render.choosing import of_choice, problem_of
from dataworks_deploy.render.errors import ENGLISH, Advice
from dataworks_deploy.render.reasons import BECAUSE, CODES, note, odd, said, undone

from .test_known_errors import fix_of

PAGE = (Path(__file__).parents[2] / "docs/troubleshooting.md").read_text("utf-8")
RUN, STAGE = RunId("r"), Stage("PROD", "", 2, "Deploy", "Fail")
OFF = Stage("OFFLINE", "", 1, "Offline", "Init")
# The words by which a person finds the advice, and the sentence that contains the words.
SEEN = {
    advice.INNER: ("is inside the workflow", note(Inside(Node("a", "w")))),
    advice.NO_SUCH_STAGE: ("until-stage: run", said(NoSuchStage(RUN, "PRD", ("PROD",)))),
    advice.UNKNOWN_STATUS: ("does not know the status", odd(UnknownStatus(((None, "Odd"),)))),
    advice.BROKEN_STAGE: (", and the run is still", odd(BrokenStage(STAGE, "Running"))),
    advice.UNANSWERED: (
        "was executed is not known, because no clear answer came",
        undone(Undone("PROD", Fault(symptom=Symptom.CLOSED), refused=False)),
    ),
    advice.LEFT_TO_PEOPLE[Because.ADVANCE_FALSE]: ("advance: false leaves", BECAUSE[Because.ADVANCE_FALSE]),
    advice.LEFT_TO_PEOPLE[Because.FOREIGN]: (
        "is somebody else's and is only followed",
        BECAUSE[Because.FOREIGN],
    ),
    advice.OF_OTHER_OBJECT: ("is a run of object", said(OfOtherObject(RUN, ObjectId("1"), ObjectId("2")))),
    advice.NOT_OF_WORKSPACE: ("is not a run of workspace", said(NotOfWorkspace(RUN, 1))),
    advice.NOT_OF_OBJECT: ("was not found among the runs of object", said(NotListed(RUN, ObjectId("1")))),
    advice.OTHER_TYPE: (
        "is not of type",
        said(NamedOfOtherType(Run(RUN, "Init", stages=(OFF,)), DeployType.ONLINE)),
    ),
    advice.OVERTAKEN: (
        "was not continued. The newer run",
        said(Overtaken(Run(RUN, "Running"), Run(RunId("n"), "Success"))),
    ),
    advice.NOT_OURS: ("does not bear this job's mark", said(NotOurs(Run(RUN, "Init"), Mark("A" * 26, 1)))),
    advice.EARLIER_UNMARKED: (
        "No run of this workspace shows a description",
        said(EarlierUnmarked((Run(RUN, "Init"),))),
    ),
    advice.NEEDS_FAILED: ("and did not succeed", said(NeedsFailed(ObjectId("1")))),
    advice.NEEDS_OPEN: ("its run waits for a person", said(NeedsOpen(ObjectId("1")))),
}


def row(first: str, says: Advice) -> str:
    """The line that the page must have."""
    return f"| `{first}` | {says.what} | {says.cause} | {fix_of(says)} |"


def rows(heading: str) -> list[str]:
    """The lines of the table under a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("|")][2:]


def test_each_outcome_that_needs_an_action_has_a_row() -> None:
    wanted = {row(outcome, advice.OUTCOMES[outcome]) for outcome in Outcome if advice.OUTCOMES[outcome].fix}

    assert {*rows("By outcome")} == wanted


@pytest.mark.parametrize("found", advice.PARTICULAR, ids=lambda found: found.what)
def test_each_particular_advice_has_a_row_with_the_words_that_a_person_sees(found: Advice) -> None:
    words, sentence = SEEN[found]

    assert row(words, found) in rows("By error")
    assert words in sentence


def test_the_page_has_no_other_errors() -> None:
    assert len(rows("By error")) == len(advice.PARTICULAR) + len({ENGLISH[known] for known in Known})


def test_the_page_has_the_code_of_each_reason_in_the_order_of_the_source() -> None:
    cells = [line.strip("| ").split(" | ") for line in rows("Reason codes")]

    assert [cell[0].strip("`") for cell in cells] == [*CODES.values()]
    assert all(len(cell) == 2 and cell[1][0].isupper() for cell in cells)


ONE, TWO = (StudioObject(ObjectId(each), Kind.NODE, f"node_{each}", f"f/node_{each}") for each in "12")
NAMED = Line("node_3", 1, sought="node_3")
NEEDED = Missing(ONE.id, "data", TWO)
CYCLE = (Edge(ONE.id, TWO.id, Link.DATA, "data"), Edge(TWO.id, ONE.id, Link.DATA, "data"))
FAULT = Fault("You may not.", "NoPermission", http_status=403)
# One problem of each kind. A kind with several sentences has one problem for each.
PROBLEMS: tuple[Problem, ...] = (
    NothingFound(NAMED),
    NothingFound(Line("f/node_3", 1, sought="f/node_3")),
    NothingFound(Line("7567482277219412494", 1, sought="7567482277219412494")),
    NothingFound(Line("node:node_3", 1, sought="node_3", kind=Kind.NODE)),
    NothingFound(Line("x*", 1, sought="x*")),
    NothingFound(Line("a,b", 1, sought="a,b")),
    NotHere(ObjectId("1")),
    Undecided(ObjectId("1"), NAMED, NAMED),
    Ambiguous(NAMED, (ONE, TWO)),
    InnerNode(ONE, TWO),
    TooMany(101, 100, (ONE,)),
    TooManyInAll(1001, 1000),
    Empty(),
    NotRead("ListNodes", FAULT),
    NotRead("ListNodes", Fault(symptom=Symptom.LIST_UNSTABLE)),
    NotRead("ListNodes", FAULT, for_upstream=True),
    NothingRead(Known.NO_PERMISSION, FAULT),
    TooManyCalls("ListNodes", 60),
    NotOrdered(Cycle(CYCLE, only_by_workflows=False), (ONE, TWO)),
    NotOrdered(Cycle(CYCLE, only_by_workflows=True), (ONE, TWO)),
    UpstreamNeeded(ONE, NEEDED),
)
TOLD: tuple[OfChoice, ...] = (
    ReadingDenied("GetNode", FAULT),
    OrderUnknown(2),
    ChangesUnread(2),
    ContentUnread(2),
    UpstreamAdded((ONE,)),
    UpstreamMissing(ONE, NEEDED),
    ListIsLong("ListNodes", 3000, 60),
    ListIsShort("ListNodes", 2, 3),
    NothingFits(("x*",)),
    LeftBehind(ONE, Run(RunId("r"), "Running")),
)


@pytest.mark.parametrize(
    ("first", "sentences"),
    [
        ("| `no object of this workspace has the name`", [problem_of(each) for each in PROBLEMS]),
        ("| `are not looked up by their IDs`", [of_choice(each) for each in TOLD]),
    ],
)
def test_every_sentence_from_before_a_creation_is_on_the_page(first: str, sentences: list[str]) -> None:
    """Each sentence has a row that finds it, and each row finds a sentence."""
    table = PAGE[PAGE.index(first) :].partition("\n\n")[0].splitlines()
    words = [word for line in table for word in re.findall("`([^`]+)`", line.split(" | ")[0])]

    assert [each for each in sentences if not any(word in each for word in words)] == []
    assert [word for word in words if not any(word in each for each in sentences)] == []


def test_no_kind_of_problem_is_left_out() -> None:
    assert {type(each) for each in PROBLEMS} == {*get_args(Problem)}
    # The list of the chosen objects needs no action.
    assert {type(each) for each in TOLD} == {*get_args(OfChoice)} - {ObjectsChosen}
