"""Readings that fail, or show what nobody knows, are told now and then and explain an end without knowledge."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from dataworks_deploy.app.wording_reading import MOST_ODD, detailed, odd
from dataworks_deploy.report.explain import explain

from dataworks_deploy.domain.ending import Fault, Ok, Unclear
from dataworks_deploy.domain.model import Run, RunId, Stage
from dataworks_deploy.domain.outcome import ObjectResult, Outcome

from .plans import ONE, carried_out, create, creation, run
from .world import Scripted, run_of

LOST = Unclear(Fault("closed", http_status=502))
OTHER = Unclear(Fault("no", "InternalError", "R-1", 500))
OPEN = Ok(run_of("a", "Running", "Running"))


def deployed(readings: Sequence[Any], timeout: float = 60.0) -> tuple[list[str], ObjectResult]:
    """What is told of readings, and how the object ends."""
    script = Scripted(create=[create("a")], run=readings)
    _, (result,) = carried_out(script, creation(ONE), timeout=timeout)
    return [text for _, text in script.notes.told if "reading run" in text], result


def test_each_doubling_of_a_series_is_told() -> None:
    told, result = deployed([OPEN, *[LOST] * 9, OPEN], timeout=200.0)

    assert told == [
        "reading run a failed (closed, HTTP status 502), trying again",
        "reading run a failed 2 times in a row (closed, HTTP status 502), trying again",
        "reading run a failed 4 times in a row (closed, HTTP status 502), trying again",
        "reading run a failed 8 times in a row (closed, HTTP status 502), trying again",
    ]
    assert (result.unread, result.fault) == (0, None)
    assert result.message == "The deadline (timeout-minutes) passed while run a was under way."


def test_another_error_is_told_and_a_new_series_counts_anew() -> None:
    told, _ = deployed([LOST, LOST, OTHER, OPEN, OTHER, OPEN])

    assert [text.partition("(")[2] for text in told] == [
        "closed, HTTP status 502), trying again",
        "closed, HTTP status 502), trying again",
        "InternalError: no, HTTP status 500, RequestId R-1), trying again",
        "InternalError: no, HTTP status 500, RequestId R-1), trying again",
    ]


def test_a_series_explains_the_deadline() -> None:
    _, result = deployed([OPEN, LOST, LOST, OTHER])

    assert (result.outcome, result.fault) == (Outcome.TIMED_OUT, OTHER.fault)
    assert f"The last {result.unread} readings failed, the last one with: InternalError: no" in result.message


def test_a_reading_or_two_do_not() -> None:
    _, result = deployed([OPEN, LOST], timeout=3.5)

    assert (result.outcome, result.unread, result.fault) == (Outcome.TIMED_OUT, 0, None)


def test_a_named_run_is_waited_for_aloud() -> None:
    script = Scripted(run=[*[LOST] * 4, Ok(run_of("a", "Success", "Success"))])

    _, (result,) = carried_out(script, run("a"))

    assert len([text for _, text in script.notes.told if "reading run a" in text]) == 3
    assert (result.outcome, result.unread, result.fault) == (Outcome.SUCCEEDED, 0, None)


def test_the_heartbeat_says_that_nothing_is_read() -> None:
    script = Scripted(create=[create("a")], run=[OPEN, LOST])

    carried_out(script, creation(ONE), timeout=300.0)

    assert any("1 BUILD_PACKAGE, 10 readings failed" in text for _, text in script.notes.told)


def test_an_unknown_status_is_told_once_and_explains_the_deadline() -> None:
    script = Scripted(create=[create("a")], run=[Ok(run_of("a", "Running", "Foo"))])

    _, (result,) = carried_out(script, creation(ONE), timeout=60.0)

    (text,) = [text for _, text in script.notes.told if "known" in text]
    assert text == "Its status is not a known one: stage BUILD_PACKAGE is Foo."
    assert result.message.endswith("Its status is not a known one: stage BUILD_PACKAGE is Foo.")


def test_a_stage_that_has_failed_in_a_run_that_goes_on_is_told_once_and_explains_the_deadline() -> None:
    build = Stage("BUILD_PACKAGE", "Build", 0, "Build", "Fail", "SQL syntax error at line 3")
    script = Scripted(create=[create("a")], run=[Ok(replace(run_of("a", "Running"), stages=(build,)))])

    _, (result,) = carried_out(script, creation(ONE), timeout=60.0)

    why = "Stage BUILD_PACKAGE has ended as Fail, while the run is Running still: SQL syntax error at line 3"
    assert [text for _, text in script.notes.told if "SQL" in text] == [why]
    assert (result.outcome, result.message.endswith(why)) == (Outcome.TIMED_OUT, True)
    assert explain(result).what == "A stage has failed, and the run has not ended."


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (run_of("a", "Success", "Fail", "Termination", "Cancel"), ""),
        (run_of("a", "Init"), ""),
        (
            run_of("a", "Paused", ""),
            "Its status is not a known one: the run is Paused, stage BUILD_PACKAGE is nothing.",
        ),
        (
            run_of("a", "Running", "Success", "Fail"),
            "Stage PROD_CHECK has ended as Fail, while the run is Running still.",
        ),
    ],
)
def test_known_statuses_are_not_odd(shown: Run, text: str) -> None:
    assert odd(shown) == text


def test_an_answer_of_any_length_makes_a_short_text() -> None:
    stages = tuple(Stage(str(step), "", step, "Build", "Foo") for step in range(100))

    assert odd(Run(RunId("a"), "Running", stages=stages)).count("Foo") == MOST_ODD


def test_a_status_is_not_said_twice() -> None:
    assert detailed(Fault("HTTP status 502.", http_status=502)) == "HTTP status 502"
