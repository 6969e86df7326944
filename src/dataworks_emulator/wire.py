"""Writes HTTP/1.1 answers to a raw stream, in all the ways that faults need."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from dataworks_emulator.answers import Response

LINGER_ZERO = struct.pack("ii", 1, 0)


async def write_answer(writer: asyncio.StreamWriter, response: Response, *, keep_alive: bool) -> None:
    """Send the whole answer."""
    content = response.content()
    writer.write(_head(response, len(content), keep_alive=keep_alive) + content)
    await writer.drain()


async def write_truncated(writer: asyncio.StreamWriter, response: Response) -> None:
    """Send half of the body with a Content-Length for all of it."""
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
    """Send the answer byte by byte over so many seconds."""
    content = _head(response, len(response.content()), keep_alive=keep_alive) + response.content()
    started = now()
    for position in range(len(content)):
        writer.write(content[position : position + 1])
        await writer.drain()
        await pause(max(started + seconds * (position + 1) / len(content) - now(), 0))


def reset(writer: asyncio.StreamWriter) -> None:
    """End the connection with a RST instead of a normal close."""
    connection = writer.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
    writer.transport.abort()


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
