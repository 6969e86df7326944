"""Stages as readings show them: late, in any order, and sometimes an older reading after a newer one."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.model import INIT, MOST_SPANS, TERMINAL, Run, RunId, Span, Spans, Stage, seen

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TYPES = {"BUILD": "Build", "CHECK": "Check", "PROD": "Deploy"}


def run_with(*statuses: str) -> Run:
    """A run whose stages have these statuses, listed in reverse, as the service may do."""
    stages = [
        Stage(code, code, step, TYPES[code], status)
        for step, (code, status) in enumerate(zip(TYPES, statuses, strict=False), 1)
    ]
    return Run(RunId("1"), "Running", stages=tuple(reversed(stages)))


def read(*readings: tuple[str, ...]) -> Spans:
    """The spans after readings that were made a minute apart, from noon on."""
    spans: Spans = ()
    for minute, statuses in enumerate(readings):
        spans = seen(spans, run_with(*statuses), at(minute), at(minute - 1) if minute else None)
    return spans


def at(minute: int) -> datetime:
    """So many minutes past noon."""
    return NOON + timedelta(minutes=minute)


def test_a_stage_begins_and_ends_when_a_reading_shows_it() -> None:
    spans = read(
        ("Running", "Init", "Init"),
        ("Running", "Init", "Init"),
        ("Success", "Init", "Init"),
        ("Success", "Running", "Init"),
        ("Success", "Fail", "Init"),
    )

    assert spans == (Span("BUILD", "Success", at(0), at(2)), Span("CHECK", "Fail", at(3), at(4)))


def test_a_stage_that_no_reading_showed_running_lies_between_its_neighbours() -> None:
    spans = read(("Success", "Init", "Init"), ("Success", "Success", "Running"))

    assert spans[1:] == (Span("CHECK", "Success", at(0), at(1)), Span("PROD", "Running", at(1)))


def test_a_stage_did_not_run_while_readings_showed_it_waiting() -> None:
    """An approval took long: the stage ran after the last reading that showed it waiting."""
    waiting = ("Success", "Init", "Init")

    assert read(waiting, waiting, waiting, ("Success", "Success", "Init"))[1] == Span(
        "CHECK", "Success", at(2), at(3)
    )


def test_a_stage_did_not_run_before_the_previous_one_ended() -> None:
    assert read(("Running", "Init", "Init"), ("Success", "Success", "Init"))[1] == Span(
        "CHECK", "Success", at(1), at(1)
    )


def test_a_stage_that_ended_before_the_first_reading_has_no_times() -> None:
    """The step continues this run. Its later readings show nothing new about that stage."""
    first, second = read(("Success", "Fail", "Init"), ("Success", "Fail", "Init"))

    assert not first.timed
    assert not second.timed


def test_an_older_reading_takes_nothing_back() -> None:
    newer = read(("Running", "Init", "Init"), ("Success", "Running", "Init"))

    assert seen(newer, run_with("Running", "Init", "Init"), at(2), at(1)) is newer
    assert seen(newer, run_with(), at(2), at(1)) is newer


def test_a_reading_that_shows_nothing_new_costs_nothing() -> None:
    spans = read(("Success", "Running", "Init"))

    assert seen(spans, run_with("Success", "Running", "Init"), at(9), at(1)) is spans


def test_an_answer_with_thousands_of_stages_is_cut() -> None:
    stages = tuple(Stage(str(number), "", number, "Check", "Running") for number in range(10_000))

    assert len(seen((), Run(RunId("1"), "Running", stages=stages), NOON, None)) == MOST_SPANS


STATUSES = st.sampled_from([INIT, "Running", *TERMINAL, "Paused"])


@given(st.lists(st.tuples(STATUSES, STATUSES, STATUSES), max_size=12))
def test_times_never_run_backwards(readings: list[tuple[str, ...]]) -> None:
    for count in range(len(readings)):
        before, after = read(*readings[:count]), read(*readings[: count + 1])
        for span in after:
            assert NOON <= span.began <= (span.ended or at(count)) <= at(count)
            assert (span.ended is not None) == (span.status in TERMINAL)
        ended = [span for span in before if span.ended]
        assert [span for span in ended if span in after] == ended, "what has ended stays as it was"
