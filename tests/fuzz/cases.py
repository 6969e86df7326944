"""One execution: a case that a seed draws, and the mistakes in its result."""

import random
import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from . import answers, endings, environments
from .seam import Seam

CPU_SECONDS = 5.0  # nothing here waits, so a case that takes this long counts as endless
WALL_SECONDS = 20.0


class HangError(BaseException):
    """A case does not end. Code that catches errors does not catch this one."""


def execute(seed: int, seam: Seam) -> tuple[str, list[str]]:
    """Play one case in the main thread. Return its kind, and what is wrong."""
    began = time.process_time()
    kind = "answers" if seed % 2 else "inputs"
    try:
        with _limited():
            wrong = list(_answer(seed, seam) if seed % 2 else _inputs(seed))
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


def _inputs(seed: int) -> Iterator[str]:
    return environments.broken(environments.drawn(random.Random(seed)))


def _answer(seed: int, seam: Seam) -> Iterator[str]:
    answer = answers.drawn(random.Random(seed))
    return endings.broken(answer, seam.ask(answer), seam.secrets)


def told(seed: int) -> str:
    """The case as an expression that can be pasted into a test."""
    rng = random.Random(seed)
    return repr(answers.drawn(rng) if seed % 2 else environments.drawn(rng))
