"""Cuts a failing schedule to what it needs to fail: tries to do without each thing, as long as it still fails."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from .schedule import Job, Schedule, Step


def shrink(schedule: Schedule, fails: Callable[[Schedule], bool], most: int = 600) -> Schedule:
    """Greedy: the first smaller schedule that still fails is taken, and all is tried again from there."""
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


def _smaller_jobs(job: Job) -> Iterator[Job]:
    steps = job.steps
    for n in range(len(steps)):
        if len(steps) > 1:
            yield replace(job, steps=steps[:n] + steps[n + 1 :])
    for n, step in enumerate(steps):
        for smaller in _smaller_steps(step):
            yield replace(job, steps=(*steps[:n], smaller, *steps[n + 1 :]))
    if job.start:
        yield replace(job, start=0.0)


def _smaller_steps(step: Step) -> Iterator[Step]:
    plain = Step()
    for name in ("kill", "stop", "post", "skew", "expires", "outage", "resume", "inputs"):
        value = getattr(plain, name)
        if getattr(step, name) != value:
            yield replace(step, **{name: value})
