"""The command line, the start and end of the process, and what the package may import."""

import ast
import http.client
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import dataworks_emulator
from dataworks_emulator import Credential, Denial, Failure, Role, Settings
from dataworks_emulator.command import parse

PACKAGE = Path(dataworks_emulator.__file__).parent


def test_without_flags_the_settings_are_the_defaults() -> None:
    assert parse([]) == Settings()


def test_flags_become_settings() -> None:
    line = (
        "--host 0.0.0.0 --port 8080 --latency-ms 5 --receive-seconds 9 --truth-log truth.jsonl --seed 3"
        " --access-key a:b --access-key c:d:e:60 --deny a --deny c:Forbidden.RAM:write"
        " --id-token-request-token t --id-token-key k --id-token-seconds 9 --id-token-claim sub:repo:a/b:x"
        " --id-token-claim run_id:1 --sts-audience aud --sts-issuer https://i --sts-seconds 2.5"
        " --sts-max-seconds 3600 --role acs:ram::1:role/a --role acs:ram::1:role/b=repo:a/b:*=https://i"
        " --oidc-provider acs:ram::1:oidc-provider/g"
        " --no-nonce-fence --throttled-keeps-nonce --edition basic --day-calls 9 --throttle-status 400"
        " --retry-after-ms 100 --quota-code Throttling.Resource --project 42 --known-object 1 --workflow flow"
        " --inner-node n:flow --inner-refusal whole-workflow --upstream 2:1 --upstream 2:0 --flowspec 1.1.0"
        " --stages standard"
        " --init-seconds 1 --stage-seconds 2 --stage PROD:9 --approval --approval-status Running"
        " --approval-exec run --approve-after 7 --fail 1:PROD:a:b --fail *:DEV --abolish-status Cancel"
        " --abolish-during-deploy stop --list-lag 3 --get-lag 1 --oldest-first --string-counts"
        " --shuffle-stages"
        " --odd-stage X --odd-status Y --fault CreatePipelineRun:1:commit+drop --fault-seed 1"
        " --fault-rate 0.5"
        " --fault-kind drop --fault-without twice"
    )
    expected = Settings(
        host="0.0.0.0",
        port=8080,
        latency_ms=5.0,
        receive_seconds=9.0,
        truth_log="truth.jsonl",
        seed=3,
        credentials=(Credential("a", "b"), Credential("c", "d", "e", 60.0)),
        denials=(Denial("a"), Denial("c", "Forbidden.RAM", writes_only=True)),
        id_token_request_token="t",
        id_token_key="k",
        id_token_seconds=9,
        id_token_claims={"sub": "repo:a/b:x", "run_id": "1"},
        sts_audience="aud",
        sts_issuer="https://i",
        sts_seconds=2.5,
        sts_max_seconds=3600,
        roles=(Role("acs:ram::1:role/a"), Role("acs:ram::1:role/b", "repo:a/b:*", "https://i")),
        oidc_providers=("acs:ram::1:oidc-provider/g",),
        nonce_fence=False,
        throttled_uses_nonce=False,
        edition="basic",
        day_calls=9,
        throttle_status=400,
        retry_after_ms=100,
        quota_code="Throttling.Resource",
        projects=("42",),
        known_objects=("1",),
        workflows=("flow",),
        inner_nodes={"n": "flow"},
        inner_refusal="whole-workflow",
        upstreams={"2": ("1", "0")},
        flowspec="1.1.0",
        stages="standard",
        init_seconds=1.0,
        stage_seconds=2.0,
        stage_overrides={"PROD": 9.0},
        approval=True,
        approval_status="Running",
        approval_exec="run",
        approve_after=7.0,
        failures=(Failure("1", "PROD", "a:b"), Failure("*", "DEV")),
        abolish_status="Cancel",
        abolish_during_deploy="stop",
        list_lag=3.0,
        get_lag=1.0,
        oldest_first=True,
        string_counts=True,
        shuffle_stages=True,
        odd_stage="X",
        odd_status="Y",
        faults=("CreatePipelineRun:1:commit+drop",),
        fault_seed=1,
        fault_rate=0.5,
        fault_kinds=("drop",),
        fault_without=("twice",),
    )
    assert parse(line.split()) == expected


def test_the_first_check_of_an_undeployment_may_run_by_itself() -> None:
    assert parse(["--offline-check-runs"]) == Settings(offline_check_runs=True)


def test_a_flag_hides_the_descriptions_of_runs() -> None:
    assert parse(["--no-descriptions"]) == Settings(show_descriptions=False)


def test_flags_name_a_workspace_file_and_make_its_lists_unusual() -> None:
    flags = "--workspace w.json --list-drift 3 --hide-inner-nodes"
    assert parse(flags.split()) == Settings(workspace="w.json", list_drift=3, inner_listed=False)


def test_every_setting_has_a_flag() -> None:
    names = set(Settings.__dataclass_fields__)
    source = (PACKAGE / "command.py").read_text("utf-8").replace("-", "_")
    assert {name for name in names if name not in source} == set()


def test_every_flag_says_what_it_does_and_its_default(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")  # each help on one line
    with pytest.raises(SystemExit):
        parse(["--help"])
    entries = [each.partition("\n\n")[0].strip() for each in capsys.readouterr().out.split("\n  --")[1:]]
    told = {re.split(r"\s", entry)[0]: re.split(r"\s{2,}", entry, maxsplit=1)[1:] for entry in entries}

    assert len(told) >= 50
    assert [flag for flag, text in told.items() if not text] == []
    for name, default in vars(Settings()).items():
        if type(default) in (int, float, str) and default != "":
            assert (
                f"(default {default:{'g' if type(default) is float else ''}})"
                in told[name.replace("_", "-")][0]
            )


@pytest.mark.parametrize(
    "flags",
    ["--fault X:1:explode", "--stages huge", "--access-key only-id", "--stage PROD", "--fault-kind nope:1"],
)
def test_a_wrong_flag_is_a_usage_error(flags: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parse(flags.split())
    assert end.value.code == 2
    assert flags.split(" ", 1)[0] in capsys.readouterr().err


def test_a_wrong_choice_is_refused_in_python_too() -> None:
    with pytest.raises(ValueError, match="edition is 'gold'"):
        Settings(edition="gold")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_says_where_it_listens_and_ends_on_a_signal(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "dataworks_emulator", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        said, _, port = line.strip().rpartition(":")
        assert said == "dataworks emulator listening on http://127.0.0.1"
        connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=5)
        connection.request("GET", "/")
        assert connection.getresponse().status == 400
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
        assert process.stdout.read() == ""
        connection.close()


def test_a_log_that_cannot_be_written_ends_the_process_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dataworks_emulator", "--truth-log", str(tmp_path / "no" / "log")]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=20, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "No such file" in ended.stderr


def test_the_package_imports_only_the_standard_library_and_itself() -> None:
    imported = set()
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                imported.add(str(node.module).split(".")[0])
    assert imported - sys.stdlib_module_names == {"dataworks_emulator"}
