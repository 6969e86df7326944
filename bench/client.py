"""One run of a client in its own process: the action as the image starts it, or the baseline script."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from .service import KEY_ID, KEY_SECRET, ROOT, Witness, service, witness
from .workspace import object_ids

PROJECT = "10001"


class WrongResultError(Exception):
    """A deployment did not end as it should, so its figures do not count."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run. `wall` and `cpu` are the client's seconds, `rss` its MB. Sizes are in bytes."""

    objects: int
    seen: Witness
    wall: float
    cpu: float
    rss: float
    log: str
    output_bytes: int = 0
    summary_bytes: int = 0

    @property
    def calls_each(self) -> float:
        """API calls for each object."""
        return self.seen.calls / self.objects


def deploy(count: int, /, *flags: str, workspace: str = "", **inputs: str) -> Measured:
    """Deploy so many objects with the action. `flags` are for the service, `inputs` for the step.

    `workspace` is the content of the emulator's workspace file. With it, only its objects exist.
    """
    return _checked(_step(count, 0, flags, workspace, inputs))


def refused(*flags: str, workspace: str, **inputs: str) -> Measured:
    """The same with inputs that the action must refuse before it creates anything."""
    return _checked(_step(0, 1, flags, workspace, inputs))


def deploy_again(
    count: int, again: int, /, *flags: str, workspace: str, **inputs: str
) -> tuple[Measured, Measured]:
    """Run two workflow runs, one after the other. The first deploys `count` objects, the second `again` objects."""
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with service(folder / "truth", *_with(folder, flags, workspace)) as endpoint:
            first = _run(folder, endpoint, count, 0, inputs)
            # Workflow runs are minutes apart. The quota of one second must not contain the last calls of the first run.
            time.sleep(2)
            second = _run(folder, endpoint, count, 0, inputs, skip=first)
    return _checked(first), _checked(replace(second, objects=again))


def _step(
    objects: int, status: int, flags: tuple[str, ...], workspace: str, inputs: Mapping[str, str]
) -> Measured:
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with service(folder / "truth", *_with(folder, flags, workspace)) as endpoint:
            return _run(folder, endpoint, objects, status, inputs)


def _with(folder: Path, flags: tuple[str, ...], workspace: str) -> tuple[str, ...]:
    """The flags, with the workspace file if there is one."""
    if not workspace:
        return flags
    (folder / "workspace").write_text(workspace, "utf-8")
    return (*flags, "--workspace", str(folder / "workspace"))


def _run(
    folder: Path,
    endpoint: str,
    objects: int,
    status: int,
    inputs: Mapping[str, str],
    skip: Measured | None = None,
) -> Measured:
    """Run one step. What the service saw earlier, in the step `skip`, does not count."""
    files = {kind: folder / kind for kind in ("OUTPUT", "STATE", "STEP_SUMMARY")}
    for file in files.values():
        file.write_bytes(b"")
    number = {"GITHUB_RUN_ID": "2"} if skip else {}
    variables = _inputs(endpoint, objects, inputs) | {f"GITHUB_{k}": str(v) for k, v in files.items()}
    command = [sys.executable, "-I", "-u", str(ROOT / "entrypoint.py")]
    used = _timed(command, variables | number, folder, status)
    sizes = (files[each].stat().st_size for each in ("OUTPUT", "STEP_SUMMARY"))
    return Measured(objects, witness(folder / "truth", skip.seen.lines if skip else 0), *used, *sizes)


def baseline(objects: int, *flags: str) -> Measured:
    """Deploy so many objects with the baseline script."""
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with service(folder / "truth", *flags) as endpoint:
            script = str(ROOT / "bench" / "baseline.py")
            command = [sys.executable, script, endpoint, PROJECT, *object_ids(objects)]
            key = {"ACCESS_KEY_ID": KEY_ID, "ACCESS_KEY_SECRET": KEY_SECRET}
            used = _timed(command, {f"ALIBABA_CLOUD_{k}": v for k, v in key.items()}, folder)
        return _checked(Measured(objects, witness(folder / "truth"), *used))


def _checked(measured: Measured) -> Measured:
    if measured.seen.succeeded != measured.objects:
        raise WrongResultError(f"{measured.seen.succeeded} of {measured.objects} runs have succeeded")
    return measured


def _inputs(endpoint: str, objects: int, inputs: Mapping[str, str]) -> dict[str, str]:
    given = {
        "project-id": PROJECT,
        "object-ids": json.dumps(object_ids(objects)),
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


def _timed(
    command: list[str], variables: Mapping[str, str], folder: Path, status: int = 0
) -> tuple[float, float, float, str]:
    """Run a process to its end. Returns its wall time and CPU time in seconds, its peak memory in MB, and its log."""
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
        # Popen.wait would discard the usage.
        _, ended, usage = os.wait4(process.pid, 0)
    wall, written = time.monotonic() - began, log.read_text("utf-8")
    process.returncode = os.waitstatus_to_exitcode(ended)
    if process.returncode != status:
        raise WrongResultError(f"exit status {process.returncode}:\n{written[-2000:]}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, written
