"""Plays a schedule: every job with its attempts, the people, and the service."""

import random
from dataclasses import dataclass, field, replace
from functools import partial

from dataworks_deploy.engine.deploy import Deployment
from dataworks_emulator.service import Service
from dataworks_emulator.settings import Settings

from ..integration.job import JOB, KEY, PROJECT, input_variables
from .actor import Actor, Attempt, Scene, inputs_of
from .outputs import read_results
from .people import carry_out
from .schedule import ELSEWHERE, Job, Schedule, Step, object_id
from .virtual import Time

DRAIN = 3 * 3600.0  # after this time all requests have arrived
POST_ROOM = 61.0  # a re-run does not start before the post step has ended
INPUTS = input_variables({})


@dataclass
class History:
    """Everything that happened in a schedule."""

    schedule: Schedule
    service: Service
    time: Time
    deployment: type[Deployment] = Deployment
    attempts: list[Attempt] = field(default_factory=list)


def play(schedule: Schedule, deployment: type[Deployment] = Deployment) -> History:
    """Play a schedule to its end, and then until all requests have arrived."""
    time, rng = Time(), random.Random(schedule.seed)
    settings = replace(Settings(), faults=schedule.faults, **dict(schedule.settings))  # type: ignore[arg-type]
    service = Service(settings, time.epoch, rng)
    scene = Scene(schedule, service, time, rng, deployment)
    history = History(schedule, service, time, deployment)
    time.now = schedule.begin
    for copy, job in enumerate(schedule.jobs):
        time.at(time.now + job.start, partial(_start, scene, history, copy, job, 0))
    for deed in schedule.deeds:
        time.at(time.now + deed.at, partial(carry_out, service, deed, objects_of(schedule), time))
    try:
        time.run()
        time.now += DRAIN
        service.settle()
    finally:
        for loop in scene.loops:
            loop.bury()
    return history


def _start(scene: Scene, history: History, copy: int, job: Job, index: int) -> None:
    """Start one attempt of a job. The next one is arranged when it has ended."""
    step = job.steps[index]
    variables = environment(scene.schedule, job, step, index + 1)
    if step.resume and index:
        before = [each for each in history.attempts if each.copy == copy][-1]
        variables |= continuing(step.resume, before)
    attempt = Attempt(
        job.name, index + 1, copy, step, inputs_of(variables), scene.time.now, action=job.action
    )
    history.attempts.append(attempt)

    def over() -> None:
        if index + 1 < len(job.steps):
            room = (step.post_kill and step.post_kill.at) or POST_ROOM
            gap = job.steps[index + 1].gap + (room if attempt.post_began is not None else 0.0)
            scene.time.at(scene.time.now + gap, partial(_start, scene, history, copy, job, index + 1))

    Actor(scene, attempt, variables, over).start()


def continuing(how: str, before: Attempt) -> dict[str, str]:
    """The variables with which a step continues the runs of the one before it. Empty if there are none."""
    left = [result for result in read_results(before, []) if result["run_id"]]
    runs, objects = [result["run_id"] for result in left], [result["object_id"] for result in left]
    if not runs:
        return {}
    if how == "mixed":
        runs = [*runs[1:], runs[0]]
    alone = how == "alone" or None in objects
    return {
        "INPUT_RUN-IDS": "\n".join(runs),
        "INPUT_OBJECT-IDS": "" if alone else "\n".join(objects),
        "INPUT_OBJECTS": "",
        "INPUT_UPSTREAM": "warn",
        "INPUT_WAIT": "true",
        "INPUT_RUN-MODE": "Normal",
        "INPUT_AUTO-RUN-UNTIL-STAGE": "",
    }


def objects_of(schedule: Schedule) -> list[str]:
    """The objects of a schedule."""
    return [object_id(number) for number in range(1, schedule.objects + 1)]


def repository_of(job: int) -> str:
    """The ID of the repository of a job. Jobs from `ELSEWHERE` on belong to another one."""
    return JOB["GITHUB_REPOSITORY_ID"] if job < ELSEWHERE else "748291057"


def environment(schedule: Schedule, job: Job, step: Step, attempt: int) -> dict[str, str]:
    """The variables that the runner would set for a step."""
    given = {
        "project-id": PROJECT,
        "object-ids": "\n".join(objects_of(schedule)),
        "region": "cn-shanghai",
        "access-key-id": KEY.access_key_id,
        "access-key-secret": KEY.secret,
        "security-token": KEY.token,
        **dict(schedule.inputs),
        **dict(job.inputs),
        **dict(step.inputs),
    }
    named = {f"INPUT_{name.upper()}": value for name, value in given.items()}
    where = {
        "GITHUB_ACTION": job.action,
        "GITHUB_OUTPUT": "/outputs",  # only the name matters here, because outputs are kept in memory
        "GITHUB_RUN_ID": str(1000 + job.name),
        "GITHUB_RUN_ATTEMPT": str(attempt),
    }
    return INPUTS | named | JOB | where | {"GITHUB_REPOSITORY_ID": repository_of(job.name)}
