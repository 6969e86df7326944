"""Lines of the log that sum something up."""

import re

from dataworks_deploy.domain.outcome import Kind, Outcome, Verdict, row_of
from dataworks_deploy.domain.record import Record

from .reasons import message
from .report import Report
from .texts import number
from .verdicts import ended_as, step_ended_as

LEFT_OPEN = "left open"
MOST_SENTENCE = 200
_SENTENCE = re.compile(r"(?<=[.!?。])\s")


def words(result: Record) -> str:
    """How an object ended, in a word or two: what was only continued was not created."""
    return (
        LEFT_OPEN if result.outcome is Outcome.CREATED and not result.request.attempts else ended_as(result)
    )


def verdict(report: Report) -> str:
    """How the step ended, the same way."""
    opened = {words(result) for result in report.records if result.outcome is Outcome.CREATED}
    return (
        LEFT_OPEN
        if report.verdict is Verdict.CREATED and opened == {LEFT_OPEN}
        else step_ended_as(report.verdict, report.records)
    )


def counted(report: Report) -> str:
    """How the step ended, in numbers."""
    outcomes = [result.outcome for result in report.records]
    good = [words(result) for result in report.records if row_of(result.outcome).good]
    # What was left open or only planned, as asked, has not succeeded yet.
    did = good[0] if len({*good}) == 1 else "ended as asked" if good else "succeeded"
    skipped = outcomes.count(Outcome.SKIPPED)
    rest = f", {skipped:,} not started" if skipped else ""
    return (
        f"{verdict(report)}: {len(good):,} of {number(len(outcomes), 'object')} {did}{rest}, "
        f"{number(report.api_calls, 'API call')}"
    )


def ended(result: Record) -> str:
    """How an object ended: the outcome, how long it took, the run, and what there is to say."""
    times = (result.started_at, result.finished_at)
    took = f" after {(times[1] - times[0]).total_seconds():.0f} s" if times[0] and times[1] else ""
    run = f", run {result.run_id}" if result.run_id else ""
    # An annotation will say all of what went wrong, with its cause.
    whole = row_of(result.outcome).kind in {Kind.GOOD, Kind.SKIPPED}
    said = message(result) if whole else _first_sentence(message(result))
    return f"{words(result)}{took}{run}" + (f": {said}" if said else "")


def _first_sentence(text: str) -> str:
    first = _SENTENCE.split(text, maxsplit=1)[0]
    return first if len(first) <= MOST_SENTENCE else f"{first[: MOST_SENTENCE - 1]}…"
