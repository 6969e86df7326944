"""Answers of any length and depth need limited memory and time, and the result says what happened."""

import gzip
import json
import os
import resource
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from dataworks_deploy.dataworks.service import CREATE_READ_SECONDS
from dataworks_deploy.domain.ending import Symptom, Unclear

from .canned import NEVER_OLD_MS, answer, canned
from .ended import Ended, read_step
from .job import OBJECT, ROOT
from .step import Site
from .test_sdk import create

MOST_MEGABYTES = 180  # the interpreter and the SDK need about 75 of them
MOST_SECONDS = 20.0  # of processor time
DROPS = 20


def measured(site: Site, endpoint: str, **inputs: str) -> tuple[Ended, float]:
    """Run the step as a process, and return its results and the most megabytes that it used."""
    environment, outputs = site.environment(
        [OBJECT], 1, {"endpoint": f"http://{endpoint}", "settle_seconds": "1", **inputs}
    )
    log = outputs.with_suffix(".log")
    before = used_by_children()
    with log.open("w") as stream:
        popen = subprocess.Popen(
            [sys.executable, "-I", "-u", str(ROOT / "entrypoint.py")],
            env=environment | {"PATH": os.environ["PATH"]},
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        megabytes = 0.0
        while popen.poll() is None:
            # The kernel's own maximum. The one of wait4 would begin with that of the parent.
            with suppress(OSError, IndexError):
                status = Path(f"/proc/{popen.pid}/status").read_text("ascii")
                megabytes = int(status.partition("VmHWM:")[2].split()[0]) / 1024
            time.sleep(0.01)
    assert used_by_children() - before < MOST_SECONDS
    ended = read_step(popen.returncode, outputs, log.read_text("utf-8"), "")
    ended.check([OBJECT])
    assert megabytes > 20
    return ended, megabytes


def used_by_children() -> float:
    """Return the seconds of processor time that ended child processes have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def pipeline(**changed: Any) -> bytes:
    """Return one body that answers both a creation and a reading, with a run that looks new."""
    run = {
        "Id": "run-1",
        "Status": "Success",
        "Stages": [],
        "ProjectId": 10001,
        "CreateTime": NEVER_OLD_MS,
        **changed,
    }
    return json.dumps({"Id": "run-1", "RequestId": "R-1", "Pipeline": run}).encode()


def stages(number: int) -> list[dict[str, Any]]:
    """Return this many stages."""
    text = "说明" * 20
    return [
        {"Code": f"S{n}", "Name": text, "Step": n, "Type": "Deploy", "Status": "Success", "Message": text}
        for n in range(number)
    ]


@pytest.mark.long
@pytest.mark.parametrize(
    ("raw", "times", "outcome"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n".ljust(1_000_000), 100, "unknown"),
        (answer(gzip.compress(b"[" + b" " * 100_000_000), Content_Encoding="gzip"), 1, "unknown"),
        (
            answer(
                gzip.compress(b" " * 100_000_000),
                "307 Elsewhere",
                Location="http://[",
                Content_Encoding="gzip",
            ),
            1,
            "unknown",
        ),
        (answer(b'{"Id":' + b"[" * 7_000_000), 1, "unknown"),
        (answer(pipeline(Stages=stages(10_000))), 1, "succeeded"),
        (answer(pipeline(Status="Fail", Message="m" * 1_000_000)), 1, "failed"),
    ],
    ids=["100 MB", "100 MB packed", "100 MB with a redirect", "deep", "10,000 stages", "1 MB of message"],
)
def test_an_answer_of_any_size_needs_limited_memory_and_gives_short_outputs(
    site: Site, raw: bytes, times: int, outcome: str
) -> None:
    with canned(raw, times) as server:
        ended, megabytes = measured(site, server.endpoint, wait="true", timeout_minutes="0.1")

    assert ended.only["outcome"] == outcome
    assert megabytes < MOST_MEGABYTES, megabytes
    assert sum(map(len, ended.outputs.values())) < 100_000
    assert len(ended.stdout) < 200_000


class Dripping(socketserver.ThreadingTCPServer):
    """Sends the same few bytes again and again, says that time is over, and waits until the client closes."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, head: bytes, drop: bytes, over: Callable[[], object]) -> None:
        """Take any free port."""
        super().__init__(("127.0.0.1", 0), _Drip)
        self.head, self.drop, self.over = head, drop, over
        self.gone = threading.Event()


class _Drip(socketserver.BaseRequestHandler):
    server: Dripping

    def handle(self) -> None:
        with suppress(ConnectionError):
            self.request.recv(65536)
            self.request.sendall(self.server.head)
            for _ in range(DROPS):
                self.request.sendall(self.server.drop)
            self.server.over()
            self.request.sendall(self.server.drop)
            while self.request.recv(65536):
                pass
        self.server.gone.set()


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Padding: ", b"x"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b" "),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\n", b""),
    ],
    ids=[
        "preliminary answers",
        "a header",
        "a body",
        "chunks",
        "the length of a chunk",
        "the length of a chunk of the last answer",
        "nothing",
        "nothing of the last answer",
    ],
)
def test_an_answer_that_drips_for_ever_is_cut_off(
    time_is_over: Callable[[], object], head: bytes, drop: bytes
) -> None:
    """The time limit of a socket starts again with each byte. A last answer is read when its connection is closed."""
    with Dripping(head, drop, time_is_over) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        began = time.monotonic()

        ending = create(f"127.0.0.1:{server.server_address[1]}")

        took = time.monotonic() - began
        assert server.gone.wait(30), "the connection was left open"
        server.shutdown()
    assert isinstance(ending, Unclear)
    assert ending.fault.symptom is Symptom.NO_ANSWER
    assert took < CREATE_READ_SECONDS - 5, "the socket's own limit has ended it"
