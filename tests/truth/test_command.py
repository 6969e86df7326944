"""`make probe` is careful: it asks first, ends every run that it made, limits its calls, and shows no secret."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from dataworks_emulator import Credential, Emulator, Settings
from probe.__main__ import CLEARING_CALLS, MOST_CALLS, main

from ..integration.job import ROOT
from ..witness.secrets import traces

Probe = Callable[..., tuple[int, str]]

MOST = MOST_CALLS + CLEARING_CALLS
PROJECT, OBJECT = "10001", "7567482277219412494"
KEY = Credential("probe-key-id", "probe/key+secret", "probe-key-token")


@contextmanager
def served(*faults: str, **settings: Any) -> Iterator[Emulator]:
    """A service that knows the key and the object."""
    given: dict[str, Any] = {"known_objects": (OBJECT,), "stage_seconds": 0.0, **settings}
    with Emulator(Settings(credentials=(KEY,), faults=faults, **given)) as emulator:
        yield emulator


def command(emulator: Emulator, *flags: str) -> tuple[list[str], dict[str, str]]:
    """The arguments of the command, and the variables that it needs."""
    object_ = ["--project-id", PROJECT, "--object-id", OBJECT]
    key = {"ACCESS_KEY_ID": KEY.access_key_id, "ACCESS_KEY_SECRET": KEY.secret, "SECURITY_TOKEN": KEY.token}
    return (
        [*object_, "--endpoint", f"http://{emulator.endpoint}", *flags],
        {f"ALIBABA_CLOUD_{name}": value for name, value in key.items()},
    )


def start(emulator: Emulator, *flags: str, **variables: str) -> subprocess.Popen[str]:
    """Start the command as a user does."""
    arguments, environment = command(emulator, *flags)
    return subprocess.Popen(
        [sys.executable, "-m", "probe", *arguments],
        env={"PATH": os.environ["PATH"], **environment, **variables},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the end of the process."""
    stdout, stderr = process.communicate(timeout=60)
    assert stderr == ""
    return process.returncode, without_secrets(stdout)


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Probe]:
    """Run the command in this process without real waiting."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def run(emulator: Emulator, *flags: str, typed: str = "", **variables: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        arguments, environment = command(emulator, *flags)
        status = main(arguments, environment | variables, pause=lambda _: None)
        return status, without_secrets(capsys.readouterr().out)

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


def without_secrets(said: str) -> str:
    """Return the text after a check that it contains no secret."""
    assert [trace for secret in (KEY.secret, KEY.token) for trace in traces(secret, said)] == []
    return said


def statuses(emulator: Emulator) -> set[str]:
    """The statuses of all runs that the key has created."""
    return {emulator.status(run["run_id"]) for run in emulator.truth.runs(who=KEY.access_key_id)}


def test_the_probe_says_which_claims_hold_and_leaves_no_open_run() -> None:
    with served() as emulator:
        status, said = end(start(emulator, "--yes", DEBUG="sdk"))

        assert status == 0, said
        assert said.count("| holds |") == 28
        assert said.count("| cannot be told |") == 4
        assert statuses(emulator) == {"Termination"}
        assert emulator.truth.of("stage_executed") == []
        calls = len(emulator.truth.of("received"))
        assert f"2 runs created, 0 left, {calls} calls." in said
        assert calls <= MOST
        assert "Not tried: throttling" in said[said.index("To report") :]


@pytest.mark.parametrize("fault", [(), ("AbolishPipelineRun:*:error:NoPermission",)])
def test_the_probe_requests_executions_only_of_runs_that_cannot_be_executed(
    probe: Probe, fault: tuple[str, ...]
) -> None:
    """A service that ignores the stage in the request would start the stage that waits."""
    with served(*fault) as emulator:
        probe(emulator, "--yes")

        over = {event["run_id"]: event["seq"] for event in emulator.truth.of("abolished")}
        runs = {run["run_id"] for run in emulator.truth.runs()}
        asked = emulator.truth.posts("ExecPipelineRunStage")
        of_runs = [post for post in asked if post["params"]["Id"] in runs]
        assert (len(asked), len(of_runs)) == ((1, 0) if fault else (2, 1))
        assert all(over[post["params"]["Id"]] < post["seq"] for post in of_runs)


def test_the_text_for_a_report_contains_no_ids_except_request_ids(probe: Probe) -> None:
    with served() as emulator:
        _, said = probe(emulator, "--yes")

        block = said[said.index("To report") :]
        for run in emulator.truth.runs():
            for hidden in (PROJECT, OBJECT, run["run_id"], run["creator"], KEY.access_key_id):
                assert hidden not in block
        answered = [event["request_id"] for event in emulator.truth.of("answered")]
        assert all(request_id in block for request_id in answered)


@pytest.mark.parametrize("typed", ["", "y\n"])
def test_without_the_right_answer_no_call_is_made(probe: Probe, typed: str) -> None:
    with served() as emulator:
        status, said = probe(emulator, typed=typed)

        assert status == 2
        assert "Nothing was done" in said
        assert emulator.truth.of("received") == []


def test_while_a_run_is_active_nothing_is_created(probe: Probe) -> None:
    with served() as emulator:
        emulator.deploy_as("alice", OBJECT, "by hand")

        status, said = probe(emulator, "--yes")

        assert status == 2
        assert "1 runs of this object are active" in said
        assert emulator.truth.runs(who=KEY.access_key_id) == []


@pytest.mark.parametrize("fault", ["json:{}", "error:NoPermission"])
def test_if_the_list_cannot_be_read_nothing_is_created(probe: Probe, fault: str) -> None:
    with served(f"ListPipelineRuns:1:{fault}") as emulator:
        status, said = probe(emulator, "--yes")

        assert status == 2, said
        assert emulator.truth.runs() == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("fault", "number"),
    [
        ("CreatePipelineRun:1:commit+delay:30", signal.SIGINT),
        ("CreatePipelineRun:4:commit+delay:30", signal.SIGTERM),
    ],
)
def test_an_interrupted_probe_abolishes_its_runs(fault: str, number: signal.Signals) -> None:
    action, call, _ = fault.split(":", 2)
    with served(fault) as emulator:
        process = start(emulator, "--yes")
        limit = time.monotonic() + 30
        while len(emulator.truth.posts(action)) < int(call):
            assert time.monotonic() < limit
            time.sleep(0.01)

        process.send_signal(number)
        status, said = end(process)

        assert status == 1
        assert "Interrupted" in said
        assert statuses(emulator) == {"Termination"}
        assert len(emulator.truth.of("received")) <= MOST


def test_a_claim_that_does_not_hold_is_reported_and_its_runs_are_abolished_too(probe: Probe) -> None:
    with served(nonce_fence=False) as emulator:
        status, said = probe(emulator, "--yes")

        assert status == 1
        assert "is refused as SignatureNonceUsed. | does not hold | HTTP 200 |" in said
        assert "3 runs created, 0 left" in said
        assert statuses(emulator) == {"Termination"}


@pytest.mark.parametrize("list_lag", [0.0, 3600.0])
def test_the_probe_looks_for_the_run_of_a_lost_creation_although_later_ones_are_answered(
    probe: Probe, list_lag: float
) -> None:
    with served("CreatePipelineRun:4:commit+drop", list_lag=list_lag) as emulator:
        status, said = probe(emulator, "--yes")

        assert len(emulator.truth.runs()) == 3
        if list_lag:
            assert status == 1
            assert "a creation had no answer" in said
        else:
            assert "3 runs created, 0 left" in said
            assert statuses(emulator) == {"Termination"}


def test_a_run_that_cannot_be_abolished_is_named(probe: Probe) -> None:
    with served("AbolishPipelineRun:*:error:NoPermission") as emulator:
        status, said = probe(emulator, "--yes")

        assert status == 1
        assert len(emulator.truth.of("received")) <= MOST
        for run in emulator.truth.runs():
            assert f"Look at run {run['run_id']}" in said[: said.index("To report")]
