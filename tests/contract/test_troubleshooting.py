"""The troubleshooting page says what the action says of outcomes and reasons; of errors see test_known_errors."""

from pathlib import Path

import pytest

from dataworks_deploy.domain.ending import Fault, Known, Symptom
from dataworks_deploy.domain.model import DeployType, Node, ObjectId, Run, RunId, Stage
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import (
    Because,
    BrokenStage,
    EarlierUnmarked,
    Inside,
    NamedOfOtherType,
    NeedsFailed,
    NoSuchStage,
    NotListed,
    NotOfWorkspace,
    NotOurs,
    OfOtherObject,
    UnknownStatus,
)
from dataworks_deploy.domain.reconcile import Mark
from dataworks_deploy.domain.record import Undone
from dataworks_deploy.render import advice
from dataworks_deploy.render.errors import ASK, ENGLISH, Advice
from dataworks_deploy.render.reasons import BECAUSE, CODES, note, odd, said, undone

PAGE = (Path(__file__).parents[2] / "docs/troubleshooting.md").read_text("utf-8")
RUN, STAGE = RunId("r"), Stage("PROD", "", 2, "Deploy", "Fail")
# What a person finds the advice by, and the sentence that it is a part of.
SEEN = {
    advice.INNER: ("lies inside the workflow", note(Inside(Node("a", "w")))),
    advice.NO_SUCH_STAGE: ("until-stage: run", said(NoSuchStage(RUN, "PRD", ("PROD",)))),
    advice.UNKNOWN_STATUS: ("Its status is not a known one", odd(UnknownStatus(((None, "Odd"),)))),
    advice.BROKEN_STAGE: (", while the run is", odd(BrokenStage(STAGE, "Running"))),
    advice.UNANSWERED: (
        "and no clear answer came",
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
        "has not the stages of type",
        said(NamedOfOtherType(Run(RUN, "Init"), DeployType.ONLINE)),
    ),
    advice.NOT_OURS: ("does not bear this job's mark", said(NotOurs(Run(RUN, "Init"), Mark("A" * 26, 1)))),
    advice.EARLIER_UNMARKED: (
        "no run of this workspace shows a description",
        said(EarlierUnmarked((Run(RUN, "Init"),))),
    ),
    advice.NEEDS_FAILED: ("this object needs it", said(NeedsFailed(ObjectId("1")))),
}


def row(first: str, says: Advice) -> str:
    """The line that the page has to have."""
    fix = says.fix.replace(ASK, "look up its RequestId, or give it to support.")
    return f"| `{first}` | {says.what} | {says.cause} | {fix} |"


def rows(heading: str) -> list[str]:
    """The lines of the table under a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("|")][2:]


def test_each_outcome_that_needs_a_deed_has_a_row() -> None:
    wanted = {row(outcome, advice.OUTCOMES[outcome]) for outcome in Outcome if advice.OUTCOMES[outcome].fix}

    assert {*rows("By outcome")} == wanted


@pytest.mark.parametrize("found", advice.PARTICULAR, ids=lambda found: found.what)
def test_each_particular_advice_has_a_row_by_what_a_person_sees(found: Advice) -> None:
    words, sentence = SEEN[found]

    assert row(words, found) in rows("By error")
    assert words in sentence


def test_the_page_has_no_other_errors() -> None:
    assert len(rows("By error")) == len(advice.PARTICULAR) + len({ENGLISH[known] for known in Known})


def test_each_reason_has_its_code_on_the_page_in_the_order_of_the_code() -> None:
    cells = [line.strip("| ").split(" | ") for line in rows("Reason codes")]

    assert [cell[0].strip("`") for cell in cells] == [*CODES.values()]
    assert all(len(cell) == 2 and cell[1][0].isupper() for cell in cells)
