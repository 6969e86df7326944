"""Reduces a failing schedule to what it needs to fail: tries to remove each part, as long as it still fails.

Parts that cannot be removed are made simple: faults of one call, and round times.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

from .schedule import Job, Schedule, Step

SECONDS = re.compile(r"(?<=:)[0-9]+\.[0-9]+$")


def shrink(schedule: Schedule, fails: Callable[[Schedule], bool], most: int = 600) -> Schedule:
    """Greedy: take the first smaller schedule that still fails, and try everything again from there."""
    tries = 0
    while True:
        for smaller in _smaller(schedule):
            tries += 1
            if tries > most:
                return schedule
            if fails(smaller):
                schedule = smaller
                break
        else:
            return schedule


def _smaller(schedule: Schedule) -> Iterator[Schedule]:
    jobs = schedule.jobs
    for n in range(len(jobs)):
        if len(jobs) > 1:
            yield replace(schedule, jobs=jobs[:n] + jobs[n + 1 :])
    for n in range(1, schedule.objects):
        yield replace(schedule, objects=n)
    for name in ("faults", "deeds", "held", "settings", "inputs"):
        given = getattr(schedule, name)
        for n in range(len(given)):
            yield replace(schedule, **{name: given[:n] + given[n + 1 :]})
    for n, job in enumerate(jobs):
        for smaller in _smaller_jobs(job):
            yield replace(schedule, jobs=(*jobs[:n], smaller, *jobs[n + 1 :]))
    for settings in _one_by_one(schedule.settings, _smaller_workspaces):
        yield replace(schedule, settings=settings)
    for inputs in _one_by_one(schedule.inputs, _fewer_lines):
        yield replace(schedule, inputs=inputs)
    yield from _plainer(schedule)


def _smaller_workspaces(setting: tuple[str, Any]) -> Iterator[tuple[str, Any]]:
    """A workspace without one of its objects or edits, or without one of their fields."""
    name, given = setting
    for smaller in _without(given) if name == "workspace" else ():
        yield name, smaller


def _without(given: Any) -> Iterator[Any]:
    """The value without one of its parts, at any depth."""
    if isinstance(given, dict):
        for key, value in given.items():
            rest = {other: each for other, each in given.items() if other != key}
            yield rest
            yield from ({**given, key: smaller} for smaller in _without(value))
    elif isinstance(given, list):
        for n, value in enumerate(given):
            yield [*given[:n], *given[n + 1 :]]
            yield from ([*given[:n], smaller, *given[n + 1 :]] for smaller in _without(value))


def _fewer_lines(given: tuple[str, str]) -> Iterator[tuple[str, str]]:
    name, value = given
    lines = value.split("\n") if name in {"objects", "object-ids"} else []
    for n in range(len(lines) if len(lines) > 1 else 0):
        yield name, "\n".join([*lines[:n], *lines[n + 1 :]])


def _smaller_jobs(job: Job) -> Iterator[Job]:
    steps = job.steps
    for n in range(len(steps)):
        if len(steps) > 1:
            yield replace(job, steps=steps[:n] + steps[n + 1 :])
    for n, step in enumerate(steps):
        for smaller in _smaller_steps(step):
            yield replace(job, steps=(*steps[:n], smaller, *steps[n + 1 :]))
    for name in ("action", "inputs"):
        if getattr(job, name) != getattr(Job, name):
            yield replace(job, **{name: getattr(Job, name)})


def _smaller_steps(step: Step) -> Iterator[Step]:
    plain = Step()
    for name in ("kill", "stop", "post", "post_kill", "skew", "expires", "outage", "resume", "inputs"):
        value = getattr(plain, name)
        if getattr(step, name) != value:
            yield replace(step, **{name: value})


def _plainer(schedule: Schedule) -> Iterator[Schedule]:
    ways: dict[str, Callable[[Any], Iterator[Any]]] = {
        "faults": _plainer_fault, "deeds": _rounder, "held": _rounder, "jobs": _rounder_job,
    }  # fmt: skip
    for name in ("latency", "begin", "unread"):
        if getattr(schedule, name) != getattr(Schedule, name):
            yield _with(schedule, name, getattr(Schedule, name))
    for name, plainer in ways.items():
        for given in _one_by_one(getattr(schedule, name), plainer):
            yield _with(schedule, name, given)


def _with(schedule: Schedule, name: str, value: Any) -> Schedule:
    return replace(schedule, **{name: value})


def _one_by_one(
    values: tuple[Any, ...], plainer: Callable[[Any], Iterator[Any]]
) -> Iterator[tuple[Any, ...]]:
    """The values with one of them made simpler."""
    for n, value in enumerate(values):
        for each in plainer(value):
            yield (*values[:n], each, *values[n + 1 :])


def _plainer_fault(fault: str) -> Iterator[str]:
    action, calls, spec = fault.split(":", 2)
    one = calls.partition("-")[0].replace("*", "1")
    if one != calls:
        yield f"{action}:{one}:{spec}"
    if seconds := SECONDS.search(fault):
        for rounder in _rounder_times(float(seconds[0])):
            yield f"{fault[: seconds.start()]}{rounder:g}"


def _rounder_job(job: Job) -> Iterator[Job]:
    yield from _rounder(job)
    for steps in _one_by_one(job.steps, _rounder_step):
        yield replace(job, steps=steps)


def _rounder_step(step: Step) -> Iterator[Step]:
    yield from _rounder(step)
    for kill in _rounder(step.kill) if step.kill else ():
        yield replace(step, kill=kill)
    for kill in _rounder(step.post_kill) if step.post_kill else ():
        yield replace(step, post_kill=kill)


def _rounder(value: Any) -> Iterator[Any]:
    """A dataclass with one of its times rounded more."""
    for each in fields(value):
        given = getattr(value, each.name)
        for rounder in _rounder_times(given) if isinstance(given, float) else ():
            yield replace(value, **{each.name: rounder})


def _rounder_times(seconds: float) -> Iterator[float]:
    yield from (
        each for each in (0.0, float(round(seconds)), round(seconds, 1)) if _digits(each) < _digits(seconds)
    )


def _digits(seconds: float) -> int:
    return len(f"{seconds:g}") if seconds else 0
