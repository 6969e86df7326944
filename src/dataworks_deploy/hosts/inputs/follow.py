"""The inputs that say how far runs are taken, and the combinations of them that contradict each other."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dataworks_deploy.domain.choices import RunMode
from dataworks_deploy.domain.problem import NotAStage, Slip

from .reader import Reader

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Follow:
    """How far runs are taken, and by whom. `poll_seconds` is None to adapt."""

    wait: bool
    advance: bool
    until_stage: str
    run_mode: RunMode
    auto_run_until_stage: str
    poll_seconds: float | None

    @property
    def changes_to_continue(self) -> Mapping[str, str]:
        """Inputs that run-ids does not go with as they are, and how they go: what `_contradictions` objects to."""
        changes = {} if self.wait else {"wait": "true"}
        if self.run_mode is RunMode.AUTO:
            changes |= {"run-mode": RunMode.NORMAL.value, "auto-run-until-stage": ""}
        return changes


def read_follow(reader: Reader, *, continues: bool) -> Follow:
    """Read them. `continues` says that existing runs are given."""
    follow = Follow(
        wait=reader.flag("wait"),
        advance=reader.flag("advance"),
        until_stage=_code(reader, "until-stage"),
        run_mode=reader.choice("run-mode", RunMode),
        auto_run_until_stage=_code(reader, "auto-run-until-stage"),
        poll_seconds=None
        if reader.text("poll-seconds").casefold() == "auto"
        else reader.number("poll-seconds", 1, 3600, "seconds", or_auto=True),
    )
    reader.problems.extend(_contradictions(follow, continues=continues))
    return follow


def _code(reader: Reader, name: str) -> str:
    given = reader.text(name)
    if given and not _CODE.fullmatch(given):
        reader.problems.append(NotAStage(name, reader.shown(given)))
    return given


def _contradictions(follow: Follow, *, continues: bool) -> Iterator[Slip]:
    is_auto = follow.run_mode is RunMode.AUTO
    if not follow.wait and follow.until_stage:
        yield Slip.STAGE_UNFOLLOWED
    if not follow.wait and continues:
        yield Slip.RUNS_UNFOLLOWED
    if follow.auto_run_until_stage and not is_auto:
        yield Slip.STAGE_WITHOUT_AUTO
    if is_auto and not follow.auto_run_until_stage:
        yield Slip.AUTO_WITHOUT_STAGE
    if continues and is_auto:
        yield Slip.RUNS_WITH_AUTO
