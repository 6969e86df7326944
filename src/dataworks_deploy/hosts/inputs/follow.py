"""The inputs that say how far runs are taken, and the combinations of them that contradict each other."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .reader import Reader

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Follow:
    """How far runs are taken, and by whom. `poll_seconds` is None to adapt."""

    wait: bool
    advance: bool
    until_stage: str
    run_mode: str
    auto_run_until_stage: str
    poll_seconds: float | None

    @property
    def changes_to_continue(self) -> Mapping[str, str]:
        """Inputs that run-ids does not go with as they are, and how they go: what `_contradictions` objects to."""
        changes = {} if self.wait else {"wait": "true"}
        if self.run_mode == "Auto":
            changes |= {"run-mode": "Normal", "auto-run-until-stage": ""}
        return changes


def read_follow(reader: Reader, *, continues: bool) -> Follow:
    """Read them. `continues` says that existing runs are given."""
    follow = Follow(
        wait=reader.flag("wait"),
        advance=reader.flag("advance"),
        until_stage=_code(reader, "until-stage"),
        run_mode=reader.choice("run-mode", "Normal", "Auto"),
        auto_run_until_stage=_code(reader, "auto-run-until-stage"),
        poll_seconds=None
        if reader.text("poll-seconds").casefold() == "auto"
        else reader.number("poll-seconds", 1, 3600, "seconds (or auto)"),
    )
    reader.problems.extend(_contradictions(follow, continues=continues))
    return follow


def _code(reader: Reader, name: str) -> str:
    given = reader.text(name)
    if given and not _CODE.fullmatch(given):
        reader.problems.append(f"{name}: {reader.shown(given)} is not a stage code, such as PROD_CHECK.")
    return given


def _contradictions(follow: Follow, *, continues: bool) -> Iterator[str]:
    if not follow.wait and follow.until_stage:
        yield "until-stage: means nothing with wait: false, which does not follow the runs. Leave one of them out."
    if not follow.wait and continues:
        yield "run-ids: with wait: false there is nothing to do, because runs are neither created nor followed."
    if follow.auto_run_until_stage and follow.run_mode != "Auto":
        yield "auto-run-until-stage: works with run-mode: Auto only. Set it, or use until-stage instead."
    if follow.run_mode == "Auto" and not follow.auto_run_until_stage:
        yield (
            "run-mode: Auto goes together with auto-run-until-stage, the last stage that the service executes by "
            "itself, such as PROD; alone it does nothing."
        )
    if continues and follow.run_mode == "Auto":
        yield "run-mode: is decided when a run is created, and cannot be changed for those of run-ids."
