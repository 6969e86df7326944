"""One run of a client in its own process: the action as the image starts it, or the baseline script."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from .process import run
from .service import KEY_ID, KEY_SECRET, ROOT, Witness, service, witness
from .workspace import object_ids

PROJECT = "10001"
STEP = (sys.executable, "-I", "-u", str(ROOT / "entrypoint.py"))
GUIDE = (sys.executable, "-u", str(ROOT / "bench" / "baseline.py"))
# The scripts take their key from here, as Alibaba Cloud's tools do.
KEY = {"ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY_SECRET}
JOB = {
    "GITHUB_ACTION": "bench",
    "GITHUB_JOB": "deploy",
    "GITHUB_REPOSITORY": "octo-org/data-platform",
    "GITHUB_REPOSITORY_ID": "748291056",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_RUN_ID": "16245980123",
    "DATAWORKS_ALLOW_UNSAFE_ENDPOINT": "true",
}


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
    used = _timed(STEP, variables | number, folder, status)
    sizes = (files[each].stat().st_size for each in ("OUTPUT", "STEP_SUMMARY"))
    return Measured(objects, witness(folder / "truth", skip.seen.lines if skip else 0), *used, *sizes)


def baseline(objects: int, *flags: str) -> Measured:
    """Deploy so many objects with the baseline script."""
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with service(folder / "truth", *flags) as endpoint:
            used = _timed([*GUIDE, endpoint, PROJECT, *object_ids(objects)], KEY, folder)
        return _checked(Measured(objects, witness(folder / "truth"), *used))


def _checked(measured: Measured) -> Measured:
    if measured.seen.succeeded != measured.objects:
        raise WrongResultError(f"{measured.seen.succeeded} of {measured.objects} runs have succeeded")
    return measured


def _inputs(endpoint: str, objects: int, inputs: Mapping[str, str]) -> dict[str, str]:
    given = {
        "project-id": PROJECT,
        "object-ids": json.dumps(object_ids(objects)),
        **access(endpoint),
        "max-parallel": str(objects),
        "preflight": "false",  # the baseline does not look either
    } | {name.replace("_", "-"): value for name, value in inputs.items()}
    return as_variables(given) | JOB


def access(endpoint: str) -> dict[str, str]:
    """The inputs that say where the service is, and with which key."""
    return {"endpoint": f"http://{endpoint}", "access-key-id": KEY_ID, "access-key-secret": KEY_SECRET}


def as_variables(inputs: Mapping[str, str]) -> dict[str, str]:
    """The inputs as the runner hands them to a step."""
    return {f"INPUT_{name.upper()}": value for name, value in inputs.items()}


def _timed(
    command: Sequence[str], variables: Mapping[str, str], folder: Path, status: int = 0
) -> tuple[float, float, float, str]:
    """Run a process that must end so. Returns its wall and CPU time in seconds, its peak memory in MB, and its log."""
    ended = run(command, variables, folder)
    if ended.status != status:
        raise WrongResultError(f"exit status {ended.status}:\n{ended.log[-2000:]}")
    return ended.wall, ended.cpu, ended.rss, ended.log
