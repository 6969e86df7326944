"""Lines of the log that sum something up."""

from dataworks_deploy.domain.outcome import GOOD, ObjectResult, Outcome, Report


def number(count: int, thing: str) -> str:
    """So many things."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def counted(report: Report) -> str:
    """How the step ended, in numbers."""
    outcomes = [result.outcome for result in report.results]
    good = [outcome for outcome in outcomes if outcome in GOOD]
    # What was left open or only planned, as asked, has not succeeded yet.
    did = good[0].words if len({*good}) == 1 else "ended as asked" if good else "succeeded"
    skipped = outcomes.count(Outcome.SKIPPED)
    rest = f", {skipped:,} not started" if skipped else ""
    return (
        f"{report.verdict.words}: {len(good):,} of {number(len(outcomes), 'object')} {did}{rest}, "
        f"{number(report.api_calls, 'API call')}"
    )


def ended(result: ObjectResult) -> str:
    """How an object ended: the outcome, how long it took, the run, and what there is to say."""
    times = (result.started_at, result.finished_at)
    took = f" after {(times[1] - times[0]).total_seconds():.0f} s" if times[0] and times[1] else ""
    run = f", run {result.run_id}" if result.run_id else ""
    return f"{result.outcome.words}{took}{run}" + (f": {result.message}" if result.message else "")
