"""Incoming requests: those of official clients are accepted, and all others get an answer too."""

import socket
import time
from typing import Any

import pytest

from dataworks_emulator import Emulator, Settings
from dataworks_emulator.incoming import MAX_BODY

from .conftest import Headers
from .sockets import CREATE, answer, chunked, connected, written


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_body_in_chunks_is_accepted_and_the_connection_stays_open(signer: Any, size: int) -> None:
    with Emulator() as emulator, connected(emulator) as sock:
        for _ in range(2):
            nonce = str(time.monotonic_ns())
            method, target, body, headers = signer(emulator.port).request("CreatePipelineRun", nonce, CREATE)
            headers["Transfer-Encoding"] = "chunked"
            sock.sendall(written(method, target, headers, chunked(body, size)))
            assert answer(sock)[0] == 200
        assert [run["description"] for run in emulator.truth.runs()] == [CREATE["Description"]] * 2


@pytest.mark.parametrize(
    ("headers", "body"),
    [({"Transfer-Encoding": "chunked"}, b"0\r\n\r\n"), ({"Content-Length": "0"}, b""), ({}, b"")],
)
def test_a_post_without_a_body_is_read_and_missing_parameters_are_named(
    signer: Any, headers: Headers, body: bytes
) -> None:
    with Emulator() as emulator, connected(emulator) as sock:
        method, target, _, signed = signer(emulator.port).placed("AbolishPipelineRun", "n", "POST", {}, {})
        sock.sendall(written(method, target, signed | headers, body))
        status, said = answer(sock)
        assert (status, said["Code"]) == (400, "MissingParameter")


def test_an_unsigned_content_type_is_accepted_if_there_is_no_body(signer: Any) -> None:
    unsigned = {"content-type": "application/octet-stream"}
    with Emulator() as emulator:
        assert signer(emulator.port, spoil=unsigned)("GetProject", Id="42")[0] == 200
        assert signer(emulator.port, spoil=unsigned)("CreatePipelineRun", **CREATE)[1]["Code"] == (
            "SignatureDoesNotMatch"
        )


PROJECT, REST = {"ProjectId": "42"}, {name: value for name, value in CREATE.items() if name != "ProjectId"}


@pytest.mark.parametrize(
    ("action", "method", "query", "form", "path", "code"),
    [
        ("CreatePipelineRun", "GET", CREATE, {}, "/", "UnsupportedHTTPMethod"),
        ("CreatePipelineRun", "DELETE", {}, CREATE, "/", "UnsupportedHTTPMethod"),
        ("CreatePipelineRun", "PUT", {}, CREATE, "/", "UnsupportedHTTPMethod"),
        ("CreatePipelineRun", "POST", {}, CREATE, "/x", "InvalidAction.NotFound"),
        ("CreatePipelineRun", "POST", {}, CREATE, "//", "InvalidAction.NotFound"),
        ("CreatePipelineRun", "POST", CREATE, {}, "/", "InvalidParameter"),
        ("CreatePipelineRun", "POST", PROJECT, REST, "/", "InvalidParameter"),
        ("ExecPipelineRunStage", "POST", {}, {**PROJECT, "Id": "r", "Code": "PROD"}, "/", "InvalidParameter"),
        ("ExecPipelineRunStage", "POST", {**PROJECT, "Id": "r", "Code": "PROD"}, {}, "/", "InvalidParameter"),
        ("AbolishPipelineRun", "POST", PROJECT, {"Id": "r"}, "/", "InvalidParameter"),
        ("GetPipelineRun", "POST", {}, {**PROJECT, "Id": "r"}, "/", "UnsupportedHTTPMethod"),
        ("GetPipelineRun", "GET", {}, {**PROJECT, "Id": "r"}, "/", "InvalidParameter"),
        ("ListPipelineRuns", "GET", PROJECT, {}, "/ListPipelineRuns", "InvalidAction.NotFound"),
    ],
)
def test_a_method_a_path_or_a_parameter_place_that_no_sdk_uses_is_refused(
    signer: Any,
    action: str,
    method: str,
    query: dict[str, str],
    form: dict[str, str],
    path: str,
    code: str,
) -> None:
    with Emulator() as emulator, connected(emulator) as sock:
        asked = signer(emulator.port).placed(action, "n", method, query, form, path)
        headers = asked[3] | {"content-length": str(len(asked[2]))}
        sock.sendall(written(asked[0], asked[1], headers, asked[2]))
        status, said = answer(sock)
        assert (status // 100, said["Code"]) == (4, code)
        assert emulator.truth.runs() == []
        assert emulator.truth.answers(action) == [str(status)]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: \xb2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 10_001, 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"a: b\r\n" * 101, 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 100_000, 431),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 200-maybe\r\n\r\nxx", 417),
        (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 20_000 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nno header\r\n\r\n", 400),
        (b"GET /?" + b"a&" * 2000 + b" HTTP/1.1\r\n\r\n", 413),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"\r\n\r\n\r\n", 400),
        (b"GET /\r\n\r\n", 400),
    ],
    ids=lambda given: given[:60].decode("latin-1") if isinstance(given, bytes) else None,
)
def test_bytes_that_are_no_request_get_an_answer_before_the_connection_is_closed(
    sent: bytes, status: int
) -> None:
    with Emulator() as emulator:
        with connected(emulator) as sock:
            sock.sendall(sent)
            got, body = answer(sock)
            assert got == status
            assert body["RequestId"]
            assert sock.recv(1) == b""
        with connected(emulator) as sock:
            sock.sendall(sent[:-3])
            sock.shutdown(socket.SHUT_WR)
            assert answer(sock)[0] // 100 == 4


def test_a_client_that_reads_only_after_sending_sees_that_its_body_is_too_large() -> None:
    with Emulator() as emulator, connected(emulator) as sock:
        size = 16 * MAX_BODY
        sock.sendall(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % size + b"a&" * (size // 2))
        assert answer(sock)[0] == 413


def test_a_body_of_many_fields_is_refused_and_delays_no_other_client(signer: Any) -> None:
    with Emulator() as emulator, connected(emulator) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % MAX_BODY + b"a&" * (MAX_BODY // 2))
        assert signer(emulator.port)("GetProject", Id="42")[0] == 200
        assert answer(sock)[0] == 413


def test_a_client_that_expects_100_continue_gets_it(signer: Any) -> None:
    with Emulator() as emulator, connected(emulator) as sock:
        method, target, body, headers = signer(emulator.port).request("CreatePipelineRun", "n", CREATE)
        waits = {"Content-Length": str(len(body)), "Expect": "100-continue"}
        sock.sendall(written(method, target, headers | waits))
        assert answer(sock)[0] == 100
        sock.sendall(body)
        assert answer(sock)[0] == 200


def test_for_a_body_that_is_too_large_there_is_no_100_continue() -> None:
    with Emulator() as emulator, connected(emulator) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n")
        assert answer(sock)[0] == 413


@pytest.mark.parametrize(
    "part",
    [b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\n", b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab"],
)
def test_a_request_that_does_not_arrive_completely_is_given_up_after_a_while(part: bytes) -> None:
    with Emulator(Settings(receive_seconds=0.05)) as emulator, connected(emulator) as sock:
        sock.sendall(part)
        assert answer(sock)[0] == 408
        assert sock.recv(1) == b""


def test_a_connection_that_is_kept_may_be_idle() -> None:
    with Emulator(Settings(receive_seconds=0.05)) as emulator, connected(emulator) as idle:
        for _ in range(2):
            idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert answer(idle)[1]["Code"] == "IncompleteSignature"
            with connected(emulator) as slow:
                assert answer(slow)[0] == 408, "the time is up for another one"


def test_many_slow_clients_delay_no_other_client(signer: Any) -> None:
    with Emulator() as emulator:
        slow = [socket.create_connection(("127.0.0.1", emulator.port), timeout=20) for _ in range(400)]
        try:
            for sock in slow:
                sock.sendall(b"GET / HT")
            assert signer(emulator.port)("GetProject", Id="42")[0] == 200
        finally:
            for sock in slow:
                sock.close()


@pytest.mark.parametrize(
    ("line", "more"), [("GET / HTTP/1.0", ""), ("GET / HTTP/1.1", "Connection: close\r\n")]
)
def test_a_connection_that_the_client_wants_closed_is_closed(line: str, more: str) -> None:
    with Emulator() as emulator, connected(emulator) as sock:
        sock.sendall(f"{line}\r\nHost: x\r\n{more}\r\n".encode())
        assert answer(sock)[0] == 400
        assert sock.recv(1) == b""


def test_an_error_has_the_link_that_the_service_gives() -> None:
    with Emulator() as emulator, connected(emulator) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        body = answer(sock)[1]
        assert "q=IncompleteSignature" in body["Recommend"]
        assert body["RequestId"] in body["Recommend"]
