"""Reads HTTP/1.1 requests from a raw stream. Size and time are limited, whatever a client sends."""

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress

from dataworks_emulator.answers import Refusal, refusal
from dataworks_emulator.signature import WireRequest

MAX_BODY = 1024 * 1024
MAX_CHUNKS = 10_000
MAX_TRAILERS = 100
LENGTH = re.compile(r"[0-9]{1,15}")
CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(;[^\r\n]*)?\r\n")
LINGER_SECONDS = 5.0
BUFFER = 64 * 1024


class MalformedRequest(Exception):  # noqa: N818  # named after what was received
    """The data is not a request that the service accepts. `refusal` is the answer to it."""

    def __init__(self, detail: str, name: str = "unreadable", status: int | None = None) -> None:
        """Say what is wrong with it."""
        super().__init__(detail)
        self.refusal: Refusal = refusal(name, detail, status=status)


class Incoming:
    """Reads the requests of one connection, one after another."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float | None
    ) -> None:
        """A request must arrive within `seconds` of its first byte; the first one within `seconds` of the connection's
        start.
        """
        self._reader, self._writer, self._seconds = reader, writer, seconds
        self._fresh = True

    async def request(self) -> WireRequest | None:
        """Read one request, or return None if the client has closed the connection."""
        try:
            # A kept connection may be idle as long as the client likes.
            async with asyncio.timeout(self._seconds if self._fresh else None):
                first = await self._reader.read(1)
            self._fresh = False
            async with asyncio.timeout(self._seconds):
                return await self._whole(first) if first else None
        except TimeoutError:
            raise MalformedRequest("it took too long to arrive", "RequestTimeout") from None
        except asyncio.IncompleteReadError:
            raise MalformedRequest("the connection ended within it") from None
        except asyncio.LimitOverrunError:
            raise MalformedRequest("a line or the headers are too long", status=431) from None

    async def linger(self) -> None:
        """Read on after the last answer. If the connection closed at once, a client that still sends would lose the
        answer.
        """
        with suppress(ConnectionError, TimeoutError, OSError):
            self._writer.write_eof()
            async with asyncio.timeout(LINGER_SECONDS):
                while await self._reader.read(BUFFER):
                    pass

    async def _whole(self, first: bytes) -> WireRequest:
        head = first + await self._reader.readuntil(b"\r\n\r\n")
        line, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        method, target, version = _request_line(line)
        headers = _headers(lines)
        path, _, query = target.partition("?")
        connection = headers.get("connection", "").lower()
        closes = "close" in connection or (version == "HTTP/1.0" and "keep-alive" not in connection)
        return WireRequest(
            method, path, query, headers, await self._body(headers), closes or method == "HEAD"
        )

    async def _body(self, headers: Mapping[str, str]) -> bytes:
        length, coding = headers.get("content-length"), headers.get("transfer-encoding")
        if coding is None and length is None:
            return b""
        if coding is not None and (coding.lower() != "chunked" or length is not None):
            raise MalformedRequest("it has no usable Transfer-Encoding")
        if length is not None and not LENGTH.fullmatch(length):
            raise MalformedRequest("it has no usable Content-Length")
        if length is not None and int(length) > MAX_BODY:
            raise _too_large()
        await self._encourage(headers.get("expect", ""))
        return await (self._chunks() if length is None else self._reader.readexactly(int(length)))

    async def _encourage(self, expects: str) -> None:
        if expects and expects.lower() != "100-continue":
            raise MalformedRequest("its Expect is not known", status=417)
        if expects:
            self._writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await self._writer.drain()

    async def _chunks(self) -> bytes:
        body = bytearray()
        for _ in range(MAX_CHUNKS):
            size = CHUNK.fullmatch(await self._reader.readuntil(b"\r\n"))
            if size is None:
                raise MalformedRequest("a chunk has no usable size")
            left = int(size[1], 16)
            if left == 0:
                await self._skip_trailers()
                return bytes(body)
            if len(body) + left > MAX_BODY:
                raise _too_large()
            body += await self._reader.readexactly(left)
            if await self._reader.readexactly(2) != b"\r\n":
                raise MalformedRequest("a chunk is longer than its size")
        raise _too_large()

    async def _skip_trailers(self) -> None:
        for _ in range(MAX_TRAILERS):
            if await self._reader.readuntil(b"\r\n") == b"\r\n":
                return
        raise _too_large()


def _too_large() -> MalformedRequest:
    return MalformedRequest("its body is too large", status=413)


def _request_line(line: str) -> tuple[str, str, str]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[2] not in ("HTTP/1.1", "HTTP/1.0"):
        raise MalformedRequest(f"not a request line: {line[:80]!r}")
    return parts[0], parts[1], parts[2]


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise MalformedRequest(f"not a header: {line[:80]!r}")
        # If a header is not ASCII, requests sends UTF-8, and signs the text.
        text = value.strip(" \t").encode("latin-1").decode("utf-8", "replace")
        known = headers.get(name.strip().lower())
        headers[name.strip().lower()] = text if known is None else f"{known}, {text}"
    return headers
