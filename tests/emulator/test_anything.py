"""Every request gets an answer: damaged requests, and any text in any parameter of any operation."""

import json
import socket
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dataworks_emulator import Emulator, Settings
from dataworks_emulator.service import Service

from .conftest import Signer
from .sockets import CREATE, written
from .warehouse import WAREHOUSE

NAMES = (
    *("ProjectId", "Id", "ObjectIds", "Type", "Description", "RunMode", "AutoRunUntilStage", "Code", "ObjectId"),
    *("PipelineRunId", "PageNumber", "PageSize", "Status", "Creator", "Name", "ContainerId", "Scene", "Owner"),
    *("Recurrence", "IncludeScriptContent", "RoleArn", "OIDCProviderArn", "OIDCToken", "RoleSessionName"),
    *("DurationSeconds", "audience"),
)  # fmt: skip
ODD = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["42", "0", "9" * 5000, "²", "[" * 5000, '["1001"]', r'["\ud800"]', "1001", "2001", "Online"]
    ),
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), st.lists, max_leaves=5).map(
        json.dumps
    ),
)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    # The end of the block would raise an error of the emulator itself.
    with Emulator(Settings(workspace=WAREHOUSE)) as started:
        yield started


def sent(emulator: Emulator, data: bytes) -> bytes:
    """All bytes that arrive until the connection is closed."""
    with socket.create_connection(("127.0.0.1", emulator.port), timeout=20) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        parts = []
        while part := sock.recv(65536):
            parts.append(part)
    return b"".join(parts)


@given(st.integers(0, 900), st.integers(0, 60), st.binary(max_size=40), st.booleans())
@example(at=0, cut=900, put=b"x", chunked=False)
def test_a_damaged_request_gets_an_answer(
    emulator: Emulator, at: int, cut: int, put: bytes, chunked: bool
) -> None:
    method, target, body, headers = Signer(emulator.port).request(
        "CreatePipelineRun", uuid.uuid4().hex, CREATE
    )
    if chunked:
        headers["Transfer-Encoding"], body = "chunked", b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    else:
        headers["Content-Length"] = str(len(body))
    whole = written(method, target, headers, body)
    data = whole[:at] + put + whole[at + cut :]
    answer = sent(emulator, data)
    assert answer.startswith(b"HTTP/1.1 ") or not data
    assert b"EmulatorFailure" not in answer


@given(st.data())
def test_any_text_in_any_parameter_gets_an_answer(emulator: Emulator, data: st.DataObject) -> None:
    action = data.draw(st.sampled_from(sorted(Service._table(emulator.service))))
    params = data.draw(st.dictionaries(st.sampled_from(NAMES), ODD, max_size=6)) | {"ProjectId": "42"}
    signer = Signer(emulator.port)
    if action == "AssumeRoleWithOIDC":
        request: Any = (
            "POST",
            "/?" + urlencode({"Action": action, "Version": "2015-04-01", **params}),
            b"",
            {},
        )
    elif action == "GetIdToken":
        bearer = {"authorization": f"Bearer {emulator.settings.id_token_request_token}"}
        request = ("GET", "/id-token?" + urlencode(params), b"", bearer)
    else:
        request = signer.request(action, uuid.uuid4().hex, params)
    method, target, body, headers = request
    answer = sent(emulator, written(method, target, headers | {"Content-Length": str(len(body))}, body))
    head, _, content = answer.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    assert status == 200 or 400 <= status < 500, content
    assert json.loads(content)
