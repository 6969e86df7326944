"""The emulated service in its own process, and what its truth log says afterwards."""

import json
import math
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
KEY_ID = "emulator-key-id"
KEY_SECRET = "emulator-key-secret"  # noqa: S105 - the emulator's documented one


@contextmanager
def service(truth_log: Path, *flags: str) -> Iterator[str]:
    """Serve during the block, and yield the endpoint as `host:port`."""
    process = subprocess.Popen(  # noqa: S603 - a program of this repository
        [sys.executable, "-m", "dataworks_emulator", "--truth-log", str(truth_log), *flags],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        yield line.strip().rpartition("/")[2]
    finally:
        process.terminate()
        process.wait()
        if process.stdout:
            process.stdout.close()


@dataclass(frozen=True, slots=True)
class Witness:
    """What the service saw. `makespan` is in seconds, from the arrival of the first request to the last answer.

    `turns` has the calls and the seconds from each creation to the next one, or to the last answer. `before` counts the
    calls before the first creation. The last creation arrived `created` seconds after the first request. `lines` is the
    length of the log.
    """

    makespan: float
    calls: int
    throttled: int
    by_action: Counter[str]
    succeeded: int
    turns: tuple[tuple[int, float], ...]
    before: int
    created: float
    lines: int

    @property
    def throttled_share(self) -> float:
        """The share of the calls that were refused because they came too fast."""
        return self.throttled / self.calls if self.calls else 0.0


def witness(truth_log: Path, skip: int = 0) -> Witness:
    """Read a truth log, without so many lines at its beginning."""
    lines = truth_log.read_text("utf-8").splitlines()
    events: list[dict[str, Any]] = [json.loads(line) for line in lines[skip:]]
    received = [event for event in events if event["event"] == "received"]
    answered = [event for event in events if event["event"] == "answered"]
    finished = [event for event in events if event["event"] == "stage_finished"]
    over = max(event["time"] for event in answered)
    began = min(event["time"] for event in received)
    starts = [event["time"] for event in received if event["action"] == "CreatePipelineRun"]
    turns = [
        (sum(start <= event["time"] < end for event in received), end - start)
        for start, end in pairwise([*starts, math.nextafter(over, math.inf)])
    ]
    return Witness(
        lines=len(lines),
        before=sum(event["time"] < min(starts, default=math.inf) for event in received),
        created=max(starts, default=began) - began,
        turns=tuple(turns),
        makespan=over - began,
        calls=len(received),
        throttled=sum(event["how"] == "429" for event in answered),
        by_action=Counter(event["action"] for event in received),
        succeeded=sum(event["run"] == "Success" for event in finished),
    )
