"""Everything that a step knows of an object has words. Each reason also has a code, which never changes."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataworks_deploy.domain.event import Event
from dataworks_deploy.domain.model import RunId
from dataworks_deploy.domain.outcome import End, Outcome
from dataworks_deploy.domain.reason import LostSight, Note, Odd, Reason
from dataworks_deploy.domain.record import Record
from dataworks_deploy.render.advice import explain
from dataworks_deploy.render.errors import ASK, GO_ON
from dataworks_deploy.render.events import line
from dataworks_deploy.render.reasons import CODES, code, message, note, odd, said

from ..drawn import MANY
from .records import DENIED, MARK, NOON, foreign, named, own, unproven
from .values import drawn, members

TEXTS = st.sampled_from(("PROD", "未找到发布对象: 1", "It broke. Twice!", "a {b} %s", "Success", "Fail"))
# These need no words, because the outcome says everything.
WORDLESS = {"Succeeded", "LeftOpen"}


def each(union: Any) -> pytest.MarkDecorator:
    """Every class of a closed union, and values of it."""
    kinds = sorted(members(union), key=lambda kind: kind.__name__)
    return pytest.mark.parametrize("kind", kinds, ids=lambda kind: kind.__name__)


def check_words(kind: type, words: Any, *, some: bool = True) -> None:
    """Check that any value of the class gives one line of words."""

    @settings(max_examples=30)
    @given(drawn(kind, TEXTS))
    def check(value: Any) -> None:
        assert len(words(value).splitlines()) == some

    check()


def test_each_reason_has_a_different_code() -> None:
    assert CODES.keys() == members(Reason)
    assert len({*CODES.values()}) == len(CODES)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", word) for word in CODES.values())


@each(Reason)
def test_each_reason_has_words(kind: type) -> None:
    check_words(kind, said, some=kind.__name__ not in WORDLESS)


@each(Note)
def test_each_note_has_words(kind: type) -> None:
    check_words(kind, note)


@each(Odd)
def test_each_odd_thing_has_words(kind: type) -> None:
    check_words(kind, odd)


@each(Event)
def test_each_event_is_a_line_of_the_log(kind: type) -> None:
    check_words(kind, line)


@pytest.mark.parametrize(
    "left",
    [
        lambda record: record.left_by_a_kill(abolishes=True),
        lambda record: record.left_by_a_kill(),
        lambda record: record.interrupted(End.CANCEL, NOON),
        lambda record: record.interrupted(End.TIMEOUT, NOON),
        lambda record: record.ended(Outcome.TIMED_OUT, LostSight(RunId("run-1"), DENIED), NOON),
    ],
)
def test_for_a_run_that_has_not_shown_its_owner_the_message_says_which_mark_to_check(
    left: Callable[[Record], Record],
) -> None:
    text = f"Check that this run has {MARK} at the start of its description. If it does not, look for a run that does."

    assert text in message(left(unproven("1")))
    for record in (own("1"), foreign("1"), named("1")):
        assert text not in message(left(record))


@MANY
@given(drawn(Record, TEXTS | st.just("")))
def test_any_record_has_a_message_and_advice(record: Record) -> None:
    """This holds even for records that no step can produce."""
    found = explain(record)

    assert len(message(record).splitlines()) <= 1
    assert message(record) or found.what
    assert not any(each in f"{found.what}{found.cause}{found.fix}" for each in (ASK, GO_ON))
    assert (code(record) is None) is (record.reason is None)
