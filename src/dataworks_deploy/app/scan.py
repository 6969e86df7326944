"""A complete list of an object's runs, or why there is none: a garbled list is not an empty one."""

from dataworks_deploy.domain.ending import Fault, Ok, Refused, Unclear
from dataworks_deploy.domain.model import ObjectId, Run, RunId

from .ports import PAGE_SIZE, Pipelines

MOST_PAGES = 1000
MOST_PASSES = 6


async def scan(pipelines: Pipelines, object_id: ObjectId) -> list[Run] | Refused | Unclear:
    """Read all pages of the object's runs, without a status filter.

    Pages shift while they are read, so a list of several pages is read until two passes agree. One page is
    one answer and cannot shift.
    """
    before: set[RunId] | None = None
    for _ in range(MOST_PASSES):
        found = await _pass(pipelines, object_id)
        if not isinstance(found, tuple):
            return found
        runs, pages = found
        if pages == 1 or runs.keys() == before:
            return list(runs.values())
        before = set(runs)
    return _garbled("changed each time that it was read")


async def shows(pipelines: Pipelines, object_id: ObjectId, run_id: RunId) -> bool | Refused | Unclear:
    """Whether the object's runs show this one. Mostly the first page does, in one call."""
    ending = await pipelines.page(object_id, 1)
    if not isinstance(ending, Ok):
        return ending
    if any(run.id == run_id for run in ending.value.runs):
        return True
    runs = await scan(pipelines, object_id)
    return any(run.id == run_id for run in runs) if isinstance(runs, list) else runs


async def _pass(
    pipelines: Pipelines, object_id: ObjectId
) -> tuple[dict[RunId, Run], int] | Refused | Unclear:
    runs: dict[RunId, Run] = {}
    for number in range(1, MOST_PAGES + 1):
        ending = await pipelines.page(object_id, number)
        if not isinstance(ending, Ok):
            return ending
        page = ending.value
        runs.update((run.id, run) for run in page.runs)
        # The count is only a lower bound: captures show "0" over ten rows. A short page is the last one,
        # unless the service gives smaller pages than it was asked for.
        if len(page.runs) < PAGE_SIZE and (len(runs) >= page.total or not page.runs):
            if len(runs) < page.total:
                return _garbled(f"shows {len(runs)} of {page.total} runs")
            return runs, number
    return _garbled(f"has more than {MOST_PAGES} pages")


def _garbled(what: str) -> Unclear:
    return Unclear(Fault(f"the list of runs {what}"))
