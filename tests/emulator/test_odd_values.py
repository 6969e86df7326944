"""Invalid values: they are refused, and cause neither a run nor a closed connection."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from dataworks_emulator import Emulator, Settings

from .sockets import CREATE

DIGITS = "9" * 5000


def test_a_node_is_read_without_its_workspace(signer: Any) -> None:
    with Emulator() as emulator:
        status, body = signer(emulator.port)("GetNode", Id="7567482277219412494")
        assert (status, body["Node"]["Id"]) == (200, "7567482277219412494")
        assert signer(emulator.port)("GetNode", Id="1", ProjectId="x")[1]["Code"] == "InvalidParameter"


@pytest.mark.parametrize(
    "listed",
    [
        *("[null]", "[true]", "[1e400]", "[1.5]", "[NaN]", "[{}]", "[]", "{}", "x", r'["\ud800"]', '["²"]'),
        f"[{DIGITS}]",
        "[" * 100_000,
        '[["' * 300 + '"]]' * 300,
        "[" * 900 + "]" * 900,
    ],
    ids=lambda listed: listed[:12],
)
@pytest.mark.parametrize("known", [(), ("7",)])
def test_an_invalid_object_id_is_refused(
    signer: Any, tmp_path: Any, listed: str, known: tuple[str, ...]
) -> None:
    log = tmp_path / "truth.jsonl"
    with Emulator(Settings(known_objects=known, truth_log=str(log))) as emulator:
        status, body = signer(emulator.port)("CreatePipelineRun", **CREATE | {"ObjectIds": listed})
        assert (status, body["Code"]) == (400, "5801489541076353033")
        assert len(body["Message"]) < 300
        assert emulator.truth.runs() == []
    assert all(json.loads(line) for line in log.read_text("utf-8").splitlines())


@pytest.mark.parametrize(
    "project", ["0", str(2**63), "-1", "042", "²", DIGITS, "1e3", " 1"], ids=lambda p: p[:20]
)
@pytest.mark.parametrize("action", ["CreatePipelineRun", "ListPipelineRuns", "GetNode"])
def test_an_invalid_workspace_id_is_refused(signer: Any, action: str, project: str) -> None:
    with Emulator() as emulator:
        given = {**(CREATE if action == "CreatePipelineRun" else {"Id": "1"}), "ProjectId": project}
        status, body = signer(emulator.port)(action, **given)
        assert (status, body["Code"]) == (400, "InvalidParameter")


def test_the_largest_workspace_id_is_accepted(signer: Any) -> None:
    with Emulator() as emulator:
        assert signer(emulator.port)("CreatePipelineRun", **CREATE | {"ProjectId": str(2**63 - 1)})[0] == 200


@pytest.mark.parametrize("number", [DIGITS, "²", "0", "-1", "1.0"], ids=lambda n: n[:5])
@pytest.mark.parametrize("name", ["PageNumber", "PageSize"])
def test_an_invalid_page_number_is_refused(signer: Any, name: str, number: str) -> None:
    with Emulator() as emulator:
        status, body = signer(emulator.port)("ListPipelineRuns", **{"ProjectId": "42", name: number})
        assert (status, body["Code"]) == (400, "InvalidParameter")


def test_a_session_that_is_too_long_is_refused(identity: Callable[..., Any]) -> None:
    asked = identity()
    assert asked.code(asked.token(), DurationSeconds=DIGITS) == (400, "InvalidParameter.DurationSeconds")
    assert asked.code(asked.token(), DurationSeconds="²²²²") == (400, "InvalidParameter.DurationSeconds")
