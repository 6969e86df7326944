"""Bare connections to the emulator, for requests that no client library would send."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dataworks_emulator import Emulator

from .conftest import Headers

CREATE = {"ProjectId": "42", "Type": "Online", "ObjectIds": '["1"]', "Description": "[mark] 你好"}


@contextmanager
def connected(emulator: Emulator) -> Iterator[socket.socket]:
    """A bare connection."""
    with socket.create_connection(("127.0.0.1", emulator.port), timeout=20) as sock:
        yield sock


def answer(sock: socket.socket) -> tuple[int, Any]:
    """Read one answer to its end, and return its status too."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += received(sock)
    head, _, body = data.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 100"):
        return 100, None
    headers = {line.split(b": ")[0].lower(): line.split(b": ")[1] for line in head.split(b"\r\n")[1:]}
    while len(body) < int(headers[b"content-length"]):
        body += received(sock)
    return int(head.split()[1]), json.loads(body)


def received(sock: socket.socket) -> bytes:
    """Some bytes, at least one."""
    data = sock.recv(65536)
    assert data, "the connection was closed without an answer"
    return data


def written(method: str, target: str, headers: Headers, body: bytes = b"") -> bytes:
    """A request as bytes, exactly as given."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def chunked(body: bytes, size: int) -> bytes:
    """The body in chunks of this size, with an extension and a trailer, as HTTP/1.1 allows."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;ext=1\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\nx-end: 1\r\n\r\n"
