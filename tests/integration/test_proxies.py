"""A proxy on the way to the service: a lost answer does not count as a request that was never sent."""

import asyncio
import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dataworks_deploy.dataworks.keys import GivenKey
from dataworks_deploy.dataworks.service import DataWorks
from dataworks_deploy.domain.ending import Fault, Ok, Refusal, Refused, Symptom, Unclear
from dataworks_deploy.domain.model import (
    CreatePipelineRun,
    Creation,
    DeployType,
    ExecPipelineRunStage,
    ObjectId,
    Operation,
    RunId,
)

from .canned import canned, length, read_head
from .conftest import SiteMaker
from .job import KEY, OBJECT, PROJECT
from .trust import authority, proxying

WAYS = ["direct", "forward", "tunnel"]
ENDS = ["close", "reset", "cut"]
CALLS: dict[str, Operation[Any]] = {
    "create": CreatePipelineRun(
        Creation(int(PROJECT), ObjectId(OBJECT), DeployType.ONLINE), "description", "0" * 32
    ),
    "execute": ExecPipelineRunStage(RunId("run-1"), "BUILD"),
}
DONE = b'{"Id":"run-1","Success":true,"RequestId":"R-1"}'
KEPT = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(DONE), DONE)


# Each makes the libraries raise a different error.
HEAD = b"HTTP/1.1 200 OK\r\n"
TORSOS = {
    "half a status": b"HTTP/1.1 2",
    "not HTTP": b"no HTTP at all\r\n\r\n",
    "100 Continue": b"HTTP/1.1 100 Continue\r\n\r\n",
    "407 from the proxy": b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
    "half a header": HEAD + b"Content-Le",
    "a long line": HEAD + b"X: %s" % (b"x" * 70_000),
    "many lines": HEAD + b"X: x\r\n" * 200,
    "half a body": HEAD + b"Content-Length: 50\r\n\r\n{",
    "an invalid chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\nno number\r\n",
    "not really gzip": HEAD + b"Content-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip",
}


class Mute(socketserver.ThreadingTCPServer):
    """Reads whole requests, answers the first few, and ends the connection of the next one in the given way."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, end: str, answers: int, torso: bytes, cut: Callable[[], object]) -> None:
        """Take any free port."""
        super().__init__(("127.0.0.1", 0), _Silence)
        self.end, self.answers, self.torso, self.cut = end, answers, torso, cut
        self.requests: list[bytes] = []

    @property
    def endpoint(self) -> str:
        """Where the server listens."""
        return f"127.0.0.1:{self.server_address[1]}"


class _Silence(socketserver.StreamRequestHandler):
    server: Mute

    def handle(self) -> None:
        while head := read_head(self.rfile):
            self.server.requests.append(head + self.rfile.read(length(head)))
            if len(self.server.requests) > self.server.answers:
                break
            self.wfile.write(KEPT)
        self.wfile.write(self.server.torso)
        if self.server.end == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if self.server.end == "cut":
            self.server.cut()
            self.rfile.read()  # until the client has gone


@contextlib.contextmanager
def mute(
    way: str,
    end: str,
    answers: int,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    torso: bytes = b"",
    cut: Callable[[], object] = lambda: None,
) -> Iterator[tuple[Mute, DataWorks]]:
    """Run such a server, and a client that reaches it in the given way."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Mute(end, answers, torso, cut))
        if way == "tunnel":
            vouched = authority(folder)
            server.socket = vouched.context().wrap_socket(server.socket, server_side=True)
            monkeypatch.setenv("SSL_CERT_FILE", str(vouched.ca))
            monkeypatch.setenv("HTTPS_PROXY", stack.enter_context(proxying()).url)
        if way == "forward":
            monkeypatch.setenv("HTTP_PROXY", f"http://{server.endpoint}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        host = "dataworks.invalid" if way == "forward" else server.endpoint
        try:
            yield server, connect(host, "HTTPS" if way == "tunnel" else "HTTP")
        finally:
            server.shutdown()
            thread.join()


def connect(host: str, protocol: str = "HTTP") -> DataWorks:
    return DataWorks(
        project_id=int(PROJECT),
        region="",
        host=host,
        protocol=protocol,
        keys=GivenKey(KEY.access_key_id, KEY.secret, KEY.token),
        user_agent="dataworks-deploy/test",
        scrub=str,
    )


@pytest.mark.parametrize(("call", "before"), [("create", 0), ("execute", 1)], ids=["new", "reused"])
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("way", WAYS)
def test_a_request_that_was_received_and_not_answered_is_unclear(
    way: str,
    end: str,
    call: str,
    before: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    time_is_over: Callable[[], object],
) -> None:
    with mute(way, end, before, tmp_path, monkeypatch, cut=time_is_over) as (server, service):
        for _ in range(before):
            assert isinstance(asyncio.run(service.call(CALLS[call])), Ok)
        ending = asyncio.run(service.call(CALLS[call]))

    assert len(server.requests) == before + 1
    assert isinstance(ending, Unclear), ending


@pytest.mark.parametrize("torso", TORSOS)
@pytest.mark.parametrize("way", ["direct", "tunnel"])
def test_no_partial_answer_proves_that_nothing_was_received(
    way: str, torso: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mute(way, "close", 0, tmp_path, monkeypatch, TORSOS[torso]) as (server, service):
        ending = asyncio.run(service.call(CALLS["create"]))

    assert len(server.requests) == 1
    assert isinstance(ending, Unclear), ending


@pytest.mark.parametrize(("way", "call"), [*zip(WAYS, ["create", "execute", "create"], strict=True)])
def test_an_earlier_connection_does_not_make_a_refused_connection_unclear(
    way: str, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mute(way, "close", 1, tmp_path, monkeypatch) as (server, service):
        assert isinstance(asyncio.run(service.call(CALLS[call])), Ok)
        assert isinstance(asyncio.run(service.call(CALLS[call])), Unclear)
        monkeypatch.setenv("HTTP_PROXY" if way == "forward" else "HTTPS_PROXY", "http://127.0.0.1:9")
        server.shutdown()
        server.socket.close()
        ending = asyncio.run(service.call(CALLS[call]))

    assert isinstance(ending, Refused), ending
    assert ending.why is Refusal.UNREACHABLE
    assert len(server.requests) == 2


@pytest.mark.parametrize("said", ["403 Forbidden", "407 Proxy Authentication Required", "502 Bad Gateway"])
def test_a_refused_tunnel_is_a_refusal(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with canned(f"HTTP/1.1 {said}\r\nContent-Length: 0\r\n\r\n".encode()) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.endpoint}")
        ending = asyncio.run(connect("dataworks.invalid", "HTTPS").call(CALLS["create"]))

    assert isinstance(ending, Refused), ending
    assert ending.fault == Fault(symptom=Symptom.PROXY_REFUSES, detail="dataworks.invalid")
    assert [request.split()[0] for request in proxy.requests] == [b"CONNECT"]


@pytest.fixture
def behind(site_with: SiteMaker, monkeypatch: pytest.MonkeyPatch) -> Iterator[SiteMaker]:
    """Make sites whose service is reached through a proxy."""
    monkeypatch.setenv("NO_PROXY", "")
    with proxying() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        yield site_with
        assert proxy.targets


@pytest.mark.parametrize("fault", ["drop"])
def test_a_run_whose_answer_a_proxy_loses_is_found_and_not_created_again(
    behind: SiteMaker, fault: str
) -> None:
    site = behind(f"CreatePipelineRun:1:commit+{fault}", nonce_fence=False)

    ended = site.run()

    assert (ended.only["outcome"], ended.only["adopted"]) == ("created", True), ended.stdout
    assert [ended.only["run_id"]] == site.runs()
