"""One execution: a case that a seed draws, and what is wrong with what becomes of it."""

import random
import time
import traceback
from collections.abc import Iterator

from . import answers, endings, environments
from .seam import Seam

SECONDS = 5.0  # nothing here waits: what takes so long hangs


def execute(seed: int, seam: Seam) -> tuple[str, list[str]]:
    """Play one case; returns its kind, and what is wrong."""
    began = time.process_time()
    kind = "answers" if seed % 2 else "inputs"
    try:
        wrong = list(_answer(seed, seam) if seed % 2 else _inputs(seed))
    except Exception:  # noqa: BLE001 - whatever it is: it should not have got out
        wrong = [traceback.format_exc()]
    if time.process_time() - began > SECONDS:
        wrong.append(f"took more than {SECONDS:.0f} s")
    return kind, wrong


def _inputs(seed: int) -> Iterator[str]:
    return environments.broken(environments.drawn(random.Random(seed)))


def _answer(seed: int, seam: Seam) -> Iterator[str]:
    answer = answers.drawn(random.Random(seed))
    return endings.broken(answer, seam.ask(answer))


def told(seed: int) -> str:
    """The case as an expression that can be pasted into a test."""
    rng = random.Random(seed)
    return repr(answers.drawn(rng) if seed % 2 else environments.drawn(rng))
