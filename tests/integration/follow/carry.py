"""Runs the step to follow its runs, and keeps with each line of its log the moment at which it was written."""

import contextlib
import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from dataworks_deploy.main import run

from ..clock import FastClock
from ..step import OBJECT, Ended, Site, read_step

SIMPLE = ["PROD_CHECK", "PROD"]
STANDARD = ["DEV_CHECK", "DEV", "PROD_CHECK", "PROD"]


@dataclass(frozen=True)
class Carried(Ended):
    """What is left of a step that followed runs; `moments` are the times of its lines, in virtual seconds."""

    moments: list[tuple[float, str]] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """The lines that are no commands."""
        return [text for _, text in self.moments if not text.startswith("::")]

    @property
    def silences(self) -> list[float]:
        """The seconds between one line and the next."""
        times = [moment for moment, _ in self.moments]
        return [later - earlier for earlier, later in pairwise(times)]


class _Log(io.StringIO):
    """Keeps the lines with their moments."""

    def __init__(self, clock: FastClock) -> None:
        super().__init__()
        self._clock = clock
        self.moments: list[tuple[float, str]] = []

    def write(self, text: str) -> int:
        self.moments += [(self._clock.monotonic(), line) for line in text.splitlines() if line]
        return super().write(text)


def carry(site: Site, *object_ids: str, **inputs: str) -> Carried:
    """Run the step until its runs have ended, and hold it against what every step owes."""
    ids = list(object_ids or (OBJECT,))
    ended = run_step(site, ids, {"wait": "true", "timeout_minutes": "10", **inputs})
    ended.check(ids)
    site.check_truth(ended)
    check_stages(site)
    check_calls(site, ended)
    return ended


def resume(site: Site, *run_ids: str, object_ids: str = "", **inputs: str) -> Carried:
    """Run the step on runs that exist."""
    before = calls(site, "CreatePipelineRun")
    given = {"wait": "true", "timeout_minutes": "10", "run_ids": "\n".join(run_ids), **inputs}
    ended = run_step(site, [], given | {"object_ids": object_ids})
    expected: list[Any] = object_ids.split(",") if object_ids else [None] * len(run_ids)
    ended.check(expected)
    check_stages(site)
    assert calls(site, "CreatePipelineRun") == before, "a run was created"
    return ended


def run_step(site: Site, object_ids: list[str], inputs: dict[str, str]) -> Carried:
    """Run the step in this process."""
    inputs = {name.replace("_", "-"): value for name, value in inputs.items()}
    environment, outputs = site.environment(object_ids, 1, inputs)
    log, stderr = _Log(site.clock), io.StringIO()
    with contextlib.redirect_stdout(log), contextlib.redirect_stderr(stderr):
        status = run(environment, site.clock)
    read = read_step(status, outputs, log.getvalue(), stderr.getvalue())
    return Carried(**vars(read), moments=log.moments)


def check_stages(site: Site) -> None:
    """No stage of any run was executed twice, or asked for more than three times."""
    for run_id in {event["run_id"] for event in site.truth.of("stage_executed")}:
        codes = site.truth.executed(run_id)
        assert len(codes) == len({*codes}), codes
    asked = [
        (post["params"]["Id"], post["params"]["Code"]) for post in site.truth.posts("ExecPipelineRunStage")
    ]
    assert all(asked.count(each) <= 3 for each in {*asked}) or throttled(site), asked


def throttled(site: Site) -> bool:
    """Whether executions were refused for a moment: those may be asked for more often."""
    return bool({"429", "400"} & {*site.truth.answers("ExecPipelineRunStage")})


def check_calls(site: Site, ended: Ended) -> None:
    """The calls that the step counts are the requests that arrived; the last one may be on its way still."""
    steps = int(ended.outputs["api-calls"])
    assert steps >= len(site.truth.of("received")) > steps - 3


def calls(site: Site, action: str) -> int:
    """How often an operation was called."""
    return len(site.truth.posts(action))


def executed(site: Site, object_id: str = OBJECT) -> list[str]:
    """The stages of an object's only run that were executed, in order, whoever did it."""
    (run_id,) = site.runs(object_id)
    return site.truth.executed(run_id)


@contextlib.contextmanager
def meanwhile(act: Callable[[], object], site: Site, when: Callable[[], object]) -> Iterator[None]:
    """Have somebody else act, once, as soon as something is so while the step runs."""
    over = threading.Event()
    failed: list[Exception] = []

    def watch() -> None:
        try:
            while not when():
                if over.wait(0.005):
                    return
            act()
        except Exception as error:  # noqa: BLE001 - raised where the test is
            failed.append(error)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    for error in failed:
        raise error
