"""One run of a client as a process of its own: the action as the image starts it, or the baseline script."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .service import KEY_ID, KEY_SECRET, ROOT, Witness, service, witness

PROJECT = "10001"
FIRST_OBJECT = 7_567_482_277_219_412_494  # as long as real IDs are


class WrongResultError(Exception):
    """A deployment did not end as it should: then no figure of it counts."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run. `wall` in seconds and `rss` in MB are those of the client's process, sizes in bytes."""

    objects: int
    seen: Witness
    wall: float
    rss: float
    output_bytes: int = 0
    summary_bytes: int = 0

    @property
    def calls_each(self) -> float:
        """API calls for each object."""
        return self.seen.calls / self.objects


def deploy(objects: int, *flags: str, **inputs: str) -> Measured:
    """Deploy so many objects with the action; `flags` are the service's, `inputs` the step's."""
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        files = {kind: folder / kind for kind in ("OUTPUT", "STATE", "STEP_SUMMARY")}
        for file in files.values():
            file.touch()
        with service(folder / "truth", *flags) as endpoint:
            variables = _step(endpoint, objects, inputs) | {f"GITHUB_{k}": str(v) for k, v in files.items()}
            wall, rss = _timed([sys.executable, "-I", "-u", str(ROOT / "entrypoint.py")], variables, folder)
        measured = Measured(
            objects,
            witness(folder / "truth"),
            wall,
            rss,
            files["OUTPUT"].stat().st_size,
            files["STEP_SUMMARY"].stat().st_size,
        )
    return _checked(measured)


def baseline(objects: int, *flags: str) -> Measured:
    """Deploy so many objects with the baseline script."""
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with service(folder / "truth", *flags) as endpoint:
            command = [sys.executable, str(ROOT / "bench" / "baseline.py"), endpoint, PROJECT, *_ids(objects)]
            key = {"ACCESS_KEY_ID": KEY_ID, "ACCESS_KEY_SECRET": KEY_SECRET}
            wall, rss = _timed(command, {f"ALIBABA_CLOUD_{k}": v for k, v in key.items()}, folder)
        measured = Measured(objects, witness(folder / "truth"), wall, rss)
    return _checked(measured)


def _checked(measured: Measured) -> Measured:
    if measured.seen.succeeded != measured.objects:
        raise WrongResultError(f"{measured.seen.succeeded} of {measured.objects} runs have succeeded")
    return measured


def _ids(objects: int) -> list[str]:
    return [str(FIRST_OBJECT + number) for number in range(objects)]


def _step(endpoint: str, objects: int, inputs: Mapping[str, str]) -> dict[str, str]:
    given = {
        "project-id": PROJECT,
        "object-ids": json.dumps(_ids(objects)),
        "endpoint": f"http://{endpoint}",
        "access-key-id": KEY_ID,
        "access-key-secret": KEY_SECRET,
        "max-parallel": str(objects),
        "preflight": "false",  # the baseline does not look either
    } | {name.replace("_", "-"): value for name, value in inputs.items()}
    runner = {
        "GITHUB_ACTION": "bench",
        "GITHUB_JOB": "deploy",
        "GITHUB_REPOSITORY": "octo-org/data-platform",
        "GITHUB_REPOSITORY_ID": "748291056",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_RUN_ID": "16245980123",
        "DATAWORKS_ALLOW_UNSAFE_ENDPOINT": "true",
    }
    return {f"INPUT_{name.upper()}": value for name, value in given.items()} | runner


def _timed(command: list[str], variables: Mapping[str, str], folder: Path) -> tuple[float, float]:
    """Run a process to its end and return its wall time in seconds and its peak resident memory in MB."""
    log = folder / "log"
    began = time.monotonic()
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(  # noqa: S603 - a program of this repository
            command,
            env={"PATH": os.environ["PATH"], **variables},
            cwd=folder,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        # Popen.wait would throw the usage away.
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise WrongResultError(f"exit status {process.returncode}:\n{log.read_text('utf-8')[-2000:]}")
    return time.monotonic() - began, usage.ru_maxrss / 1024
