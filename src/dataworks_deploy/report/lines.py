"""Lines of the log that sum something up."""

from dataworks_deploy.domain.outcome import ObjectResult


def ended(result: ObjectResult) -> str:
    """How an object ended: the outcome, how long it took, the run, and what there is to say."""
    times = (result.started_at, result.finished_at)
    took = f" after {(times[1] - times[0]).total_seconds():.0f} s" if times[0] and times[1] else ""
    run = f", run {result.run_id}" if result.run_id else ""
    return f"{result.outcome.words}{took}{run}" + (f": {result.message}" if result.message else "")
