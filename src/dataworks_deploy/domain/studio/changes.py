"""Whether production holds the same as the draft, as far as the runs of the object can prove it.

A wrong "changed" costs one deployment. A wrong "unchanged" leaves old code in production, so every doubt counts as a
change.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from operator import attrgetter

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import SUCCESS, DeployType, Run
from dataworks_deploy.domain.reconcile import Mark, parse_mark

from .catalog import StudioObject

# Times may be cut or rounded to whole seconds. If two are closer than this, their order is unknown.
ROUNDING_MS = 2000


class Cause(StrEnum):
    """Why an object is deployed with only-changed."""

    NEVER_DEPLOYED = "never_deployed"  # by this action, from this repository
    EDITED = "edited"
    TAKEN_OUT = "taken_out"
    DEPLOYED_BY_OTHERS = "deployed_by_others"
    DESCRIPTION_NOT_SHOWN = "description_not_shown"
    CANNOT_TELL = "cannot_tell"


@frozen
class Unchanged:
    """Production holds the same as the draft. This run has deployed it."""

    run: Run


@frozen
class Changed:
    """Production may differ from the draft. `run` is the run that shows it, if there is one."""

    cause: Cause
    run: Run | None = None


Comparison = Unchanged | Changed


def compare(draft: StudioObject, runs: Sequence[Run] | None, owner: str) -> Unchanged | Changed:
    """Decide from all runs of the object in this workspace. None if they could not be read.

    `owner` is the short hash of this repository and workspace. Open runs must come from readings of their own, because
    lists lag.
    """
    if runs is None:
        return Changed(Cause.CANNOT_TELL)
    good = [each for each in runs if each.status == SUCCESS]
    marks = [parse_mark(each.description) for each in good]
    if not any(mark and mark.owner == owner for mark in marks):
        return Changed(_never(good, marks))
    newest = max(good, key=lambda each: (each.created_ms, each.id))
    cause = _of_run(newest, owner) or _of_draft(draft, newest)
    if cause:
        return Changed(cause, newest)
    for other in sorted(runs, key=attrgetter("created_ms"), reverse=True):
        late = not _was_over_before(other, newest.created_ms)
        if other is not newest and late and _may_have_changed_production(other):
            return Changed(_of_late(other, owner), other)
    return Unchanged(newest)


def _never(good: Sequence[Run], marks: Iterable[Mark | None]) -> Cause:
    """Why no successful run is known to be ours."""
    if good and not any(each.description.strip() for each in good):
        return Cause.DESCRIPTION_NOT_SHOWN
    # Marks in the first format do not name an owner.
    if any(mark and not mark.owner for mark in marks):
        return Cause.CANNOT_TELL
    return Cause.NEVER_DEPLOYED


def _of_run(newest: Run, owner: str) -> Cause | None:
    """Why the newest successful run does not prove that the object is unchanged."""
    mark = parse_mark(newest.description)
    if DeployType.OFFLINE in newest.types:
        return Cause.TAKEN_OUT
    if newest.types != {DeployType.ONLINE}:
        return Cause.CANNOT_TELL
    if mark is None or (mark.owner and mark.owner != owner):
        return Cause.DEPLOYED_BY_OTHERS
    return None if mark.owner and mark.content else Cause.CANNOT_TELL


def _of_draft(draft: StudioObject, newest: Run) -> Cause | None:
    """Why the draft differs, or may differ, from what the newest run deployed."""
    mark = parse_mark(newest.description)
    if draft.in_production is False:
        return Cause.TAKEN_OUT
    content = draft.content
    if not (mark and content and content.edited_ms):
        return Cause.CANNOT_TELL
    if content.fingerprint != mark.content:
        return Cause.EDITED
    # An edit after the creation and before the build is deployed too, but is not in the mark.
    edited_since = content.edited_ms >= newest.created_ms - ROUNDING_MS
    return Cause.EDITED if edited_since else None


def _of_late(other: Run, owner: str) -> Cause:
    """Why another run may have changed production after the newest successful run."""
    if other.status != SUCCESS:
        return Cause.CANNOT_TELL
    if DeployType.OFFLINE in other.types:
        return Cause.TAKEN_OUT
    mark = parse_mark(other.description)
    return Cause.CANNOT_TELL if mark and mark.owner in {owner, ""} else Cause.DEPLOYED_BY_OTHERS


def _may_have_changed_production(run: Run) -> bool:
    """Whether the run has changed production, or may have."""
    return run.status == SUCCESS or run.may_have_deployed or (run.ended and not run.stages)


def _was_over_before(run: Run, moment_ms: int) -> bool:
    """Whether the run certainly did nothing from this time on. `moment_ms` is UTC."""
    return run.ended and 0 < run.modified_ms < moment_ms - ROUNDING_MS
