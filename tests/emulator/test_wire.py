"""The HTTP connection: signatures by an independent signer, and what faults do to the connection."""

import asyncio
import contextlib
import http.client
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from dataworks_emulator import Credential, Emulator, Settings

from .conftest import Clock

QUICK = Settings(stage_seconds=0.0)
CREATE = {"ProjectId": "42", "Type": "Online", "ObjectIds": '["1"]', "Description": "[mark] 你好 & a=b+c%"}


def test_an_independent_signer_can_make_a_deployment(signer: Any) -> None:
    with Emulator(QUICK) as emulator:
        send = signer(emulator.port)
        status, body = send("CreatePipelineRun", **CREATE)
        assert status == 200
        for code in ("PROD_CHECK", "PROD"):
            assert send("ExecPipelineRunStage", ProjectId="42", Id=body["Id"], Code=code)[0] == 200
        _, shown = send("GetPipelineRun", ProjectId="42", Id=body["Id"])
        assert (shown["Pipeline"]["Status"], shown["Pipeline"]["Description"]) == (
            "Success",
            CREATE["Description"],
        )
        assert emulator.truth.executed(body["Id"]) == ["PROD_CHECK", "PROD"]
        assert emulator.truth.answers("CreatePipelineRun") == ["200"]


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"secret": "wrong"}, 400, "SignatureDoesNotMatch"),
        ({"key": "nobody"}, 404, "InvalidAccessKeyId.NotFound"),
        ({"token": "unasked"}, 400, "InvalidSecurityToken.Malformed"),
        ({"date": "2020-01-01T00:00:00Z"}, 400, "InvalidTimeStamp.Expired"),
        ({"date": "yesterday"}, 400, "InvalidTimeStamp.Expired"),
        ({"spoil": {"Authorization": "Basic abc"}}, 400, "IncompleteSignature"),
        ({"spoil": {"x-acs-unsigned": "1"}}, 400, "IncompleteSignature"),
        ({"spoil": {"x-acs-content-sha256": "0" * 64}}, 400, "IncompleteSignature"),
        ({"spoil": {"x-acs-signature-nonce": "other"}}, 400, "SignatureDoesNotMatch"),
        ({"spoil": {"x-acs-version": "2020-05-18"}}, 400, "SignatureDoesNotMatch"),
    ],
)
def test_a_request_with_a_wrong_signature_is_refused(
    signer: Any, changed: dict[str, Any], status: int, code: str
) -> None:
    with Emulator(QUICK) as emulator:
        got, body = signer(emulator.port, **changed)("CreatePipelineRun", **CREATE)
        assert (got, body["Code"]) == (status, code)
        assert emulator.truth.runs() == []


def test_the_gateway_quotes_the_text_to_sign_with_the_token_in_it(signer: Any) -> None:
    settings = Settings(credentials=(Credential("sts-id", "sts-secret", "sts-token"),))
    with Emulator(settings) as emulator:
        send = signer(emulator.port, key="sts-id", secret="sts-secret", token="sts-token")
        assert send("CreatePipelineRun", **CREATE)[0] == 200
        _, body = signer(emulator.port, key="sts-id", secret="x", token="sts-token")(
            "CreatePipelineRun", **CREATE
        )
        assert "ACS3-HMAC-SHA256\n" in body["Message"]
        assert "x-acs-security-token:sts-token" in body["Message"]


def test_credentials_expire_and_can_be_renewed(signer: Any) -> None:
    now = time.time()
    settings = Settings(credentials=(Credential("id", "secret", "token", expires_after=10.0),))
    times = [now]
    with Emulator(settings, clock=lambda: times[0]) as emulator:
        send = signer(emulator.port, key="id", secret="secret", token="token")
        assert send("GetProject", Id="42")[0] == 200
        times[0] += 11
        assert send("GetProject", Id="42")[1]["Code"] == "InvalidSecurityToken.Expired"
        emulator.accept(Credential("id", "secret", "new"))
        assert signer(emulator.port, key="id", secret="secret", token="new")("GetProject", Id="42")[0] == 200


def test_a_nonce_is_refused_a_second_time_and_a_bad_signature_does_not_use_it(signer: Any) -> None:
    with Emulator(QUICK) as emulator:
        assert signer(emulator.port, secret="wrong")("CreatePipelineRun", "n", **CREATE)[0] == 400
        send = signer(emulator.port)
        assert send("CreatePipelineRun", "n", **CREATE)[0] == 200
        assert send("CreatePipelineRun", "n", **CREATE)[1]["Code"] == "SignatureNonceUsed"
        assert emulator.truth.nonces("CreatePipelineRun") == ["n", "n", "n"]


@pytest.mark.parametrize(
    ("spec", "error", "how"),
    [
        ("commit+drop", http.client.RemoteDisconnected, "dropped"),
        ("drop", http.client.RemoteDisconnected, "dropped"),
        ("commit+reset", ConnectionResetError, "reset"),
        ("refuse", ConnectionResetError, "refused"),
        ("commit+truncate", http.client.IncompleteRead, "truncated"),
        ("late:60", http.client.RemoteDisconnected, "dropped"),
    ],
)
def test_a_connection_breaks_as_the_fault_says(
    signer: Any, spec: str, error: type[Exception], how: str
) -> None:
    with Emulator(QUICK) as emulator:
        emulator.fault("CreatePipelineRun", 1, spec)
        with pytest.raises(error):
            signer(emulator.port)("CreatePipelineRun", **CREATE)
        assert len(emulator.truth.runs()) == spec.startswith("commit+")
        assert emulator.truth.answers("CreatePipelineRun") == [how]
        assert signer(emulator.port)("CreatePipelineRun", **CREATE)[0] == 200


@pytest.mark.parametrize("spec", ["delay:0.15", "commit+delay:0.15", "drip:0.15"])
def test_an_answer_can_be_slow(signer: Any, spec: str) -> None:
    clock = Clock(time.time())
    started = clock.now
    with Emulator(QUICK, clock, clock.pause) as emulator:
        emulator.fault("CreatePipelineRun", "*", spec)
        status, body = signer(emulator.port)("CreatePipelineRun", **CREATE)
        assert clock.now - started == pytest.approx(0.15, abs=1e-3)
        assert (status, [run["run_id"] for run in emulator.truth.runs()]) == (200, [body["Id"]])


def noted(emulator: Emulator, event: str, **fields: object) -> threading.Event:
    """An event that is set when the service has logged this."""
    done = threading.Event()

    def look(entry: dict[str, Any]) -> None:
        if entry.items() >= {"event": event, **fields}.items():
            done.set()

    emulator.truth.on_event(look)
    return done


def test_a_late_creation_reaches_the_log_file_by_itself(signer: Any, tmp_path: Path) -> None:
    log = tmp_path / "truth.jsonl"
    with Emulator(Settings(truth_log=str(log), faults=("CreatePipelineRun:1:late:0.001",))) as emulator:
        committed = noted(emulator, "committed")
        with pytest.raises(http.client.RemoteDisconnected):
            signer(emulator.port)("CreatePipelineRun", **CREATE)
        assert committed.wait(60)
        events = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert [event["event"] for event in events] == ["received", "answered", "committed"]
    assert [event["seq"] for event in events] == [1, 2, 3]
    assert events == emulator.truth.events


def test_a_connection_stays_open_and_an_invalid_request_gets_an_answer() -> None:
    with Emulator(QUICK) as emulator:
        connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=5)
        ports = set()
        for _ in range(3):
            connection.request("GET", "/")
            answer = connection.getresponse()
            assert (answer.status, json.loads(answer.read())["Code"]) == (400, "IncompleteSignature")
            ports.add(connection.sock.getsockname()[1])
        assert len(ports) == 1
        connection.request("POST", "/", headers={"Content-Length": "minus one"})
        assert connection.getresponse().status == 400
        connection.close()


def test_an_emulator_stops_while_a_client_hangs(signer: Any) -> None:
    started = time.monotonic()
    with Emulator(Settings(faults=("GetProject:*:delay:60",))) as emulator:
        received = noted(emulator, "received")
        connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=5)
        connection.request(*signer(emulator.port).request("GetProject", "n", {"Id": "42"}))
        assert received.wait(60)
    connection.close()
    assert time.monotonic() - started < 40


def test_a_client_that_closes_the_connection_is_logged(signer: Any) -> None:
    closed = threading.Event()

    async def pause(seconds: float, port: int) -> None:
        await asyncio.to_thread(closed.wait)

    with Emulator(Settings(faults=("GetProject:*:drip:0.2",)), time.time, pause) as emulator:
        gone = noted(emulator, "answered", how="client gone")
        connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=5)
        connection.request(*signer(emulator.port).request("GetProject", "n", {"Id": "42"}))
        connection.close()
        closed.set()
        assert gone.wait(60)
        assert emulator.truth.answers("GetProject") == ["200", "client gone"]


def test_an_error_of_the_emulator_itself_is_not_taken_for_a_fault(
    signer: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    emulator = Emulator(QUICK)
    monkeypatch.setattr(emulator.service, "deliver", lambda *_: 1 / 0)
    gone = contextlib.suppress(http.client.RemoteDisconnected)
    with pytest.raises(RuntimeError, match="the emulator itself"), emulator, gone:
        signer(emulator.port)("GetProject", Id="42")
    assert "ZeroDivisionError" in capsys.readouterr().err
