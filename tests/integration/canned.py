"""A server that answers every request with the same bytes, and counts the requests and what it could send."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator


class CannedServer(socketserver.ThreadingTCPServer):
    """Sends `answer` to every request, `times` over, for as long as the client listens."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: bytes, times: int) -> None:
        """Take any free port."""
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.answer, self.times = answer, times
        self.requests: list[bytes] = []
        self.sent = 0

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.server_address[1]}"


class _Conversation(socketserver.StreamRequestHandler):
    server: CannedServer

    def handle(self) -> None:
        head = b"".join(iter(self.rfile.readline, b"\r\n"))
        length = next(
            (
                int(line.partition(b":")[2])
                for line in head.lower().splitlines()
                if line.startswith(b"content-length")
            ),
            0,
        )
        self.server.requests.append(head + self.rfile.read(length))
        with contextlib.suppress(ConnectionError):
            for _ in range(self.server.times):
                self.wfile.write(self.server.answer)
                self.server.sent += len(self.server.answer)


def answer(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """Make a whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextlib.contextmanager
def canned(raw: bytes, times: int = 1) -> Iterator[CannedServer]:
    """Serve that answer."""
    with CannedServer(raw, times) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
