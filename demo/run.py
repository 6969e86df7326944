"""Deploys three objects with the action as it is, to an emulator of DataWorks, and shows what the server counted."""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
OBJECTS = ("7567482277219412494", "7567482277219412495", "7567482277219412496")
SECRET = "emulator-key-secret"  # the emulator's own, and no secret
INTRODUCTION = """\
The action deploys three objects to an emulator of DataWorks on this machine: no account is needed, and nothing is real.
The server carries out the second creation, and its answer is lost on purpose. A script that tries again deploys twice.
This takes about five seconds.
"""
WIDEST = 160  # characters of an output's value that are shown
SUMMARY = ROOT / "build" / "demo" / "summary.md"


def main() -> int:
    """Run the demonstration; 0 if the server has one run for each object."""
    with tempfile.TemporaryDirectory() as folder:
        truth = Path(folder, "truth.jsonl")
        emulator, address = start_emulator(truth)
        try:
            write(INTRODUCTION)
            say("The log of the step")
            files = {name: Path(folder, name) for name in ("GITHUB_OUTPUT", "GITHUB_STATE")}
            files["GITHUB_STEP_SUMMARY"] = SUMMARY
            for path in files.values():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("", "utf-8")  # empty, as the runner makes them
            status = run_action(address, files)
        finally:
            emulator.terminate()
            emulator.wait()
        say("The outputs of the step")
        show_outputs(files["GITHUB_OUTPUT"].read_text("utf-8"))
        say("What the server counted")
        status = max(status, count(truth))
        write(f"\nThe summary that the job's page would show: {SUMMARY.relative_to(ROOT)}\n")
        return status


def start_emulator(truth: Path) -> tuple[subprocess.Popen[str], str]:
    """Start it on a free port; the second creation is committed and its answer dropped."""
    options = ["--truth-log", str(truth), "--stage-seconds", "0.3", "--latency-ms", "50"]
    fault = ["--fault", "CreatePipelineRun:2:commit+drop"]
    emulator = subprocess.Popen(
        [sys.executable, "-m", "dataworks_emulator", *options, *fault],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert emulator.stdout
    return emulator, emulator.stdout.readline().split()[-1]


def run_action(address: str, files: Mapping[str, Path]) -> int:
    """Run entrypoint.py with the variables that a runner sets, and show what it prints in a terminal."""
    variables = {
        "INPUT_PROJECT-ID": "12345",
        "INPUT_OBJECT-IDS": "\n".join(OBJECTS),
        "INPUT_ENDPOINT": address,
        "INPUT_ACCESS-KEY-ID": "emulator-key-id",
        "INPUT_ACCESS-KEY-SECRET": SECRET,
        "INPUT_MAX-PARALLEL": "3",
        "INPUT_PREFLIGHT": "false",  # the demonstration is about creations
        "DATAWORKS_ALLOW_UNSAFE_ENDPOINT": "true",
        "GITHUB_REPOSITORY": "octo-org/warehouse",
        "GITHUB_REPOSITORY_ID": "1296269",
        "GITHUB_RUN_ID": "1658821493",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_JOB": "deploy",
        "GITHUB_ACTION": "__owner_dataworks-deploy",
        "GITHUB_SHA": "ffac537e6cbbf934b08745a378932722df287a53",
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


def show_outputs(text: str) -> None:
    """The outputs as a later step gets them, long ones cut; in the file each value stands between two delimiters."""
    lines = iter(text.splitlines())
    for line in lines:
        name, _, delimiter = line.partition("<<")
        value = "\n".join(iter(lambda: next(lines, delimiter), delimiter))  # noqa: B023 - called at once
        cut = f"{value[:WIDEST]}… ({len(value):,} characters)" if len(value) > WIDEST else value
        write(f"{name}: {cut}\n")


def count(truth: Path) -> int:
    """Show how many runs the server has for each object; 0 if it is one for each."""
    events = [json.loads(line) for line in truth.read_text("utf-8").splitlines()]
    created = Counter(event["object"] for event in events if event["event"] == "committed")
    sent = sum(event["event"] == "received" and event["action"] == "CreatePipelineRun" for event in events)
    for object_id in OBJECTS:
        write(f"object {object_id}: {created[object_id]} run\n")
    total, twice = sum(created.values()), sum(number > 1 for number in created.values())
    write(f"{sent} creations were sent, one answer was lost: {total} runs, {twice or 'none'} twice\n")
    return 0 if total == len(OBJECTS) == len(created) else 1


def say(title: str) -> None:
    """A heading."""
    write(f"\n--- {title}\n")


def write(text: str) -> None:
    """Show text at once."""
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
