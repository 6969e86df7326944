"""Whether production holds what the draft holds now, as far as an object's runs can prove it.

A wrong "changed" costs a deployment. A wrong "unchanged" would be a lie, so every doubt is a change.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from operator import attrgetter

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import INIT, SUCCESS, DeployType, Run
from dataworks_deploy.domain.reconcile import Mark, parse_mark

from .catalog import StudioObject

# Times may be cut or rounded to whole seconds: closer together than this, their order is not known.
ROUNDING_MS = 2000
# Stages of these types never change production.
_HARMLESS = frozenset({"Build", "Check"})


class Cause(StrEnum):
    """Why an object is deployed although only changes are to be."""

    NEVER_DEPLOYED = "never_deployed"  # by this action, from this repository
    EDITED = "edited"
    TAKEN_OUT = "taken_out"
    DEPLOYED_BY_OTHERS = "deployed_by_others"
    DESCRIPTION_NOT_SHOWN = "description_not_shown"
    CANNOT_TELL = "cannot_tell"


@frozen
class Unchanged:
    """Production holds what the draft holds: this run has put it there."""

    run: Run


@frozen
class Changed:
    """Production may hold something else. `run` is the run that shows it, where there is one."""

    cause: Cause
    run: Run | None = None


Comparison = Unchanged | Changed


def compare(draft: StudioObject, runs: Sequence[Run] | None, owner: str) -> Unchanged | Changed:
    """Decide from all runs of the object in this workspace; None where they could not be read.

    `owner` is the short hash of this repository and workspace. Each run that is open is to be as a reading of its own
    shows it: lists lag.
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
    """Why no run that succeeded is known to be ours."""
    if good and not any(each.description.strip() for each in good):
        return Cause.DESCRIPTION_NOT_SHOWN
    # The first form of a mark does not say whose it is.
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
    """Why the draft differs from what the newest run deployed, or may differ."""
    mark = parse_mark(newest.description)
    if draft.in_production is False:
        return Cause.TAKEN_OUT
    content = draft.content
    if not (mark and content and content.edited_ms):
        return Cause.CANNOT_TELL
    if content.fingerprint != mark.content:
        return Cause.EDITED
    # What is edited after the creation and before the build is deployed, and the mark does not know.
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
    """Whether it changed production, or nobody can know.

    In workspaces with a development environment a first stage of type Deploy goes there: only the last one counts.
    """
    telling = [stage for stage in run.ordered if stage.type not in _HARMLESS]
    if run.status == SUCCESS:
        return True
    if not telling:
        return run.ended and not run.stages
    return telling[-1].status != INIT


def _was_over_before(run: Run, moment_ms: int) -> bool:
    """Whether it certainly did nothing from this moment on."""
    return 0 < run.modified_ms < moment_ms - ROUNDING_MS
