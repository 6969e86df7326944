"""One execution: a case that a seed draws, and the mistakes in its result."""

import random
import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from dataworks_deploy.domain.studio.plan import Plan

from . import answers, endings, environments, plans
from .answers import Answer
from .seam import Seam

CPU_SECONDS = 5.0  # nothing here waits, so a case that takes this long counts as endless
WALL_SECONDS = 20.0


class HangError(BaseException):
    """A case does not end. Code that catches errors does not catch this one."""


def execute(seed: int, seam: Seam) -> tuple[str, list[str]]:
    """Play one case in the main thread. Return its kind, and what is wrong."""
    began = time.process_time()
    kind = kind_of(seed)
    try:
        with _limited():
            wrong = list(_wrong(seed, seam))
    except (Exception, HangError):  # noqa: BLE001 - any error that gets out is a finding
        wrong = [traceback.format_exc()]
    if time.process_time() - began > CPU_SECONDS:
        wrong.append(f"took more than {CPU_SECONDS:.0f} s")
    return kind, wrong


@contextmanager
def _limited() -> Iterator[None]:
    """Stop a case that loops or waits for longer. A running timer, such as that of a test, is paused meanwhile."""

    def hang(*_: object) -> None:
        raise HangError(f"it does not end within {WALL_SECONDS:.0f} s")

    kept = signal.signal(signal.SIGALRM, hang)
    before = signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, kept)
        signal.setitimer(signal.ITIMER_REAL, *before)


def kind_of(seed: int) -> str:
    """What a seed draws: an answer of a service, the environment of a step, or a plan. Plans take longest."""
    return "answers" if seed % 2 else "inputs" if seed % 16 else "plans"


def _wrong(seed: int, seam: Seam) -> Iterator[str]:
    match _drawn(seed):
        case Answer() as answer:
            return endings.broken(answer, seam.ask(answer), seam.secrets)
        case Plan() as plan:
            return plans.broken(plan)
        case environment:
            return environments.broken(environment)


def _drawn(seed: int) -> Answer | Plan | dict[str, str]:
    rng = random.Random(seed)
    match kind_of(seed):
        case "answers":
            return answers.drawn(rng)
        case "plans":
            return plans.drawn(rng)
    return environments.drawn(rng)


def told(seed: int) -> str:
    """The case as an expression that can be pasted into a test."""
    return repr(_drawn(seed))
