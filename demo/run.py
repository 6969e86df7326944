"""Deploys objects by name with the real action, to an emulator of DataWorks, and shows what the server counted."""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SECRET = "emulator-key-secret"  # the emulator's default, not a real secret
# The nodes of the workspace: the ID of each, and the nodes that it needs.
SALES = {
    "ods_orders": ("7567482277219412494", []),
    "ods_users": ("7567482277219412495", []),
    "dwd_sales": ("7567482277219412496", ["ods_orders", "ods_users"]),
}
RATES = {
    "dim_rates": ("7567482277219412497", []),
    "dim_regions": ("7567482277219412498", []),
    "dwd_rates": ("7567482277219412499", ["dim_rates"]),
    "dwd_regions": ("7567482277219412500", ["dim_regions"]),
}
WORKSPACE = {
    "id": "12345",
    "nodes": [
        {"id": own, "name": name, "path": f"业务流程/{folder}/{name}", "after": needs}
        for folder, nodes in {"销售": SALES, "汇率": RATES}.items()
        for name, (own, needs) in nodes.items()
    ],
}
IDS = {name: own for name, (own, _) in (SALES | RATES).items()}
NAMES = {own: name for name, own in IDS.items()}
INTRODUCTION = """\
The action deploys objects to an emulator of DataWorks on this machine: no account is needed, and nothing is real.
It does so twice, and takes about fifteen seconds.
"""
WIDEST = 160  # characters shown of an output's value


@dataclass(frozen=True)
class Step:
    """One step of a job: what it deploys, how it must end, and where its summary goes."""

    title: str
    about: str
    objects: str
    inputs: Mapping[str, str]
    exit_status: int
    summary: Path


FIRST = Step(
    "Three objects, and a lost answer",
    """\
dwd_sales needs the other two. It is listed first, and deployed last. The server carries out the second creation, and
its answer is lost on purpose. A script that tries again deploys twice.
""",
    "dwd_sales\n业务流程/销售/ods_*",
    {},
    0,
    ROOT / "build" / "demo" / "summary.md",
)
SECOND = Step(
    "A failure",
    """\
A pattern selects a folder. dim_rates fails on purpose. dwd_rates needs it, and is not started. The other two do not
need it, and are deployed.
""",
    "业务流程/汇率/**",
    {"INPUT_FAIL-FAST": "false"},
    1,
    ROOT / "build" / "demo" / "failure.md",
)


def main() -> int:
    """Run the demonstration. Return 0 if the server has seen what it should show."""
    with tempfile.TemporaryDirectory() as folder, emulator(Path(folder)) as (address, truth):
        write(INTRODUCTION)
        shown = [each(address, Path(folder), truth) for each in (show_first, show_second)]
    write("\nThe summaries that the job's page would show:")
    write(f" {', '.join(str(step.summary.relative_to(ROOT)) for step in (FIRST, SECOND))}\n")
    return 0 if all(shown) else 1


@contextmanager
def emulator(folder: Path) -> Iterator[tuple[str, Path]]:
    """Serve the workspace on a free port. The second creation is carried out but its answer is dropped; dim_rates
    fails.
    """
    workspace, truth = folder / "workspace.json", folder / "truth.jsonl"
    workspace.write_text(json.dumps(WORKSPACE), "utf-8")
    options = ["--workspace", str(workspace), "--truth-log", str(truth)]
    pace = ["--stage-seconds", "0.3", "--latency-ms", "50"]
    faults = [
        "--fault",
        "CreatePipelineRun:2:commit+drop",
        "--fail",
        f"{IDS['dim_rates']}:PROD:no such engine",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "dataworks_emulator", *options, *pace, *faults],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert process.stdout
    try:
        yield process.stdout.readline().split()[-1], truth
    finally:
        process.terminate()
        process.wait()


def show_first(address: str, folder: Path, truth: Path) -> bool:
    """Whether each object has one run, and dwd_sales came last."""
    good = run(FIRST, address, folder)
    say("What the server counted")
    events = read(truth)
    sent = sum(each["event"] == "received" and each["action"] == "CreatePipelineRun" for each in events)
    lost = sum(each.get("how") == "dropped" for each in events)
    created = [each["object"] for each in events if each["event"] == "committed"]
    runs = Counter(created)
    for place, own in enumerate(runs, 1):
        write(f"{place}. {NAMES[own]} ({own}): {runs[own]} run\n")
    twice = sum(number > 1 for number in runs.values())
    answers = "one answer was lost" if lost == 1 else f"{lost} answers were lost"
    write(f"{sent} creations were sent, {answers}: {len(created)} runs, {twice or 'none'} twice\n")
    once = len(created) == len(runs) == len(SALES)
    return good and lost == 1 and once and created[-1] == IDS["dwd_sales"]


def show_second(address: str, folder: Path, truth: Path) -> bool:
    """Whether the failure has stopped the object that needs the failed one, and no other."""
    good = run(SECOND, address, folder)
    say("What became of each object")
    results = {each["name"]: each for each in json.loads(outputs(folder)["results"])}
    for name, result in results.items():
        write(f"{name}: {result['outcome']}\n")
    deployed = {each["object"] for each in read(truth) if each["event"] == "committed"}
    ended = {name: result["outcome"] for name, result in results.items()}
    return (
        good
        and ended == dict.fromkeys(RATES, "succeeded") | {"dim_rates": "failed", "dwd_rates": "skipped"}
        and results["dwd_rates"]["because"] == IDS["dim_rates"]
        and {*IDS.values()} - deployed == {IDS["dwd_rates"]}
    )


def run(step: Step, address: str, folder: Path) -> bool:
    """Run a step, and show its log and its outputs. Returns whether it ended as it must."""
    say(step.title)
    write(f"{step.about}\n")
    files = {name: folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STATE")}
    files["GITHUB_STEP_SUMMARY"] = step.summary
    for path in files.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", "utf-8")  # empty, as the runner creates them
    status = run_action(step, address, files)
    say("The outputs of the step")
    for name, value in outputs(folder).items():
        cut = f"{value[:WIDEST]}… ({len(value):,} characters)" if len(value) > WIDEST else value
        write(f"{name}: {cut}\n")
    return status == step.exit_status


def run_action(step: Step, address: str, files: Mapping[str, Path]) -> int:
    """Run entrypoint.py with the variables of a runner, and show its output as in a terminal."""
    variables = {
        "INPUT_PROJECT-ID": "12345",
        "INPUT_OBJECTS": step.objects,
        "INPUT_ENDPOINT": address,
        "INPUT_ACCESS-KEY-ID": "emulator-key-id",
        "INPUT_ACCESS-KEY-SECRET": SECRET,
        "DATAWORKS_ALLOW_UNSAFE_ENDPOINT": "true",
        "GITHUB_REPOSITORY": "octo-org/warehouse",
        "GITHUB_REPOSITORY_ID": "1296269",
        "GITHUB_RUN_ID": "1658821493",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_JOB": "deploy",
        "GITHUB_ACTION": "__owner_dataworks-deploy",
        "GITHUB_SHA": "ffac537e6cbbf934b08745a378932722df287a53",
        **step.inputs,
        **{name: str(path) for name, path in files.items()},
    }
    action = subprocess.Popen(
        [sys.executable, "-I", "-u", str(ROOT / "entrypoint.py")],
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], **variables},
    )
    assert action.stdout
    for line in action.stdout:
        write(line)
    return action.wait()


def outputs(folder: Path) -> dict[str, str]:
    """The outputs as a later step gets them. In the file, each value is between two delimiters."""
    found = dict[str, str]()
    lines = iter((folder / "GITHUB_OUTPUT").read_text("utf-8").splitlines())
    for line in lines:
        name, _, delimiter = line.partition("<<")
        found[name] = "\n".join(iter(lambda: next(lines, delimiter), delimiter))  # noqa: B023 - called at once
    return found


def read(truth: Path) -> list[dict[str, Any]]:
    """What has really happened so far."""
    return [json.loads(line) for line in truth.read_text("utf-8").splitlines()]


def say(title: str) -> None:
    """Write a heading."""
    write(f"\n--- {title}\n")


def write(text: str) -> None:
    """Show text at once."""
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
