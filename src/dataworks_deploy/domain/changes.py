"""Whether production holds what the draft holds now, as far as an object's runs can prove it.

A wrong "changed" costs a deployment. A wrong "unchanged" would be a lie, so every doubt is a change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter

from .model import INIT, SUCCESS, DeployType, Run
from .stamp import Stamp, parse_stamp

# Times may be cut or rounded to whole seconds: closer together than this, their order is not known.
ROUNDING_MS = 2000
# Stages of these types never change production.
_HARMLESS = frozenset({"Build", "Check"})


class Reason(StrEnum):
    """Why an object is deployed although only changes are to be."""

    NEVER_DEPLOYED = "never_deployed"  # by this action, from this repository
    EDITED = "edited"
    TAKEN_OUT = "taken_out"
    DEPLOYED_BY_OTHERS = "deployed_by_others"
    DESCRIPTION_NOT_SHOWN = "description_not_shown"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Draft:
    """The object as it was read right now: what its FlowSpec holds, when it was last edited, and whether production
    has it. None is what could not be read."""

    fingerprint: str | None
    modified_ms: int | None
    in_production: bool | None = None


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run of the object, and when it last changed (ModifyTime); None where that is not known."""

    run: Run
    modified_ms: int | None = None

    @property
    def stamp(self) -> Stamp | None:
        """What its description says of it."""
        return parse_stamp(self.run.description)

    @property
    def may_have_changed_production(self) -> bool:
        """Whether it changed production, or nobody can know.

        In workspaces with a development environment a first stage of type Deploy goes there: only the last one counts.
        """
        telling = [stage for stage in self.run.ordered if stage.type not in _HARMLESS]
        if self.run.status == SUCCESS:
            return True
        if not telling:
            return self.run.ended and not self.run.stages
        return telling[-1].status != INIT

    def was_over_before(self, moment_ms: int) -> bool:
        """Whether it certainly did nothing from this moment on."""
        return self.modified_ms is not None and 0 < self.modified_ms < moment_ms - ROUNDING_MS


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Production holds what the draft holds: this run has put it there."""

    run: Run


@dataclass(frozen=True, slots=True)
class Changed:
    """Production may hold something else. `run` is the run that shows it, where there is one."""

    reason: Reason
    run: Run | None = None


def compare(draft: Draft, runs: Sequence[PastRun] | None, owner: str) -> Unchanged | Changed:
    """Decide from all runs of the object in this workspace; None where they could not be read.

    `owner` is the short hash of this repository and workspace.
    """
    if runs is None:
        return Changed(Reason.CANNOT_TELL)
    good = [each for each in runs if each.run.status == SUCCESS]
    stamps = [each.stamp for each in good]
    if not any(stamp and stamp.owner == owner for stamp in stamps):
        return Changed(_never(good, stamps))
    newest = max(good, key=lambda each: (each.run.created_ms, each.run.id))
    reason = _of_run(newest, owner) or _of_draft(draft, newest)
    if reason:
        return Changed(reason, newest.run)
    for other in sorted(runs, key=attrgetter("run.created_ms"), reverse=True):
        late = not other.was_over_before(newest.run.created_ms)
        if other is not newest and late and other.may_have_changed_production:
            return Changed(_of_late(other, owner), other.run)
    return Unchanged(newest.run)


def _never(good: Sequence[PastRun], stamps: Sequence[Stamp | None]) -> Reason:
    """Why no run that succeeded is known to be ours."""
    if good and not any(each.run.description.strip() for each in good):
        return Reason.DESCRIPTION_NOT_SHOWN
    # The first form of a mark does not say whose it is.
    if any(stamp and not stamp.owner for stamp in stamps):
        return Reason.CANNOT_TELL
    return Reason.NEVER_DEPLOYED


def _of_run(newest: PastRun, owner: str) -> Reason | None:
    """Why the newest successful run does not prove that the object is unchanged."""
    stamp = newest.stamp
    if DeployType.OFFLINE in newest.run.types:
        return Reason.TAKEN_OUT
    if newest.run.types != {DeployType.ONLINE}:
        return Reason.CANNOT_TELL
    if stamp is None or (stamp.owner and stamp.owner != owner):
        return Reason.DEPLOYED_BY_OTHERS
    return None if stamp.owner and stamp.content else Reason.CANNOT_TELL


def _of_draft(draft: Draft, newest: PastRun) -> Reason | None:
    """Why the draft differs from what the newest run deployed, or may differ."""
    stamp = newest.stamp
    if draft.in_production is False:
        return Reason.TAKEN_OUT
    if not (stamp and draft.fingerprint and draft.modified_ms):
        return Reason.CANNOT_TELL
    if draft.fingerprint != stamp.content:
        return Reason.EDITED
    # What is edited after the creation and before the build is deployed, and the mark does not know.
    edited_since = draft.modified_ms >= newest.run.created_ms - ROUNDING_MS
    return Reason.EDITED if edited_since else None


def _of_late(other: PastRun, owner: str) -> Reason:
    """Why another run may have changed production after the newest successful run."""
    if other.run.status != SUCCESS:
        return Reason.CANNOT_TELL
    if DeployType.OFFLINE in other.run.types:
        return Reason.TAKEN_OUT
    stamp = other.stamp
    return Reason.CANNOT_TELL if stamp and stamp.owner in {owner, ""} else Reason.DEPLOYED_BY_OTHERS
