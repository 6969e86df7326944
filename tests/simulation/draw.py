"""Draws a schedule from a seed: most have faults, some have none, and all are possible."""

from dataclasses import replace

from dataworks_emulator.settings import Failure

from .cells import PHASES
from .dice import AT_ONCE, Dice, spec_of
from .operations import ABOLISH, CREATE, EXECUTE, NODE
from .schedule import ELSEWHERE, Deed, Held, Job, Kill, Schedule, Step, object_id
from .selecting import selecting

SHORT = (0.0, 0.2, 1.0, 3.0, 6.0, 10.0)
PAUSES_MS = (20_000, 60_000, 300_000, 900_000, 3_600_000)  # the pauses that a throttled creation must make
MIDNIGHT = 70_400.0  # seconds after the epoch of the simulation at which a new day of the quota begins

# Settings of the service that may differ from the defaults, and how often they do.
SETTINGS: dict[str, tuple[float, tuple[object, ...]]] = {
    "nonce_fence": (0.15, (False,)),
    "throttled_uses_nonce": (0.3, (False,)),
    "edition": (0.2, ("basic", "enterprise", "standard")),
    "day_calls": (0.04, (3, 8, 20, 60)),
    "retry_after_ms": (0.1, (50, 2000)),
    "throttle_status": (0.3, (400,)),
    "quota_code": (0.3, ("Throttling.Resource",)),
    "list_lag": (0.35, (0.5, 1.0, 3.0, 5.0, 9.0, 15.0, 30.0, 59.0, 120.0)),
    "get_lag": (0.05, (0.3, 2.0)),
    "stages": (0.25, ("standard",)),
    "init_seconds": (0.15, (0.5, 5.0, 60.0)),
    "stage_seconds": (0.6, (0.0, 1.0, 5.0, 30.0, 200.0)),
    "offline_check_runs": (0.5, (True,)),
    "approval": (0.06, (True,)),
    "approve_after": (0.5, (1.0, 20.0, 400.0)),
    "approval_status": (0.3, ("Running",)),
    "approval_exec": (0.4, ("stay", "run")),
    "abolish_status": (0.3, ("Cancel", "Fail")),
    "abolish_during_deploy": (0.3, ("ignore", "stop")),
    "oldest_first": (0.4, (True,)),
    "string_counts": (0.15, (True,)),
    "shuffle_stages": (0.3, (True,)),
    "show_descriptions": (0.04, (False,)),
    "odd_stage": (0.02, ("CANARY",)),
    "odd_status": (0.02, ("Preparing",)),
}


DEEDS = (
    "deploy",
    "deploy",
    "leave",
    "quote",
    "elsewhere",
    "approve",
    "execute",
    "execute",
    "terminate",
    "cancel",
)


def draw(seed: int) -> Schedule:
    """The schedule of a seed."""
    dice = Dice(seed)
    objects = dice.number(4, 8) if dice.chance(0.05) else 1 + dice.few(2)
    if dice.chance(0.04):
        return Schedule(seed, objects, latency=0.02)
    inputs = _inputs(dice)
    jobs = _jobs(dice, dict(inputs))
    ends = any(step.stop is not None or (step.kill and step.post) for job in jobs for step in job.steps)
    schedule = Schedule(
        seed=seed,
        objects=objects,
        jobs=jobs,
        settings=_settings(dice, objects),
        faults=_faults(dice, ends=ends),
        held=_held(dice, ends=ends),
        deeds=_deeds(dice, objects),
        latency=float(str(dice.one(0.005, 0.02, 0.02, 0.1, 0.5))),
        begin=MIDNIGHT - dice.seconds() if dice.chance(0.1) else 0.0,
        inputs=inputs,
    )
    drawn = _rarely(dice, _resumed(dice, schedule) if dice.chance(0.15) else schedule)
    ordered = _ordered(Dice(f"{seed} order"), _refused(Dice(f"{seed} {NODE}"), drawn))
    return selecting(Dice(f"{seed} select"), ordered)


def _rarely(dice: Dice, schedule: Schedule) -> Schedule:
    """Add rare things: a long pause, a person who undeploys, a run that cannot be read by its ID."""
    if dice.chance(0.02):
        fault = f"{CREATE}:{1 + dice.few(2)}:throttle:{dice.one(*PAUSES_MS)}"
        schedule = replace(schedule, faults=(*schedule.faults, fault))
    if dice.chance(0.04):
        deed = replace(_deed(dice, schedule.objects), what="undeploy")
        schedule = replace(schedule, deeds=(*schedule.deeds, deed))
    if dice.chance(0.02):
        schedule = replace(schedule, unread=1 + dice.few(2))
    return _mistaken(schedule) if dice.chance(0.05) else schedule


def _refused(dice: Dice, schedule: Schedule) -> Schedule:
    """Refuse objects as nodes inside a workflow, with faults in the lookups.

    This was added last, and has its own dice, so that a seed still draws the rest as before.
    """
    if not dice.chance(0.15):
        return schedule
    first, more = 1 + (dice.few(2) if dice.chance(0.5) else 0), dice.few(2)
    refusal = f"{CREATE}:{first}-{first + more}:error:no-object"
    faults = (spec_of(dice, NODE, call, AT_ONCE) for call in map(str, range(1, more + 2)))
    schedule = replace(schedule, faults=(*schedule.faults, refusal, *faults))
    if not dice.chance(0.15):
        return schedule
    job, *others = schedule.jobs
    *before, step = job.steps
    step = replace(step, kill=Kill(action=NODE, call=1, phase=str(dice.one(*PHASES))))
    return replace(schedule, jobs=(replace(job, steps=(*before, step)), *others))


def _ordered(dice: Dice, schedule: Schedule) -> Schedule:
    """Look objects up, some of which need others, with faults in the lookups. With its own dice, as above."""
    if not dice.chance(0.2):
        return schedule
    objects = [object_id(number) for number in range(1, schedule.objects + 1)]
    ranks = {each: dice.number(0, 3) for each in objects}
    needs = {
        each: tuple(one for one in objects if ranks[one] < ranks[each] and dice.chance(0.6))
        for each in objects
    }
    edges = {each: ups for each, ups in needs.items() if ups}
    given = (("preflight", "true"), *((("max-parallel", "auto"),) if dice.chance(0.5) else ()))
    faults = (spec_of(dice, NODE, str(1 + dice.few(4)), AT_ONCE) for _ in range(dice.few(2)))
    return replace(
        schedule,
        inputs=(*schedule.inputs, *given),
        settings=(*schedule.settings, *((("upstreams", edges),) if edges else ())),
        faults=(*schedule.faults, *faults),
    )


def _mistaken(schedule: Schedule) -> Schedule:
    """Somebody continues the runs with the opposite type."""
    first, *others = schedule.jobs
    other = "Online" if "type" in dict(schedule.inputs) else "Offline"
    steps = tuple(
        replace(step, inputs=(*step.inputs, ("type", other))) if step.resume else step for step in first.steps
    )
    return replace(schedule, jobs=(replace(first, steps=steps), *others))


def _resumed(dice: Dice, schedule: Schedule) -> Schedule:
    """Somebody continues the runs of the first job by their IDs. That job may be run again afterwards."""
    first, *others = schedule.jobs
    step = replace(_step(dice, last=True), resume=str(dice.one("alone", "beside", "beside", "mixed")))
    again = (_step(dice, last=True),) if dice.chance(0.3) else ()
    return replace(schedule, jobs=(replace(first, steps=(*first.steps, step, *again)), *others))


def _jobs(dice: Dice, inputs: dict[str, str]) -> tuple[Job, ...]:
    """Mostly one job, sometimes copies of it, or other jobs on the same objects."""
    first = Job(0, _steps(dice))
    others = []
    if dice.chance(0.25):
        others.append(_other(dice, inputs, _steps(dice)))
        if dice.chance(0.2):
            others.append(_other(dice, inputs, (Step(),)))
    return (first, *others)


def _other(dice: Dice, inputs: dict[str, str], steps: tuple[Step, ...]) -> Job:
    """A copy of the job, another job, another step of it, or a matrix job with another type or mode."""
    job = Job(0, steps, dice.seconds(SHORT))
    match dice.one(*["copy"] * 10, *["job"] * 6, "step", "step", "type", "mode"):
        case "job":
            return replace(job, name=int(str(dice.one(1, 1, ELSEWHERE))))
        case "step":
            return replace(job, action="__self_2")
        case "type":
            return replace(job, inputs=(("type", "Online" if "type" in inputs else "Offline"),))
        case "mode" if "run-mode" in inputs:
            return replace(job, inputs=(("run-mode", "Normal"), ("auto-run-until-stage", "")))
        case "mode":
            return replace(job, inputs=(("run-mode", "Auto"), ("auto-run-until-stage", "PROD")))
    return job


def _steps(dice: Dice) -> tuple[Step, ...]:
    attempts = 1 + dice.chance(0.45) + dice.chance(0.15)
    return tuple(_step(dice, last=n == attempts) for n in range(1, attempts + 1))


def _step(dice: Dice, *, last: bool) -> Step:
    dies = dice.chance(0.25 if last else 0.7)
    stops = dies and dice.chance(0.4)
    stop = dice.seconds((0.0, 0.1, 1.0, 3.0, 10.0, 60.0, 300.0)) if stops else None
    return Step(
        gap=dice.seconds((0.0, 0.0, 1.0, 5.0, 30.0, 60.0, 600.0, 2400.0)),
        kill=_kill(dice, stop) if dies and (stop is None or dice.chance(0.4)) else None,
        stop=stop,
        post=not dies or dice.chance(0.6),
        post_kill=_post_kill(dice) if dies and dice.chance(0.15) else None,
        skew=dice.seconds((-540.0, -60.0, 60.0, 400.0)) if dice.chance(0.2) else 0.0,
        expires=dice.seconds((1.0, 10.0, 60.0, 600.0)) if dice.chance(0.06) else None,
        outage=_outage(dice) if dice.chance(0.08) else None,
        inputs=_step_inputs(dice),
    )


def _kill(dice: Dice, stop: float | None) -> Kill:
    """A kill at any time or call, or when a stopped step takes too long."""
    if stop is not None and dice.chance(0.4):
        return Kill(action=ABOLISH, call=1 + dice.few(3), phase=_phase(dice))
    if stop is not None and dice.chance(0.6):
        return Kill(at=stop + float(str(dice.one(0.1, 1.0, 2.5, 7.5, 10.0))))
    if dice.chance(0.3):
        return Kill(at=dice.seconds((0.0, 0.05, 0.2, 1.0, 5.0, 30.0, 200.0)))
    if dice.chance(0.25):
        action = str(dice.one(EXECUTE, ABOLISH, ABOLISH))
        return Kill(action=action, call=1 + dice.few(3), phase=_phase(dice))
    late = dice.number(10, dice.number(10, 60))  # most steps end before the last of these
    call = late if dice.chance(0.2) else 1 + dice.few(30) * dice.number(1, 4)
    return Kill(call=call, phase=_phase(dice))


def _post_kill(dice: Dice) -> Kill:
    if dice.chance(0.5):
        return Kill(at=dice.seconds((0.05, 0.2, 1.0, 5.0, 20.0)))
    action = str(dice.one("", ABOLISH))
    return Kill(action=action, call=1 + dice.few(5), phase=_phase(dice))


def _phase(dice: Dice) -> str:
    return str(dice.one("before", *PHASES[1:] * 2))


def _outage(dice: Dice) -> tuple[float, float]:
    begin = dice.seconds(SHORT)
    return begin, begin + dice.seconds((1.0, 5.0, 60.0))


def _step_inputs(dice: Dice) -> tuple[tuple[str, str], ...]:
    """Inputs that a person can change between attempts without changing the intent."""
    given = {}
    if dice.chance(0.3):
        given["max-parallel"] = str(dice.number(1, 4))
    if dice.chance(0.15):
        given["on-rerun"] = "redeploy"
    return tuple(given.items())


def _inputs(dice: Dice) -> tuple[tuple[str, str], ...]:
    given: dict[str, object] = {}
    choices: dict[str, tuple[float, tuple[object, ...]]] = {
        "settle-seconds": (0.6, (4, 10, 20, 60)),
        "timeout-minutes": (0.5, ("0.2", "1", "5", "10", "60")),
        "max-parallel": (0.5, (1, 2, 3, 4)),
        "fail-fast": (0.5, ("false",)),
        "on-active-run": (0.5, ("adopt", "ignore", "fail", "supersede")),
        "abolish-on": (0.4, ("never", "cancel,timeout", "cancel,failure,timeout", "failure", "timeout")),
        "poll-seconds": (0.1, (5, 20)),
        "advance": (0.05, ("false",)),
        "type": (0.1, ("Offline",)),
        "dry-run": (0.01, ("true",)),
        "on-approval": (0.25, ("leave",)),
    }
    for name, (share, values) in choices.items():
        if dice.chance(share):
            given[name] = dice.one(*values)
    given |= _goal(dice)
    return tuple((name, str(value)) for name, value in given.items())


def _goal(dice: Dice) -> dict[str, object]:
    if dice.chance(0.15):
        return {"wait": "false"}
    if dice.chance(0.06):
        return {"until-stage": dice.one("PROD_CHECK", "BUILD_PACKAGE", "DEV", "NOWHERE")}
    if dice.chance(0.06):
        return {"run-mode": "Auto", "auto-run-until-stage": dice.one("PROD_CHECK", "PROD")}
    return {}


def _settings(dice: Dice, objects: int) -> tuple[tuple[str, object], ...]:
    choices = {**SETTINGS, "failures": (0.12, (_failure(dice, objects),))}
    given = {name: dice.one(*values) for name, (share, values) in choices.items() if dice.chance(share)}
    return tuple(given.items())


def _failure(dice: Dice, objects: int) -> tuple[Failure, ...]:
    stage = str(dice.one("BUILD_PACKAGE", "PROD_CHECK", "PROD", "*"))
    return (Failure(object_id(dice.number(1, objects)), stage, "no such table"),)


def _faults(dice: Dice, *, ends: bool) -> tuple[str, ...]:
    return tuple(_fault(dice, ends=ends) for _ in range(1 + dice.few(9)))


def _fault(dice: Dice, *, ends: bool) -> str:
    action = dice.action(ends=ends)
    first = 1 + (0 if action == ABOLISH else dice.few(12))
    calls = f"{first}-{first + dice.few(20)}" if dice.chance(0.25) else str(first)
    calls = "*" if dice.chance(0.01) else calls
    return spec_of(dice, action, calls)


def _held(dice: Dice, *, ends: bool) -> tuple[Held, ...]:
    """Requests that are delayed before they reach the gateway, which then checks their date."""
    if not dice.chance(0.15):
        return ()
    return (Held(dice.action(ends=ends), 1 + dice.few(4), dice.seconds()),)


def _deeds(dice: Dice, objects: int) -> tuple[Deed, ...]:
    """Actions of people, sometimes with earlier ones: more than a page of runs on one of the objects."""
    deeds = [_deed(dice, objects) for _ in range(dice.few(4))] if dice.chance(0.5) else []
    if dice.chance(0.01):
        deeds.append(Deed(0.0, "history", dice.number(0, objects - 1), dice.number(98, 112)))
    return tuple(deeds)


def _deed(dice: Dice, objects: int) -> Deed:
    what = str(dice.one(*DEEDS))
    at = dice.seconds((0.0, 0.1, 1.0, 3.0, 10.0, 60.0))
    return Deed(at, what, dice.few(objects - 1) if objects > 1 else 0, dice.few(2))
