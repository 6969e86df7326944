"""The inputs of a step as the README explains them, without code of the action."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Given:
    """The inputs that decide what a step does. Times are in seconds. `poll_seconds` is None for `auto`."""

    project_id: int
    object_ids: tuple[str, ...]
    run_ids: tuple[str, ...]
    type: str
    wait: bool
    advance: bool
    until_stage: str
    run_mode: str
    auto_run_until_stage: str
    timeout_seconds: float
    settle_seconds: float
    poll_seconds: float | None
    max_parallel: int
    fail_fast: bool
    on_active_run: str
    on_rerun: str
    abolish_on: frozenset[str]
    dry_run: bool
    lines: tuple[str, ...]
    preflight: bool  # or an input with the same effect
    only_changed: bool
    order: str
    upstream: str
    allow_empty: bool
    most: int
    leaves: bool  # runs that only a person can continue

    @property
    def named(self) -> dict[str, str | None]:
        """The runs that the step must continue, with their objects if those are given too."""
        objects = self.object_ids or (None,) * len(self.run_ids)
        return dict(zip(self.run_ids, objects, strict=True)) if self.run_ids else {}

    @property
    def objects(self) -> list[str | None]:
        """The objects of the results in order, or None for a run without an object. Lines may select more."""
        return [*self.named.values()] or [*self.object_ids]


def read(variables: Mapping[str, str]) -> Given:
    """Read the variables of the inputs as the tests write them: lists with lines or commas, without extra spaces."""

    def text(name: str) -> str:
        return variables[f"INPUT_{name.upper()}"]

    def listed(name: str) -> tuple[str, ...]:
        return tuple(text(name).replace(",", "\n").split())

    poll, at_once = text("poll-seconds"), 1 if text("order") == "given" else 10
    return Given(
        project_id=int(text("project-id")),
        object_ids=listed("object-ids"),
        run_ids=listed("run-ids"),
        type=text("type"),
        wait=text("wait") == "true",
        advance=text("advance") == "true",
        until_stage=text("until-stage"),
        run_mode=text("run-mode"),
        auto_run_until_stage=text("auto-run-until-stage"),
        timeout_seconds=60 * float(text("timeout-minutes")),
        settle_seconds=float(text("settle-seconds")),
        poll_seconds=None if poll == "auto" else float(poll),
        max_parallel=at_once if text("max-parallel") == "auto" else int(text("max-parallel")),
        fail_fast=text("fail-fast") == "true",
        on_active_run=text("on-active-run"),
        on_rerun=text("on-rerun"),
        abolish_on=frozenset(listed("abolish-on")) - {"never"},
        dry_run=text("dry-run") == "true",
        lines=tuple(text("objects").split("\n")) if text("objects") else (),
        preflight="true" in {text("preflight"), text("only-changed")},
        only_changed=text("only-changed") == "true",
        order=text("order"),
        upstream=text("upstream"),
        allow_empty=text("allow-empty") == "true",
        most=int(text("max-objects")),
        leaves=text("on-approval") == "leave",
    )
