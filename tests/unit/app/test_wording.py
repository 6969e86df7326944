"""Sentences that hang on what is known."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dataworks_deploy.app.end import End
from dataworks_deploy.app.wording import inside, interrupted
from dataworks_deploy.domain.model import Node, RunId
from dataworks_deploy.domain.outcome import ObjectResult, Outcome

from .world import OBJECT

STARTED = ObjectResult(OBJECT, started_at=datetime(2026, 1, 1, tzinfo=UTC))
WITH_RUN = replace(STARTED, run_id=RunId("r-1"))


@pytest.mark.parametrize("end", [End.CANCEL, End.FAILURE, End.NORMAL])
def test_a_run_that_is_left_is_named_and_one_that_is_not_there_is_not(end: End) -> None:
    outcome = Outcome.CANCELLED if end is End.CANCEL else Outcome.FAILED
    for entry, said in ((WITH_RUN, "run-ids: r-1"), (STARTED, "before a run was created")):
        found, text = interrupted(entry, by=end)
        assert (found, said in text) == (outcome, True)


@pytest.mark.parametrize("end", End)
def test_what_was_not_started_is_skipped_and_what_is_unknown_stays_so(end: End) -> None:
    assert interrupted(ObjectResult(OBJECT), by=end)[0] is Outcome.SKIPPED
    unknown = replace(STARTED, outcome=Outcome.UNKNOWN, message="look")
    assert interrupted(unknown, by=end) == (Outcome.UNKNOWN, "look")


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (Node("a/b", "77"), "The node (a/b) lies inside 77: give that ID in object-ids instead."),
        (Node("", "77"), "The node lies inside 77: give that ID in object-ids instead."),
        (Node("a/b"), "In Data Studio the node is a/b: if a workflow is part of that, deploy it."),
        (Node(), ""),
    ],
)
def test_where_a_node_lies_is_said_as_far_as_it_is_known(node: Node, said: str) -> None:
    assert inside(node) == said
