"""Which runs of a step may still be open, and the inputs to copy that continue them."""

import re
from collections.abc import Iterator, Mapping, Sequence

from dataworks_deploy.domain.model import TERMINAL
from dataworks_deploy.domain.outcome import STILL_OPEN, ObjectResult, Outcome

MOST_CONTINUED = 500
# One that was skipped has a run if it was given.
MAY_BE_OPEN = STILL_OPEN | {Outcome.SKIPPED}
# These have come to the stage of until-stage, or have none of that code: with it they would end there again.
STOPPED = frozenset({Outcome.CREATED, Outcome.FAILED})
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # what the inputs take


def is_open(result: ObjectResult) -> bool:
    """Whether the object has a run that may go on."""
    if not result.run_id or result.abolished or result.status in TERMINAL:
        return False
    # A run that was named, and never read, may not exist.
    unread = result.outcome is Outcome.FAILED and result.status is None and not result.own
    return result.outcome in MAY_BE_OPEN and not unread


def how_to_continue(
    results: Sequence[ObjectResult], changes: Mapping[str, str], until_stage: str, *, sure: bool
) -> Iterator[str]:
    """Inputs to copy. `changes` are inputs that do not go with run-ids as they are; `until_stage` is the step's.

    A list that is not whole would be taken for all.
    """
    left = [each for each in results if is_open(each)]
    runs = [(each.object_id, each.run_id) for each in left if each.run_id]
    if not runs:
        return
    yield from ("### How to continue", "")
    whole = len(runs) <= MOST_CONTINUED and all(_ID.fullmatch(each) for pair in runs for each in pair)
    read = sure and all(each.outcome is not Outcome.SKIPPED for each in left)
    are = ("is" if len(runs) == 1 else "are") if read else "may be"
    yield f"{'The run' if len(runs) == 1 else f'{len(runs):,} runs'} {are} open. Run the step with these inputs:"
    yield from ("", "```yaml", "with:")
    stopped = until_stage and any(each.outcome in STOPPED for each in left)
    but = ", but until-stage: leave it out, or name a later stage that the run has" if stopped else ""
    yield f"  # the other inputs as they are{but}"
    yield from (f'  {name}: "{value}"' for name, value in changes.items())
    if not whole:
        yield "  # object-ids and run-ids: take them from the output `results`"
    else:
        if not any(each.alone for each in left):
            yield from ("  object-ids: |", *(f"    {object_id}" for object_id, _ in runs))
        yield from ("  run-ids: |", *(f"    {run_id}" for _, run_id in runs))
    yield from ("```", "")
