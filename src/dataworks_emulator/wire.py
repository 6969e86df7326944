"""HTTP/1.1 on a bare stream: reading requests, and writing answers in all the ways that faults ask for."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from dataworks_emulator.answers import Response
from dataworks_emulator.signature import WireRequest

MAX_BODY = 16 * 1024 * 1024
LINGER_ZERO = struct.pack("ii", 1, 0)


class MalformedRequest(Exception):  # noqa: N818  # named after what was received
    """What came in is not a request that can be answered."""


async def read_request(reader: asyncio.StreamReader) -> WireRequest | None:
    """Read one request, or return None where the client has closed the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as cut:
        if cut.partial.strip():
            raise MalformedRequest("the connection ended within the headers") from None
        return None
    except asyncio.LimitOverrunError:
        raise MalformedRequest("the headers are too long") from None
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    method, target = _request_line(first)
    headers = _headers(lines)
    path, _, query = target.partition("?")
    return WireRequest(method, path, query, headers, await _body(reader, headers))


async def write_answer(writer: asyncio.StreamWriter, response: Response, *, keep_alive: bool) -> None:
    """Send the whole answer."""
    content = response.content()
    writer.write(_head(response, len(content), keep_alive=keep_alive) + content)
    await writer.drain()


async def write_truncated(writer: asyncio.StreamWriter, response: Response) -> None:
    """Send half of the body under a Content-Length that promises all of it."""
    content = response.content()
    writer.write(_head(response, len(content), keep_alive=False) + content[: len(content) // 2])
    await writer.drain()


async def write_dripping(
    writer: asyncio.StreamWriter,
    response: Response,
    seconds: float,
    now: Callable[[], float],
    pause: Callable[[float], Awaitable[None]],
    *,
    keep_alive: bool,
) -> None:
    """Send the answer byte by byte over that time."""
    content = _head(response, len(response.content()), keep_alive=keep_alive) + response.content()
    started = now()
    for position in range(len(content)):
        writer.write(content[position : position + 1])
        await writer.drain()
        await pause(max(started + seconds * (position + 1) / len(content) - now(), 0))


def reset(writer: asyncio.StreamWriter) -> None:
    """Break the connection off with a RST instead of closing it in order."""
    connection = writer.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
    writer.transport.abort()


def _request_line(line: str) -> tuple[str, str]:
    parts = line.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise MalformedRequest(f"not a request line: {line[:80]!r}")
    return parts[0], parts[1]


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise MalformedRequest(f"not a header: {line[:80]!r}")
        # requests sends UTF-8 where a header is not ASCII, and signs the text.
        headers[name.strip().lower()] = value.strip().encode("latin-1").decode("utf-8", "replace")
    return headers


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    length = headers.get("content-length", "0")
    if "transfer-encoding" in headers or not length.isdigit() or int(length) > MAX_BODY:
        raise MalformedRequest("the body has no usable Content-Length")
    try:
        return await reader.readexactly(int(length))
    except asyncio.IncompleteReadError:
        raise MalformedRequest("the connection ended within the body") from None


def _head(response: Response, length: int, *, keep_alive: bool) -> bytes:
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = "Unknown"
    headers = {
        "Content-Type": "application/json;charset=utf-8",
        "Content-Length": str(length),
        "Connection": "keep-alive" if keep_alive else "close",
    }
    if response.request_id is not None:
        headers["x-acs-request-id"] = response.request_id
    lines = [f"HTTP/1.1 {response.status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in (headers | dict(response.headers)).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
