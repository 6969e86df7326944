"""A server that answers every request with the same bytes, and counts the requests and what it could send."""

import contextlib
import datetime
import socketserver
import ssl
import threading
from collections.abc import Iterator
from io import BufferedIOBase
from itertools import takewhile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

# A creation time (UTC) so late that every clock of a test places it after the request.
NEVER_OLD_MS = 4_070_908_800_000


class CannedServer(socketserver.ThreadingTCPServer):
    """Sends `answer` to every request, repeated `times` times, as long as the client listens."""

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
        """Where the server listens."""
        return f"127.0.0.1:{self.server_address[1]}"


def read_head(stream: BufferedIOBase) -> bytes:
    """Read the head of a request: up to the empty line, or to the end if the client has closed."""
    return b"".join(takewhile(lambda line: line != b"\r\n", iter(stream.readline, b"")))


def length(head: bytes) -> int:
    """Return the length of the request's body."""
    fields = (line.partition(b":") for line in head.lower().splitlines())
    return next((int(value) for name, _, value in fields if name == b"content-length"), 0)


class _Conversation(socketserver.StreamRequestHandler):
    server: CannedServer

    def handle(self) -> None:
        head = read_head(self.rfile)
        if not head:
            return
        self.server.requests.append(head + self.rfile.read(length(head)))
        with contextlib.suppress(ConnectionError):
            for _ in range(self.server.times):
                self.wfile.write(self.server.answer)
                self.server.sent += len(self.server.answer)


def answer(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """Make a whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def self_signed(folder: Path) -> ssl.SSLContext:
    """Make a certificate that nobody trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
    pem = folder / "certificate.pem"
    pem.write_bytes(
        builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@contextlib.contextmanager
def canned(raw: bytes, times: int = 1, tls: ssl.SSLContext | None = None) -> Iterator[CannedServer]:
    """Serve that answer."""
    with CannedServer(raw, times) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
