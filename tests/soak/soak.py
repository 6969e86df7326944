"""Runs one step on a graph of many objects with random faults, watches its memory, and checks its results."""

import json
import math
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataworks_emulator import Emulator, Settings, Truth

from ..integration.clock import VirtualClock
from ..integration.ended import Ended, read_step
from ..integration.job import KEY, ROOT
from ..integration.step import Site
from ..witness.markdown import fences
from ..witness.mermaid import read_gantt
from ..witness.order import check_order
from .graph import LEVELS, Graph, draw

RATE = 0.05
# Calls that are lost before or after the work, refused, failed, damaged or slow.
KINDS = "drop commit+drop reset commit+reset status:500 commit+status:503 throttle truncate commit+truncate"
KINDS += " json:{} commit+json:{} html:502 garbled-page short-page delay:2 commit+delay:2 drip:1"
AT_ONCE = 100
INPUTS = {"preflight": "true", "wait": "true", "max-parallel": str(AT_ONCE), "fail-fast": "false"}
INPUTS |= {"settle-seconds": "8", "timeout-minutes": "15"}  # three times the usual duration on two processors
SAMPLE_SECONDS = 0.5

UNORDERED = "come in the order given"  # so the step says if an object could not be read

MOST_OUTPUTS = 1_048_576 // 2  # GitHub accepts 1 MB from a job, and counts each byte twice
MOST_SUMMARY = 900 * 1024
MOST_GROWTH = 8.0  # MB, over the second half
MOST_LEFT = 0.005  # of all objects. One is always allowed
MOST_EXECUTIONS = 3  # of one stage: if all of them are lost, the stage is left to a person


@dataclass(frozen=True)
class Soak:
    """The results and the use of memory (MB) and time (s) of one step."""

    graph: Graph
    ended: Ended
    truth: Truth
    resident: Sequence[float]
    seconds: float
    output_bytes: int
    summary_bytes: int

    @property
    def growth(self) -> float:
        """The greatest use of memory in the second half, minus the use in the middle."""
        middle = len(self.resident) // 2
        return max(self.resident[middle:]) - self.resident[middle]

    @property
    def faulty(self) -> int:
        """The number of calls with a fault."""
        return sum(event["fault"] is not None for event in self.truth.of("received"))


def soak(folder: Path, objects: int, seed: int) -> Soak:
    """Deploy this many objects, and return the results."""
    graph = draw(objects, seed)
    faults: dict[str, Any] = {"fault_seed": seed, "fault_rate": RATE, "fault_kinds": tuple(KINDS.split())}
    faults |= {"workspace": graph.workspace, "failures": graph.failures}
    settings = Settings(credentials=(KEY,), edition="enterprise", stage_seconds=0.5, **faults)
    with Emulator(settings) as emulator:
        environment, outputs = Site(folder, emulator, VirtualClock()).environment([*graph.needs], 1, INPUTS)
        began = time.monotonic()
        status, log, resident = _watched(environment, outputs.with_suffix(".log"))
        seconds = time.monotonic() - began
    return Soak(
        graph=graph,
        ended=read_step(status, outputs, log, ""),
        truth=emulator.truth,
        resident=resident,
        seconds=seconds,
        output_bytes=outputs.stat().st_size,
        summary_bytes=outputs.with_suffix(".summary").stat().st_size,
    )


def _watched(environment: dict[str, str], log: Path) -> tuple[int, str, list[float]]:
    """Run the step as the image does. Return its exit status, its streams, and many samples of its resident memory."""
    resident = []
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(
            [sys.executable, "-I", "-u", str(ROOT / "entrypoint.py")],
            env={**environment, "PATH": os.environ["PATH"]},
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        pages = Path(f"/proc/{process.pid}/statm")
        while process.poll() is None:
            # This is empty after the end of the process, until its status is read.
            numbers = pages.read_text("ascii").split()
            if numbers and int(numbers[1]):
                resident.append(int(numbers[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6)
            time.sleep(SAMPLE_SECONDS)
    return process.returncode, log.read_text("utf-8"), resident


def check(done: Soak) -> None:
    """Check that nothing is lost, double or too early, that no result is false, and that memory does not grow."""
    done.ended.check([*done.graph.needs])
    assert UNORDERED not in done.ended.stdout, "an object could not be read three times: try another --seed"
    check_order(done.graph.needs, done.truth.events)
    _check_results(done)
    executed = Counter((event["run_id"], event["stage"]) for event in done.truth.of("stage_executed"))
    assert max(executed.values()) == 1, executed.most_common(3)
    expected = RATE * len(done.truth.of("received"))
    assert abs(done.faulty - expected) < 4 * math.sqrt(expected), (done.faulty, expected)
    assert done.output_bytes < MOST_OUTPUTS
    assert done.summary_bytes < MOST_SUMMARY
    charts = [read_gantt(text) for info, text in fences(done.ended.summary) if info == "mermaid"]
    assert charts, "the summary shows where the time went"
    assert done.growth < MOST_GROWTH, done.resident


def _check_results(done: Soak) -> None:
    """Check each result against the log. Only a few objects may be left because of many faults."""
    runs: dict[str, list[str]] = {object_id: [] for object_id in done.graph.needs}
    for run in done.truth.runs():
        runs[run["object"]].append(run["run_id"])
    ends = {event["run_id"]: event["run"] for event in done.truth.of("stage_finished")}
    results = {result["object_id"]: result for result in done.ended.results}
    for object_id, result in results.items():
        own, outcome = runs[object_id], result["outcome"]
        if outcome == "skipped":
            assert (own, result["run_id"], result["reason"]) == ([], None, "upstream_failed"), result
            assert result["because"] in done.graph.before(object_id), result
            assert results[result["because"]]["outcome"] not in {"succeeded", "skipped"}, result
            continue
        assert {results[each]["outcome"] for each in done.graph.needs[object_id]} <= {"succeeded"}, result
        if outcome == "unknown":
            # An existing run is listed at once, so a step that looks for it finds it.
            assert own == [], result
            assert _mark(done.truth, object_id) in result["message"], result
            continue
        assert own == [result["run_id"]], result
        if outcome == "waiting":
            assert _lost_executions(done.truth, result) == MOST_EXECUTIONS, result
        else:
            end = ("failed", "Fail") if object_id in done.graph.failing else ("succeeded", "Success")
            assert (outcome, ends[own[0]]) == end, result
    left = [each for each in results.values() if each["outcome"] in {"unknown", "waiting"}]
    assert len(left) <= max(1, MOST_LEFT * len(results)), left


def _mark(truth: Truth, object_id: str) -> str:
    """The mark in the creations of an object's run."""
    sent = [each["params"] for each in truth.posts("CreatePipelineRun")]
    (mark,) = {
        params["Description"].partition(" ")[0]
        for params in sent
        if json.loads(params["ObjectIds"]) == [object_id]
    }
    return str(mark)


def _lost_executions(truth: Truth, result: dict[str, Any]) -> int:
    """How often the last stage of a result was requested without success, or 0 if it was executed."""
    if result["stage"] in truth.executed(result["run_id"]):
        return 0
    wanted = (result["run_id"], result["stage"])
    sent = [each["params"] for each in truth.posts("ExecPipelineRunStage")]
    return sum((params["Id"], params["Code"]) == wanted for params in sent)


def table(done: Soak) -> str:
    """The figures, as the documentation quotes them."""
    outcomes = ", ".join(f"{count} {name}" for name, count in Counter(done.ended.column("outcome")).items())
    needs = done.graph.needs
    arrows = sum(map(len, needs.values()))
    rows = {
        "objects": f"{len(needs)}: {outcomes}",
        "graph": f"{LEVELS} levels, {arrows} dependencies, {len(done.graph.failing)} objects that fail",
        "runs on the service": f"{len(done.truth.runs())}, none twice",
        "calls": _faulty(done.truth.of("received")),
        "GetNode": _faulty(done.truth.posts("GetNode")),
        "resident memory": f"{max(done.resident):.1f} MB at most, grown by {done.growth:.1f} MB in the second half",
        "outputs": f"{done.output_bytes / 1000:.0f} kB",
        "summary": f"{done.summary_bytes / 1024:.0f} KiB",
        "time": f"{done.seconds:.0f} s",
    }
    return "\n".join(["| what | figure |", "| --- | --- |", *(f"| {k} | {v} |" for k, v in rows.items())])


def _faulty(calls: Sequence[dict[str, Any]]) -> str:
    faulty = sum(event["fault"] is not None for event in calls)
    return f"{len(calls)}, {faulty} of them faulty ({faulty / len(calls):.1%})"
