"""Sentences that hang on what is known."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from dataworks_deploy.app.end import End
from dataworks_deploy.app.wording import born, by, interrupted, not_done
from dataworks_deploy.app.wording_creation import inside, refused, unknown

from dataworks_deploy.domain.ending import Fault, Refusal, Refused, Unclear
from dataworks_deploy.domain.model import Node, RunId, Stage
from dataworks_deploy.domain.outcome import ObjectResult, Outcome

from .creation import CREATION, MARK
from .world import OBJECT, run_of

STARTED = ObjectResult(OBJECT, started_at=datetime(2026, 1, 1, tzinfo=UTC))
WITH_RUN = replace(STARTED, run_id=RunId("r-1"))


@pytest.mark.parametrize("end", [End.CANCEL, End.FAILURE, End.NORMAL])
def test_a_run_that_is_left_is_named_and_of_earlier_attempts_nothing_is_said(end: End) -> None:
    outcome = Outcome.CANCELLED if end is End.CANCEL else Outcome.FAILED
    for entry, said in ((WITH_RUN, "while run r-1 was under way."), (STARTED, "before it created a run.")):
        found, text = interrupted(entry, by=end)
        assert (found, said in text) == (outcome, True)


@pytest.mark.parametrize("end", End)
def test_what_was_not_started_is_skipped_and_what_is_unknown_stays_so(end: End) -> None:
    assert interrupted(ObjectResult(OBJECT), by=end)[0] is Outcome.SKIPPED
    unknown = replace(STARTED, outcome=Outcome.UNKNOWN, message="look. More", why="look", remark="More")
    assert interrupted(unknown, by=end) == (Outcome.UNKNOWN, "look")


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (Node("a/b", "77"), "The node (a/b) lies inside the workflow 77."),
        (Node("", "77"), "The node lies inside the workflow 77."),
        (Node("a/b"), "In Data Studio the node is a/b, which may name its workflow."),
        (Node(), ""),
    ],
)
def test_where_a_node_lies_is_said_as_far_as_it_is_known(node: Node, said: str) -> None:
    assert inside(node) == said


NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "said"), [(None, "none, no response came."), (200, "none, what was answered bears none.")]
)
def test_an_answer_without_a_request_id_is_not_taken_for_silence(status: int | None, said: str) -> None:
    text = unknown(CREATION, MARK, [Fault("lost", http_status=status)], NOON, NOON)

    assert text.endswith(f"RequestIds: {said}")


@pytest.mark.parametrize("words", ["reset", "reset.", "失败。", "reset... "])
def test_the_words_of_others_bring_no_second_full_stop(words: str) -> None:
    text = unknown(CREATION, MARK, [Fault(words)], NOON, NOON)

    assert ".." not in text
    assert "。" not in text


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        (Refused(Refusal.OTHER, Fault("no")), "PROD was not executed (no)"),
        (Refused(Refusal.NONCE_USED, Fault("no")), "PROD may not have been executed (no)"),
        (Unclear(Fault("no")), "PROD may not have been executed (no)"),
    ],
)
def test_only_a_clear_refusal_proves_that_nothing_was_executed(ending: Refused | Unclear, said: str) -> None:
    assert not_done(Stage("PROD", "", 1, "Deploy", "Init"), ending) == said


def test_a_number_is_the_creators_account() -> None:
    creators = ("1234567890123456", "somebody", "")

    assert [by(replace(run_of("r"), creator=each)) for each in creators] == [
        "account 1234567890123456", "somebody", "an unknown creator",
    ]  # fmt: skip


@pytest.mark.parametrize(("why", "said"), [(Refusal.UNREACHABLE, "Not sent: no"), (Refusal.DENIED, "no")])
def test_what_was_not_sent_was_not_refused(why: Refusal, said: str) -> None:
    assert refused(why, Fault("no")) == said


def test_a_time_that_the_service_does_not_say_is_not_the_beginning_of_the_epoch() -> None:
    assert born(run_of("a", at=0)) == "(time unknown)"
    assert born(run_of("a", at=1_780_000_000_000)) == "2026-05-28 20:26:40 UTC"
